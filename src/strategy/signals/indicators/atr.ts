import { type HighLowClose, WSMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { trueRange } from './directional-movement.js'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/**
 * Average true range with Wilder's smoothing, in units of price. Equal to TA-Lib's ATR: the first
 * bar has no previous close and therefore no true range.
 *
 * ```ts
 * bars$.pipe(atr(14))
 * ```
 *
 * ![atr in marbles](../../../marbles/signals/atr.svg)
 *
 * @param period look-back in bars; the first result comes with bar `period` + 1.
 * @throws RangeError unless the period is a whole number of at least 1
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978)
 */
export const atr = (period: number): OperatorFunction<HighLowClose, number> => {
  wholePeriod('atr', period)
  return indicator(() => {
    const average = new WSMA(period)
    let previous: HighLowClose | undefined
    return {
      add: (bar: HighLowClose) => {
        if (previous !== undefined) average.add(trueRange(bar, previous.close))
        previous = bar
      },
      getResult: () => average.getResult(),
      get isStable() {
        return average.isStable
      },
    }
  })
}
