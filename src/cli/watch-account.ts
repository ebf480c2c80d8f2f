import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  tap,
  throttleTime,
  throwError,
} from 'rxjs'
import { type Account, isCommandError } from '../client/index.js'
import { Ticker } from '../protocol/index.js'
import type { AccountEvent } from './run-event.js'

const ASSETS_EVERY_MS = 200

/** What cannot be asked is not shown; the strategy has its own queries, and hears their errors. */
export const quietly = <A>(source: Observable<A>): Observable<A> => source.pipe(catchError(() => EMPTY))

/** Everything that happens to an account, for showing. It only listens and asks: it changes nothing. */
export function watchAccount(account: Account): Observable<AccountEvent> {
  const { platform } = account
  const assets$ = assetsOf(account).pipe(quietly)
  return merge(
    account.state$.pipe(map((state): AccountEvent => ({ platform, type: 'state', state }))),
    account.ready$.pipe(map((ready): AccountEvent => ({ platform, type: 'ready', ready }))),
    from(account.symbols).pipe(
      mergeMap((symbol) =>
        account.symbolInfo(symbol).pipe(
          map((info): AccountEvent => ({ platform, type: 'symbol', symbol, info })),
          quietly,
        ),
      ),
    ),
    // A notice may hold a part of the balances, or be a hint only: it makes us ask.
    concat(
      assets$,
      account.asset$.pipe(
        throttleTime(ASSETS_EVERY_MS, undefined, { leading: false, trailing: true }),
        exhaustMap(() => assets$),
      ),
    ),
    account.topic$('ticker', Ticker).pipe(map((ticker): AccountEvent => ({ platform, type: 'ticker', ticker }))),
    account.order$.pipe(map((order): AccountEvent => ({ platform, type: 'order', order }))),
    account.fill$.pipe(map((fill): AccountEvent => ({ platform, type: 'fill', fill }))),
    account.unsettled$.pipe(
      map(({ length }) => length),
      distinctUntilChanged(),
      map((count): AccountEvent => ({ platform, type: 'unsettled', count })),
    ),
  )
}

/** The balances as the server has them now. */
export const assetsOf = (account: Account): Observable<AccountEvent> =>
  account.asset().pipe(map((assets): AccountEvent => ({ platform: account.platform, type: 'assets', assets })))

/** The same account, whose orders tell how they fare. For the strategy it is as it was: same values, same errors. */
export const tellingAccount = (account: Account, tell: (event: AccountEvent) => void, now: () => number): Account => {
  const { platform } = account
  const failing = <A>(source: Observable<A>): Observable<A> =>
    source.pipe(
      catchError((error: unknown) => {
        if (isCommandError(error)) tell({ platform, type: 'failed', error })
        return throwError(() => error)
      }),
    )
  return {
    ...account,
    placeOrder: (order, options) => {
      // One observable: the client refuses to send an order again whose last subscription ended Unknown.
      const placed$ = account.placeOrder(order, options)
      return defer(() => {
        const sentAt = now()
        tell({ platform, type: 'sent' })
        return placed$.pipe(tap(() => tell({ platform, type: 'placed', ms: now() - sentAt })))
      }).pipe(failing)
    },
    cancelOrder: (request, options) => account.cancelOrder(request, options).pipe(failing),
  }
}
