/**
 * Items by the instant at which they are due and, at the same instant, by the order in which they came. A heap with four
 * children to a node: half as deep as a binary one, and the keys lie side by side in plain number arrays, so that
 * 50,000 items cost little more to keep in order than 100.
 *
 * Cancelled items are not searched for. They stay until they come up, or until they are more than half of the
 * heap: then one pass takes them all out.
 */
export class DueHeap<T> {
  readonly #dueMs: number[] = []
  readonly #orders: number[] = []
  readonly #items: T[] = []
  /** Whether the item that was pushed with this order is still wanted. */
  readonly #isWanted: (item: T, order: number) => boolean
  #cancelled = 0

  constructor(isWanted: (item: T, order: number) => boolean) {
    this.#isWanted = isWanted
  }

  /** Items that are still wanted. */
  get size(): number {
    return this.#items.length - this.#cancelled
  }

  /** Places taken in memory, cancelled items included: never more than twice the size, and 64. */
  get capacity(): number {
    return this.#items.length
  }

  push(dueMs: number, order: number, item: T): void {
    const at = this.#items.length
    this.#dueMs.push(dueMs)
    this.#orders.push(order)
    this.#items.push(item)
    this.#rise(at, dueMs, order, item)
  }

  /** When the first wanted item is due; Infinity when there is none. */
  nextDueMs(): number {
    while (this.#items.length > 0) {
      const first = this.#items[0] as T
      if (this.#cancelled === 0 || this.#isWanted(first, this.#orders[0] as number)) return this.#dueMs[0] as number
      this.#takeFirst()
      this.#cancelled -= 1
    }
    return Infinity
  }

  /** Takes out the first wanted item. */
  pop(): T | undefined {
    return this.nextDueMs() === Infinity ? undefined : this.#takeFirst()
  }

  /** To be called when an item that is inside has become unwanted. */
  noteCancelled(): void {
    this.#cancelled += 1
    if (this.#items.length > 64 && this.#cancelled * 2 > this.#items.length) this.#compact()
  }

  /** The wanted items with the instant each is due, first things first. For messages: it sorts a copy. */
  list(): { readonly dueMs: number; readonly item: T }[] {
    return this.#items
      .map((item, at) => ({ item, dueMs: this.#dueMs[at] as number, order: this.#orders[at] as number }))
      .filter(({ item, order }) => this.#isWanted(item, order))
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .map(({ item, dueMs }) => ({ item, dueMs }))
  }

  #takeFirst(): T {
    const first = this.#items[0] as T
    // The casts of this class are all alike: the three arrays have the same length, and the caller saw that it is not 0.
    const dueMs = this.#dueMs.pop() as number
    const order = this.#orders.pop() as number
    const item = this.#items.pop() as T
    if (this.#items.length > 0) this.#sink(0, dueMs, order, item)
    return first
  }

  #compact(): void {
    let kept = 0
    for (let at = 0; at < this.#items.length; at++) {
      const item = this.#items[at] as T
      const order = this.#orders[at] as number
      if (!this.#isWanted(item, order)) continue
      this.#set(kept++, this.#dueMs[at] as number, order, item)
    }
    this.#dueMs.length = this.#orders.length = this.#items.length = kept
    this.#cancelled = 0
    for (let at = (kept - 2) >> 2; at >= 0; at--) {
      this.#sink(at, this.#dueMs[at] as number, this.#orders[at] as number, this.#items[at] as T)
    }
  }

  #rise(from: number, dueMs: number, order: number, item: T): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 2
      const parentMs = this.#dueMs[parent] as number
      if (parentMs < dueMs || (parentMs === dueMs && (this.#orders[parent] as number) < order)) break
      this.#set(at, parentMs, this.#orders[parent] as number, this.#items[parent] as T)
      at = parent
    }
    this.#set(at, dueMs, order, item)
  }

  #sink(from: number, dueMs: number, order: number, item: T): void {
    const length = this.#items.length
    let at = from
    for (;;) {
      const firstChild = at * 4 + 1
      if (firstChild >= length) break
      const end = Math.min(firstChild + 4, length)
      let least = firstChild
      let leastMs = this.#dueMs[least] as number
      for (let child = firstChild + 1; child < end; child++) {
        const childMs = this.#dueMs[child] as number
        if (
          childMs < leastMs ||
          (childMs === leastMs && (this.#orders[child] as number) < (this.#orders[least] as number))
        ) {
          least = child
          leastMs = childMs
        }
      }
      if (dueMs < leastMs || (dueMs === leastMs && order < (this.#orders[least] as number))) break
      this.#set(at, leastMs, this.#orders[least] as number, this.#items[least] as T)
      at = least
    }
    this.#set(at, dueMs, order, item)
  }

  #set(at: number, dueMs: number, order: number, item: T): void {
    this.#dueMs[at] = dueMs
    this.#orders[at] = order
    this.#items[at] = item
  }
}
