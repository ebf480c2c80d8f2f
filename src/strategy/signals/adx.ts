import { ADX, type HighLowClose } from 'trading-signals'
import type { OperatorFunction } from 'rxjs'
import { indicator } from './indicator.js'

/**
 * The average directional index, 0 to 100: how strong a trend is, not which way it goes.
 *
 * ```ts
 * bars$.pipe(adx(14))
 * ```
 *
 * ![adx in marbles](../../../marbles/signals/adx.svg)
 *
 * @param period how many bars it looks back; its first result comes with the one numbered about twice the period.
 */
export const adx = (period: number): OperatorFunction<HighLowClose, number> => indicator(() => new ADX(period))
