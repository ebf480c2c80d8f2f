/**
 * Items by the instant at which they are due and, at the same instant, by the order in which they
 * came.
 *
 * A heap with four children to a node, half as deep as a binary one. The keys (instant, order) lie
 * in one array of numbers, each node's four children in 64 bytes side by side; the items stay where
 * they are and only their places move.
 */
export class DueHeap<T> {
  /**
   * Of node n: the instant at 2n, the order at 2n + 1. The root is node 3, so that the children of
   * n begin at 4n - 8.
   */
  #keys = new Float64Array(2 * (64 + ROOT))
  /** Of node n: where its item is. */
  #places = new Uint32Array(64 + ROOT)
  readonly #items: (T | undefined)[] = []
  readonly #freePlaces: number[] = []
  /** The node after the last one. */
  #end = ROOT
  /**
   * True if the root was removed and not yet replaced. A running action usually schedules its
   * successor at once, which then takes the root: one sift down instead of a sift down of the last
   * node and a sift up of the new one.
   */
  #rootIsGap = false

  get size(): number {
    return this.#end - ROOT - (this.#rootIsGap ? 1 : 0)
  }

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

  /** The first of all, without taking it out; `pop` it or leave it. */
  first(): T | undefined {
    this.#closeGap()
    return this.#end > ROOT ? this.#itemOf(ROOT) : undefined
  }

  /** Of the first: when it is due. Only after `first()` has told that there is one. */
  get firstDueMs(): number {
    return this.#dueMs(ROOT)
  }

  /** Of the first: its order. Only after `first()` has told that there is one. */
  get firstOrder(): number {
    return this.#order(ROOT)
  }

  pop(): T | undefined {
    const first = this.first()
    if (this.#end === ROOT) return undefined
    const place = this.#place(ROOT)
    this.#items[place] = undefined
    this.#freePlaces.push(place)
    this.#rootIsGap = true
    return first
  }

  /** All items, in no order. */
  forEach(visit: (dueMs: number, order: number, item: T) => void): void {
    this.#closeGap()
    for (let node = ROOT; node < this.#end; node++) visit(this.#dueMs(node), this.#order(node), this.#itemOf(node))
  }

  clear(): void {
    this.#rootIsGap = false
    this.#end = ROOT
    this.#items.length = 0
    this.#freePlaces.length = 0
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
