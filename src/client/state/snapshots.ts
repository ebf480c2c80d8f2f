import {
  catchError,
  defer,
  EMPTY,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
  pipe,
  tap,
} from 'rxjs'
import type { Assets, Order, Position } from '../../protocol/index.js'
import type { BalanceStore, OrderStore, OrdersCompared, PositionStore } from './stores/index.js'

/** A snapshot that was taken; of open orders, with what it has brought to light. */
export type Taken = OrdersCompared | undefined

/** A query of each round of snapshots, and its name when its answer is missing. */
export interface Wanted {
  readonly name: string
  readonly take$: Observable<Taken>
}

/**
 * Fills the ledger with what the server says, by query. Nothing here errors: what is not answered
 * stays stale, and is asked for again.
 */
export interface Snapshots {
  orders(symbol: string): Observable<Taken>
  /**
   * A question of the caller's, asked by `ask`: its answer counts as any other. Errors as the
   * question does.
   */
  listed(symbol: string, ask: Ask): Observable<readonly Order[]>
  position(symbol: string): Observable<Taken>
  /** Asks at once, and once more when the answer has come if others wanted to know meanwhile. */
  lookAtOrders(symbol: string): void
  /** Asks once more, soon: something is unclear. */
  ordersAgain(symbol: string): void
  positionAgain(symbol: string): void
  readonly balances$: Observable<Taken>
  /** Everything that anybody has shown an interest in. */
  wanted(): readonly Wanted[]
  /** From now on balances are worth asking for. */
  wantBalances(): void
  readonly wantsBalances: boolean
}

/** Asks for open orders; `onWrite` is called each time the question goes out. */
type Ask = (onWrite: () => void) => Observable<readonly Order[]>

interface Dependencies {
  readonly symbols: readonly string[]
  readonly orders: OrderStore
  readonly positions: PositionStore
  readonly balances: BalanceStore
  /**
   * `onWrite` is called each time the question goes out: what was known before then, the answer
   * knows better.
   */
  readonly askOrders: (symbol: string, onWrite: () => void) => Observable<readonly Order[]>
  readonly askPosition: (symbol: string, onWrite: () => void) => Observable<Position>
  readonly askAssets: (onWrite: () => void) => Observable<Assets>
  /** Called when open orders are to be looked at. */
  readonly onLook: (symbol: string) => void
  /**
   * Told of a snapshot to be taken again, and how often in a row: not answered or refused while its
   * view is stale, or unclear.
   */
  readonly onAgain: (wanted: Wanted, inARow: number) => void
}

export function createSnapshots(deps: Dependencies): Snapshots {
  const { orders, positions, balances } = deps
  /**
   * Those of the login, and all others that are looked at: their views would stay stale after a
   * drop.
   */
  const symbols = new Set(deps.symbols)
  let wantsBalances = false
  const failures = new Map<string, number>()
  /**
   * Doubts by name that only the answer to a later question clears: the number of the last reason
   * to ask. None comes twice.
   */
  const doubts = new Map<string, number>()
  let reasons = 0

  const nameOfOrders = (symbol: string): string => `open orders of ${symbol}`
  const nameOfPosition = (symbol: string): string => `position of ${symbol}`
  const nameOfBalances = 'balances'

  const doubt = (name: string, take$: Observable<Taken>): void => {
    doubts.set(name, ++reasons)
    deps.onAgain({ name, take$ }, 1)
  }

  /** Clears what was in doubt as the question went out, and no doubt of later. */
  const clearing = <A>(name: string, answer$: () => Observable<A>): Observable<A> =>
    defer(() => {
      const known = doubts.get(name)
      return answer$().pipe(
        tap(() => {
          if (doubts.get(name) === known) doubts.delete(name)
        }),
      )
    })

  const doubtUnless = (name: string, take$: () => Observable<Taken>): OperatorFunction<boolean, Taken> =>
    map((isClear): Taken => {
      if (!isClear) doubt(name, take$())
      return undefined
    })

  const orFail = (
    name: string,
    isStale: () => boolean,
    take$: () => Observable<Taken>,
  ): MonoTypeOperatorFunction<Taken> =>
    pipe(
      tap(() => failures.delete(name)),
      catchError(() => {
        if (isStale() || doubts.has(name)) {
          const inARow = (failures.get(name) ?? 0) + 1
          failures.set(name, inARow)
          // mutant: failed-snapshot-again
          deps.onAgain({ name, take$: take$() }, inARow)
        }
        return EMPTY
      }),
    )

  /** Takes in the list, and tells with what it has brought to light. */
  const listOrders = (symbol: string, ask: Ask) =>
    clearing(nameOfOrders(symbol), () => {
      let take = orders.snapshot(symbol)
      const onWrite = (): void => void (take = orders.snapshot(symbol))
      return ask(onWrite).pipe(map((list) => ({ list, compared: take(list) })))
    }).pipe(
      tap(({ compared }) => {
        if (compared.unclear) doubt(nameOfOrders(symbol), takeOrders(symbol))
      }),
    )

  const takeOrders = (symbol: string): Observable<Taken> =>
    listOrders(symbol, (onWrite) => deps.askOrders(symbol, onWrite)).pipe(
      map(({ compared }): Taken => compared),
      orFail(
        nameOfOrders(symbol),
        () => orders.open(symbol).stale,
        () => takeOrders(symbol),
      ),
    )

  const takePosition = (symbol: string): Observable<Taken> =>
    clearing(nameOfPosition(symbol), () => {
      let take = positions.snapshot(symbol)
      const onWrite = (): void => void (take = positions.snapshot(symbol))
      return deps.askPosition(symbol, onWrite).pipe(map((position) => take(position)))
    }).pipe(
      doubtUnless(nameOfPosition(symbol), () => takePosition(symbol)),
      orFail(
        nameOfPosition(symbol),
        () => positions.of(symbol).stale,
        () => takePosition(symbol),
      ),
    )

  const takeBalances = (): Observable<Taken> =>
    clearing(nameOfBalances, () => {
      let take = balances.snapshot()
      const onWrite = (): void => void (take = balances.snapshot())
      return deps.askAssets(onWrite).pipe(map((assets) => take(assets)))
    }).pipe(
      tap({
        // They are known by asking alone: without the answer the changes are unknown.
        // mutant: balances-become-stale
        error: () => balances.table.setStale(),
      }),
      doubtUnless(nameOfBalances, takeBalances),
      orFail(nameOfBalances, () => balances.table.stale, takeBalances),
    )

  return {
    orders(symbol) {
      symbols.add(symbol)
      return takeOrders(symbol)
    },
    listed: (symbol, ask) => listOrders(symbol, ask).pipe(map(({ list }) => list)),
    position: takePosition,
    lookAtOrders: (symbol) => deps.onLook(symbol),
    ordersAgain: (symbol) => doubt(nameOfOrders(symbol), takeOrders(symbol)),
    positionAgain: (symbol) => doubt(nameOfPosition(symbol), takePosition(symbol)),
    balances$: takeBalances(),
    wanted: () => [
      ...Array.from(symbols, (symbol) => ({ name: nameOfOrders(symbol), take$: takeOrders(symbol) })),
      ...positions.symbols.map((symbol) => ({ name: nameOfPosition(symbol), take$: takePosition(symbol) })),
      ...(wantsBalances ? [{ name: nameOfBalances, take$: takeBalances() }] : []),
    ],
    wantBalances: () => (wantsBalances = true),
    get wantsBalances() {
      return wantsBalances
    },
  }
}
