import { map, type OperatorFunction } from 'rxjs'
import { type HighLowClose, StochasticOscillator } from 'trading-signals'
import { indicator } from './indicator.js'
import { wholePeriod } from '../whole-period.js'

/** Settings of `stochastic`, in bars. */
export interface StochasticOptions {
  /** Number of bars of the range. @default 14 */
  readonly period?: number
  /** Smoothing of %K. @default 3 */
  readonly slowing?: number
  /** Smoothing of %D. @default 3 */
  readonly signal?: number
}

/**
 * The stochastic oscillator: `k` is the place of the close in the range of the last bars, 0 to 100 (0 where that range is 0); `d` is its average.
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
