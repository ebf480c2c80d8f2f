import {
  auditTime,
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  from,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  scan,
  switchMap,
  take,
  tap,
} from 'rxjs'
import { type Account, isCommandError, type Unresolved } from '../../client/index.js'
import { type Position, Ticker } from '../../protocol/index.js'
import type { RiskControl, RiskState } from '../../strategy/index.js'
import { unresolvedDetails } from '../dashboard/unresolved-details.js'
import type { AccountEvent } from './run-event.js'

const WORTH_EVERY_MS = 1_000

/** Ignores errors of queries for the display; the strategy has its own queries. */
export const quietly = <A>(source: Observable<A>): Observable<A> => source.pipe(catchError(() => EMPTY))

/** Emits the events of an account for display, without changing anything. */
export function watchAccount(account: Account): Observable<AccountEvent> {
  const { platform } = account
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
    account.balances().pipe(
      filter(({ stale }) => !stale),
      map(({ all }): AccountEvent => ({ platform, type: 'assets', assets: Object.fromEntries(all) })),
    ),
    account.position$.pipe(map((position): AccountEvent => ({ platform, type: 'position', position }))),
    // No notice reports that the market changes the value of a position.
    account.position$.pipe(
      scan<Position, ReadonlySet<string>>((held, { symbol, long_quantity, short_quantity }) => {
        if (long_quantity > 0 || short_quantity > 0) return new Set(held).add(symbol)
        return new Set([...held].filter((name) => name !== symbol))
      }, new Set<string>()),
      switchMap((held) => (held.size === 0 ? EMPTY : interval(WORTH_EVERY_MS))),
      exhaustMap(() => assetsOf(account).pipe(quietly)),
    ),
    account.gap$.pipe(map((gap): AccountEvent => ({ platform, type: 'gap', gap }))),
    account.topic$('ticker', Ticker).pipe(map((ticker): AccountEvent => ({ platform, type: 'ticker', ticker }))),
    account.order$.pipe(map((order): AccountEvent => ({ platform, type: 'order', order }))),
    account.fill$.pipe(map((fill): AccountEvent => ({ platform, type: 'fill', fill }))),
    account.orderEvent$.pipe(map((event): AccountEvent => ({ platform, type: 'orderEvent', event }))),
    account.unresolved$.pipe(
      distinctUntilChanged((before, now) => before.length === 0 && now.length === 0),
      map((open) => open.map(({ error }) => unresolvedDetails(error))),
      map((orders): AccountEvent => ({ platform, type: 'unsettled', count: orders.length, orders })),
    ),
  )
}

/** Current balances, as the server reports them. */
export const assetsOf = (account: Account): Observable<AccountEvent> =>
  account.asset().pipe(map((assets): AccountEvent => ({ platform: account.platform, type: 'assets', assets })))

/** Wraps an account so that its orders report their outcomes. Values and errors stay the same. */
export function tellingAccount(account: Account, tell: (event: AccountEvent) => void, now: () => number): Account {
  const { platform } = account
  const fail = (error: unknown): void => {
    if (isCommandError(error)) tell({ platform, type: 'failed', error })
  }
  /** Wraps the stream of an order; `fateIn` reads the outcome from an emission. */
  const telling = <A>(order$: Observable<A>, fateIn: (value: A) => 'placed' | Unresolved | undefined): Observable<A> =>
    defer(() => {
      const sentAt = now()
      tell({ platform, type: 'sent' })
      return order$.pipe(
        tap({
          next: (value) => {
            const fate = fateIn(value)
            if (fate === 'placed') tell({ platform, type: 'placed', ms: now() - sentAt })
            else fail(fate)
          },
          error: fail,
        }),
      )
    })
  return {
    ...account,
    // One observable per call: the account refuses to send an unresolved order again by this
    // object.
    placeOrder: (order, options) => telling(account.placeOrder(order, options), () => 'placed'),
    track: (order, options) =>
      'order_no' in order
        ? account.track(order, options)
        : telling(account.track(order, options), (update) =>
            update._tag === 'Placed' ? 'placed' : update._tag === 'Unresolved' ? update.error : undefined,
          ),
    cancelOrder: (request, options) => account.cancelOrder(request, options).pipe(tap({ error: fail })),
  }
}

/** Shortest interval between two displayed states of a gate, in ms: it changes with every price. */
const LOOK_EVERY_MS = 250

/** Facts of a risk gate that are displayed: all but its reference prices. */
const factsOf = ({ lock, account, symbols, refusals }: RiskState): string =>
  JSON.stringify([
    lock,
    account,
    refusals,
    symbols.map(({ used, working, unknown, missing, missed }) => [used, working, unknown, missing, missed]),
  ])

/** Emits the state of a risk gate at each change of a displayed fact. */
export const watchGate = (platform: string, gate: number, { state$ }: RiskControl): Observable<AccountEvent> =>
  merge(state$.pipe(take(1)), state$.pipe(auditTime(LOOK_EVERY_MS))).pipe(
    distinctUntilChanged((a, b) => factsOf(a) === factsOf(b)),
    map((risk): AccountEvent => ({ platform, type: 'gate', gate, risk })),
  )
