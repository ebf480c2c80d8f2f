import type { OperatorFunction } from 'rxjs'
import { type AverageSeed, exponentialAverage } from './exponential-average.js'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/** Settings of `ema`. */
export interface EmaOptions {
  /**
   * Start of the average: the mean of the first `period` prices, as in TA-Lib, or the first price.
   * @default mean
   */
  readonly seed?: AverageSeed
}

/**
 * Exponential moving average with weight 2 / (period + 1) for the newest price. Equal to TA-Lib's
 * EMA.
 *
 * ```ts
 * closes$.pipe(ema(12))
 * ```
 *
 * ![ema in marbles](../../../marbles/signals/ema.svg)
 *
 * @param period look-back in prices; the first result comes with the `period`th.
 * @throws RangeError unless the period is a whole number of at least 1
 */
export const ema = (period: number, { seed = 'mean' }: EmaOptions = {}): OperatorFunction<number, number> => {
  wholePeriod('ema', period)
  return indicator(() => exponentialAverage(period, seed))
}
