import type { Observable } from 'rxjs'
import type {
  Action,
  Assets,
  CancelResult,
  Feature,
  Fill,
  Kline,
  MarketTopic,
  OpenOrder,
  Order,
  OrderBook,
  OrderType,
  Position,
  PositionData,
  SymbolInfo,
  Ticker,
  Trade,
} from '../../protocol/index.js'
import type { NoticeLog } from './notice-log.js'
import type { IdempotencyStore } from './idempotency-store.js'
import type { Secret } from './secret.js'

/**
 * One exchange as the gateway uses it: the port that the paper exchange implements and adapters of
 * real exchanges can. One object serves all accounts of its platform. The gateway handles tokens,
 * symbols, repeated logins, readiness and frames; an adapter handles trading only.
 *
 * `src/gateway/README.md` explains how to write one; `rxquant/testing/adapter` tests it against the
 * contract.
 *
 * No error, exception or value of an adapter ends the gateway. An unexpected error is reported as
 * unknown, so that no order is called refused that may exist.
 *
 * @example A skeleton:
 * ```ts
 * const mine: ExchangeAdapter = {
 *   open: ({ symbols, accessKey }) => {
 *     if (symbols.includes('DOGE/USDT')) throw new AdapterRefused('DOGE/USDT is not traded here')
 *     const venue = connectToMyVenue(accessKey.reveal())
 *     return {
 *       event$: venue.event$,          // 2, snapshots, 6, then changes as they happen
 *       placeOrder: (order) => venue.place(order),
 *       …
 *     }
 *   },
 * }
 * serve(connection$, { platforms: new Map([['mine', mine]]) })
 * ```
 */
export interface ExchangeAdapter {
  /**
   * Extensions of the protocol that this exchange gives of itself: `market`, `cid`, `resume`,
   * `offset`.
   * @default []
   */
  readonly features?: readonly Feature[]
  /**
   * Changes when the exchange has lost its memory of cids and of notices: see
   * {@link AdapterSession.memory}.
   *
   * @default one for each life of the gateway
   */
  readonly epoch?: string
  /** Journal of the exchange, if it keeps one. */
  readonly journal?: AdapterJournal
  /**
   * Work to keep running while a gateway serves this exchange, with or without logins (a market, a
   * poll); the gateway subscribes to it.
   */
  readonly background$?: Observable<unknown>
  /**
   * Prepares a session for one login. Nothing may happen before its `event$` is subscribed to.
   * Throw {@link AdapterRefused} to refuse the login with a message (a symbol that is not traded
   * here); faults that only connecting can show (a bad key) are reported by states.
   */
  open(login: LoginDetails): AdapterSession
}

/**
 * State of what an exchange writes down. While it cannot be written, the gateway says so: an event,
 * `/healthz` and a gauge.
 */
export interface AdapterJournal {
  /**
   * The reason, in words, for which it cannot be written; undefined while it can. Emits on
   * subscription and at each change.
   */
  readonly failure$: Observable<string | undefined>
  /** Looks after it: a failure that is found is emitted. */
  check(): void
}

/** Parameters of a login. */
export interface LoginDetails {
  readonly symbols: readonly string[]
  readonly accessKey: Secret
  readonly secretKey: Secret
  /**
   * Market topics to be sent for the symbols; empty unless the adapter names the feature `market`.
   */
  readonly market: readonly MarketTopic[]
}

/**
 * A new order. The gateway has checked that its symbol belongs to the login, that numbers are
 * finite and quantity is not 0.
 */
export interface NewOrder {
  readonly symbol: string
  readonly action: Action
  /** 0 for a MARKET order. */
  readonly price: number
  /**
   * In base currency (contracts for futures, signed in hedge mode); a spot MARKET BUY spends this
   * much quote currency.
   */
  readonly quantity: number
  readonly order_type: OrderType
  /**
   * The client's own id of the request; for exchanges that keep one with the order. Empty where it
   * gave none.
   */
  readonly cid: string
  /**
   * In ms since 1970: later than that it must not reach the exchange. It had not passed on arrival;
   * look again just before sending.
   */
  readonly valid_until?: number
}

/**
 * The session of one login.
 *
 * **Commands** are cold observables: the gateway subscribes once, which sends the command. Emit the
 * result once; or error with {@link AdapterRefused} when it definitely did not happen; or with
 * {@link OutcomeUnknown} when it may have. Any other error, a completion without a result, or no
 * answer in time is taken as an unknown fate for orders and cancels, and as a failure in words for
 * queries. Where the result and the notices of its consequences are known at once, emit the result
 * first. Unsubscribing never undoes a command.
 */
export interface AdapterSession {
  /**
   * Events, in the order in which the client shall receive them. Subscribing connects;
   * unsubscribing releases everything except the resting orders of the account.
   *
   * Emit state 2 (connected), then snapshots as notices (asset; open orders; positions for
   * futures), then 6 (ready). On a loss 4, then 5 at each attempt and 3 where it fails, then 2,
   * snapshots and 6 again. 1 when a parameter is missing and the session can never be ready.
   * Commands are let through from 6 until the next 1, 3, 4 or 5.
   *
   * It should neither error nor complete: an adapter reconnects by itself. If it does all the same,
   * the gateway says 7 and 4, waits, says 5 and subscribes again.
   */
  readonly event$: Observable<AdapterEvent>
  /**
   * Feature `cid`: the place_orders of this account, by cid; the same one for all its sessions.
   * If there is one, the gateway asks it before it calls `placeOrder`.
   */
  readonly memory?: IdempotencyStore
  /**
   * Feature `resume`: the numbered order and fill notices of this account, the same one for all its
   * sessions. The adapter adds to it whether anybody is logged in or not, and emits its notices
   * with their `seq`; the gateway sends those again that a login has missed.
   */
  readonly history?: NoticeLog
  /**
   * Told that all open orders of these symbols are to be cancelled if the gateway dies before it
   * says otherwise (undefined): a client has asked for `cancel_on_disconnect`, and a process that
   * was killed cancels nothing. For adapters that remember, or whose exchange does.
   */
  cancelIfKilled?(symbols: readonly string[] | undefined): void
  placeOrder(order: NewOrder): Observable<{ readonly order_no: string }>
  /**
   * One result for each order_no asked for; an empty list cancels all open orders of the symbol.
   */
  cancelOrder(request: {
    readonly symbol: string
    readonly order_nos: readonly string[]
  }): Observable<readonly CancelResult[]>
  openOrders(symbol: string): Observable<readonly OpenOrder[]>
  asset(): Observable<Assets>
  position(symbol: string): Observable<PositionData>
  symbolInfo(symbol: string): Observable<SymbolInfo>
}

/**
 * The members that a wrapping session passes through unchanged. Taken by name, since a session may
 * be an instance of a class.
 */
export const keptOf = (session: AdapterSession): Pick<AdapterSession, 'memory' | 'history' | 'cancelIfKilled'> => {
  const { memory, history } = session
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(history === undefined ? {} : { history }),
    ...(session.cancelIfKilled === undefined
      ? {}
      : { cancelIfKilled: (symbols: readonly string[] | undefined) => session.cancelIfKilled?.(symbols) }),
  }
}

/** Event of an exchange. Notices of symbols that the login did not name are not passed on. */
export type AdapterEvent = StateChange | AdapterNotice

/** The state of the session: see {@link AdapterSession.event$} and `StateCode`. */
export interface StateChange {
  readonly _tag: 'state'
  readonly code: number
  readonly msg: string
}

/**
 * Something to be sent as a notice. `asset` should always hold every currency, with free + locked =
 * total.
 */
export type AdapterNotice =
  | { readonly _tag: 'notice'; readonly topic: 'order'; readonly data: Order }
  | { readonly _tag: 'notice'; readonly topic: 'fill'; readonly data: Fill }
  | { readonly _tag: 'notice'; readonly topic: 'position'; readonly data: Position }
  | { readonly _tag: 'notice'; readonly topic: 'asset'; readonly data: Assets }
  | { readonly _tag: 'notice'; readonly topic: 'trade'; readonly data: Trade }
  | { readonly _tag: 'notice'; readonly topic: 'ticker'; readonly data: Ticker }
  | { readonly _tag: 'notice'; readonly topic: 'orderbook'; readonly data: OrderBook }
  | { readonly _tag: 'notice'; readonly topic: 'kline'; readonly data: Kline }

/**
 * It did not happen and will not; the message tells the client why, and what to do. Never put a key
 * into it.
 */
export class AdapterRefused extends Error {
  readonly _tag = 'AdapterRefused'
  override readonly name = 'AdapterRefused'
}

/**
 * The command may have happened: the answer of the exchange was lost, late or a server error. The
 * client receives `unknown: true` and does not send it again.
 */
export class OutcomeUnknown extends Error {
  readonly _tag = 'OutcomeUnknown'
  override readonly name = 'OutcomeUnknown'
}
