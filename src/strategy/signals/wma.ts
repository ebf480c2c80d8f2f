import { WMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'

/**
 * The linearly weighted moving average: the newest of `period` prices weighs `period` times the oldest.
 *
 * ```ts
 * closes$.pipe(wma(9))
 * ```
 *
 * ![wma in marbles](../../../marbles/signals/wma.svg)
 *
 * @param period how many prices it looks back; its first result comes with the `period`th.
 */
export const wma = (period: number): OperatorFunction<number, number> => indicator(() => new WMA(period))
