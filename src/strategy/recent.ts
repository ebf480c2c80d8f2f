/** How many entries are copied at each change, at most: the others are shared. */
const YOUNG = 32

/**
 * The newest so many entries by key, immutable: each change gives another one. A Map would be copied whole at each, which of a thousand entries costs more than all
 * else that is done about an order; here only the newest are, and what is older is shared.
 */
export class Recent<Value> implements Iterable<readonly [string, Value]> {
  readonly #most: number
  readonly #old: ReadonlyMap<string, Value>
  /** Changes since `old` was made; undefined: it is not there any more. */
  readonly #young: ReadonlyMap<string, Value | undefined>

  private constructor(most: number, old: ReadonlyMap<string, Value>, young: ReadonlyMap<string, Value | undefined>) {
    this.#most = most
    this.#old = old
    this.#young = young
  }

  /** @param most - how many entries are kept, give or take a few */
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
    // The newest last, whatever it was before.
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
