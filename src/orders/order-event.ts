import type { Fill, Order } from '../protocol/index.js'
import type { OrderName, OrderRequest } from './order-request.js'
import type { EndStatus } from './order-status.js'

/** An order of this client that exists or may exist. */
export interface OwnOrder {
  /** Client order id: one for each subscription of `placeOrder`. */
  readonly cid: string
  readonly order: OrderRequest
}

/** An order as the server and its fills together show it. */
export interface KnownOrder extends Order {
  /** Sum of its distinct fills, in base currency (contracts for futures). */
  readonly filled: number
  /** Average price of those fills; 0 while there are none. */
  readonly averagePrice: number
}

/**
 * Fields of every event about an order that has a number. `cid` is there once any message has
 * carried it.
 */
export interface NumberedOrder extends OrderName {
  readonly cid: string | undefined
}

/**
 * One step in the life of an order. Each step is emitted once, in this order: Submitted, Accepted,
 * fills, Closed. An order of another client begins with Accepted. Names follow nautilus_trader's
 * order events.
 */
export type OrderEvent =
  /**
   * The client refused the order, or could not write it: it does not exist, and may be sent again.
   */
  | { readonly _tag: 'Denied'; readonly order: OrderRequest; readonly reason: string; readonly words: string }
  /** The order is written. */
  | ({ readonly _tag: 'Submitted' } & OwnOrder)
  /**
   * The server has the order: by its reply, a notice or a list of open orders. `order` is undefined
   * until the server has told of it.
   */
  | ({ readonly _tag: 'Accepted'; readonly order: KnownOrder | undefined } & NumberedOrder)
  /** The server refused the order. */
  | ({ readonly _tag: 'Rejected'; readonly words: string } & OwnOrder)
  /** The outcome of the order is not known. It is in `unresolved$` until it is Resolved. */
  | ({ readonly _tag: 'Unresolved'; readonly words: string } & OwnOrder)
  /** The outcome of an Unresolved order has become known; `accepted` comes with its number. */
  | ({
      readonly _tag: 'Resolved'
      readonly outcome: 'accepted' | 'rejected' | 'not-sent' | 'closed-by-caller'
      readonly order_no: string | undefined
    } & OwnOrder)
  /**
   * A fill that leaves a rest. A fill may arrive after Closed. `order` is undefined until the
   * server has told of it.
   */
  | ({
      readonly _tag: 'PartiallyFilled'
      readonly fill: Fill
      readonly filled: number
      readonly order: KnownOrder | undefined
    } & NumberedOrder)
  /** A fill that completes the order. */
  | ({
      readonly _tag: 'Filled'
      readonly fill: Fill
      readonly filled: number
      readonly order: KnownOrder | undefined
    } & NumberedOrder)
  /**
   * The order has ended. CANCELED and FAILED may be followed by FILLED, where the fill and the
   * cancel crossed on their way.
   */
  | ({ readonly _tag: 'Closed'; readonly reason: EndStatus; readonly order: KnownOrder } & NumberedOrder)
  /**
   * The order was open, and a later list of open orders does not hold it: it has ended, and how is
   * not known.
   */
  | ({ readonly _tag: 'Missing'; readonly order: KnownOrder } & NumberedOrder)
  /** A missing order is open after all: the list was older than it looked. */
  | ({ readonly _tag: 'Reappeared'; readonly order: KnownOrder } & NumberedOrder)
