import { map, type OperatorFunction } from 'rxjs'
import { type HighLowClose, StochasticOscillator } from 'trading-signals'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/** Settings of `stochastic`, in bars. */
export interface StochasticOptions {
  /** Length of the range, in bars. @default 14 */
  readonly period?: number
  /** Smoothing of %K. @default 3 */
  readonly slowing?: number
  /** Smoothing of %D. @default 3 */
  readonly signal?: number
}

/**
 * Stochastic oscillator: `k` is the place of the close in the range of the last bars, 0 to 100 (0
 * if the range is 0); `d` is the average of `k`.
 *
 * ```ts
 * bars$.pipe(stochastic(), map(({ k, d }) => [k, d] as const), crossover())
 * ```
 *
 * ![stochastic in marbles](../../../marbles/signals/stochastic.svg)
 *
 * @throws RangeError unless the periods are whole numbers of at least 1
 */
export const stochastic = ({
  period = 14,
  slowing = 3,
  signal = 3,
}: StochasticOptions = {}): OperatorFunction<HighLowClose, { readonly k: number; readonly d: number }> => {
  wholePeriod('stochastic', period)
  wholePeriod('stochastic: slowing', slowing)
  wholePeriod('stochastic: signal', signal)
  return (bars$) =>
    bars$.pipe(
      indicator(() => new StochasticOscillator({ kPeriod: period, kSlowingPeriod: slowing, dPeriod: signal })),
      map(({ stochK, stochD }) => ({ k: stochK, d: stochD })),
    )
}
