import { orderFault, type OrderRequest } from '../orders/index.js'
import type { Action, OrderType } from '../protocol/index.js'

/**
 * Intent to place an order. Its quantity is never negative: for contracts that can hold long and
 * short at once, `offset` selects the side, and only {@link toOrderRequest} adds the sign of the
 * protocol.
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
  /** Contracts only: opens or closes a position. */
  readonly offset?: 'open' | 'close'
  /**
   * Reason of the order, such as `stop`: never sent; a backtest groups trades by it where the
   * outcomes of the order are among the values that the strategy emits.
   */
  readonly reason?: string
}

/**
 * Intent to cancel orders by order id. An empty list cancels nothing (in the protocol an empty list
 * means all orders).
 */
export interface CancelOrder {
  readonly _tag: 'Cancel'
  readonly symbol: string
  readonly order_nos: readonly string[]
}

/** Intent to cancel all orders of a symbol, those of other clients too. */
export interface CancelAllOrders {
  readonly _tag: 'CancelAll'
  readonly symbol: string
}

/** Intent to cancel an order and, after its end, to place another, less the filled quantity. */
export interface ReplaceOrder {
  readonly _tag: 'Replace'
  readonly symbol: string
  readonly order_no: string
  readonly by: PlaceOrder
}

/** A command of a strategy as plain data: it can be compared, recorded, counted and refused. */
export type Intent = PlaceOrder | CancelOrder | CancelAllOrders | ReplaceOrder

/**
 * Price and type of a contract order: LIMIT or IOC. Without terms the order is MARKET.
 */
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

/** Buys up to `quantity` at once at `price` or better; cancels the rest. */
export const iocBuy = (symbol: string, price: number, quantity: number): PlaceOrder =>
  place('IOC', 'BUY', symbol, price, quantity)

/** Sells up to `quantity` at once at `price` or better; cancels the rest. */
export const iocSell = (symbol: string, price: number, quantity: number): PlaceOrder =>
  place('IOC', 'SELL', symbol, price, quantity)

/** Spot: spends `amount` of quote currency at the market. */
export const marketBuyCost = (symbol: string, amount: number): PlaceOrder => place('MARKET', 'BUY', symbol, 0, amount)

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

/** Cancels the orders with these order ids. */
export const cancel = (symbol: string, ...order_nos: readonly string[]): CancelOrder => ({
  _tag: 'Cancel',
  symbol,
  order_nos,
})

/** Cancels all orders of the symbol, those of other clients of the account too. */
export const cancelAll = (symbol: string): CancelAllOrders => ({ _tag: 'CancelAll', symbol })

/**
 * Cancels an order and then places another. The quantity of the new order is the total: the filled
 * quantity of the old one is subtracted from it, as with FIX's cancel/replace. The new order is not
 * placed if the old one was filled, if its end is not known, or if it was partially filled and the
 * two orders differ in side or in the unit of their quantity (NotSent: `partly-filled`).
 */
export const replace = (order_no: string, by: PlaceOrder): ReplaceOrder => ({
  _tag: 'Replace',
  symbol: by.symbol,
  order_no,
  by,
})

/** Describes the fault of an intent; undefined for a valid one. */
export const validateIntent = (intent: PlaceOrder): string | undefined => orderFault(intent, false)

/** Converts an intent to the order of the protocol: a negative quantity means the short side. */
export const toOrderRequest = ({ symbol, action, price, quantity, order_type, offset }: PlaceOrder): OrderRequest => {
  const onShort = offset === (action === 'SELL' ? 'open' : 'close')
  return { symbol, action, price, quantity: onShort ? -quantity : quantity, order_type }
}
