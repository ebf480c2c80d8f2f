import type { OrderBook, Ticker } from '../../protocol/index.js'
import { BookSide, type PriceLevel } from './order-book.js'
import type { Instrument } from '../instrument.js'
import { OpenOrders } from './open-orders.js'
import type { RestingOrder } from './order.js'
import type { Settlement } from '../accounts/trade-settlement.js'
import type { OrderNumbers } from './account-in-market.js'

/** One symbol: its two sides, what the public last saw of it, and how its trades are settled. */
export class Market {
  readonly bids = new BookSide<RestingOrder>(true)
  readonly asks = new BookSide<RestingOrder>(false)
  /** The last trade's price in ticks; 0 before the first. */
  last = 0
  /** The last trade's price as it was recorded, where that is on no tick. */
  lastOffTick: number | undefined = undefined
  readonly open: OpenOrders<RestingOrder>
  /** Already in the list of changes of the present command. */
  touched = false
  /** The book itself has been changed by the present command. */
  bookChanged = false
  /** True if the public trades are those of a recording. */
  isRecorded = false
  /** Of a recorded book: what orders of accounts have taken of it. */
  readonly taken = { bids: new Map<number, number>(), asks: new Map<number, number>() }
  hasRecordedBook = false
  /** The fraction of a lot that recorded trades at one price have left to the orders there. */
  fraction = { price: 0, lots: 0 }
  /** The ticker as it was last asked for, in ticks. */
  shown: { bid: number; ask: number; last: number; lastOffTick?: number | undefined } = { bid: 0, ask: 0, last: 0 }

  readonly settlement: Settlement

  constructor(
    readonly instrument: Instrument,
    numbers: OrderNumbers,
    /** A function is handed this market: some settlements go by its prices. */
    settlement: Settlement | ((market: Market) => Settlement),
  ) {
    this.open = new OpenOrders(instrument, numbers)
    this.settlement = typeof settlement === 'function' ? settlement(this) : settlement
  }

  /** The side on which an order rests. */
  side(order: RestingOrder): BookSide<RestingOrder> {
    return order.buys ? this.bids : this.asks
  }

  /** The side that an order trades with. */
  opposite(order: RestingOrder): BookSide<RestingOrder> {
    return order.buys ? this.asks : this.bids
  }

  /** Puts an order into the book, behind those of its price. */
  rest(order: RestingOrder): void {
    this.side(order).add(order)
    this.open.add(order)
  }

  /** Takes an order out of the book: it was cancelled or has nothing left. */
  remove(order: RestingOrder): void {
    this.side(order).remove(order)
    this.open.remove(order)
  }

  /** Notes what an order of an account has taken of a recorded book. */
  took(house: RestingOrder, lots: number): void {
    const taken = house.buys ? this.taken.bids : this.taken.asks
    taken.set(house.price, (taken.get(house.price) ?? 0) + lots)
  }

  /**
   * The price that positions are valued at, in ticks: the last one, but not outside of what is bid
   * and asked now. 0 if nothing is known.
   */
  mark(): number {
    const bid = this.bids.best?.price
    const ask = this.asks.best?.price
    if (bid !== undefined && this.last < bid) return bid
    if (ask !== undefined && (this.last > ask || this.last === 0)) return ask
    return this.last
  }

  /** Best prices and the last trade; a side without orders is 0. */
  ticker(timestamp: number): Ticker {
    const { symbol, price } = this.instrument
    return {
      symbol,
      bid: price.value(this.bids.best?.price ?? 0),
      ask: price.value(this.asks.best?.price ?? 0),
      last: this.lastOffTick ?? price.value(this.last),
      timestamp,
    }
  }

  /** Returns true if the ticker has changed since the last call. */
  tickerChanged(): boolean {
    const bid = this.bids.best?.price ?? 0
    const ask = this.asks.best?.price ?? 0
    const { shown, last, lastOffTick } = this
    if (bid === shown.bid && ask === shown.ask && last === shown.last && lastOffTick === shown.lastOffTick) return false
    shown.bid = bid
    shown.ask = ask
    shown.last = last
    shown.lastOffTick = lastOffTick
    return true
  }

  /** The best `levels` prices of each side. */
  depth(levels: number, timestamp: number): OrderBook {
    return {
      symbol: this.instrument.symbol,
      bids: this.top(this.bids, levels),
      asks: this.top(this.asks, levels),
      timestamp,
    }
  }

  private top(side: BookSide<RestingOrder>, levels: number): [number, number][] {
    const { price, size } = this.instrument
    const rows: [number, number][] = []
    if (levels <= 0) return rows
    for (const level of side.fromBest()) {
      rows.push(row(level))
      if (rows.length >= levels) break
    }
    return rows

    function row(level: PriceLevel<RestingOrder>): [number, number] {
      return [price.value(level.price), size.value(level.lots)]
    }
  }
}
