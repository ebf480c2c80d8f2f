import type { OrderRequest } from '../../client/index.js'

/** Why the gate refused an order. */
export type RiskCode =
  /** A person or a stream has pulled the kill switch; until `reopen`. */
  | 'halted'
  /** Too many orders, or too many alike, came at once: something has run away. Until `reopen`. */
  | 'tripped'
  | 'runaway'
  | 'duplicate'
  /** The connection was lost, or the server lost its exchange, and the account's views do not stand again: nobody knows what is held. */
  | 'account-unknown'
  /** An order just like it was sent, and its fate is not known. */
  | 'twin-of-unresolved'
  | 'symbol-not-allowed'
  | 'invalid-order'
  | 'rate'
  | 'order-size'
  | 'no-reference'
  | 'stale-reference'
  | 'price-collar'
  | 'order-value'
  | 'position'

/** The risk gate refused an order: nothing was sent. */
export class OrderDenied extends Error {
  readonly _tag = 'OrderDenied'
  override readonly name = 'OrderDenied'
  readonly op = 'place_order'
  readonly code: RiskCode
  readonly order: OrderRequest

  constructor(code: RiskCode, detail: string, order: OrderRequest) {
    super(`the risk gate refused an order (${code}): ${detail}`)
    this.code = code
    this.order = order
  }
}
