import { orderFault, type OrderRequest } from '../orders/index.js'
import type { Action, OrderType } from '../protocol/index.js'

/**
 * A wish to place an order. Its quantity is never negative: for contracts that can hold long and short at once, `offset`
 * says which is meant, and the sign that the wire wants is put on by {@link orderOf} alone.
 */
export interface PlaceOrder {
  readonly _tag: 'Place'
  readonly symbol: string
  readonly action: Action
  readonly order_type: OrderType
  /** 0 for a MARKET order. */
  readonly price: number
  /** In base currency or contracts; an amount of quote currency for a spot MARKET BUY. */
  readonly quantity: number
  /** For contracts only: whether a position is opened or closed. */
  readonly offset?: 'open' | 'close'
}

/** A wish to cancel orders by number. An empty list cancels nothing (on the wire it would cancel everything). */
export interface CancelOrder {
  readonly _tag: 'Cancel'
  readonly symbol: string
  readonly order_nos: readonly string[]
}

/** A wish to cancel all orders of a symbol, whoever placed them. */
export interface CancelAllOrders {
  readonly _tag: 'CancelAll'
  readonly symbol: string
}

/** A wish to cancel an order and, once it is known to be gone, to place another, less what the first has filled. */
export interface ReplaceOrder {
  readonly _tag: 'Replace'
  readonly symbol: string
  readonly order_no: string
  readonly by: PlaceOrder
}

/** What a strategy wants done, as plain data: it can be compared, recorded, counted and refused. */
export type Intent = PlaceOrder | CancelOrder | CancelAllOrders | ReplaceOrder

/** At what terms a contract is traded: at a limit, at once or not at all (`IOC`), or at the market when left out. */
export interface OrderTerms {
  readonly price: number
  /** @default LIMIT */
  readonly order_type?: 'LIMIT' | 'IOC'
}

const place = (
  order_type: OrderType,
  action: Action,
  symbol: string,
  price: number,
  quantity: number,
  offset?: 'open' | 'close',
): PlaceOrder => ({
  _tag: 'Place',
  symbol,
  action,
  order_type,
  price,
  quantity,
  ...(offset === undefined ? {} : { offset }),
})

const contract =
  (action: Action, offset: 'open' | 'close') =>
  (symbol: string, quantity: number, terms?: OrderTerms): PlaceOrder =>
    terms === undefined
      ? place('MARKET', action, symbol, 0, quantity, offset)
      : place(terms.order_type ?? 'LIMIT', action, symbol, terms.price, quantity, offset)

/** Buys `quantity` at `price` or better, and rests in the book until then. */
export const limitBuy = (symbol: string, price: number, quantity: number): PlaceOrder =>
  place('LIMIT', 'BUY', symbol, price, quantity)

/** Sells `quantity` at `price` or better, and rests in the book until then. */
export const limitSell = (symbol: string, price: number, quantity: number): PlaceOrder =>
  place('LIMIT', 'SELL', symbol, price, quantity)

/** Buys what `price` allows of `quantity` at once; the rest is cancelled. */
export const iocBuy = (symbol: string, price: number, quantity: number): PlaceOrder =>
  place('IOC', 'BUY', symbol, price, quantity)

/** Sells what `price` allows of `quantity` at once; the rest is cancelled. */
export const iocSell = (symbol: string, price: number, quantity: number): PlaceOrder =>
  place('IOC', 'SELL', symbol, price, quantity)

/** Spot: spends `amount` of quote currency at the market. (A spot market buy is measured in money, not in coins.) */
export const marketBuyFor = (symbol: string, amount: number): PlaceOrder => place('MARKET', 'BUY', symbol, 0, amount)

/** Spot: sells `quantity` at the market. */
export const marketSell = (symbol: string, quantity: number): PlaceOrder => place('MARKET', 'SELL', symbol, 0, quantity)

/** Contracts: opens, or adds to, a long position. */
export const openLong: (symbol: string, quantity: number, terms?: OrderTerms) => PlaceOrder = contract('BUY', 'open')

/** Contracts: opens, or adds to, a short position. */
export const openShort: (symbol: string, quantity: number, terms?: OrderTerms) => PlaceOrder = contract('SELL', 'open')

/** Contracts: closes a long position, or part of it. */
export const closeLong: (symbol: string, quantity: number, terms?: OrderTerms) => PlaceOrder = contract('SELL', 'close')

/** Contracts: closes a short position, or part of it. */
export const closeShort: (symbol: string, quantity: number, terms?: OrderTerms) => PlaceOrder = contract('BUY', 'close')

/** Cancels these orders. */
export const cancel = (symbol: string, ...order_nos: readonly string[]): CancelOrder => ({
  _tag: 'Cancel',
  symbol,
  order_nos,
})

/** Cancels all orders of the symbol, those of others on the same account too. */
export const cancelAll = (symbol: string): CancelAllOrders => ({ _tag: 'CancelAll', symbol })

/**
 * Cancels an order and then places another. The quantity of the other is the whole of what is wanted: what the first has filled by then is taken off
 * it, as with FIX's cancel/replace. If the first was filled, or its end is not known, the other is not placed; nor is it where the first was
 * filled in part and they are not of one side (NotSent: `partly-filled`).
 */
export const replace = (order_no: string, by: PlaceOrder): ReplaceOrder => ({
  _tag: 'Replace',
  symbol: by.symbol,
  order_no,
  by,
})

/** Says what is wrong with the intent, in words; undefined for a valid one. */
export const faultOf = (intent: PlaceOrder): string | undefined => orderFault(intent, false)

/** The order as the wire wants it. Opening a short and closing one are told by a negative quantity. */
export const orderOf = ({ symbol, action, price, quantity, order_type, offset }: PlaceOrder): OrderRequest => {
  const onShort = offset === (action === 'SELL' ? 'open' : 'close')
  return { symbol, action, price, quantity: onShort ? -quantity : quantity, order_type }
}
