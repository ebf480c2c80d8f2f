import type { OperatorFunction } from 'rxjs'
import { EMA, MACD, type MACDResult } from 'trading-signals'
import { indicator } from './indicator.js'

/** Settings of `macd`: the periods of its three exponential averages, in prices. */
export interface MacdOptions {
  /** @default 12 */
  readonly fast?: number
  /** @default 26 */
  readonly slow?: number
  /** @default 9 */
  readonly signal?: number
}

/**
 * Moving average convergence and divergence: `macd` is the fast average less the slow one, `signal` the average of that, `histogram`
 * their difference. Nothing is emitted before the signal line, too, rests on enough values.
 *
 * ```ts
 * closes$.pipe(macd(), map(({ macd, signal }) => [macd, signal] as const), crossover())
 * ```
 *
 * ![macd in marbles](../../../marbles/signals/macd.svg)
 */
export const macd = ({ fast = 12, slow = 26, signal = 9 }: MacdOptions = {}): OperatorFunction<number, MACDResult> =>
  indicator(() => {
    const line = new EMA(signal)
    const made = new MACD(new EMA(fast), new EMA(slow), line)
    return {
      add: (price: number) => made.add(price),
      getResult: () => made.getResult(),
      get isStable() {
        return line.isStable
      },
    }
  })
