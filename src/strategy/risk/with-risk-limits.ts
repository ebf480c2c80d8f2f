import {
  asyncScheduler,
  BehaviorSubject,
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  share,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs'
import type { Account, CommandOptions, OrderEvent, OrderRequest, OrderUpdate, Placed } from '../../client/index.js'
import type { IntentOutcome } from '../outcome.js'
import type { RiskControl } from './control.js'
import { trackOrders } from './order-tracker.js'
import { flattenAccount, type FlattenOptions } from './flatten.js'
import { decide, shutBy } from './state/decide.js'
import { type GateEvent, type GateState, initialState, reduce, type RiskDenial } from './state/gate.js'
import { closeGaps, type LookUpOptions } from './gaps.js'
import { type KillSwitch, limitsOf, type Reference, type RiskLimits } from './limits.js'
import { OrderDenied } from './order-denied.js'
import { viewOf } from './view.js'
import { announceRisk } from './watch-gates.js'

/** Account whose orders are checked by the risk engine. */
export interface RiskLimitedAccount extends Account {
  readonly risk: RiskControl
}

/** Settings of `withRiskLimits`. */
export type WithRiskLimitsOptions = LookUpOptions

/**
 * Checks every order of an account against limits before it is sent. Pass strategies the result
 * only, not the original account. An order that exceeds a limit errors with OrderDenied and is not
 * sent; cancels and queries pass. The position limit assumes the worst case: the position plus all
 * open and unresolved orders. An order is checked on subscription; if it then waits in the client's
 * command queue and trading is halted before it is written, it is denied after all.
 *
 * After missed notices, orders that disappeared count in the worst case too, until the position is
 * looked up: see `LookUpOptions`.
 *
 * Follows the account until its order events complete, which they do on logout.
 *
 * ```ts
 * gateway.login(credentials).pipe(
 *   map((account) => withRiskLimits(account, {
 *     maxOrderSize: 1, maxOrderValue: 50_000, maxPosition: 2, reference$: lastPrices(account),
 *   })),
 *   switchMap((account) => quotes$.pipe(execute(account))),
 * )
 * ```
 *
 * @throws RangeError if a limit is out of range
 */
export const withRiskLimits = (
  account: Account,
  riskLimits: RiskLimits,
  options: WithRiskLimitsOptions = {},
): RiskLimitedAccount => {
  const { scheduler = asyncScheduler } = options
  const limits = limitsOf(riskLimits, account.symbols)
  const state$ = new BehaviorSubject<GateState>(initialState(riskLimits.held))
  const dispatch = (event: GateEvent) => state$.next(reduce(limits, state$.value, event))
  const now = () => scheduler.now()
  const countOrder = trackOrders(account, dispatch, now)
  /** Denied orders. Ends with the order events of the account. */
  const denied$ = new Subject<OrderEvent>()
  /** Flattening in progress. */
  let flattening$: Observable<IntentOutcome> | undefined

  const checkOrder = (order: OrderRequest, updates$: Observable<OrderUpdate>): Observable<OrderUpdate> => {
    const deny = (refusal: RiskDenial) =>
      defer(() => {
        dispatch({ _tag: 'Refused', order, refusal, at: now() })
        denied$.next({ _tag: 'Denied', order, reason: refusal.code, words: refusal.words })
        return throwError(() => new OrderDenied(refusal.code, refusal.words, order))
      })
    const shut$ = state$.pipe(
      map(({ lock }) => shutBy(lock)),
      filter((refusal) => refusal !== undefined),
      map(deny),
    )
    const passing$ = countOrder(order, updates$, shut$)
    return defer(() => {
      const refusal = decide(limits, state$.value, order, now())
      return refusal === undefined ? passing$ : deny(refusal)
    })
  }

  const place = ({ symbol, action, price, quantity, order_type }: OrderRequest, options?: CommandOptions) => {
    // A copy: the caller may change the object after the check, or pass one with more fields.
    const order = { symbol, action, price, quantity, order_type }
    // Created once, not per subscription: the account recognises a repeated unresolved order by it.
    return checkOrder(order, account.track(order, options))
  }

  const track: Account['track'] = (asked, options) =>
    'order_no' in asked ? account.track(asked, options) : place(asked, options)

  /**
   * Built on `track`, not on `placeOrder`: only `track` reports the outcome of an unresolved order.
   */
  const placeOrder: Account['placeOrder'] = (order, options) =>
    place(order, options).pipe(
      concatMap((update): Observable<Placed> => {
        if (update._tag === 'Placed') return of(update.placed)
        return update._tag === 'Unresolved' ? throwError(() => update.error) : EMPTY
      }),
      take(1),
    )

  const flatten = (reason: string, options?: FlattenOptions): Observable<IntentOutcome> => {
    const unchecked: Account = {
      ...account,
      track: (order, times) =>
        'order_no' in order ? account.track(order, times) : countOrder(order, account.track(order, times)),
    }
    const clear = () => (flattening$ = undefined)
    return flattenAccount(
      unchecked,
      { limits, state$, dispatch, state: () => state$.value },
      { scheduler, ...options },
    ).pipe(
      // Before subscribers see the end: one that flattens again then must start a new flattening.
      tap({
        complete: clear,
        error: (error: unknown) => {
          clear()
          risk.halt(`${reason}; flattening failed: ${wordsOf(error)}`)
        },
        unsubscribe: clear,
      }),
      share({ connector: () => new ReplaySubject(Infinity) }),
    )
  }

  const risk: RiskControl = {
    // Read the latest state per subscriber: a subscriber that halts trading must not make a later
    // subscriber end on the older state.
    state$: state$.pipe(
      map(() => state$.value),
      distinctUntilChanged(),
      map((state) => viewOf(limits, state)),
    ),
    halt: (reason) => dispatch({ _tag: 'Halted', reason, at: now() }),
    reopen: () => dispatch({ _tag: 'Reopened' }),
    rebase: (symbol, held) => dispatch({ _tag: 'Rebased', symbol, held }),
    flatten: (reason, options) =>
      defer(() => {
        risk.halt(reason)
        // Two at once would each close the whole position.
        flattening$ ??= flatten(reason, options)
        return flattening$
      }),
  }

  listen(account, riskLimits, { dispatch, now, risk })
  // Ends with the account.
  // eslint-disable-next-line rxjs-x/no-ignored-subscription
  closeGaps(account, limits, { dispatch, state: () => state$.value }, options).subscribe({
    error: (error: unknown) => risk.halt(`the look-up of the positions failed: ${String(error)}`),
  })

  // Every member by name: a new command of Account must not pass unchecked.
  return {
    platform: account.platform,
    symbols: account.symbols,
    ...(account.exclusiveAccount === undefined ? {} : { exclusiveAccount: account.exclusiveAccount }),
    features: () => account.features(),
    state$: account.state$,
    ready$: account.ready$,
    tradable$: account.tradable$,
    order$: account.order$,
    fill$: account.fill$,
    position$: account.position$,
    asset$: account.asset$,
    inFlight$: account.inFlight$,
    unresolved$: account.unresolved$,
    gap$: account.gap$,
    anomaly$: account.anomaly$,
    orderEvent$: merge(account.orderEvent$, denied$.pipe(takeUntil(endOf(account)))),
    reconciled$: account.reconciled$,
    orders: (symbol) => account.orders(symbol),
    positions: (symbol) => account.positions(symbol),
    balances: () => account.balances(),
    track,
    topic$: (name, codec) => account.topic$(name, codec),
    ticker$: (symbol) => account.ticker$(symbol),
    trade$: (symbol) => account.trade$(symbol),
    orderBook$: (symbol) => account.orderBook$(symbol),
    kline$: (symbol, period) => account.kline$(symbol, period),
    placeOrder,
    cancelOrder: (request, options) => account.cancelOrder(request, options),
    openOrders: (symbol, options) => account.openOrders(symbol, options),
    asset: (options) => account.asset(options),
    position: (symbol, options) => account.position(symbol, options),
    symbolInfo: (symbol, options) => account.symbolInfo(symbol, options),
    drain: () => account.drain(),
    risk,
    ...announceRisk(account, risk),
  }
}

/** Emits once the account has ended. */
const endOf = ({ orderEvent$ }: Account): Observable<unknown> => orderEvent$.pipe(ignoreElements(), endWith(undefined))

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Subscribes until the account ends. Must come before the subscriptions of strategies, so that the
 * state contains an event when a strategy reacts to it.
 */
const listen = (
  account: Account,
  { reference$, kill$ = EMPTY }: RiskLimits,
  gate: { readonly dispatch: (event: GateEvent) => void; readonly now: () => number; readonly risk: RiskControl },
): void => {
  const { dispatch, now, risk } = gate
  const kill = ({ reason, flatten = false }: KillSwitch): Observable<unknown> => {
    risk.halt(reason)
    if (!flatten) return EMPTY
    // `flatten` has put the failure into the halt reason.
    return risk.flatten(reason).pipe(catchError(() => EMPTY))
  }
  const references: (reference: Reference) => void = (reference) =>
    dispatch({ _tag: 'Reference', reference, at: now() })
  const ended$ = endOf(account)
  const failed = (what: string) => (error: unknown) => risk.halt(`${what} failed: ${String(error)}`)

  /* eslint-disable rxjs-x/no-ignored-subscription -- all end with the account */
  account.orderEvent$.subscribe({
    next: (event) => dispatch({ _tag: 'OrderEvent', event }),
    error: failed('the order events'),
  })
  account.tradable$.pipe(takeUntil(ended$)).subscribe({
    next: (tradable) => dispatch({ _tag: 'Tradable', tradable }),
    error: failed('the account'),
  })
  reference$.pipe(tap(references), takeUntil(ended$)).subscribe({
    // Without reference prices orders are denied.
    error: () => dispatch({ _tag: 'ReferencesLost' }),
  })
  kill$.pipe(mergeMap(kill), takeUntil(ended$)).subscribe({ error: failed('the kill switch') })
  /* eslint-enable rxjs-x/no-ignored-subscription */
}
