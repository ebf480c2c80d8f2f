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
import { tellOfGate } from './watch-gates.js'

/** An account whose every order passes the gate. */
export interface RiskLimitedAccount extends Account {
  readonly risk: RiskControl
}

/** Settings of `withRiskLimits`. */
export type WithRiskLimitsOptions = LookUpOptions

/**
 * Puts the risk gate on an account: give the result, and only it, to strategies. An order that would break a limit errors with OrderDenied and
 * is not sent; cancels and queries pass. The position is reckoned for the worst: what is held, all that is open, and all whose fate
 * is not known. The gate judges an order when it is subscribed to; one that then waits in the client's queue is bounded by its age, and refused after
 * all when the gate is shut before it could be written.
 *
 * Where notices were missed for good, what was open and is not any more counts for the worst too, until what is held has been looked up: see `LookUpOptions`.
 *
 * The gate listens until the account's order notices complete, which they do on logout. `RangeError` when the limits make no sense.
 *
 * ```ts
 * gateway.login(credentials).pipe(
 *   map((account) => withRiskLimits(account, { maxOrderSize: 1, maxOrderValue: 50_000, maxPosition: 2, reference$: lastPrices(account) })),
 *   switchMap((account) => quotes$.pipe(execute(account))),
 * )
 * ```
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
  const counted = trackOrders(account, dispatch, now)
  /** Orders that the gate refused. They end with the account's own events. */
  const denied$ = new Subject<OrderEvent>()
  /** The flattening under way. */
  let flattening$: Observable<IntentOutcome> | undefined

  const behindGate = (order: OrderRequest, life$: Observable<OrderUpdate>): Observable<OrderUpdate> => {
    const refuse = (refusal: RiskDenial) =>
      defer(() => {
        dispatch({ _tag: 'Refused', order, refusal, at: now() })
        denied$.next({ _tag: 'Denied', order, reason: refusal.code, words: refusal.words })
        return throwError(() => new OrderDenied(refusal.code, refusal.words, order))
      })
    const shut$ = state$.pipe(
      map(({ lock }) => shutBy(lock)),
      filter((refusal) => refusal !== undefined),
      map(refuse),
    )
    const passing$ = counted(order, life$, shut$)
    return defer(() => {
      const refusal = decide(limits, state$.value, order, now())
      return refusal === undefined ? passing$ : refuse(refusal)
    })
  }

  const place = ({ symbol, action, price, quantity, order_type }: OrderRequest, options?: CommandOptions) => {
    // A copy: what was judged is what is sent, whatever the caller does to his object meanwhile, and though it be made of an order that exists.
    const order = { symbol, action, price, quantity, order_type }
    // Made once, not at each subscription: the account refuses to repeat an order whose fate is not known by this very object.
    return behindGate(order, account.track(order, options))
  }

  const track: Account['track'] = (asked, options) =>
    'order_no' in asked ? account.track(asked, options) : place(asked, options)

  /** Not by the account's own: what becomes of an order of unknown fate is told by `track` alone. */
  const placeOrder: Account['placeOrder'] = (order, options) =>
    place(order, options).pipe(
      concatMap((update): Observable<Placed> => {
        if (update._tag === 'Placed') return of(update.placed)
        return update._tag === 'Unresolved' ? throwError(() => update.error) : EMPTY
      }),
      take(1),
    )

  const flatten = (reason: string, options?: FlattenOptions): Observable<IntentOutcome> => {
    const pastGate: Account = {
      ...account,
      track: (order, times) =>
        'order_no' in order ? account.track(order, times) : counted(order, account.track(order, times)),
    }
    const over = () => (flattening$ = undefined)
    return flattenAccount(
      pastGate,
      { limits, state$, dispatch, state: () => state$.value },
      { scheduler, ...options },
    ).pipe(
      // Before anybody hears of the end: who flattens then begins anew, and whoever comes later joins that.
      tap({
        complete: over,
        error: (error: unknown) => {
          over()
          risk.halt(`${reason}; flattening failed: ${wordsOf(error)}`)
        },
        unsubscribe: over,
      }),
      share({ connector: () => new ReplaySubject(Infinity) }),
    )
  }

  const risk: RiskControl = {
    // As it is by then: where one who watches it pulls the switch, the state before must not be the last that another sees.
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
        // Two at once would each close all that is held.
        flattening$ ??= flatten(reason, options)
        return flattening$
      }),
  }

  listen(account, riskLimits, { dispatch, now, risk })
  // Ends with the account.
  // eslint-disable-next-line rxjs-x/no-ignored-subscription
  closeGaps(account, limits, { dispatch, state: () => state$.value }, options).subscribe({
    error: (error: unknown) => risk.halt(`the look at the positions failed: ${String(error)}`),
  })

  // Every member by name: a command that the account learns later must be thought about before it can pass here.
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
    ...tellOfGate(account, risk),
  }
}

/** Emits once the account has ended. */
const endOf = ({ orderEvent$ }: Account): Observable<unknown> => orderEvent$.pipe(ignoreElements(), endWith(undefined))

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Listens for as long as the account lasts. Before any strategy does: what it hears is known when a strategy answers to it. */
const listen = (
  account: Account,
  { reference$, kill$ = EMPTY }: RiskLimits,
  gate: { readonly dispatch: (event: GateEvent) => void; readonly now: () => number; readonly risk: RiskControl },
): void => {
  const { dispatch, now, risk } = gate
  const kill = ({ reason, flatten = false }: KillSwitch): Observable<unknown> => {
    risk.halt(reason)
    if (!flatten) return EMPTY
    // That it failed is in the lock's words by then.
    return risk.flatten(reason).pipe(catchError(() => EMPTY))
  }
  const references: (reference: Reference) => void = (reference) =>
    dispatch({ _tag: 'Reference', reference, at: now() })
  const ended$ = endOf(account)
  const failed = (what: string) => (error: unknown) => risk.halt(`${what} failed: ${String(error)}`)

  /* eslint-disable rxjs-x/no-ignored-subscription -- all end with the account */
  account.orderEvent$.subscribe({
    next: (event) => dispatch({ _tag: 'Heard', event }),
    error: failed('the order events'),
  })
  account.tradable$.pipe(takeUntil(ended$)).subscribe({
    next: (tradable) => dispatch({ _tag: 'Tradable', tradable }),
    error: failed('the account'),
  })
  reference$.pipe(tap(references), takeUntil(ended$)).subscribe({
    // No prices, no orders.
    error: () => dispatch({ _tag: 'ReferencesLost' }),
  })
  kill$.pipe(mergeMap(kill), takeUntil(ended$)).subscribe({ error: failed('the kill switch') })
  /* eslint-enable rxjs-x/no-ignored-subscription */
}
