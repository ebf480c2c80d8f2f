import type { Account } from './account.js'

/** What stands in the list of its account. */
export interface Owned<Self> {
  readonly account: Account
  /** Counts up from 1. */
  readonly number: number
  owner: OwnerList<Self> | undefined
  older: Self | undefined
  newer: Self | undefined
}

/** A power of two. Small, since one old order keeps a page alive. */
const PAGE = 64

interface Page<Order> {
  readonly orders: (Order | undefined)[]
  count: number
}

/** One account's open orders, oldest first. */
export class OwnerList<Order> {
  first: Order | undefined = undefined
  last: Order | undefined = undefined
}

/**
 * The open orders of one symbol, by number and by account. Numbers count up, so orders lie in pages by number: no hashing of strings and no
 * table that grows by copying itself.
 */
export class OpenOrders<Order extends Owned<Order>> {
  size = 0
  private readonly pages = new Map<number, Page<Order>>()
  private readonly owners = new Map<Account, OwnerList<Order>>()
  /** The page of the newest order: nearly always the one asked for. */
  private newest: Page<Order> | undefined = undefined
  private newestIndex = -1

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
    let owner = this.owners.get(order.account)
    if (owner === undefined) this.owners.set(order.account, (owner = new OwnerList<Order>()))
    order.owner = owner
    order.older = owner.last
    if (owner.last === undefined) owner.first = order
    else owner.last.newer = order
    owner.last = order
  }

  remove(order: Order): void {
    const { owner, older, newer } = order
    if (owner === undefined) return
    if (older === undefined) owner.first = newer
    else older.newer = newer
    if (newer === undefined) owner.last = older
    else newer.older = older
    order.owner = order.older = order.newer = undefined
    this.size--
    const index = Math.floor(order.number / PAGE)
    const page = index === this.newestIndex ? this.newest : this.pages.get(index)
    if (page === undefined) return
    page.orders[order.number % PAGE] = undefined
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

  /** The account's, oldest first. */
  of(account: Account): Order[] {
    const orders: Order[] = []
    for (let order = this.owners.get(account)?.first; order !== undefined; order = order.newer) orders.push(order)
    return orders
  }
}
