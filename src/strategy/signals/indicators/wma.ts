import { WMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/**
 * Linearly weighted moving average: the newest of `period` prices weighs `period` times as much as
 * the oldest.
 *
 * ```ts
 * closes$.pipe(wma(9))
 * ```
 *
 * ![wma in marbles](../../../marbles/signals/wma.svg)
 *
 * @param period look-back in prices; the first result comes with the `period`th.
 * @throws RangeError unless the period is a whole number of at least 1
 */
export const wma = (period: number): OperatorFunction<number, number> => {
  wholePeriod('wma', period)
  return indicator(() => new WMA(period))
}
