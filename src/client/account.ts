import type { Type } from 'io-ts'
import type { Observable } from 'rxjs'
import type {
  Assets,
  Balance,
  CancelResult,
  Fill,
  MarketTopic,
  Order,
  Position,
  SymbolInfo,
} from '../protocol/index.js'
import type { CancelRequest, CommandOptions, Placed } from './command.js'
import type { OrderEvent, OrderName, OrderRequest } from '../orders/index.js'
import type { Gap, Reconciled } from './state/gap.js'
import type { Anomaly, OrderState, View } from './state/stores/index.js'
import type { MarketStreams } from './market-streams.js'
import type { InterfaceState } from './interface-state.js'
import type { OrderUpdate } from './orders/order-update.js'
import type { UnresolvedOrder } from './orders/unresolved-orders.js'

/**
 * One login, for as long as it lasts, over as many sockets as it takes. Every command is a cold
 * observable: one subscription is one request. It emits the reply and completes, or errors with
 * NotSent, Rejected or Unresolved.
 */
export interface Account extends MarketStreams {
  readonly platform: string
  readonly symbols: readonly string[]
  /**
   * Extensions of the protocol that the server offered at the last login (PROTOCOL.md, features);
   * none while logged out.
   */
  features(): ReadonlySet<string>
  /**
   * The login's `exclusiveAccount`: no other program or person trades the account.
   * @default false
   */
  readonly exclusiveAccount?: boolean
  /** State of the exchange interface, as the server reports it; replays the last. */
  readonly state$: Observable<InterfaceState>
  /** True while commands may be sent; replays, distinct. */
  readonly ready$: Observable<boolean>
  /** True while orders may be sent; replays, distinct. */
  readonly tradable$: Observable<boolean>
  /**
   * Order notices. Where the server tells no end that other evidence shows (fills that add up to
   * the quantity; a cancel that succeeded and a later list of open orders without the order), that
   * end follows in the form of a notice.
   */
  readonly order$: Observable<Order>
  readonly fill$: Observable<Fill>
  readonly position$: Observable<Position>
  readonly asset$: Observable<Assets>
  /**
   * Number of orders that have been sent and have not ended by a reply, NotSent or Unresolved;
   * replays, distinct. Completes with the login.
   */
  readonly inFlight$: Observable<number>
  /**
   * Orders whose outcome is not known now; replays. Completes with the login; later subscribers get
   * what was left.
   */
  readonly unresolved$: Observable<readonly UnresolvedOrder[]>
  /** Times in which notices may have been missed, and what new snapshots show of them. */
  readonly gap$: Observable<Gap>
  /**
   * Every step of every order of the account, those of other clients included: one ordered stream
   * in which each step is emitted once, however often and in whatever order the server sends it.
   * Steps found by reconciliation after a gap come before {@link reconciled$}. Not replayed; orders
   * that were unresolved before the subscription are in `unresolved$`.
   */
  readonly orderEvent$: Observable<OrderEvent>
  /**
   * Emits once the account has been compared with the server after a gap, and all order events that
   * follow from it have been emitted.
   */
  readonly reconciled$: Observable<Reconciled>
  /** Order notices that could not follow what was known, and what was done about them. */
  readonly anomaly$: Observable<Anomaly>
  /**
   * The open orders of a symbol, live: a snapshot, then every change. An order leaves it by the
   * notice of its end, by evidence of it, or by its absence from a list of open orders that was
   * asked for later (then it is removed with `missing` true: how it ended is not known).
   */
  orders(symbol: string): Observable<View<OrderState>>
  /** The position in a symbol, live. */
  positions(symbol: string): Observable<View<Position>>
  /** The balances, live, by currency. */
  balances(): Observable<View<Balance>>
  /**
   * Follows one order. Given an order request, places it on subscription and follows the order to
   * its end, fills included; errors as placeOrder does, but continues through Unresolved. Given an
   * order_no, follows that order from its current state; emits nothing for an order that ended
   * before the login. Completes without an end when the login ends first, or when the caller closes
   * an unresolved order by hand.
   */
  track(order: OrderRequest | OrderName, options?: CommandOptions): Observable<OrderUpdate>
  /**
   * Notices of a market topic that the login has asked for in `market`, decoded by `codec`. Notices
   * that do not decode go to `protocolErrors$`. Errors with TopicNotAsked for any other topic.
   */
  topic$<A>(name: MarketTopic, codec: Type<A, unknown, unknown>): Observable<A>
  /**
   * Each subscription is one order, but never one more while what became of an earlier one of the
   * same observable is open: then it ends NotSent (unresolved). For two at once call placeOrder
   * twice.
   */
  placeOrder(order: OrderRequest, options?: CommandOptions): Observable<Placed>
  cancelOrder(request: CancelRequest, options?: CommandOptions): Observable<readonly CancelResult[]>
  openOrders(symbol: string, options?: CommandOptions): Observable<readonly Order[]>
  asset(options?: CommandOptions): Observable<Assets>
  position(symbol: string, options?: CommandOptions): Observable<Position>
  symbolInfo(symbol: string, options?: CommandOptions): Observable<SymbolInfo>
  /**
   * Takes no new orders, waits for those in flight and for cancels, those that wait for READY
   * included (both bounded by `drainWithinMs`), logs out, completes.
   */
  drain(): Observable<never>
}
