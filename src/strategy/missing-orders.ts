import { defer, EMPTY, filter, map, merge, type Observable, retry, type SchedulerLike, skip, switchMap } from 'rxjs'
import type { Account } from '../client/index.js'
import { after } from './after.js'

/** Before the server is asked again which orders are open, when it did not answer. */
export const ASK_AGAIN_MS = 1_000

/** What it takes to find out which orders ended unheard. */
export interface MissingOrders {
  readonly symbol: string
  /** The orders that are open as far as is known. */
  readonly open: () => readonly string[]
  /** When to ask, beside after every drop and gap. @default never */
  readonly ask$?: Observable<unknown>
  /** How long to wait before a question that failed is put again, in ms. @default 1000 */
  readonly pauseMs?: number
  readonly scheduler: SchedulerLike
}

/**
 * The orders that ended while nobody told us: a server tells nothing of what happened while it or we were away. Asked after every drop, and
 * every gap in the notices; none are told where none are missing.
 */
export const missingOrders = (
  account: Pick<Account, 'tradable$' | 'gap$' | 'openOrders'>,
  { symbol, open, ask$ = EMPTY, pauseMs = ASK_AGAIN_MS, scheduler }: MissingOrders,
): Observable<readonly string[]> => {
  const again$ = account.tradable$.pipe(
    skip(1),
    filter((tradable) => tradable),
  )
  const lasting$ = account.gap$.pipe(filter(({ recovered }) => !recovered))
  const gap$ = lasting$.pipe(filter(({ cause }) => cause !== 'undecodable-notice'))
  // Then orders have gone on, and a server's list may be older than the last of them, which would be missing: the client has compared with care.
  const compared$ = lasting$.pipe(
    filter(({ cause }) => cause === 'undecodable-notice'),
    map(({ gone }) => {
      const lost = new Set(gone.flatMap((order) => (order.symbol === symbol ? [order.order_no] : [])))
      return open().filter((order_no) => lost.has(order_no))
    }),
  )
  const missing$ = defer(() => {
    // Only what was there when we asked: an order placed meanwhile may be missing from the answer, and be open.
    const asked = open()
    if (asked.length === 0) return EMPTY
    return account
      .openOrders(symbol)
      .pipe(map((found) => asked.filter((order_no) => !found.some((order) => order.order_no === order_no))))
  })
  const asked$ = merge(again$, gap$, ask$).pipe(
    switchMap(() => missing$.pipe(retry({ delay: () => after(pauseMs, scheduler) }))),
  )
  return merge(asked$, compared$).pipe(filter(({ length }) => length > 0))
}
