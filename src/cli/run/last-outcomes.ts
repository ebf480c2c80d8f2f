import {
  combineLatest,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import { counted, number } from '../format/numbers.js'
import type { RunEvent } from './run-event.js'
import { wait } from './wait.js'

const SAY_EVERY_MS = 5_000

/** Number of orders that have been sent and have no outcome, over all accounts. */
const withoutOutcome = (accounts: readonly Account[]): Observable<number> =>
  combineLatest(
    accounts.map(({ inFlight$, unresolved$ }) =>
      combineLatest([inFlight$, unresolved$]).pipe(map(([inFlight, unsettled]) => inFlight + unsettled.length)),
    ),
  ).pipe(
    map((each) => each.reduce((sum, orders) => sum + orders, 0)),
    distinctUntilChanged(),
  )

/**
 * Waits until every sent order has an outcome, at most `withinMs`, and emits notes meanwhile. Runs
 * `then$` afterwards if there was something to wait for.
 */
export const lastOutcomes = (
  accounts: readonly Account[],
  withinMs: number,
  scheduler: SchedulerLike,
  then$: Observable<RunEvent> = EMPTY,
): Observable<RunEvent> =>
  defer(() => {
    const until = scheduler.now() + withinMs
    let waited = false
    const note = (text: string): RunEvent => ({ type: 'note', text })
    const saying = (orders: number): Observable<RunEvent> => {
      waited = true
      const words = `waiting for the outcome of ${counted(orders, 'order')}`
      return concat(
        of(note(words)),
        timer(SAY_EVERY_MS, SAY_EVERY_MS, scheduler).pipe(
          map(() => note(`still ${words}, for ${number((until - scheduler.now()) / 1_000, 0)} s more at most`)),
        ),
      )
    }
    // Deferred: an order whose reply ends the strategy counts until its subscribers have the reply.
    const waiting$ = timer(0, scheduler).pipe(
      switchMap(() => withoutOutcome(accounts)),
      switchMap((orders) => (orders === 0 ? of(undefined) : saying(orders))),
      takeWhile((event) => event !== undefined),
      takeUntil(wait(withinMs, scheduler)),
    )
    return concat(
      waiting$,
      defer(() => (waited ? then$ : EMPTY)),
    )
  })
