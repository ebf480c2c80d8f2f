import type { Type } from 'io-ts'
import type { Observable } from 'rxjs'
import type {
  Action,
  Assets,
  CancelResult,
  Fill,
  Order,
  OrderType,
  PlaceOrderReply,
  Position,
  SymbolInfo,
} from '../protocol/index.js'
import type { Unknown } from './errors.js'
import type { InterfaceState } from './ready.js'

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

/** Orders to cancel. An empty list cancels all orders of the symbol. */
export interface CancelRequest {
  readonly symbol: string
  readonly order_nos: readonly string[]
}

/** An order whose fate is not known yet. Only evidence, or the caller, closes it. */
export interface Unsettled {
  readonly unknown: Unknown
  /** Says that the caller has found out for himself: the entry is closed, and its order may be subscribed to again. */
  close(): void
}

/**
 * One login, for as long as it lasts, over as many sockets as it takes. Every command is a cold observable: one
 * subscription is one request. It emits the reply and completes, or errors with NotSent, Rejected or Unknown.
 */
export interface Account {
  readonly platform: string
  readonly symbols: readonly string[]
  /** What the server says of the exchange interface; replays the last. */
  readonly state$: Observable<InterfaceState>
  /** Whether commands may be sent now; replays, distinct. */
  readonly ready$: Observable<boolean>
  /** Whether orders may be sent now; replays, distinct. */
  readonly tradable$: Observable<boolean>
  readonly order$: Observable<Order>
  readonly fill$: Observable<Fill>
  readonly position$: Observable<Position>
  readonly asset$: Observable<Assets>
  /** The orders whose fate is not known now; replays. */
  readonly unsettled$: Observable<readonly Unsettled[]>
  /** Notices of any other topic, decoded by `codec`. What does not decode goes to `protocolErrors$`. */
  topic$<A>(name: string, codec: Type<A, unknown, unknown>): Observable<A>
  placeOrder(order: OrderRequest, options?: CommandOptions): Observable<Placed>
  cancelOrder(request: CancelRequest, options?: CommandOptions): Observable<readonly CancelResult[]>
  openOrders(symbol: string, options?: CommandOptions): Observable<readonly Order[]>
  asset(options?: CommandOptions): Observable<Assets>
  position(symbol: string, options?: CommandOptions): Observable<Position>
  symbolInfo(symbol: string, options?: CommandOptions): Observable<SymbolInfo>
  /** Takes no new orders, waits for what is in flight (bounded by `drainWithinMs`), logs out, completes. */
  drain(): Observable<never>
}
