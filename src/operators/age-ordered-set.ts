/** A Set that gives its oldest member in constant time. */
export class AgeOrderedSet<T> {
  readonly #members = new Set<T>()
  /**
   * Stands before the oldest member. Kept, because a new iterator would step over every place that
   * was deleted since the Set last tidied itself.
   */
  #oldest = this.#members.values()

  get size(): number {
    return this.#members.size
  }

  has(member: T): boolean {
    return this.#members.has(member)
  }

  /** Adds it as the youngest. A member keeps its age. */
  add(member: T): void {
    this.#members.add(member)
  }

  delete(member: T): boolean {
    return this.#members.delete(member)
  }

  /** Takes the oldest member out. Undefined when there is none. */
  takeOldest(): T | undefined {
    let next = this.#oldest.next()
    if (next.done === true) {
      // It has run past the last member of that time; an iterator that is done stays done.
      this.#oldest = this.#members.values()
      next = this.#oldest.next()
      if (next.done === true) return undefined
    }
    this.#members.delete(next.value)
    return next.value
  }
}
