import type { OrderRequest } from '../command.js'
import type { OrderState } from '../views/ledger/index.js'

/** How far the server's clock may be behind ours for an order of ours still to look like ours. */
const clockSlackMs = 10_000

/**
 * Whether an order that the server shows may be the one that was asked for at `sentAt`. Notices carry unsigned quantities, a market
 * order's price may be anything, and an order whose price is not told may have any.
 */
export const looksLike = (order: OrderState, asked: OrderRequest, sentAt: number): boolean =>
  order.symbol === asked.symbol &&
  order.action === asked.action &&
  (asked.order_type === 'MARKET' || order.price === null || order.price === asked.price) &&
  order.quantity === Math.abs(asked.quantity) &&
  order.order_type === asked.order_type &&
  order.ctime >= sentAt - clockSlackMs

/** Whether notices could not tell the one from the other: they leave out the sign, by which contracts are opened or closed. */
const sameShape = (a: OrderRequest, b: OrderRequest): boolean =>
  a.symbol === b.symbol &&
  a.action === b.action &&
  a.price === b.price &&
  Math.abs(a.quantity) === Math.abs(b.quantity) &&
  a.order_type === b.order_type

interface Asked {
  readonly order: OrderRequest
}

/** How many of `others` could be taken for `intent`. */
export const rivalsOf = (intent: Asked, others: Iterable<Asked>): number => {
  let rivals = 0
  for (const other of others) if (other !== intent && sameShape(other.order, intent.order)) rivals++
  return rivals
}
