import { EMA } from 'trading-signals'
import type { Indicator } from './indicator.js'

/**
 * Start of an exponential average of n values. `mean`: the mean of the first n, as in TA-Lib.
 * `first`: the first value, as in trading-signals and pandas (`adjust=False`).
 */
export type AverageSeed = 'mean' | 'first'

/** Exponential average whose first result is the mean of the first `period` values. */
class MeanSeededAverage implements Indicator<number, number> {
  #count = 0
  #value = 0

  constructor(private readonly period: number) {}

  get isStable(): boolean {
    return this.#count >= this.period
  }

  add(value: number): void {
    this.#count += 1
    if (this.#count < this.period) this.#value += value
    else if (this.#count === this.period) this.#value = (this.#value + value) / this.period
    else this.#value += (value - this.#value) * (2 / (this.period + 1))
  }

  getResult(): number | null {
    return this.isStable ? this.#value : null
  }
}

/** Makes an exponential average with weight 2 / (period + 1) for the newest value. */
export const exponentialAverage = (period: number, seed: AverageSeed): Indicator<number, number> =>
  seed === 'first' ? new EMA(period) : new MeanSeededAverage(period)
