import { SMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/**
 * Simple moving average: the mean of the last `period` prices.
 *
 * ```ts
 * closes$.pipe(sma(20))
 * ```
 *
 * ![sma in marbles](../../../marbles/signals/sma.svg)
 *
 * @param period look-back in prices; the first result comes with the `period`th.
 * @throws RangeError unless the period is a whole number of at least 1
 */
export const sma = (period: number): OperatorFunction<number, number> => {
  wholePeriod('sma', period)
  return indicator(() => new SMA(period))
}
