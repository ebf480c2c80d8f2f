/** Sees an item with the instant at which it is due and its order. */
export type Visit<T> = (dueMs: number, order: number, item: T) => void

/**
 * Numbered piles of items, in no order inside a pile. They share one memory of blocks that go round
 * between them, so that to add an item or to empty a pile allocates nothing and reads memory in a
 * row.
 */
export class DuePiles<T> {
  /** Of the item in slot n: the instant at 2n, its order at 2n + 1. */
  #keys = new Float64Array(2 * BLOCK)
  readonly #items: (T | undefined)[] = []
  /**
   * Of each block: how many items it holds, and the block of the same pile (or of the free ones)
   * behind it.
   */
  #counts = new Uint32Array(1)
  #nexts = new Int32Array(1).fill(NONE)
  /** Of each pile: the block that is being filled. */
  readonly #heads: number[] = [NONE]
  #freeBlock = NONE
  #blocks = 0

  /**
   * From now on there are `count` piles, of which the first stays and the others are empty; they
   * must be when this is called.
   */
  open(count: number): void {
    this.#heads.length = Math.min(this.#heads.length, count)
    while (this.#heads.length < count) this.#heads.push(NONE)
  }

  add(pile: number, dueMs: number, order: number, item: T): void {
    let block = this.#heads[pile] as number
    if (block === NONE || this.#counts[block] === BLOCK) {
      block = this.#takeBlock(block)
      this.#heads[pile] = block
    }
    const slot = block * BLOCK + (this.#counts[block] as number)
    this.#counts[block] = (this.#counts[block] as number) + 1
    this.#keys[2 * slot] = dueMs
    this.#keys[2 * slot + 1] = order
    this.#items[slot] = item
  }

  /** Takes out of a pile what is not wanted, and tells how many those were. */
  sift(pile: number, isWanted: (item: T, order: number) => boolean): number {
    let removed = 0
    for (let block = this.#heads[pile] as number; block !== NONE; block = this.#nexts[block] as number) {
      const from = block * BLOCK
      const to = from + (this.#counts[block] as number)
      let end = from
      for (let slot = from; slot < to; slot++) {
        const item = this.#items[slot] as T
        if (isWanted(item, this.#keys[2 * slot + 1] as number)) this.#move(slot, end++)
        else this.#items[slot] = undefined
      }
      this.#counts[block] = end - from
      removed += to - end
    }
    return removed
  }

  /** Empties a pile; `visit` may add to any. */
  drain(pile: number, visit: Visit<T>): void {
    let block = this.#heads[pile] as number
    this.#heads[pile] = NONE
    while (block !== NONE) {
      this.#visitBlock(block, visit, true)
      const next = this.#nexts[block] as number
      this.#nexts[block] = this.#freeBlock
      this.#counts[block] = 0
      this.#freeBlock = block
      block = next
    }
  }

  forEach(visit: Visit<T>): void {
    for (const head of this.#heads) {
      for (let block = head; block !== NONE; block = this.#nexts[block] as number) this.#visitBlock(block, visit, false)
    }
  }

  #visitBlock(block: number, visit: Visit<T>, takesOut: boolean): void {
    const end = block * BLOCK + (this.#counts[block] as number)
    for (let slot = block * BLOCK; slot < end; slot++) {
      const item = this.#items[slot] as T
      if (takesOut) this.#items[slot] = undefined
      visit(this.#keys[2 * slot] as number, this.#keys[2 * slot + 1] as number, item)
    }
  }

  #move(from: number, to: number): void {
    if (from === to) return
    this.#keys[2 * to] = this.#keys[2 * from] as number
    this.#keys[2 * to + 1] = this.#keys[2 * from + 1] as number
    this.#items[to] = this.#items[from]
    this.#items[from] = undefined
  }

  #takeBlock(next: number): number {
    let block = this.#freeBlock
    if (block === NONE) {
      block = this.#blocks++
      if (block === this.#counts.length) this.#grow()
      // Filled in a row, so that the array stays dense.
      for (let n = 0; n < BLOCK; n++) this.#items.push(undefined)
    } else {
      this.#freeBlock = this.#nexts[block] as number
    }
    this.#nexts[block] = next
    return block
  }

  #grow(): void {
    const length = this.#counts.length * 2
    const keys = new Float64Array(2 * BLOCK * length)
    const counts = new Uint32Array(length)
    const nexts = new Int32Array(length)
    keys.set(this.#keys)
    counts.set(this.#counts)
    nexts.set(this.#nexts)
    this.#keys = keys
    this.#counts = counts
    this.#nexts = nexts
  }
}

const BLOCK = 32
const NONE = -1
