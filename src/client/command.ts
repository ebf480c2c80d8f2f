import type { Action, OrderType, PlaceOrderReply } from '../protocol/index.js'

/** What an order asks for. */
export interface OrderRequest {
  readonly symbol: string
  readonly action: Action
  /** 0 for a MARKET order. */
  readonly price: number
  /** In base currency (contracts for futures, signed in hedge mode); a spot MARKET BUY spends this much quote currency. */
  readonly quantity: number
  readonly order_type: OrderType
}

/** Settings of one command. */
export interface CommandOptions {
  /** How long it may wait to be written, in ms. @default orderMaxAgeMs or queryMaxAgeMs of the connection */
  readonly maxAgeMs?: number
  /** How long its reply may take once it is written, in ms. @default requestTimeoutMs of the connection */
  readonly timeoutMs?: number
}

/** A placed order: the server's reply. */
export type Placed = Pick<PlaceOrderReply, 'order_no'> & {
  /** Our own id of the request that made it. */
  readonly cid: string
}

/** An order that exists. */
export interface OrderName {
  readonly symbol: string
  readonly order_no: string
}

/** Orders to cancel. An empty list cancels all orders of the symbol. */
export interface CancelRequest {
  readonly symbol: string
  readonly order_nos: readonly string[]
}
