/** What stands in the queue of a price. */
export interface Queued<Self> {
  /** In ticks. */
  readonly price: number
  /** In lots. */
  remain: number
  level: PriceLevel<Self> | undefined
  ahead: Self | undefined
  behind: Self | undefined
}

/** The orders of one price, first come first. */
export class PriceLevel<Order> {
  /** The sum of what remains, in lots. */
  lots = 0
  first: Order | undefined = undefined
  last: Order | undefined = undefined

  constructor(
    /** In ticks. */
    readonly price: number,
  ) {}
}

/**
 * One side of a book: levels sorted with the best at the end, where coming and going is cheap and where nearly all of it
 * happens, beside a map from price to level.
 */
export class BookSide<Order extends Queued<Order>> {
  private readonly levels: PriceLevel<Order>[] = []
  private readonly byPrice = new Map<number, PriceLevel<Order>>()
  /** Makes the better price the larger key on either side. */
  private readonly sign: 1 | -1

  constructor(readonly buys: boolean) {
    this.sign = buys ? 1 : -1
  }

  get best(): PriceLevel<Order> | undefined {
    return this.levels[this.levels.length - 1]
  }

  /** How many prices have orders. */
  get depth(): number {
    return this.levels.length
  }

  /** Levels from the best on. */
  *fromBest(): IterableIterator<PriceLevel<Order>> {
    for (let index = this.levels.length - 1; index >= 0; index--) {
      const level = this.levels[index]
      if (level !== undefined) yield level
    }
  }

  /** Puts an order at the end of its price's queue. */
  add(order: Order): void {
    let level = this.byPrice.get(order.price)
    if (level === undefined) {
      level = new PriceLevel<Order>(order.price)
      this.byPrice.set(order.price, level)
      const at = this.indexOf(order.price)
      if (at === this.levels.length) this.levels.push(level)
      else this.levels.splice(at, 0, level)
    }
    order.level = level
    order.ahead = level.last
    if (level.last === undefined) level.first = order
    else level.last.behind = order
    level.last = order
    level.lots += order.remain
  }

  /** Takes an order out, wherever in its queue it stands. */
  remove(order: Order): void {
    const { level, ahead, behind } = order
    if (level === undefined) return
    if (ahead === undefined) level.first = behind
    else ahead.behind = behind
    if (behind === undefined) level.last = ahead
    else behind.ahead = ahead
    level.lots -= order.remain
    order.level = order.ahead = order.behind = undefined
    if (level.first !== undefined) return
    this.byPrice.delete(level.price)
    const at = this.indexOf(level.price)
    if (at === this.levels.length - 1) this.levels.pop()
    else this.levels.splice(at, 1)
  }

  /** Takes lots off an order, which keeps its place. */
  reduce(order: Order, lots: number): void {
    order.remain -= lots
    if (order.level !== undefined) order.level.lots -= lots
  }

  /** Where a price stands or would stand. */
  private indexOf(price: number): number {
    const key = price * this.sign
    let low = 0
    let high = this.levels.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const level = this.levels[middle]
      if (level !== undefined && level.price * this.sign < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
