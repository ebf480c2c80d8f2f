/**
 * What has changed by the present command, once each and in order. It is emptied by counting from 0 again: a new array for each command
 * would be most of the garbage that the exchange makes.
 */
export class Changes<Item extends { touched: boolean }> {
  private readonly items: Item[] = []
  private count = 0

  get isEmpty(): boolean {
    return this.count === 0
  }

  add(item: Item): void {
    if (item.touched) return
    item.touched = true
    this.items[this.count++] = item
  }

  /** Gives each item to `visit`, and is empty afterwards. */
  drain(visit: (item: Item) => void): void {
    for (let index = 0; index < this.count; index++) {
      const item = this.items[index]
      if (item === undefined) continue
      item.touched = false
      visit(item)
    }
    this.count = 0
  }

  /** What has been added so far. */
  *[Symbol.iterator](): IterableIterator<Item> {
    for (let index = 0; index < this.count; index++) {
      const item = this.items[index]
      if (item !== undefined) yield item
    }
  }
}
