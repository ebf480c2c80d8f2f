import type { Account } from '../accounts/account.js'
import type { Instrument } from '../instrument.js'
import type { RestingOrder } from '../matching/order.js'

/** Price and quantity, as a quote names them. */
type Level = readonly [price: number, quantity: number]

/** Makes an order of a market maker account, with its number. */
export type MakeOrder = (price: number, lots: number) => RestingOrder

/**
 * One side of what a market maker account shows, the best price first: the row of each price, and
 * the orders that its lots consist of, the oldest first.
 */
class QuotedSide {
  readonly rows: (Level | undefined)[] = []
  readonly ticks: number[] = []
  readonly lots: number[] = []
  readonly orders: RestingOrder[][] = []
  /** Index of the same price in the side before, while a quote is taken in; -1 for a new price. */
  readonly from: number[] = []
  count = 0

  put(row: Level | undefined, ticks: number, lots: number, from: number): void {
    const at = this.count++
    this.rows[at] = row
    this.ticks[at] = ticks
    this.lots[at] = lots
    this.from[at] = from
  }

  /** Takes the first prices away, up to the first that stays; true if there were any. */
  dropBest(count: number): boolean {
    if (count === 0) return false
    for (const column of [this.rows, this.ticks, this.lots, this.orders]) column.splice(0, count)
    this.count -= count
    return true
  }

  level(ticks: number): RestingOrder[] {
    const at = this.count - 1
    if (at >= 0 && this.ticks[at] === ticks) return this.orders[at] ?? []
    const orders: RestingOrder[] = []
    this.orders[this.count] = orders
    this.put(undefined, ticks, 0, -1)
    return orders
  }
}

/** A quote that cannot be taken in here: its prices are not in order. */
const UNORDERED = 'unordered'

/**
 * The orders of one market maker account in a market in which no other account has any. A quote is
 * compared with the one before it row by row, and rows that are the same object cost nothing: the
 * queues of the order book are made only when an order of another account needs them. Every order
 * has the number, the size and the place that it would have in the order book.
 */
export class RestingQuotes {
  #bids = new QuotedSide()
  #asks = new QuotedSide()
  #spareBids = new QuotedSide()
  #spareAsks = new QuotedSide()

  /**
   * @param orders - those of the account, the best price first and the oldest first at one price
   */
  constructor(
    readonly account: Account,
    private readonly instrument: Instrument,
    bids: Iterable<RestingOrder>,
    asks: Iterable<RestingOrder>,
  ) {
    for (const [side, orders] of [
      [this.#bids, bids],
      [this.#asks, asks],
    ] as const) {
      for (const order of orders) {
        side.level(order.price).push(order)
        const at = side.count - 1
        side.lots[at] = (side.lots[at] ?? 0) + order.remain
      }
    }
  }

  /** In ticks; 0 without bids. */
  get bid(): number {
    return this.#bids.count === 0 ? 0 : (this.#bids.ticks[0] ?? 0)
  }

  /** In ticks; 0 without asks. */
  get ask(): number {
    return this.#asks.count === 0 ? 0 : (this.#asks.ticks[0] ?? 0)
  }

  /** The best prices of a side with their lots. */
  *top(side: 'bids' | 'asks', most: number): IterableIterator<readonly [ticks: number, lots: number]> {
    const { ticks, lots, count } = side === 'bids' ? this.#bids : this.#asks
    for (let at = 0; at < count && at < most; at++) yield [ticks[at] ?? 0, lots[at] ?? 0]
  }

  /** All orders, in the order in which they were made. */
  orders(): RestingOrder[] {
    const all: RestingOrder[] = []
    for (const { orders, count } of [this.#bids, this.#asks])
      for (let at = 0; at < count; at++) all.push(...(orders[at] ?? []))
    return all.sort((a, b) => a.number - b.number)
  }

  /**
   * Takes in a quote. Returns true if anything has changed, false if nothing has, and undefined if
   * the quote is not for here: then nothing has been done.
   */
  quote(
    bids: readonly Level[] | undefined,
    asks: readonly Level[] | undefined,
    make: { readonly buy: MakeOrder; readonly sell: MakeOrder },
  ): boolean | undefined {
    if (bids !== undefined && this.#read(bids, this.#bids, this.#spareBids, true) === UNORDERED) return undefined
    if (asks !== undefined && this.#read(asks, this.#asks, this.#spareAsks, false) === UNORDERED) return undefined
    const bid = bids === undefined || this.#spareBids.count === 0 ? 0 : (this.#spareBids.ticks[0] ?? 0)
    const ask = asks === undefined || this.#spareAsks.count === 0 ? Infinity : (this.#spareAsks.ticks[0] ?? 0)
    if (bid >= ask) return undefined
    let changed = false
    // What goes, goes first; then bids are numbered before asks.
    if (bids === undefined) changed = this.#giveWay(this.#bids, (price) => price >= ask)
    if (asks === undefined) changed = this.#giveWay(this.#asks, (price) => price <= bid)
    if (bids !== undefined) {
      changed = take(this.#bids, this.#spareBids, make.buy) || changed
      ;[this.#bids, this.#spareBids] = [this.#spareBids, this.#bids]
    }
    if (asks !== undefined) {
      changed = take(this.#asks, this.#spareAsks, make.sell) || changed
      ;[this.#asks, this.#spareAsks] = [this.#spareAsks, this.#asks]
    }
    return changed
  }

  /** Own quotes of a side that is left as it is give way to the new prices of the other one. */
  #giveWay(side: QuotedSide, isCrossed: (price: number) => boolean): boolean {
    let crossed = 0
    while (crossed < side.count && isCrossed(side.ticks[crossed] ?? 0)) crossed += 1
    return side.dropBest(crossed)
  }

  /** Puts the rows on the grids of the instrument, each beside the level of its price before. */
  #read(rows: readonly Level[], before: QuotedSide, next: QuotedSide, buys: boolean): typeof UNORDERED | undefined {
    const { instrument } = this
    next.count = 0
    let at = 0
    let last = buys ? Infinity : 0
    for (const row of rows) {
      let from = -1
      if (at < before.count && before.rows[at] === row) from = at
      else if (at + 1 < before.count && before.rows[at + 1] === row) from = at + 1
      let ticks: number
      let lots: number
      if (from >= 0) {
        ticks = before.ticks[from] ?? 0
        lots = before.lots[from] ?? 0
        at = from + 1
      } else {
        const [price, quantity] = row
        ticks = buys ? instrument.price.stepsDown(price) : instrument.price.stepsUp(price)
        lots = Math.min(instrument.maxLots, instrument.lotsIn(quantity, ticks))
        if (!(Number.isSafeInteger(ticks) && ticks > 0 && lots > 0)) continue
        while (at < before.count && isBetter(before.ticks[at] ?? 0, ticks, buys)) at += 1
        if (at < before.count && before.ticks[at] === ticks) from = at++
      }
      // Two rows on one tick, or in another order: for the order book itself.
      if (!isBetter(last, ticks, buys)) return UNORDERED
      last = ticks
      next.put(row, ticks, lots, from)
    }
    return undefined
  }
}

const isBetter = (a: number, b: number, buys: boolean): boolean => (buys ? a > b : a < b)

/** Gives the orders of the side before to the next one; true if anything has changed. */
const take = (before: QuotedSide, next: QuotedSide, make: MakeOrder): boolean => {
  let kept = 0
  let changed = false
  for (let at = 0; at < next.count; at++) {
    const from = next.from[at] ?? -1
    const lots = next.lots[at] ?? 0
    const ticks = next.ticks[at] ?? 0
    if (from < 0) {
      next.orders[at] = [make(ticks, lots)]
      changed = true
      continue
    }
    kept += 1
    const orders = before.orders[from] ?? []
    next.orders[at] = orders
    const held = before.lots[from] ?? 0
    if (held === lots) continue
    changed = true
    if (lots > held) orders.push(make(ticks, lots - held))
    else shrink(orders, lots)
  }
  return changed || kept < before.count
}

/** Leaves so many lots of the orders of a price, the oldest first. */
const shrink = (orders: RestingOrder[], lots: number): void => {
  let left = lots
  let stay = 0
  for (const order of orders) {
    if (left === 0) break
    stay += 1
    const surplus = Math.max(0, order.remain - left)
    order.quantity -= surplus
    order.remain -= surplus
    left -= order.remain
  }
  orders.length = stay
}
