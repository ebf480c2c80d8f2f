import type { OrderRequest } from '../../client/index.js'

/** Reason of a denied order. */
export type RiskCode =
  /** The kill switch is active, until `reopen`. */
  | 'halted'
  /** Trading tripped after too many orders, or too many with equal terms, until `reopen`. */
  | 'tripped'
  | 'runaway'
  | 'duplicate'
  /**
   * The account is not reconciled after a lost connection, so positions and open orders are not
   * known.
   */
  | 'account-unknown'
  /** An order with equal terms is unresolved. */
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

/** Order denied by the risk engine: nothing was sent. */
export class OrderDenied extends Error {
  readonly _tag = 'OrderDenied'
  override readonly name = 'OrderDenied'
  readonly op = 'place_order'
  readonly code: RiskCode
  readonly order: OrderRequest

  constructor(code: RiskCode, detail: string, order: OrderRequest) {
    super(`the risk engine denied an order (${code}): ${detail}`)
    this.code = code
    this.order = order
  }
}
