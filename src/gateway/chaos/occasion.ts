import type { Entropy } from '../../time/index.js'

export interface OccasionSettings {
  readonly rate?: number
  readonly nth?: number | readonly number[]
  readonly atMs?: number | readonly number[]
}

export const asList = <A>(value: A | readonly A[] | undefined): readonly A[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly A[]) : [value as A]

/** Selects the frames, of those that fit, to which a quirk applies. */
export class Occasion {
  readonly #settings: OccasionSettings
  readonly #entropy: Entropy
  readonly #nth: ReadonlySet<number>
  /** Times that are still to come, soonest first. */
  readonly #due: number[]
  #seen = 0

  constructor(settings: OccasionSettings, entropy: Entropy) {
    this.#settings = settings
    this.#entropy = entropy
    this.#nth = new Set(asList(settings.nth))
    this.#due = [...asList(settings.atMs)].sort((a, b) => a - b)
  }

  /** Asked once for each frame that it could strike; `sinceMs` is how long the gateway has run. */
  strikes(sinceMs: number): boolean {
    const { rate, nth, atMs } = this.#settings
    this.#seen++
    if (rate !== undefined) return this.#entropy.uniform() < rate
    if (nth !== undefined) return this.#nth.has(this.#seen)
    if (atMs === undefined) return true
    if ((this.#due[0] ?? Infinity) > sinceMs) return false
    this.#due.shift()
    return true
  }
}
