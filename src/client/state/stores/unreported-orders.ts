import type { Order } from '../../../protocol/index.js'
import { BoundedMap } from '../../bounded-map.js'
import type { OrderRecord } from './order-records.js'

/** An order that the server has taken, and has told nothing of since. */
interface UnreportedOrder {
  readonly entry: OrderRecord
  /** As it was asked for. */
  readonly asked: Order
}

/**
 * The orders that the server has taken and told nothing of since. Bounded: the oldest are forgotten
 * first.
 */
export interface UnreportedOrders {
  add(entry: OrderRecord, asked: Order): void
  delete(entry: OrderRecord): void
  of(symbol: string): readonly UnreportedOrder[]
  all(): readonly Order[]
}

export function createUnreportedOrders(): UnreportedOrders {
  const orders = new BoundedMap<UnreportedOrder>()
  return {
    add: (entry, asked) => void orders.set(entry.key, { entry, asked }),
    delete: ({ key }) => orders.delete(key),
    of: (symbol) => [...orders.values()].filter(({ asked }) => asked.symbol === symbol),
    all: () => Array.from(orders.values(), ({ asked }) => asked),
  }
}
