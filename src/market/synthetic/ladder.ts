import type { Level } from '../../protocol/index.js'
import { mix } from './random.js'

/** Depth of a synthetic book. */
export interface LadderOptions {
  /**
   * Prices on each side.
   *
   * @default 10
   */
  readonly levels?: number
  /**
   * The typical value of one price's orders, in quote currency.
   *
   * @default 20000
   */
  readonly levelValue?: number
  /** @default 1 */
  readonly seed?: number
}

/**
 * The smallest distance that means something at a price: five digits below the first (0.1 at
 * 60,000, 0.01 at 3,000).
 */
export const smallestStep = (price: number): number => 10 ** (Math.floor(Math.log10(price)) - 5)

/** Cuts the noise of binary fractions: twelve digits are more than any price has. */
export const tidy = (value: number): number => Number(value.toPrecision(12))

/** Makes one side of a book from its best price away from the market. */
export type Ladder = (side: 'bids' | 'asks', best: number) => Level[]

/** So many prices' levels are remembered: making one costs more than all the rest of a quote. */
const REMEMBERED = 10_000

/**
 * Beyond the best price, levels lie on a fixed grid, and each price has a size of its own that does
 * not change while the market moves: so an order's place in the queue is not washed away at every
 * step.
 */
export function makeLadder({ levels = 10, levelValue = 20_000, seed = 1 }: LadderOptions = {}): Ladder {
  const known = new Map<number, Level>()

  function levelAt(price: number): Level {
    let level = known.get(price)
    if (level === undefined) {
      const tidied = tidy(price)
      const hash = (mix(seed, Math.round(tidied / smallestStep(tidied))) >>> 0) / 2 ** 32
      level = [tidied, tidy((levelValue / tidied) * (0.25 + 2 * hash * hash))]
      if (known.size >= REMEMBERED) known.clear()
      known.set(price, level)
    }
    return level
  }

  return (side, best) => {
    const step = 50 * smallestStep(best)
    const away = side === 'bids' ? -1 : 1
    const first = levelAt(best)
    const rows = [first]
    let at = side === 'bids' ? Math.ceil(best / step) - 1 : Math.floor(best / step) + 1
    for (; rows.length < levels && at > 0; at += away) {
      const level = levelAt(at * step)
      if (level[0] !== first[0]) rows.push(level)
    }
    return rows
  }
}
