import type { Order } from '../protocol/index.js'
import type { OrderRequest } from './order-request.js'

/**
 * Largest lag of the server's clock behind the client's at which an order of the client is still
 * recognised, in ms.
 */
const clockSlackMs = 10_000

/**
 * True where an order that the server shows may be the one that was requested at `sentAt`, in ms
 * since 1970 by the client's clock. Notices carry unsigned quantities, the price of a market order
 * may be anything, and an order without a price may have any.
 */
export const matchesRequest = (order: Order, asked: OrderRequest, sentAt: number): boolean =>
  order.symbol === asked.symbol &&
  order.action === asked.action &&
  (asked.order_type === 'MARKET' ||
    /* mutant: price-not-told-may-match */ order.price === null ||
    order.price === asked.price) &&
  order.quantity === Math.abs(asked.quantity) &&
  order.order_type === asked.order_type &&
  (order.wall_ctime ?? order.ctime) >= sentAt - clockSlackMs

/**
 * True where notices could not tell one order from the other: they leave out the sign, by which
 * contracts are opened or closed.
 */
const areIndistinguishable = (a: OrderRequest, b: OrderRequest): boolean =>
  a.symbol === b.symbol &&
  a.action === b.action &&
  a.price === b.price &&
  // mutant: unsigned-quantities
  Math.abs(a.quantity) === Math.abs(b.quantity) &&
  a.order_type === b.order_type

interface Requested {
  readonly order: OrderRequest
}

/** Counts the orders among `others` that could be taken for `intent`. */
export const countIndistinguishable = (intent: Requested, others: Iterable<Requested>): number => {
  let count = 0
  for (const other of others) if (other !== intent && areIndistinguishable(other.order, intent.order)) count++
  return count
}
