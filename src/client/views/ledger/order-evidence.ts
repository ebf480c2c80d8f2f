import type { Order } from '../../../protocol/index.js'
import type { OrderRequest } from '../../command.js'
import type { Entry } from './order-entries.js'
import { phaseOf } from './order-move.js'

/** Largest difference of sums of doubles over the same decimals: far less than a lot of any order. */
const summingError = 4e-15

const isWhole = (filled: number, quantity: number): boolean => filled >= quantity * (1 - summingError)

/**
 * Quantity of an order in the unit of its fills; undefined where that cannot be told. The quantity of a MARKET BUY is
 * money on spot and contracts on futures: only an offset or a negative sign shows that it is contracts.
 */
export const fillableOf = (
  { action, order_type, offset, quantity }: Pick<Order, 'action' | 'order_type' | 'offset' | 'quantity'>,
  signedQuantity: number | undefined,
): number | undefined => {
  const isContract = offset !== undefined || (signedQuantity !== undefined && signedQuantity < 0)
  return order_type === 'MARKET' && action === 'BUY' && !isContract ? undefined : quantity
}

/** True where fills add up to the whole order. */
export const isFilledWhole = (order: Order, { filled, signedQuantity }: Pick<Entry, 'filled' | 'signedQuantity'>) => {
  const quantity = fillableOf(order, signedQuantity)
  return quantity !== undefined && quantity > 0 && isWhole(filled, quantity)
}

/** True where the fills seen add up to the filled quantity that the order reports. */
export const areSame = (filled: number, said: number): boolean => isWhole(filled, said) && isWhole(said, filled)

/**
 * The order as evidence shows that it ended, where the server has not told its end: its fills add up to its quantity, or a cancel of it
 * succeeded and a list of open orders has it no more. Undefined where nothing is proven.
 */
export const provenEnd = (order: Order, entry: Entry): Order | undefined => {
  const phase = phaseOf(order.status)
  if (phase !== 'filled' && isFilledWhole(order, entry)) return { ...order, status: 'FILLED', remain: 0 }
  if (phase !== 'open' || !entry.gone || !entry.cancelled) return undefined
  const quantity = fillableOf(order, entry.signedQuantity)
  const left = quantity === undefined ? order.remain : Math.max(0, Number((quantity - entry.filled).toPrecision(15)))
  return { ...order, status: 'CANCELED', remain: Math.min(order.remain, left) }
}

/** An order that the server has taken and never told of, as it was asked for. */
export const asAsked = (
  order_no: string,
  { symbol, action, price, quantity, order_type }: OrderRequest,
  at: number,
): Order => ({
  symbol,
  order_no,
  action,
  price,
  quantity: Math.abs(quantity),
  remain: Math.abs(quantity),
  status: 'NONE',
  order_type,
  ctime: at,
  // Whatever the server tells of it is newer.
  utime: 0,
})
