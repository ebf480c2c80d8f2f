import type { BookSide } from '../matching/order-book.js'
import type { RestingOrder } from '../matching/order.js'
import type { Units } from '../numbers/units.js'

/** Fees of the two sides of a trade, in units of `feeCurrency`; negative for a rebate. */
export interface TradeFees {
  readonly buyer: Units
  readonly seller: Units
}

/** Money side of a kind of symbol: locks of orders and transfers of trades. */
export interface Settlement {
  /**
   * Locks what the order needs, or says in words what is missing. `opposite` is what it may trade
   * with at once.
   */
  reserve(order: RestingOrder, opposite: BookSide<RestingOrder>): string | undefined
  /** Gives back what an order still locks: it was cancelled, or its remainder was. */
  release(order: RestingOrder): void
  /** Amount that an order locks now, in units of its paying currency. */
  locks(order: RestingOrder): Units
  /** The currency that an order locks. */
  lockedCurrency(order: RestingOrder): string
  /**
   * Moves money for `lots` at `price`. Called while both orders' `remain` and `budget` still
   * include them.
   */
  trade(buyer: RestingOrder, seller: RestingOrder, price: number, lots: number, buyerMakes: boolean): TradeFees
  /** The currency in which a buyer or a seller pays its fee, and its scale. */
  feeCurrency(buys: boolean): { readonly currency: string; readonly decimals: number }
}
