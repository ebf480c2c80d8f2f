import { fillableQuantity, isFilledWhole, type OrderRequest, phaseOf, roundSum } from '../../../orders/index.js'
import type { Order } from '../../../protocol/index.js'
import type { OrderRecord } from './order-records.js'

/**
 * The order as evidence shows that it ended, where the server has not told its end: its fills add
 * up to its quantity, or a cancel of it succeeded and a list of open orders has it no more.
 * Undefined where nothing is proven.
 */
export const provenEnd = (order: Order, entry: OrderRecord): Order | undefined => {
  const phase = phaseOf(order.status)
  if (phase !== 'filled' && isFilledWhole(order, entry.filled, entry.signedQuantity))
    return { ...order, status: 'FILLED', remain: 0 }
  if (phase !== 'open' || !entry.missing || entry.cancelled === undefined) return undefined
  const quantity = fillableQuantity(order, entry.signedQuantity)
  // An empty answer does not tell whether missed fills have filled the rest before the cancel, or
  // whether fills are worth the money of a market order.
  // mutant: missed-fills-leave-the-end-open
  if (
    entry.cancelled === 'empty' &&
    (quantity === undefined || isFilledWhole(order, entry.filled + entry.mostMissed, entry.signedQuantity))
  )
    return undefined
  const left = quantity === undefined ? order.remain : Math.max(0, roundSum(quantity - entry.filled))
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
