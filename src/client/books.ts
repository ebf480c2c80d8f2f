import { endWith, ignoreElements, interval, merge, Subject, Subscription, switchMap, throttle } from 'rxjs'
import type { AccountNotice } from '../protocol/index.js'
import type { Commands } from './commands.js'
import {
  type BalanceBook,
  createBalanceBook,
  createOrderLedger,
  createPositionBook,
  type OrderLedger,
  type PositionBook,
} from './ledger/index.js'
import type { Settings } from './options.js'
import { createSnapshots, type Snapshots } from './snapshots.js'

/** All that an Account knows of its orders, positions and balances. It lives as long as the Account. */
export interface Books {
  readonly orders: OrderLedger
  readonly positions: PositionBook
  readonly balances: BalanceBook
  readonly snapshots: Snapshots
  /** Takes a notice in. False for a fill that was counted before. */
  take(notice: AccountNotice): boolean
  setStale(): void
  complete(): void
}

export function createBooks(
  symbols: readonly string[],
  commands: Commands,
  { scheduler }: Settings,
  resyncEveryMs?: number,
): Books {
  const orders = createOrderLedger()
  const positions = createPositionBook()
  const balances = createBalanceBook()
  const snapshots = createSnapshots({
    symbols,
    orders,
    positions,
    balances,
    askOrders: (symbol, onWrite) => commands.openOrders(symbol, {}, onWrite),
    askPosition: (symbol, onWrite) => commands.position(symbol, {}, onWrite),
    askAssets: () => commands.asset(),
  })
  const hint$ = new Subject<void>()
  const running = new Subscription()
  const nobodyCares = { error: () => undefined }

  // An asset notice is a hint to ask: at once, and once more when others came while the answer was on its way.
  const answered = () => snapshots.balances$.pipe(ignoreElements(), endWith(undefined))
  running.add(hint$.pipe(throttle(answered, { leading: true, trailing: true })).subscribe(nobodyCares))
  if (resyncEveryMs !== undefined) {
    const anew$ = interval(resyncEveryMs, scheduler).pipe(
      switchMap(() => merge(...snapshots.wanted().map(({ take$ }) => take$))),
    )
    running.add(anew$.subscribe(nobodyCares))
  }

  return {
    orders,
    positions,
    balances,
    snapshots,
    take(notice) {
      switch (notice.topic) {
        case 'order':
          orders.notice(notice.data)
          return true
        case 'fill':
          return orders.fill(notice.data)
        case 'position':
          positions.notice(notice.data)
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
    complete() {
      running.unsubscribe()
      orders.complete()
      positions.complete()
      balances.table.complete()
    },
  }
}
