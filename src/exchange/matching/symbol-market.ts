import type { OrderBook, Ticker } from '../../protocol/index.js'
import type { Account } from '../accounts/account.js'
import { RestingQuotes } from '../market-maker/resting-quotes.js'
import { BookSide } from './order-book.js'
import type { Instrument } from '../instrument.js'
import { OpenOrders } from './open-orders.js'
import type { RestingOrder } from './order.js'
import type { Settlement } from '../accounts/trade-settlement.js'
import type { OrderNumbers, Trader } from './account-in-market.js'

/** One symbol: its two sides, what the public last saw of it, and how its trades are settled. */
export class Market {
  readonly #bids = new BookSide<RestingOrder>(true)
  readonly #asks = new BookSide<RestingOrder>(false)
  readonly #open: OpenOrders<RestingOrder>
  /** All that rests, while that is the quotes of one market maker account. */
  #quotes: RestingQuotes | undefined = undefined
  /** Quotes in a row that nothing else has come between. */
  calm = 0
  /** The last trade's price in ticks; 0 before the first. */
  last = 0
  /** The last trade's price as it was recorded, where that is on no tick. */
  lastOffTick: number | undefined = undefined
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
    this.#open = new OpenOrders(instrument, numbers)
    this.settlement = typeof settlement === 'function' ? settlement(this) : settlement
  }

  get bids(): BookSide<RestingOrder> {
    if (this.#quotes !== undefined) this.#restAll(this.#quotes)
    return this.#bids
  }

  get asks(): BookSide<RestingOrder> {
    if (this.#quotes !== undefined) this.#restAll(this.#quotes)
    return this.#asks
  }

  get open(): OpenOrders<RestingOrder> {
    if (this.#quotes !== undefined) this.#restAll(this.#quotes)
    return this.#open
  }

  /**
   * All that rests, while that is the quotes of one market maker account: they are then kept beside
   * the order book, and whatever asks for `bids`, `asks` or `open` puts them into it.
   */
  get quotes(): RestingQuotes | undefined {
    return this.#quotes
  }

  /** The account as a trader of this market. */
  traderOf(account: Account, nowMs: number): Trader<RestingOrder> {
    return this.#open.trader(account, nowMs)
  }

  /** Takes the quotes of an account out of the order book, if nothing else rests there. */
  setQuotesAside(account: Account): void {
    const own = this.open.of(account)
    if (own.length !== this.#open.size) return
    const [bids, asks] = [this.#bids, this.#asks].map(ordersOf)
    for (const order of own) this.remove(order)
    this.#quotes = new RestingQuotes(account, this.instrument, bids ?? [], asks ?? [])
  }

  #restAll(quotes: RestingQuotes): void {
    this.#quotes = undefined
    this.calm = 0
    for (const order of quotes.orders()) this.rest(order)
  }

  /** In ticks; 0 where there is none. */
  get bid(): number {
    return this.#quotes?.bid ?? this.#bids.best?.price ?? 0
  }

  /** In ticks; 0 where there is none. */
  get ask(): number {
    return this.#quotes?.ask ?? this.#asks.best?.price ?? 0
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
    const { bid, ask, last } = this
    if (bid !== 0 && last < bid) return bid
    if (ask !== 0 && (last > ask || last === 0)) return ask
    return last
  }

  /** Best prices and the last trade; a side without orders is 0. */
  ticker(timestamp: number): Ticker {
    const { symbol, price } = this.instrument
    return {
      symbol,
      bid: price.value(this.bid),
      ask: price.value(this.ask),
      last: this.lastOffTick ?? price.value(this.last),
      timestamp,
    }
  }

  /** Returns true if the ticker has changed since the last call. */
  tickerChanged(): boolean {
    const { bid, ask, shown, last, lastOffTick } = this
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
      bids: this.top('bids', levels),
      asks: this.top('asks', levels),
      timestamp,
    }
  }

  private top(side: 'bids' | 'asks', levels: number): [number, number][] {
    const { price, size } = this.instrument
    const rows: [number, number][] = []
    if (levels <= 0) return rows
    if (this.#quotes !== undefined) {
      for (const [ticks, lots] of this.#quotes.top(side, levels)) rows.push([price.value(ticks), size.value(lots)])
      return rows
    }
    for (const level of this[side].fromBest()) {
      rows.push([price.value(level.price), size.value(level.lots)])
      if (rows.length >= levels) break
    }
    return rows
  }
}

/** The orders of a side, the best price first and the oldest first at one price. */
const ordersOf = (side: BookSide<RestingOrder>): RestingOrder[] => {
  const orders: RestingOrder[] = []
  for (const level of side.fromBest())
    for (let order = level.first; order !== undefined; order = order.behind) orders.push(order)
  return orders
}
