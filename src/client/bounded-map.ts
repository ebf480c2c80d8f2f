/** Values by key, so many at most: then the oldest is forgotten. */
export class BoundedMap<V> {
  readonly #most: number
  readonly #values = new Map<string, V>()
  /**
   * Stands before the oldest key. Kept, because a new iterator would step over every place that was
   * deleted since the Map last tidied itself: some thousands of them for each order of a login that
   * has sent many.
   */
  readonly #oldest = this.#values.keys()

  constructor(most = 10_000) {
    this.#most = most
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  values(): Iterable<V> {
    return this.#values.values()
  }

  /**
   * A key that is known keeps its age. The result is the key that is forgotten for it, if there is
   * one.
   */
  set(key: string, value: V): string | undefined {
    this.#values.set(key, value)
    if (this.#values.size <= this.#most) return undefined
    // There is one: whatever is left stands behind it.
    const { value: oldest } = this.#oldest.next() as IteratorYieldResult<string>
    this.#values.delete(oldest)
    return oldest
  }

  delete(key: string): void {
    this.#values.delete(key)
  }
}
