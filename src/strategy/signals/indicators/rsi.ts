import { WSMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { NEGLIGIBLE } from './directional-movement.js'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/**
 * Relative strength index, 0 to 100, with Wilder's smoothing. Equal to TA-Lib's RSI: 0 while the
 * price is constant.
 *
 * ```ts
 * closes$.pipe(rsi(14))
 * ```
 *
 * ![rsi in marbles](../../../marbles/signals/rsi.svg)
 *
 * @param period look-back in prices; the first result comes with price `period` + 1.
 * @throws RangeError unless the period is a whole number of at least 1
 * @see J. Welles Wilder, New Concepts in Technical Trading Systems (1978)
 */
export const rsi = (period: number): OperatorFunction<number, number> => {
  wholePeriod('rsi', period)
  return indicator(() => {
    const gains = new WSMA(period)
    const losses = new WSMA(period)
    let previous: number | undefined
    return {
      add: (price: number) => {
        if (previous !== undefined) {
          gains.add(Math.max(price - previous, 0))
          losses.add(Math.max(previous - price, 0))
        }
        previous = price
      },
      getResult: () => {
        const [gain, loss] = [gains.getResult(), losses.getResult()]
        if (gain === null || loss === null) return null
        return gain + loss < NEGLIGIBLE ? 0 : (100 * gain) / (gain + loss)
      },
      get isStable() {
        return gains.isStable
      },
    }
  })
}
