import { SMA } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'

/**
 * The simple moving average: the mean of the last `period` prices.
 *
 * ```ts
 * closes$.pipe(sma(20))
 * ```
 *
 * ![sma in marbles](../../../marbles/signals/sma.svg)
 *
 * @param period how many prices it looks back; its first result comes with the `period`th.
 */
export const sma = (period: number): OperatorFunction<number, number> => indicator(() => new SMA(period))
