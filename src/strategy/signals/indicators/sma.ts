import { SMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/**
 * The simple moving average: the mean of the last `period` prices.
 *
 * ```ts
 * closes$.pipe(sma(20))
 * ```
 *
 * ![sma in marbles](../../../marbles/signals/sma.svg)
 *
 * @param period number of prices that it looks back; the first result comes with the `period`th.
 * @throws RangeError unless the period is a whole number of at least 1
 */
export const sma = (period: number): OperatorFunction<number, number> => {
  wholePeriod('sma', period)
  return indicator(() => new SMA(period))
}
