import type { Account } from '../accounts/account.js'
import type { Instrument } from '../instrument.js'
import { type OrderNumbers, Trader } from './account-in-market.js'

/** Entry of the list of its trader. */
export interface Owned<Self> {
  readonly trader: Trader<Self>
  /** Counts up from 1. */
  readonly number: number
  older: Self | undefined
  newer: Self | undefined
}

/** A power of two. Small, since one old order keeps a page alive. */
const PAGE = 64

interface Page<Order> {
  readonly orders: (Order | undefined)[]
  count: number
}

/**
 * The open orders of one symbol, by number and by trader. Numbers count up, so orders lie in pages
 * by number: no hashing of strings and no table that grows by copying itself.
 */
export class OpenOrders<Order extends Owned<Order>> {
  size = 0
  private readonly pages = new Map<number, Page<Order>>()
  private readonly traders = new Map<Account, Trader<Order>>()
  /** The page of the newest order: nearly always the one asked for. */
  private newest: Page<Order> | undefined = undefined
  private newestIndex = -1

  constructor(
    private readonly instrument: Instrument,
    private readonly numbers: OrderNumbers,
  ) {}

  /** An account as one who trades here. */
  trader(account: Account, nowMs: number): Trader<Order> {
    let trader = this.traders.get(account)
    if (trader === undefined) {
      trader = new Trader(account, this.instrument, this.numbers, nowMs)
      this.traders.set(account, trader)
    }
    return trader
  }

  add(order: Order): void {
    const index = Math.floor(order.number / PAGE)
    let page = index === this.newestIndex ? this.newest : this.pages.get(index)
    if (page === undefined) {
      page = { orders: new Array<Order | undefined>(PAGE).fill(undefined), count: 0 }
      this.pages.set(index, page)
      this.newest = page
      this.newestIndex = index
    }
    page.orders[order.number % PAGE] = order
    page.count++
    this.size++
    const { trader } = order
    trader.changed()
    trader.account.openOrders++
    order.older = trader.last
    if (trader.last === undefined) trader.first = order
    else trader.last.newer = order
    trader.last = order
  }

  remove(order: Order): void {
    const index = Math.floor(order.number / PAGE)
    const page = index === this.newestIndex ? this.newest : this.pages.get(index)
    if (page?.orders[order.number % PAGE] !== order) return
    page.orders[order.number % PAGE] = undefined
    const { trader, older, newer } = order
    trader.changed()
    if (older === undefined) trader.first = newer
    else older.newer = newer
    if (newer === undefined) trader.last = older
    else newer.older = older
    order.older = order.newer = undefined
    this.size--
    trader.account.openOrders--
    if (--page.count > 0) return
    this.pages.delete(index)
    if (index === this.newestIndex) {
      this.newest = undefined
      this.newestIndex = -1
    }
  }

  /** By the number within its order_no. */
  get(number: number): Order | undefined {
    return this.pages.get(Math.floor(number / PAGE))?.orders[number % PAGE]
  }

  /** The trader of an account that trades here already; undefined where it does not. */
  known(account: Account): Trader<Order> | undefined {
    return this.traders.get(account)
  }

  /** The account's, oldest first. */
  of(account: Account): Order[] {
    const orders: Order[] = []
    for (let order = this.traders.get(account)?.first; order !== undefined; order = order.newer) orders.push(order)
    return orders
  }
}
