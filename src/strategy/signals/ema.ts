import { EMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'

/**
 * The exponential moving average, with weight 2 / (period + 1) for the newest price.
 *
 * ```ts
 * closes$.pipe(ema(12))
 * ```
 *
 * ![ema in marbles](../../../marbles/signals/ema.svg)
 *
 * @param period how many prices it looks back; its first result comes with the `period`th.
 */
export const ema = (period: number): OperatorFunction<number, number> => indicator(() => new EMA(period))
