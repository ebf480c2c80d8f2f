import { DueHeap } from './due-heap.js'
import { DuePiles, type Visit } from './due-piles.js'

/**
 * A queue of items by due time and, at the same instant, by order.
 *
 * Up to some hundred items lie in a heap. When there are more, only those that are due next do; the
 * others lie unsorted, in buckets of equal spans of time and, beyond the last bucket, in one pile.
 * A bucket is sorted when its turn comes, the pile is dealt out into new buckets when all are used
 * up: so each item is moved twice at most, and costs about the same however many wait (the idea: W.
 * T. Tang et al., "Ladder queue: An O(1) priority queue structure for large-scale discrete event
 * simulation", ACM TOMACS 15, 2005).
 *
 * Cancelled items are not searched for. They stay until they come up, or until they are more than
 * half of all: then one pass takes them all out.
 */
export class DueQueue<T> {
  /** All that is due before the next bucket begins. */
  readonly #near = new DueHeap<T>()
  /** Bucket n is pile n + 1; what is due after the last bucket is in pile {@link FAR}. */
  readonly #piles = new DuePiles<T>()
  #buckets = 0
  #nextBucket = 0
  /** Start of the first bucket; Infinity: all items are in the heap. */
  #bucketsFromMs = Infinity
  #bucketMs = 1
  #total = 0
  #cancelled = 0
  readonly #isWanted: (item: T, order: number) => boolean

  /** @param isWanted whether the item that was pushed with this order is still wanted */
  constructor(isWanted: (item: T, order: number) => boolean) {
    this.#isWanted = isWanted
  }

  /** Items that are still wanted. */
  get size(): number {
    return this.#total - this.#cancelled
  }

  /**
   * Items inside, the cancelled ones included: of these at most as many as of the others, or 64.
   */
  get sizeWithCancelled(): number {
    return this.#total
  }

  /** Adds an item that is wanted already. No other one inside may have this order. */
  push(dueMs: number, order: number, item: T): void {
    this.#total += 1
    const bucket = this.#bucketOf(dueMs)
    if (bucket >= this.#buckets) this.#piles.add(FAR, dueMs, order, item)
    else if (bucket >= this.#nextBucket) this.#piles.add(bucket + 1, dueMs, order, item)
    else {
      this.#near.push(dueMs, order, item)
      if (this.#bucketsFromMs === Infinity && this.#total > HEAP_ALONE) this.#startAfresh()
    }
  }

  /** Returns the due time of the first item that is not cancelled; Infinity if there is none. */
  nextDueMs(): number {
    for (;;) {
      const first = this.#near.first()
      if (first === undefined) {
        if (this.#total === 0) return Infinity
        this.#fillNear()
      } else if (this.#cancelled === 0 || this.#isWanted(first, this.#near.firstOrder)) {
        return this.#near.firstDueMs
      } else {
        this.#near.pop()
        this.#cancelled -= 1
        this.#total -= 1
      }
    }
  }

  /** Takes out the first wanted item. */
  pop(): T | undefined {
    if (this.nextDueMs() === Infinity) return undefined
    const first = this.#near.pop()
    this.#total -= 1
    this.#tidyUp()
    return first
  }

  /** To be called when an item that is inside has become unwanted. */
  noteCancelled(): void {
    this.#cancelled += 1
    this.#tidyUp()
  }

  /**
   * The wanted items with the instant each is due, first things first. For messages: it sorts a
   * copy.
   */
  list(): { readonly dueMs: number; readonly item: T }[] {
    const all: { dueMs: number; order: number; item: T }[] = []
    this.#forEach((dueMs, order, item) => {
      if (this.#isWanted(item, order)) all.push({ dueMs, order, item })
    })
    return all.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order).map(({ item, dueMs }) => ({ item, dueMs }))
  }

  /**
   * The one place that knows where a bucket begins. It grows with the instant, so rounding cannot
   * put two items out of order.
   */
  #bucketOf(dueMs: number): number {
    return Math.floor((dueMs - this.#bucketsFromMs) / this.#bucketMs)
  }

  /**
   * Called when nothing is near, until something is: a bucket may be empty, or hold but cancelled
   * items.
   */
  #fillNear(): void {
    if (this.#nextBucket === this.#buckets) this.#dealOut()
    else this.#moveToNear(++this.#nextBucket)
  }

  /** Everything lies in the far pile: into buckets with it or, if it is little, into the heap. */
  #dealOut(): void {
    this.#nextBucket = 0
    this.#bucketsFromMs = Infinity
    this.#buckets = 0
    if (this.#total <= HEAP_ALONE / 2) this.#moveToNear(FAR)
    else this.#makeBuckets()
  }

  #makeBuckets(): void {
    let lastMs = -Infinity
    this.#piles.forEach((dueMs) => {
      this.#bucketsFromMs = Math.min(this.#bucketsFromMs, dueMs)
      lastMs = Math.max(lastMs, dueMs)
    })
    this.#bucketMs = (lastMs - this.#bucketsFromMs) / Math.ceil(this.#total / PER_BUCKET) || 1
    this.#buckets = this.#bucketOf(lastMs) + 1
    this.#piles.open(this.#buckets + 1)
    this.#piles.drain(FAR, (dueMs, order, item) => this.#piles.add(this.#bucketOf(dueMs) + 1, dueMs, order, item))
  }

  /**
   * To ask all the items first whether they are wanted, and sort then, is for the processor: it
   * fetches many far-off items at a time when nothing is done between, and each would be waited for
   * alone when its turn comes.
   */
  #moveToNear(pile: number): void {
    this.#sift(pile)
    this.#piles.drain(pile, (dueMs, order, item) => this.#near.push(dueMs, order, item))
  }

  #sift(pile: number): void {
    const removed = this.#piles.sift(pile, this.#isWanted)
    this.#cancelled -= removed
    this.#total -= removed
  }

  /**
   * After each loss of a wanted item, by cancellation or by its turn: else the far-off cancelled
   * would stay alone.
   */
  #tidyUp(): void {
    if (this.#cancelled * 2 > this.#total && this.#total > 64) this.#startAfresh()
  }

  #startAfresh(): void {
    const moveToFar: Visit<T> = (dueMs, order, item) => this.#piles.add(FAR, dueMs, order, item)
    for (let pile = 1; pile <= this.#buckets; pile++) this.#piles.drain(pile, moveToFar)
    this.#near.forEach(moveToFar)
    this.#near.clear()
    this.#sift(FAR)
    this.#dealOut()
  }

  #forEach(visit: Visit<T>): void {
    this.#near.forEach(visit)
    this.#piles.forEach(visit)
  }
}

const FAR = 0
/** Up to so many items a heap is as fast as anything. */
const HEAP_ALONE = 512
/**
 * Few enough that the near heap stays in the processor's first cache, enough that the buckets do as
 * well.
 */
const PER_BUCKET = 24
