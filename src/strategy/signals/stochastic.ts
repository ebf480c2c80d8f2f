import { map, type OperatorFunction } from 'rxjs'
import { type HighLowClose, StochasticOscillator } from 'trading-signals'
import { indicator } from './indicator.js'

/** Settings of `stochastic`, in bars. */
export interface StochasticOptions {
  /** How far back the range reaches. @default 14 */
  readonly period?: number
  /** Smoothing of %K. @default 3 */
  readonly slowing?: number
  /** Smoothing of %D. @default 3 */
  readonly signal?: number
}

/**
 * The stochastic oscillator: `k` says where in the range of the last bars the close lies, 0 to 100; `d` is its average.
 *
 * ```ts
 * bars$.pipe(stochastic(), map(({ k, d }) => [k, d] as const), crossover())
 * ```
 *
 * ![stochastic in marbles](../../../marbles/signals/stochastic.svg)
 */
export const stochastic =
  ({
    period = 14,
    slowing = 3,
    signal = 3,
  }: StochasticOptions = {}): OperatorFunction<HighLowClose, { readonly k: number; readonly d: number }> =>
  (bars$) =>
    bars$.pipe(
      indicator(() => new StochasticOscillator({ kPeriod: period, kSlowingPeriod: slowing, dPeriod: signal })),
      map(({ stochK, stochD }) => ({ k: stochK, d: stochD })),
    )
