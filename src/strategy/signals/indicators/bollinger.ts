import type { OperatorFunction } from 'rxjs'
import { type BandsResult, BollingerBands } from 'trading-signals'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/** Settings of `bollinger`. */
export interface BollingerOptions {
  /** Look-back in prices. @default 20 */
  readonly period?: number
  /**
   * Distance of the bands from the middle, in population standard deviations of the window.
   * @default 2
   */
  readonly width?: number
}

/**
 * Bollinger bands: `middle` is the simple moving average, `upper` and `lower` lie `width` standard
 * deviations from it.
 *
 * ```ts
 * closes$.pipe(combineIndicators({ close: map(identity), bands: bollinger({ period: 20 }) }))
 * ```
 *
 * ![bollinger in marbles](../../../marbles/signals/bollinger.svg)
 *
 * @throws RangeError unless the period is a whole number of at least 1
 */
export const bollinger = ({ period = 20, width = 2 }: BollingerOptions = {}): OperatorFunction<number, BandsResult> => {
  wholePeriod('bollinger', period)
  return indicator(() => new BollingerBands(period, width))
}
