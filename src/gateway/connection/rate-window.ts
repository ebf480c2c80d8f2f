import type { Clock } from '../../time/index.js'

/** Counts messages in one-second windows. Two integers, since every message passes here. */
export class RateWindow {
  readonly #perSecond: number
  readonly #clock: Clock
  #since = Number.NEGATIVE_INFINITY
  #count = 0

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /** Counts a message, for as many as it is worth; false when that is too many. */
  admits(worth: number): boolean {
    const now = this.#clock.monotonic()
    if (now - this.#since >= 1_000) {
      this.#since = now
      this.#count = 0
    }
    return (this.#count += worth) <= this.#perSecond
  }
}
