/** Largest number of entries copied per change; the others are shared. */
const YOUNG = 32

/**
 * Immutable map of bounded size that evicts its oldest entries. A change copies the newest entries
 * only and shares the older ones: a copy of a whole Map of 1,000 entries costs more than the rest
 * of the work for an order.
 */
export class Recent<Value> implements Iterable<readonly [string, Value]> {
  readonly #most: number
  readonly #old: ReadonlyMap<string, Value>
  /** Changes since `old` was created; undefined: removed. */
  readonly #young: ReadonlyMap<string, Value | undefined>

  private constructor(most: number, old: ReadonlyMap<string, Value>, young: ReadonlyMap<string, Value | undefined>) {
    this.#most = most
    this.#old = old
    this.#young = young
  }

  /** @param most - approximate number of entries to keep */
  static of<Value>(most: number, entries: Iterable<readonly [string, Value]> = []): Recent<Value> {
    return new Recent<Value>(most, newest(most, new Map(entries)), new Map<string, Value | undefined>())
  }

  get(key: string): Value | undefined {
    return this.#young.has(key) ? this.#young.get(key) : this.#old.get(key)
  }

  with(key: string, value: Value): Recent<Value> {
    return this.#changed(key, value)
  }

  without(key: string): Recent<Value> {
    return this.get(key) === undefined ? this : this.#changed(key, undefined)
  }

  *[Symbol.iterator](): Iterator<readonly [string, Value]> {
    for (const entry of this.#old) if (!this.#young.has(entry[0])) yield entry
    for (const [key, value] of this.#young) if (value !== undefined) yield [key, value]
  }

  #changed(key: string, value: Value | undefined): Recent<Value> {
    const young = new Map(this.#young)
    // Delete first, so that the entry moves to the end.
    young.delete(key)
    young.set(key, value)
    const next = new Recent(this.#most, this.#old, young)
    return young.size <= YOUNG ? next : Recent.of(this.#most, next)
  }
}

const newest = <Value>(most: number, entries: Map<string, Value>): ReadonlyMap<string, Value> => {
  for (const oldest of entries.keys()) {
    if (entries.size <= most) break
    entries.delete(oldest)
  }
  return entries
}
