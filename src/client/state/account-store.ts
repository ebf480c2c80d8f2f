import {
  concatMap,
  endWith,
  from,
  groupBy,
  ignoreElements,
  interval,
  merge,
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
  Subject,
  Subscription,
  switchMap,
  takeWhile,
  tap,
  throttle,
  timer,
} from 'rxjs'
import type { AccountNotice, Order } from '../../protocol/index.js'
import { ageMs, type Instant, instant } from '../../time/index.js'
import type { CancelAnswer } from '../requests/cancel.js'
import type { Commands } from '../requests/commands.js'
import type { Difference } from './gap.js'
import {
  type BalanceStore,
  createBalanceStore,
  createOrderStore,
  createPositionStore,
  type OrderStore,
  type PositionStore,
} from './stores/index.js'
import type { Settings } from '../options.js'
import { createSnapshots, type Snapshots, type Taken, type Wanted } from './snapshots.js'

/**
 * All that an Account knows of its orders, positions and balances. It lives as long as the Account.
 */
export interface AccountStore {
  readonly orders: OrderStore
  readonly positions: PositionStore
  readonly balances: BalanceStore
  readonly snapshots: Snapshots
  /** Takes a notice in. False for a fill that was counted before. */
  take(notice: AccountNotice): boolean
  /** The server has answered a cancel of these orders as done. */
  cancelled(symbol: string, order_nos: readonly string[], answer: CancelAnswer): void
  setStale(): void
  /**
   * A notice could not be read, as after `setStale`: older notices of the same order may still
   * come.
   */
  missedOne(): void
  /**
   * True if nothing is known of an order, and the notice of its end may be one that could not be
   * read a short while ago.
   */
  mayHaveEnded(order: Pick<Order, 'symbol' | 'order_no'>): boolean
  /** Remembers what is known now; the result tells what is different then. */
  baseline(): () => Difference
  complete(): void
}

/** Time after an unreadable notice in which an older one may still come. */
const overtakenWithinMs = 30_000

/**
 * Waits between the questions for open orders after a cancel that succeeded, in ms, while the end
 * of its orders is not known: some servers never tell it.
 */
const looksMs = [300, 1_000, 2_000, 4_000, 8_000]

/** Before a snapshot is asked for again: some servers never answer some questions. */
const pauseMs = (inARow: number): number => Math.min(30_000, 1_000 * 2 ** inARow)

export function createAccountStore(
  symbols: readonly string[],
  commands: Commands,
  { scheduler, clock }: Settings,
  resyncEveryMs?: number,
): AccountStore {
  const orders = createOrderStore()
  const positions = createPositionStore()
  const balances = createBalanceStore()
  const look$ = new Subject<string>()
  const again$ = new Subject<Wanted & { readonly inARow: number }>()
  const snapshots = createSnapshots({
    symbols,
    orders,
    positions,
    balances,
    askOrders: (symbol, onWrite) => commands.openOrders(symbol, {}, onWrite),
    askPosition: (symbol, onWrite) => commands.position(symbol, {}, onWrite),
    askAssets: (onWrite) => commands.asset({}, onWrite),
    onLook: (symbol) => look$.next(symbol),
    onAgain: (wanted, inARow) => again$.next({ ...wanted, inARow }),
  })
  const hint$ = new Subject<void>()
  const cancelled$ = new Subject<{ readonly symbol: string; readonly order_nos: readonly string[] }>()
  let missed: Instant | undefined
  const mayHaveEnded: AccountStore['mayHaveEnded'] = ({ symbol, order_no }) =>
    missed !== undefined && ageMs(clock, missed) < overtakenWithinMs && orders.find(symbol, order_no) === undefined
  const running = new Subscription()
  const nobodyCares = { error: () => undefined }

  // At once, and once more when others wanted to know while the answer was on its way.
  const asking = <A>(take: (what: A) => Observable<Taken>): MonoTypeOperatorFunction<A> =>
    throttle((what) => take(what).pipe(ignoreElements(), endWith(undefined)), {
      leading: true,
      /* mutant: ask-after-the-last-hint */ trailing: true,
    })
  // An asset notice is a hint to ask.
  running.add(hint$.pipe(asking(() => snapshots.balances$)).subscribe(nobodyCares))
  // A hundred orders that time out together ask one question, not a hundred, of a server that may
  // be overloaded.
  const looked$ = look$.pipe(
    groupBy((symbol) => symbol),
    mergeMap((same$) => same$.pipe(asking((symbol) => snapshots.orders(symbol)))),
  )
  running.add(looked$.subscribe(nobodyCares))
  // A stale view would stay so until the next drop: nothing else asks.
  const anew$ = again$.pipe(
    groupBy(({ name }) => name),
    mergeMap((same$) =>
      same$.pipe(switchMap(({ take$, inARow }) => timer(pauseMs(inARow), scheduler).pipe(mergeMap(() => take$)))),
    ),
  )
  running.add(anew$.subscribe(nobodyCares))
  const untilEnded$ = cancelled$.pipe(
    mergeMap(({ symbol, order_nos }) => {
      const isUnended = (): boolean => {
        const standing = new Set(orders.standing(symbol))
        return order_nos.some((order_no) => standing.has(order_no))
      }
      return from(looksMs).pipe(
        concatMap((ms) => timer(ms, scheduler)),
        takeWhile(isUnended),
        tap(() => look$.next(symbol)),
      )
    }),
  )
  running.add(untilEnded$.subscribe(nobodyCares))
  if (resyncEveryMs !== undefined) {
    const regularly$ = interval(resyncEveryMs, scheduler).pipe(
      switchMap(() => merge(...snapshots.wanted().map(({ take$ }) => take$))),
    )
    running.add(regularly$.subscribe(nobodyCares))
  }

  return {
    orders,
    positions,
    balances,
    snapshots,
    take(notice) {
      switch (notice.topic) {
        case 'order': {
          // That it is open may be the older news of an order whose end could not be read.
          const isUnclear = mayHaveEnded(notice.data)
          if (!orders.notice(notice.data) || isUnclear) snapshots.ordersAgain(notice.data.symbol)
          return true
        }
        case 'fill':
          return orders.fill(notice.data)
        case 'position':
          if (!positions.notice(notice.data)) snapshots.positionAgain(notice.data.symbol)
          return true
        case 'asset':
          if (snapshots.wantsBalances) hint$.next()
          return true
      }
    },
    cancelled(symbol, order_nos, answer) {
      orders.cancelled(symbol, order_nos, answer)
      cancelled$.next({ symbol, order_nos })
    },
    setStale() {
      orders.setStale()
      positions.setStale()
      balances.table.setStale()
    },
    missedOne() {
      missed = instant(clock)
    },
    mayHaveEnded,
    baseline() {
      const [ofOrders, ofPositions, ofBalances] = [orders.baseline(), positions.baseline(), balances.baseline()]
      return () => ({ ...ofOrders(), positions: ofPositions(), balances: ofBalances() })
    },
    complete() {
      running.unsubscribe()
      orders.complete()
      positions.complete()
      balances.table.complete()
    },
  }
}
