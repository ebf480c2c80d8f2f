import type { OperatorFunction } from 'rxjs'
import type { MACDResult } from 'trading-signals'
import { type AverageSeed, exponentialAverage } from './exponential-average.js'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/** Settings of `macd`: the periods of its three exponential averages, in prices. */
export interface MacdOptions {
  /** @default 12 */
  readonly fast?: number
  /** @default 26 */
  readonly slow?: number
  /** @default 9 */
  readonly signal?: number
  /**
   * Start of the averages: the mean of their first values, as in TA-Lib, or the first value.
   * @default mean
   */
  readonly seed?: AverageSeed
}

/**
 * Moving average convergence/divergence: `macd` is the fast average minus the slow one, `signal`
 * the average of `macd`, `histogram` their difference. Equal to TA-Lib's MACD: both averages give
 * their first value at the same price, and the longer period is always the slow one. The first
 * result comes with price `slow + signal - 1`.
 *
 * ```ts
 * closes$.pipe(macd(), map(({ macd, signal }) => [macd, signal] as const), crossover())
 * ```
 *
 * ![macd in marbles](../../../marbles/signals/macd.svg)
 *
 * @throws RangeError unless the periods are whole numbers of at least 1
 */
export const macd = ({
  fast = 12,
  slow = 26,
  signal = 9,
  seed = 'mean',
}: MacdOptions = {}): OperatorFunction<number, MACDResult> => {
  wholePeriod('macd: fast', fast)
  wholePeriod('macd: slow', slow)
  wholePeriod('macd: signal', signal)
  return indicator(() => {
    const short = exponentialAverage(Math.min(fast, slow), seed)
    const long = exponentialAverage(Math.max(fast, slow), seed)
    const average = exponentialAverage(signal, seed)
    /** Number of first prices that only the long average takes. */
    const lead = seed === 'mean' ? Math.abs(slow - fast) : 0
    let prices = 0
    let line = 0
    return {
      add: (price: number) => {
        prices += 1
        long.add(price)
        if (prices > lead) short.add(price)
        const [near, far] = [short.getResult(), long.getResult()]
        if (near === null || far === null) return
        line = near - far
        average.add(line)
      },
      getResult: () => {
        const smoothed = average.getResult()
        return smoothed === null ? null : { macd: line, signal: smoothed, histogram: line - smoothed }
      },
      get isStable() {
        return average.isStable
      },
    }
  })
}
