import type { OperatorFunction } from 'rxjs'
import { type BandsResult, BollingerBands } from 'trading-signals'
import { indicator } from './indicator.js'

/** Settings of `bollinger`. */
export interface BollingerOptions {
  /** How many prices it looks back. @default 20 */
  readonly period?: number
  /** How many standard deviations (of the whole window, not of a sample) the bands are from the middle. @default 2 */
  readonly width?: number
}

/**
 * Bollinger bands: `middle` is the simple moving average, `upper` and `lower` lie `width` standard deviations from it.
 *
 * ```ts
 * closes$.pipe(study({ close: map(identity), bands: bollinger({ period: 20 }) }))
 * ```
 *
 * ![bollinger in marbles](../../../marbles/signals/bollinger.svg)
 */
export const bollinger = ({ period = 20, width = 2 }: BollingerOptions = {}): OperatorFunction<number, BandsResult> =>
  indicator(() => new BollingerBands(period, width))
