import { expect } from '@jest/globals'
import {
  BehaviorSubject,
  catchError,
  concat,
  concatMap,
  concatWith,
  defer,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  share,
  skip,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs'
import type {
  Account,
  CancelRequest,
  CommandOptions,
  Gap,
  OrderEvent,
  OrderName,
  OrderRequest,
  OrderUpdate,
  Placed,
  UnresolvedOrder,
} from '../../src/client/index.js'
import { Rejected, Unresolved } from '../../src/client/errors/errors.js'
import { createOrderEvents } from '../../src/client/orders/order-events.js'
import { createOrderStore } from '../../src/client/state/stores/index.js'
import type { Assets, CancelResult, Fill, Order, Position, SymbolInfo } from '../../src/protocol/index.js'

/** What a fake account answers. Each is asked per subscription, as the commands of the real one are cold. */
export interface Answers {
  readonly place?: (order: OrderRequest, nth: number, options?: CommandOptions) => Observable<Placed>
  readonly cancel?: (request: CancelRequest, nth: number) => Observable<readonly CancelResult[]>
  readonly symbolInfo?: (symbol: string) => Observable<SymbolInfo>
  readonly position?: (symbol: string) => Observable<Position>
  readonly asset?: () => Observable<Assets>
  readonly openOrders?: (symbol: string) => Observable<readonly Order[]>
  readonly topic?: (name: string) => Observable<unknown>
  /** What is found out later of an order whose fate was not known. @default nothing */
  readonly settled?: (cid: string) => Observable<OrderUpdate>
  /** Client order ids, where they are known as an order is sent. @default told by the reply */
  readonly cidOf?: (nth: number) => string
  /** Cancelled orders that a later list of open orders lacks are known to be CANCELED. @default true */
  readonly cancelProves?: boolean
}

export const info: SymbolInfo = {
  price_tick: 0.1,
  size_tick: 0.01,
  size_limit: 0.01,
  value_tick: null,
  value_limit: 5,
  base_currency: 'BTC',
  quote_currency: 'USDT',
  settlement_currency: 'USDT',
}

const isSame = (a: OrderName, b: OrderName): boolean => a.symbol === b.symbol && a.order_no === b.order_no

/** An account without a gateway: it records what it is asked, and the test plays the server through its subjects. */
export const fakeAccount = (answers: Answers = {}) => {
  const order$ = new Subject<Order>()
  const fill$ = new Subject<Fill>()
  const position$ = new Subject<Position>()
  const asset$ = new Subject<Assets>()
  const gap$ = new Subject<Gap>()
  const orderEvent$ = new Subject<OrderEvent>()
  const tradable$ = new BehaviorSubject(true)
  const ready$ = new BehaviorSubject(true)
  const unresolved$ = new BehaviorSubject<readonly UnresolvedOrder[]>([])
  const placed: OrderRequest[] = []
  const canceled: CancelRequest[] = []
  const {
    place = (_, nth) => of({ order_no: String(nth), cid: `c${nth}` }),
    cancel = ({ order_nos }) =>
      of(
        order_nos.map((order_no) => ({
          order_no,
          result: true,
          error_message: '',
        })),
      ),
    symbolInfo = () => of(info),
    position = () => NEVER,
    asset = () => NEVER,
    openOrders = () => of([]),
    topic = () => NEVER,
    settled = () => NEVER,
    cidOf,
    cancelProves = true,
  } = answers
  /** Accepted orders as they were asked for. */
  const requests = new Map<string, Partial<Order>>()
  /** Symbols of the orders that were sent. */
  const traded = new Set<string>()
  /** The order state and the order events of the real client. */
  const ledger = createOrderStore()
  const events = createOrderEvents(ledger)
  const listed = (symbol: string) =>
    defer(() => {
      const take = ledger.snapshot(symbol)
      return openOrders(symbol).pipe(tap((open) => take(open)))
    })
  /** Takes the orders that a test names in a gap, as the client does with its lists of open orders. */
  const reconcile = ({ missing = [], appeared = [], changed = [] }: Partial<Gap>) => {
    for (const symbol of new Set([...missing, ...appeared, ...changed].map((order) => order.symbol))) {
      const ofSymbol = (orders: readonly Order[]) => orders.filter((order) => order.symbol === symbol)
      const { rows } = ledger.open(symbol)
      // The server lists an order that it has accepted, though no notice has told of it.
      const unheard = ledger
        .standing(symbol)
        .filter((order_no) => !rows.has(order_no))
        .map((order_no) => orderOf(order_no, 'SUBMITTED', requests.get(`${symbol} ${order_no}`)))
      const rest = [...rows.values(), ...unheard].filter((row) => !missing.some((each) => isSame(each, row)))
      for (const lost of ofSymbol(missing)) if (ledger.find(symbol, lost.order_no) === undefined) ledger.notice(lost)
      ledger.snapshot(symbol)([...ofSymbol(appeared), ...ofSymbol(changed), ...rest])
    }
  }
  const reconciled$ = gap$.pipe(
    tap(reconcile),
    map(({ cause, from, to, recovered, unanswered }) => ({
      cause,
      from,
      to,
      recovered,
      unanswered,
    })),
    share(),
  )
  const again$ = merge(
    gap$.pipe(filter(({ recovered, cause }) => !recovered && cause !== 'undecodable-notice')),
    tradable$.pipe(
      skip(1),
      filter((tradable) => tradable),
    ),
  ).pipe(mergeMap(() => merge(...[...traded].filter((symbol) => ledger.standing(symbol).length > 0).map(listed))))
  const fail = (error: unknown): void => expect(error).toBeUndefined()

  order$.subscribe({
    next: (order) => ledger.notice(order),
    error: fail,
    complete: () => events.complete(),
  })
  fill$.subscribe({ next: (fill) => ledger.fill(fill), error: fail })
  reconciled$.subscribe({ error: fail })
  again$.subscribe({ error: fail })

  const accepted = (order: OrderRequest, { cid, order_no }: Placed) => {
    requests.set(`${order.symbol} ${order_no}`, {
      ...order,
      quantity: Math.abs(order.quantity),
      remain: Math.abs(order.quantity),
    })
    ledger.placed(order, order_no, { sentAt: 0, losses: 0 })
    events.take({ _tag: 'Taken', cid, symbol: order.symbol, order_no })
  }
  const unlist = (cid: string) => unresolved$.next(unresolved$.value.filter(({ error }) => error.cid !== cid))
  /** The client goes on looking when its caller has left. */
  const lookOn = (life$: Observable<OrderUpdate>) => {
    const shared$ = life$.pipe(share({ connector: () => new ReplaySubject(1) }))
    shared$.subscribe({ error: () => undefined })
    return shared$
  }
  const life = (order: OrderRequest, options?: CommandOptions): Observable<OrderUpdate> =>
    defer(() => {
      const nth = placed.push(order)
      traded.add(order.symbol)
      const early = cidOf?.(nth)
      if (early !== undefined) events.take({ _tag: 'Submitted', cid: early, order })
      const submitted = (cid: string) => early ?? events.take({ _tag: 'Submitted', cid, order })
      const settledLater = (cid: string) =>
        settled(cid).pipe(
          tap({
            next: (update) => {
              if (update._tag !== 'Placed') return
              const { order_no } = update.placed
              ledger.placed(order, order_no, { sentAt: 0, losses: 0 })
              unlist(cid)
              events.take({ _tag: 'Resolved', cid, order, outcome: 'accepted', order_no })
            },
            error: () => {
              unlist(cid)
              events.take({ _tag: 'Resolved', cid, order, outcome: 'rejected', order_no: undefined })
            },
          }),
        )
      return place(order, nth, options).pipe(
        tap((each) => {
          submitted(each.cid)
          accepted(order, each)
        }),
        map((each): OrderUpdate => ({ _tag: 'Placed', placed: each })),
        concatWith(NEVER),
        catchError((error: unknown) => {
          if (error instanceof Rejected) {
            submitted(`c${nth}`)
            events.take({ _tag: 'Rejected', cid: `c${nth}`, order, words: error.message })
          }
          if (!(error instanceof Unresolved)) return throwError(() => error)
          submitted(error.cid)
          events.take({ _tag: 'Unresolved', cid: error.cid, order, words: error.message })
          if (unresolved$.value.every((each) => each.error.cid !== error.cid))
            unresolved$.next([...unresolved$.value, unsettledOf(error)])
          return concat(of<OrderUpdate>({ _tag: 'Unresolved', error }), lookOn(settledLater(error.cid)))
        }),
      )
    })

  const account = {
    platform: 'fake',
    symbols: ['BTC-USDT', 'ETH-USDT'],
    state$: NEVER,
    ready$,
    tradable$,
    order$,
    fill$,
    position$,
    asset$,
    gap$,
    orderEvent$: merge(orderEvent$, events.event$),
    reconciled$,
    inFlight$: of(0),
    unresolved$,
    topic$: (name: string) => topic(name) as Observable<never>,
    placeOrder: (order: OrderRequest, options?: CommandOptions) =>
      life(order, options).pipe(
        concatMap((update) => {
          if (update._tag === 'Unresolved') throw update.error
          return update._tag === 'Placed' ? [update.placed] : []
        }),
        take(1),
      ),
    track: (order: OrderRequest | OrderName, options?: CommandOptions) =>
      'order_no' in order ? NEVER : life(order, options),
    balances: () => NEVER,
    orders: (symbol: string) => ledger.open(symbol).view$.pipe(map((view) => ({ ...view, stale: false }))),
    cancelOrder: (request: CancelRequest) =>
      defer(() => cancel(request, canceled.push(request))).pipe(
        tap((results) =>
          ledger.cancelled(
            request.symbol,
            results.flatMap(({ order_no, result }) => (cancelProves && result ? [order_no] : [])),
            'numbers',
          ),
        ),
      ),
    openOrders: listed,
    asset,
    position,
    symbolInfo,
    drain: () => NEVER,
  } as Partial<Account> as Account
  return {
    account,
    placed,
    canceled,
    order$,
    fill$,
    position$,
    asset$,
    gap$,
    orderEvent$,
    events,
    tradable$,
    ready$,
    unresolved$,
  }
}

export const unknownOf = (cid: string, symbol = 'BTC-USDT'): Unresolved =>
  new Unresolved({
    cid,
    request: { op: 'place_order', symbol },
    sentAt: 0,
    cause: 'timeout',
  })

export const unsettledOf = (unknown: Unresolved): UnresolvedOrder => ({
  error: unknown,
  close: () => undefined,
})

/** A gap that was not made up for. */
export const gapOf = (more: Partial<Gap> = {}): Gap => ({
  cause: 'connection-lost',
  from: 0,
  to: 1,
  recovered: false,
  missing: [],
  appeared: [],
  changed: [],
  positions: [],
  balances: [],
  unanswered: [],
  ...more,
})

export const orderOf = (order_no: string, status: string, more: Partial<Order> = {}): Order => ({
  symbol: 'BTC-USDT',
  order_no,
  action: 'BUY',
  price: 100,
  quantity: 1,
  remain: status === 'FILLED' ? 0 : 1,
  status,
  order_type: 'LIMIT',
  ctime: 0,
  utime: 0,
  ...more,
})

export const fillOf = (order_no: string, fill_no: string, more: Partial<Fill> = {}): Fill => ({
  symbol: 'BTC-USDT',
  order_no,
  fill_no,
  price: 100,
  quantity: 1,
  side: 'BUY',
  liquidity: 'MAKER',
  ctime: 0,
  ...more,
})
