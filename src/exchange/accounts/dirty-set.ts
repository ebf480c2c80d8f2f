/**
 * The items that the present command has changed, once each and in order. Emptied by counting from
 * 0 again: a new array per command would be most of the garbage of the exchange.
 */
export class Changes<Item extends { touched: boolean }> {
  private readonly items: Item[] = []
  private count = 0
  private taken = 0

  get isEmpty(): boolean {
    return this.count === this.taken
  }

  add(item: Item): void {
    if (item.touched) return
    item.touched = true
    this.items[this.count++] = item
  }

  /**
   * Takes the oldest item that has not been taken yet; undefined when there is none, and then it is
   * empty.
   */
  take(): Item | undefined {
    const item = this.taken < this.count ? this.items[this.taken++] : undefined
    if (item === undefined) this.taken = this.count = 0
    else item.touched = false
    return item
  }

  /** Iterates over the items that have been added. */
  *[Symbol.iterator](): IterableIterator<Item> {
    for (let index = this.taken; index < this.count; index++) {
      const item = this.items[index]
      if (item !== undefined) yield item
    }
  }
}
