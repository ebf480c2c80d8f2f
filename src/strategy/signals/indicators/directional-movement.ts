import type { HighLowClose } from 'trading-signals'
import type { Indicator } from './indicator.js'

/**
 * Sums below this count as zero, as with TA-Lib's TA_EPSILON: avoids division by rounding errors.
 */
export const NEGLIGIBLE = 1e-14

/** Wilder's true range: largest price distance since the previous close, in units of price. */
export const trueRange = ({ high, low }: HighLowClose, previousClose: number): number =>
  Math.max(high - low, Math.abs(high - previousClose), Math.abs(low - previousClose))

/**
 * Average directional index as computed by TA-Lib and Wilder. Equal moves up and down do not count.
 * The first result comes with bar 2 × period. A bar that leaves all sums at zero changes nothing.
 */
export class DirectionalIndex implements Indicator<HighLowClose, number> {
  #previous: HighLowClose | undefined
  #moves = 0
  #up = 0
  #down = 0
  #range = 0
  #index = 0

  constructor(private readonly period: number) {}

  get isStable(): boolean {
    return this.#moves >= 2 * this.period - 1
  }

  add(bar: HighLowClose): void {
    const previous = this.#previous
    this.#previous = bar
    if (previous === undefined) return
    this.#moves += 1
    const { period } = this
    const rise = bar.high - previous.high
    const fall = previous.low - bar.low
    // The first period - 1 moves are summed; from then on the sums decay.
    const kept = this.#moves < period ? 1 : 1 - 1 / period
    this.#up = this.#up * kept + (rise > 0 && rise > fall ? rise : 0)
    this.#down = this.#down * kept + (fall > 0 && fall > rise ? fall : 0)
    this.#range = this.#range * kept + trueRange(bar, previous.close)
    if (this.#moves >= period) this.#average(this.#directional())
  }

  getResult(): number | null {
    return this.isStable ? this.#index : null
  }

  /** Directional index (DX) of the current sums, 0 to 100; undefined if nothing moved. */
  #directional(): number | undefined {
    if (this.#range < NEGLIGIBLE) return undefined
    const up = (100 * this.#up) / this.#range
    const down = (100 * this.#down) / this.#range
    return up + down < NEGLIGIBLE ? undefined : (100 * Math.abs(down - up)) / (up + down)
  }

  #average(directional: number | undefined): void {
    const { period } = this
    if (this.#moves < 2 * period) this.#index += (directional ?? 0) / period
    else if (directional !== undefined) this.#index = (this.#index * (period - 1) + directional) / period
  }
}
