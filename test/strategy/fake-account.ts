import {
  BehaviorSubject,
  catchError,
  concat,
  concatWith,
  defer,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  skip,
  Subject,
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
  Unsettled,
} from '../../src/client/index.js'
import { Unknown } from '../../src/client/errors.js'
import { isEnd } from '../../src/orders/index.js'
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
  const unsettled$ = new BehaviorSubject<readonly Unsettled[]>([])
  const placed: OrderRequest[] = []
  const canceled: CancelRequest[] = []
  const {
    place = (_, nth) => of({ order_no: String(nth), cid: `c${nth}` }),
    cancel = ({ order_nos }) => of(order_nos.map((order_no) => ({ order_no, result: true, error_message: '' }))),
    symbolInfo = () => of(info),
    position = () => NEVER,
    asset = () => NEVER,
    openOrders = () => of([]),
    topic = () => NEVER,
    settled = () => NEVER,
  } = answers
  /** As the client does: what a list of open orders does not hold, and nothing ended, is missing. */
  const live = new Map<string, string>()
  const lose = (symbol: string, isOpen: (order_no: string) => boolean) => {
    for (const [order_no, its] of [...live]) {
      if (its !== symbol || isOpen(order_no)) continue
      live.delete(order_no)
      const order = { ...orderOf(order_no, 'SUBMITTED', { symbol }), filled: 0, averagePrice: 0 }
      orderEvent$.next({ _tag: 'Missing', symbol, order_no, cid: undefined, order })
    }
  }
  const listed = (symbol: string) =>
    defer(() => {
      const asked = new Set(live.keys())
      return openOrders(symbol).pipe(
        tap((open) =>
          lose(symbol, (order_no) => !asked.has(order_no) || open.some((order) => order.order_no === order_no)),
        ),
      )
    })
  const reconciled$ = merge(
    gap$.pipe(filter(({ recovered, cause }) => !recovered && cause !== 'undecodable-notice')),
    tradable$.pipe(
      skip(1),
      filter((tradable) => tradable),
    ),
  ).pipe(mergeMap(() => merge(...[...new Set(live.values())].map((symbol) => listed(symbol)))))
  const fail = (error: unknown): void => orderEvent$.error(error)

  order$
    .pipe(filter(({ status }) => isEnd(status)))
    .subscribe({ next: ({ order_no }) => live.delete(order_no), error: fail })
  gap$.subscribe({
    next: ({ gone = [] }: Partial<Gap>) =>
      gone.forEach(({ symbol, order_no }) => lose(symbol, (each) => each !== order_no)),
    error: fail,
  })
  reconciled$.subscribe({ error: fail })

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
    orderEvent$,
    reconciled$: NEVER,
    inFlight$: of(0),
    unsettled$,
    topic$: (name: string) => topic(name) as Observable<never>,
    placeOrder: (order: OrderRequest, options?: CommandOptions) =>
      defer(() => place(order, placed.push(order), options)),
    track: (order: OrderRequest | OrderName, options?: CommandOptions): Observable<OrderUpdate> =>
      'order_no' in order
        ? NEVER
        : defer(() => place(order, placed.push(order), options)).pipe(
            tap(({ order_no }) => live.set(order_no, order.symbol)),
            map((each): OrderUpdate => ({ _tag: 'Placed', placed: each })),
            concatWith(NEVER),
            catchError((error: unknown) =>
              error instanceof Unknown
                ? concat(of<OrderUpdate>({ _tag: 'Unknown', unknown: error }), settled(error.cid))
                : throwError(() => error),
            ),
          ),
    cancelOrder: (request: CancelRequest) => defer(() => cancel(request, canceled.push(request))),
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
    tradable$,
    ready$,
    unsettled$,
  }
}

export const unknownOf = (cid: string, symbol = 'BTC-USDT'): Unknown =>
  new Unknown({ cid, request: { op: 'place_order', symbol }, sentAt: 0, cause: 'timeout' })

export const unsettledOf = (unknown: Unknown): Unsettled => ({ unknown, close: () => undefined })

/** A gap that was not made up for. */
export const gapOf = (more: Partial<Gap> = {}): Gap => ({
  cause: 'connection-lost',
  from: 0,
  to: 1,
  recovered: false,
  gone: [],
  appeared: [],
  changed: [],
  positions: [],
  balances: [],
  missing: [],
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
