import { map, type MonoTypeOperatorFunction, Observable } from 'rxjs'
import type { Level } from '../../protocol/index.js'
import { tidy } from './ladder.js'
import type { MarketEvent } from '../market-event.js'
import { Random } from './random.js'

/** Settings of the difference between two markets. */
export interface BasisOptions {
  /** The same seed and name are off in the same way. */
  readonly seed: number
  /** Name of the platform. */
  readonly name: string
  /** Difference as a share of the price (one standard deviation). @default 0.0001 */
  readonly basis?: number
}

/**
 * Probability of a change per event. Low, because an order loses its place in the queue when its
 * level moves.
 */
const CHANGE = 0.02

/**
 * Moves all prices of a market by a little that comes and goes: two platforms that trade the same
 * coin are never quite of one mind.
 *
 * @example
 * syntheticMarket({ seed: 7, startPrices }).pipe(withBasis({ seed: 7, name: 'okex' }))
 */
export const withBasis =
  ({ seed, name, basis = 1e-4 }: BasisOptions): MonoTypeOperatorFunction<MarketEvent> =>
  (source) =>
    new Observable((subscriber) => {
      const random = new Random(Array.from(name).reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) | 0, seed))
      let off = basis * random.normal()
      let hasBook = false
      const moved = (price: number): number => tidy(price * (1 + off))
      const side = (levels: readonly Level[]): Level[] => levels.map(([price, quantity]) => [moved(price), quantity])
      return source
        .pipe(
          map((event): MarketEvent => {
            if (event.type === 'progress') return event
            // A recorded book is sent once, and then its changes: a level that goes must be known
            // by the price at which it was shown.
            hasBook ||= event.type !== 'take' && event.type !== 'trade' && event.updateId !== undefined
            if (!hasBook && random.uniform() < CHANGE) off = basis * random.normal()
            if (event.type === 'take' || event.type === 'trade') return { ...event, price: moved(event.price) }
            const { bids, asks } = event
            return { ...event, ...(bids && { bids: side(bids) }), ...(asks && { asks: side(asks) }) }
          }),
        )
        .subscribe(subscriber)
    })
