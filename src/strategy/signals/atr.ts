import { ATR, type HighLowClose } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'

/**
 * The average true range, smoothed in Wilder's way: how far a bar usually reaches, in units of price.
 *
 * ```ts
 * bars$.pipe(atr(14))
 * ```
 *
 * ![atr in marbles](../../../marbles/signals/atr.svg)
 *
 * @param period how many bars it looks back; its first result comes with the `period`th.
 */
export const atr = (period: number): OperatorFunction<HighLowClose, number> => indicator(() => new ATR(period))
