/**
 * Items by the instant at which they are due and, at the same instant, by the order in which they came.
 *
 * A heap with four children to a node, half as deep as a binary one. The keys (instant, order) lie in one array of numbers,
 * each node's four children in 64 bytes side by side; the items stay where they are and only their places move. So 50,000 items cost
 * little more to keep in order than 100: what costs is memory that is far away, and there is little of it to visit.
 *
 * Cancelled items are not searched for. They stay until they come up, or until they are more than half of the
 * heap: then one pass takes them all out.
 */
export class DueHeap<T> {
  /** Of node n: the instant at 2n, the order at 2n + 1. The root is node 3, so that the children of n begin at 4n - 8. */
  #keys = new Float64Array(2 * (64 + ROOT))
  /** Of node n: where its item is. */
  #places = new Uint32Array(64 + ROOT)
  readonly #items: (T | undefined)[] = []
  readonly #freePlaces: number[] = []
  readonly #isWanted: (item: T, order: number) => boolean
  /** The node after the last one. */
  #end = ROOT
  #cancelled = 0
  /**
   * Whether the root was taken out and its place not yet filled. An action that runs mostly schedules its successor at once, and
   * that goes there: one way down instead of a way down for the last node and a way up for the new one.
   */
  #rootIsGap = false

  /** @param isWanted whether the item that was pushed with this order is still wanted */
  constructor(isWanted: (item: T, order: number) => boolean) {
    this.#isWanted = isWanted
  }

  /** Items that are still wanted. */
  get size(): number {
    return this.sizeWithCancelled - this.#cancelled
  }

  /** Items inside, the cancelled ones included: of these at most as many as of the others, or 64. */
  get sizeWithCancelled(): number {
    return this.#end - ROOT - (this.#rootIsGap ? 1 : 0)
  }

  /** `order` must be greater than at every call before. */
  push(dueMs: number, order: number, item: T): void {
    const place = this.#freePlaces.pop() ?? this.#items.length
    this.#items[place] = item
    if (this.#rootIsGap) {
      this.#rootIsGap = false
      this.#sink(ROOT, dueMs, order, place)
      return
    }
    if (this.#end === this.#places.length) this.#grow()
    this.#rise(this.#end++, dueMs, order, place)
  }

  /** When the first wanted item is due; Infinity when there is none. */
  nextDueMs(): number {
    this.#closeGap()
    while (this.#cancelled > 0 && this.#end > ROOT) {
      if (this.#isWanted(this.#itemOf(ROOT), this.#order(ROOT))) break
      this.#cancelled -= 1
      this.#takeFirst()
      this.#closeGap()
    }
    return this.#end > ROOT ? this.#dueMs(ROOT) : Infinity
  }

  /** Takes out the first wanted item. */
  pop(): T | undefined {
    if (this.nextDueMs() === Infinity) return undefined
    const first = this.#takeFirst()
    this.#tidyUp()
    return first
  }

  /** To be called when an item that is inside has become unwanted. */
  noteCancelled(): void {
    this.#cancelled += 1
    this.#tidyUp()
  }

  /** The wanted items with the instant each is due, first things first. For messages: it sorts a copy. */
  list(): { readonly dueMs: number; readonly item: T }[] {
    this.#closeGap()
    return Array.from({ length: this.sizeWithCancelled }, (_, at) => ROOT + at)
      .map((node) => ({ item: this.#itemOf(node), dueMs: this.#dueMs(node), order: this.#order(node) }))
      .filter(({ item, order }) => this.#isWanted(item, order))
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .map(({ item, dueMs }) => ({ item, dueMs }))
  }

  #takeFirst(): T {
    const first = this.#itemOf(ROOT)
    const place = this.#place(ROOT)
    this.#items[place] = undefined
    this.#freePlaces.push(place)
    this.#rootIsGap = true
    return first
  }

  #closeGap(): void {
    if (!this.#rootIsGap) return
    this.#rootIsGap = false
    const last = --this.#end
    if (last > ROOT) this.#sink(ROOT, this.#dueMs(last), this.#order(last), this.#place(last))
  }

  #rise(from: number, dueMs: number, order: number, place: number): void {
    let node = from
    while (node > ROOT) {
      const parent = (node + 8) >> 2
      const parentMs = this.#dueMs(parent)
      if (parentMs < dueMs || (parentMs === dueMs && this.#order(parent) < order)) break
      this.#move(parent, node)
      node = parent
    }
    this.#put(node, dueMs, order, place)
  }

  #sink(from: number, dueMs: number, order: number, place: number): void {
    const keys = this.#keys
    const end = this.#end
    let node = from
    for (;;) {
      const firstChild = node * 4 - 8
      if (firstChild >= end) break
      let least = firstChild
      const childEnd = Math.min(firstChild + 4, end)
      for (let child = firstChild + 1; child < childEnd; child++) if (isBefore(keys, child, least)) least = child
      const leastMs = this.#dueMs(least)
      if (dueMs < leastMs || (dueMs === leastMs && order < this.#order(least))) break
      this.#move(least, node)
      node = least
    }
    this.#put(node, dueMs, order, place)
  }

  #put(node: number, dueMs: number, order: number, place: number): void {
    this.#keys[2 * node] = dueMs
    this.#keys[2 * node + 1] = order
    this.#places[node] = place
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#dueMs(from), this.#order(from), this.#place(from))
  }

  /** After each loss of a wanted item, by cancellation or by its turn: else the far-off cancelled would stay alone. */
  #tidyUp(): void {
    if (this.#cancelled * 2 > this.sizeWithCancelled && this.sizeWithCancelled > 64) this.#compact()
  }

  #compact(): void {
    this.#closeGap()
    let end = ROOT
    for (let node = ROOT; node < this.#end; node++) {
      const place = this.#place(node)
      if (this.#isWanted(this.#itemOf(node), this.#order(node))) this.#move(node, end++)
      else {
        this.#items[place] = undefined
        this.#freePlaces.push(place)
      }
    }
    this.#end = end
    this.#cancelled = 0
    for (let node = (end - 1 + 8) >> 2; node >= ROOT; node--) {
      this.#sink(node, this.#dueMs(node), this.#order(node), this.#place(node))
    }
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2)
    const places = new Uint32Array(this.#places.length * 2)
    keys.set(this.#keys)
    places.set(this.#places)
    this.#keys = keys
    this.#places = places
  }

  // Below: the casts are for nodes before the end, whose keys, places and items are there.
  #dueMs(node: number): number {
    return this.#keys[2 * node] as number
  }

  #order(node: number): number {
    return this.#keys[2 * node + 1] as number
  }

  #place(node: number): number {
    return this.#places[node] as number
  }

  #itemOf(node: number): T {
    return this.#items[this.#place(node)] as T
  }
}

const ROOT = 3

function isBefore(keys: Float64Array, a: number, b: number): boolean {
  const aMs = keys[2 * a] as number
  const bMs = keys[2 * b] as number
  return aMs < bMs || (aMs === bMs && (keys[2 * a + 1] as number) < (keys[2 * b + 1] as number))
}
