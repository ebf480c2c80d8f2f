import type { Order } from '../protocol/index.js'
import type { KnownOrder } from './order-event.js'
import { isSizedInMoney } from './order-request.js'

/**
 * Largest relative difference of sums of doubles over the same decimals: far less than a lot of any
 * order.
 */
const summingError = 4e-15

const isWhole = (filled: number, quantity: number): boolean => filled >= quantity * (1 - summingError)

/**
 * Rounds to the digits that a double holds for sure, 15: 0.1 + 0.2 is 0.3 here.
 *
 * To print and parse a number takes longer than all else that is done for a fill. A decimal of at
 * most 15 digits that lies within 3e-16 of the value is the one that printing gives, because half a
 * unit of the 15th digit is at least 5e-16 of the value.
 */
export const roundSum = (value: number): number => {
  const size = Math.abs(value)
  const scale = size < 1e5 ? 1e10 : size < 1e7 ? 1e8 : 1e5
  const scaled = Math.round(value * scale)
  // Correctly rounded, because both numbers are exact.
  const near = scaled / scale
  // The sum makes 0 of a -0, as printing does.
  if (Math.abs(scaled) < 1e15 && Math.abs(value - near) <= size * 3e-16) return near + 0
  return Number(value.toPrecision(15))
}

/** True if two filled quantities are equal within the error of summing doubles. */
export const isSameQuantity = (a: number, b: number): boolean => isWhole(a, b) && isWhole(b, a)

/**
 * Quantity of an order in the unit of its fills; undefined if unknown. The quantity of a MARKET BUY
 * is money on spot and contracts on futures: only an offset or a negative sign shows that it is
 * contracts.
 *
 * @param signedQuantity - quantity as it was sent, where this client sent it: notices carry no sign
 */
export const fillableQuantity = (
  { action, order_type, offset, quantity }: Pick<Order, 'action' | 'order_type' | 'offset' | 'quantity'>,
  signedQuantity: number | undefined,
): number | undefined => {
  const isContract = offset !== undefined || (signedQuantity !== undefined && signedQuantity < 0)
  return isSizedInMoney({ action, order_type }, isContract) ? undefined : quantity
}

/** True where fills add up to the whole order. */
export const isFilledWhole = (order: Order, filled: number, signedQuantity: number | undefined): boolean => {
  const quantity = fillableQuantity(order, signedQuantity)
  return quantity !== undefined && quantity > 0 && isWhole(filled, quantity)
}

/**
 * Filled quantity according to the order itself, in the unit of its quantity. A FILLED order has
 * filled `quantity` whole, whatever `remain` says; a FAILED one was never in the book.
 *
 * @param quantity - quantity of the order, where it is known from elsewhere
 */
export const reportedFilled = (
  order: Pick<Order, 'status' | 'quantity' | 'remain'>,
  quantity: number = order.quantity,
): number => {
  if (order.status === 'FILLED') return quantity
  if (order.status === 'FAILED') return 0
  return Math.max(0, roundSum(order.quantity - order.remain))
}

/**
 * Quantity that is known to be filled: its fills and the order itself may each tell more than the
 * other.
 */
export const knownFilled = (order: KnownOrder): number => Math.max(order.filled, reportedFilled(order))
