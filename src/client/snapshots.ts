import { catchError, defer, EMPTY, map, type Observable } from 'rxjs'
import type { Assets, Order, Position } from '../protocol/index.js'
import type {
  BalanceBook,
  BalanceCompared,
  OrderLedger,
  OrdersCompared,
  PositionBook,
  PositionCompared,
} from './ledger/index.js'

/** What a snapshot has brought to light. */
export type Compared =
  | { readonly of: 'orders'; readonly symbol: string; readonly orders: OrdersCompared }
  | { readonly of: 'position'; readonly symbol: string; readonly position: PositionCompared | undefined }
  | { readonly of: 'balances'; readonly balances: readonly BalanceCompared[] }

/** Whether a thing is worth a query at each snapshot, and how it is named when its answer is missing. */
export interface Wanted {
  readonly name: string
  readonly take$: Observable<Compared>
}

/** Fills the ledger with what the server says, by query. Nothing here errors: what is not answered stays stale. */
export interface Snapshots {
  orders(symbol: string): Observable<Compared>
  position(symbol: string): Observable<Compared>
  readonly balances$: Observable<Compared>
  /** Everything that anybody has shown an interest in. */
  wanted(): readonly Wanted[]
  /** From now on balances are worth asking for. */
  wantBalances(): void
  readonly wantsBalances: boolean
}

interface Dependencies {
  readonly symbols: readonly string[]
  readonly orders: OrderLedger
  readonly positions: PositionBook
  readonly balances: BalanceBook
  /** `onWrite` is called each time the question goes out: what was known before then, the answer knows better. */
  readonly askOrders: (symbol: string, onWrite: () => void) => Observable<readonly Order[]>
  readonly askPosition: (symbol: string, onWrite: () => void) => Observable<Position>
  readonly askAssets: () => Observable<Assets>
}

export function createSnapshots(deps: Dependencies): Snapshots {
  const { symbols, orders, positions, balances } = deps
  let wantsBalances = false

  const takeOrders = (symbol: string): Observable<Compared> =>
    defer(() => {
      let take = orders.snapshot(symbol)
      const onWrite = (): void => void (take = orders.snapshot(symbol))
      return deps
        .askOrders(symbol, onWrite)
        .pipe(map((list): Compared => ({ of: 'orders', symbol, orders: take(list) })))
    }).pipe(catchError(() => EMPTY))

  const takePosition = (symbol: string): Observable<Compared> =>
    defer(() => {
      let take = positions.snapshot(symbol)
      const onWrite = (): void => void (take = positions.snapshot(symbol))
      return deps
        .askPosition(symbol, onWrite)
        .pipe(map((position): Compared => ({ of: 'position', symbol, position: take(position) })))
    }).pipe(catchError(() => EMPTY))

  const balances$ = defer(() => deps.askAssets()).pipe(
    map((assets): Compared => ({ of: 'balances', balances: balances.snapshot(assets) })),
    catchError(() => EMPTY),
  )

  return {
    orders: takeOrders,
    position: takePosition,
    balances$,
    wanted: () => [
      ...symbols.map((symbol) => ({ name: `open orders of ${symbol}`, take$: takeOrders(symbol) })),
      ...positions.symbols.map((symbol) => ({ name: `position of ${symbol}`, take$: takePosition(symbol) })),
      ...(wantsBalances ? [{ name: 'balances', take$: balances$ }] : []),
    ],
    wantBalances: () => (wantsBalances = true),
    get wantsBalances() {
      return wantsBalances
    },
  }
}
