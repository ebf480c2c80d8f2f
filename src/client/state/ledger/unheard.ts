import type { Order } from '../../../protocol/index.js'
import { Memory } from '../../memory.js'
import type { Entry } from './order-entries.js'

/** An order that the server has taken, and has told nothing of since. */
interface UnheardOrder {
  readonly entry: Entry
  /** As it was asked for. */
  readonly asked: Order
}

/**
 * The orders that the server has taken and told nothing of since. Bounded: the oldest are forgotten
 * first.
 */
export interface Unheard {
  add(entry: Entry, asked: Order): void
  delete(entry: Entry): void
  of(symbol: string): readonly UnheardOrder[]
  all(): readonly Order[]
}

export function createUnheard(): Unheard {
  const orders = new Memory<UnheardOrder>()
  return {
    add: (entry, asked) => void orders.set(entry.key, { entry, asked }),
    delete: ({ key }) => orders.delete(key),
    of: (symbol) => [...orders.values()].filter(({ asked }) => asked.symbol === symbol),
    all: () => Array.from(orders.values(), ({ asked }) => asked),
  }
}
