/**
 * What has changed by the present command, once each and in order. It is emptied by counting from 0 again: a new array for each command
 * would be most of the garbage that the exchange makes.
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

  /** Takes the oldest item that has not been taken yet; undefined when there is none, and then it is empty. */
  take(): Item | undefined {
    const item = this.taken < this.count ? this.items[this.taken++] : undefined
    if (item === undefined) this.taken = this.count = 0
    else item.touched = false
    return item
  }

  /** What has been added so far. */
  *[Symbol.iterator](): IterableIterator<Item> {
    for (let index = this.taken; index < this.count; index++) {
      const item = this.items[index]
      if (item !== undefined) yield item
    }
  }
}
