import * as t from 'io-ts'
import { FiniteNumber, isPlainNumber, isPlainNumberOrNull, NullableNumber } from '../codec/number.js'
import { quick } from '../codec/quick.js'
import { isText, type OpenEnum, oneOf, open, Text } from '../codec/text.js'

/** Side of an order. */
export const Action = oneOf('BUY', 'SELL')
export type Action = t.TypeOf<typeof Action>

/**
 * LIMIT rests at its price, MARKET takes what there is (its price is 0), IOC takes what its price
 * allows and cancels the rest.
 */
export const OrderType = oneOf('LIMIT', 'MARKET', 'IOC')
export type OrderType = t.TypeOf<typeof OrderType>

/** `NONE` means that the server does not know. */
export type OrderStatus = OpenEnum<'NONE' | 'SUBMITTED' | 'PARTIAL-FILLED' | 'FILLED' | 'CANCELED' | 'FAILED'>

/** Extension `offset`: whether an order or fill of a contract opens or closes a position. */
export type Offset = OpenEnum<'open' | 'close'>

const orderFields = {
  order_no: Text,
  action: open<Action>(),
  /** Null or 0 for a market order. */
  price: NullableNumber,
  /**
   * Unsigned. In base currency (contracts for futures), but in quote currency for a spot MARKET
   * BUY.
   */
  quantity: FiniteNumber,
  /**
   * Remaining quantity; proves nothing by itself (servers have sent SUBMITTED orders with remain
   * 0).
   */
  remain: FiniteNumber,
  status: open<OrderStatus>(),
  order_type: open<OrderType>(),
  /** Milliseconds since 1970. */
  ctime: FiniteNumber,
  utime: FiniteNumber,
}

const orderExtensions = t.partial({
  /** Feature `cid`: the cid of the place_order that made this order. */
  cid: Text,
  /** Feature `resume`: counts up by one per account, over orders and fills. */
  seq: FiniteNumber,
  /** Feature `offset`. */
  offset: open<Offset>(),
  /** Time of placing by the server's wall clock, where `ctime` is the time of a recorded market. */
  wall_ctime: FiniteNumber,
})

/** An item of an open_orders reply: the symbol is the request's. */
export const OpenOrder = quick(
  t.intersection([t.type(orderFields), orderExtensions], 'OpenOrder'),
  (u) =>
    isText(u.order_no) &&
    isText(u.action) &&
    isPlainNumberOrNull(u.price) &&
    isPlainNumber(u.quantity) &&
    isPlainNumber(u.remain) &&
    isText(u.status) &&
    isText(u.order_type) &&
    isPlainNumber(u.ctime) &&
    isPlainNumber(u.utime) &&
    (u.cid === undefined || isText(u.cid)) &&
    (u.seq === undefined || isPlainNumber(u.seq)) &&
    (u.offset === undefined || isText(u.offset)) &&
    (u.wall_ctime === undefined || isPlainNumber(u.wall_ctime)),
)
export interface OpenOrder extends t.TypeOf<typeof OpenOrder> {}

/** An order as its notice tells it. */
export const Order = quick(
  t.intersection([t.type({ symbol: Text, ...orderFields }), orderExtensions], 'Order'),
  (u) => isText(u.symbol) && OpenOrder.is(u),
)
export interface Order extends t.TypeOf<typeof Order> {}
