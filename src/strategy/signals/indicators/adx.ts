import type { HighLowClose } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { DirectionalIndex } from './directional-movement.js'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/**
 * Average directional index, 0 to 100: strength of a trend, up or down. Equal to TA-Lib's ADX; 0
 * while the price has not moved.
 *
 * ```ts
 * bars$.pipe(adx(14))
 * ```
 *
 * ![adx in marbles](../../../marbles/signals/adx.svg)
 *
 * @param period look-back in bars; the first result comes with bar 2 × `period`.
 * @throws RangeError unless the period is a whole number of at least 1
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978)
 */
export const adx = (period: number): OperatorFunction<HighLowClose, number> => {
  wholePeriod('adx', period)
  return indicator(() => new DirectionalIndex(period))
}
