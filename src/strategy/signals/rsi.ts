import { RSI } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'

/**
 * The relative strength index, 0 to 100, smoothed in Wilder's way.
 *
 * ```ts
 * closes$.pipe(rsi(14))
 * ```
 *
 * ![rsi in marbles](../../../marbles/signals/rsi.svg)
 *
 * @param period how many prices it looks back; its first result comes with the one after the `period`th.
 */
export const rsi = (period: number): OperatorFunction<number, number> => indicator(() => new RSI(period))
