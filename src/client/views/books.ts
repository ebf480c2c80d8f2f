import {
  endWith,
  groupBy,
  ignoreElements,
  interval,
  merge,
  mergeMap,
  Subject,
  Subscription,
  switchMap,
  throttle,
  timer,
} from 'rxjs'
import type { AccountNotice } from '../../protocol/index.js'
import type { Commands } from '../queries/commands.js'
import type { Difference } from './gap.js'
import {
  type BalanceBook,
  createBalanceBook,
  createOrderLedger,
  createPositionBook,
  type OrderLedger,
  type PositionBook,
} from './ledger/index.js'
import type { Settings } from '../options.js'
import { createSnapshots, type Snapshots, type Wanted } from './snapshots.js'

/** All that an Account knows of its orders, positions and balances. It lives as long as the Account. */
export interface Books {
  readonly orders: OrderLedger
  readonly positions: PositionBook
  readonly balances: BalanceBook
  readonly snapshots: Snapshots
  /** Takes a notice in. False for a fill that was counted before. */
  take(notice: AccountNotice): boolean
  setStale(): void
  /** Remembers what is known now; the result tells what is different then. */
  baseline(): () => Difference
  complete(): void
}

/** Before a snapshot is asked for again: some servers never answer some questions. */
const pauseMs = (inARow: number): number => Math.min(30_000, 1_000 * 2 ** inARow)

export function createBooks(
  symbols: readonly string[],
  commands: Commands,
  { scheduler }: Settings,
  resyncEveryMs?: number,
): Books {
  const orders = createOrderLedger()
  const positions = createPositionBook()
  const balances = createBalanceBook()
  const again$ = new Subject<Wanted & { readonly inARow: number }>()
  const snapshots = createSnapshots({
    symbols,
    orders,
    positions,
    balances,
    askOrders: (symbol, onWrite) => commands.openOrders(symbol, {}, onWrite),
    askPosition: (symbol, onWrite) => commands.position(symbol, {}, onWrite),
    askAssets: (onWrite) => commands.asset({}, onWrite),
    onAgain: (wanted, inARow) => again$.next({ ...wanted, inARow }),
  })
  const hint$ = new Subject<void>()
  const running = new Subscription()
  const nobodyCares = { error: () => undefined }

  // An asset notice is a hint to ask: at once, and once more when others came while the answer was on its way.
  const answered = () => snapshots.balances$.pipe(ignoreElements(), endWith(undefined))
  running.add(hint$.pipe(throttle(answered, { leading: true, trailing: true })).subscribe(nobodyCares))
  // A stale view would stay so until the next drop: nobody else asks.
  const anew$ = again$.pipe(
    groupBy(({ name }) => name),
    mergeMap((same$) =>
      same$.pipe(switchMap(({ take$, inARow }) => timer(pauseMs(inARow), scheduler).pipe(mergeMap(() => take$)))),
    ),
  )
  running.add(anew$.subscribe(nobodyCares))
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
        case 'order':
          if (!orders.notice(notice.data)) snapshots.ordersAgain(notice.data.symbol)
          return true
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
    setStale() {
      orders.setStale()
      positions.setStale()
      balances.table.setStale(true)
    },
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
