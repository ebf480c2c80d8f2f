/** Entry of the queue of a price. */
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
 * A run of neighbouring prices. Keys stand beside their levels so that a search touches numbers
 * only.
 */
interface Block<Order> {
  readonly keys: number[]
  readonly levels: PriceLevel<Order>[]
}

/**
 * A longer block is cut in two: moving the end of a short array costs next to nothing, of one of
 * 50,000 levels too much.
 */
const BLOCK = 256

/**
 * One side of a book: levels in a sorted array cut into blocks, the best at the very end, where
 * nearly all coming and going is.
 */
export class BookSide<Order extends Queued<Order>> {
  private readonly blocks: Block<Order>[] = []
  /** Makes the better price the larger key on either side. */
  private readonly sign: 1 | -1
  best: PriceLevel<Order> | undefined = undefined
  /** Number of prices with orders. */
  depth = 0

  constructor(readonly buys: boolean) {
    this.sign = buys ? 1 : -1
  }

  /** Levels from the best on. */
  *fromBest(): IterableIterator<PriceLevel<Order>> {
    for (let block = this.blocks.length - 1; block >= 0; block--) {
      const levels = this.blocks[block]?.levels ?? []
      for (let index = levels.length - 1; index >= 0; index--) {
        const level = levels[index]
        if (level !== undefined) yield level
      }
    }
  }

  /** The level of a price, if orders stand there. */
  at(price: number): PriceLevel<Order> | undefined {
    if (this.best?.price === price) return this.best
    const key = price * this.sign
    const block = this.blocks[this.blockOf(key)]
    if (block === undefined) return undefined
    const index = lowerBound(block.keys, key)
    return block.keys[index] === key ? block.levels[index] : undefined
  }

  /** Puts an order at the end of its price's queue. */
  add(order: Order): void {
    const level = this.levelAt(order.price)
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
    if (level.first === undefined) this.drop(level)
  }

  /** Takes lots off an order, which keeps its place. */
  reduce(order: Order, lots: number): void {
    order.remain -= lots
    if (order.level !== undefined) order.level.lots -= lots
  }

  private levelAt(price: number): PriceLevel<Order> {
    if (this.best?.price === price) return this.best
    const { blocks } = this
    const key = price * this.sign
    const blockIndex = Math.min(this.blockOf(key), blocks.length - 1)
    let block = blocks[blockIndex]
    if (block === undefined) blocks.push((block = { keys: [], levels: [] }))
    const index = lowerBound(block.keys, key)
    const known = block.keys[index] === key ? block.levels[index] : undefined
    if (known !== undefined) return known
    const level = new PriceLevel<Order>(price)
    if (index === block.keys.length) {
      block.keys.push(key)
      block.levels.push(level)
    } else {
      block.keys.splice(index, 0, key)
      block.levels.splice(index, 0, level)
    }
    this.depth++
    if (this.best === undefined || key > this.best.price * this.sign) this.best = level
    if (block.keys.length > BLOCK) {
      blocks.splice(blockIndex + 1, 0, { keys: block.keys.splice(BLOCK / 2), levels: block.levels.splice(BLOCK / 2) })
    }
    return level
  }

  private drop(level: PriceLevel<Order>): void {
    const { blocks } = this
    const key = level.price * this.sign
    const blockIndex = level === this.best ? blocks.length - 1 : this.blockOf(key)
    const block = blocks[blockIndex]
    // A level that lost its last order is in some block.
    if (block === undefined) return
    const index = level === this.best ? block.keys.length - 1 : lowerBound(block.keys, key)
    if (index === block.keys.length - 1) {
      block.keys.pop()
      block.levels.pop()
    } else {
      block.keys.splice(index, 1)
      block.levels.splice(index, 1)
    }
    this.depth--
    if (block.keys.length === 0) blocks.splice(blockIndex, 1)
    if (level === this.best) this.best = blocks[blocks.length - 1]?.levels.at(-1)
  }

  /** The first block whose last key is not below `key`; the number of blocks when there is none. */
  private blockOf(key: number): number {
    let low = 0
    let high = this.blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const keys = this.blocks[middle]?.keys
      if (keys !== undefined && (keys[keys.length - 1] ?? 0) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The first index whose key is not below `key`. */
function lowerBound(keys: readonly number[], key: number): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? 0) < key) low = middle + 1
    else high = middle
  }
  return low
}
