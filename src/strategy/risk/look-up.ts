import {
  catchError,
  defaultIfEmpty,
  defer,
  ignoreElements,
  map,
  type Observable,
  of,
  repeat,
  type SchedulerLike,
  switchMap,
  take,
  takeWhile,
  timer,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import type { Order } from '../../protocol/index.js'
import { after } from '../after.js'
import { type Exposure, isDoubtful } from './exposure.js'
import type { Held } from './limits.js'

/** The first pause before another look; it doubles, up to the last. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

/** What is held and what is open, as the server says, and what was known when it was asked. */
export interface Seen {
  readonly before: Exposure
  readonly held: Held
  readonly open: readonly Order[]
}

/** What a look at a symbol takes. */
export interface LookUp {
  readonly held$: Observable<Held>
  /** What is known of the symbol now: another value after each thing that is heard or sent. */
  readonly known: () => Exposure
  /** Is given what was seen, and says whether that was enough. */
  readonly take: (seen: Seen) => boolean
  /** How long to wait before the first look, in ms. */
  readonly afterMs: number
  readonly scheduler: SchedulerLike
}

const sameOrders = (one: readonly Order[], other: readonly Order[]): boolean => {
  const inWords = (orders: readonly Order[]) =>
    orders
      .map(({ order_no, remain }) => JSON.stringify([order_no, remain]))
      .sort()
      .join()
  return inWords(one) === inWords(other)
}

/**
 * Looks up what is held of a symbol until that can be relied on, and completes. What is held is asked for between two lists of open orders, or nobody could tell
 * which of their fills it holds; it counts only where both lists say the same, and nothing was heard or sent meanwhile.
 */
export const lookUp = (
  account: Pick<Account, 'openOrders'>,
  symbol: string,
  { held$, known, take: use, afterMs, scheduler }: LookUp,
): Observable<never> => {
  const look$ = defer(() => {
    const before = known()
    // What seemed to be news of a stranger was that of an order of ours, whose reply came after it.
    if (!isDoubtful(before)) return of(true)
    return account.openOrders(symbol).pipe(
      switchMap((first) =>
        held$.pipe(
          switchMap((held) =>
            account.openOrders(symbol).pipe(map((open) => sameOrders(first, open) && use({ before, held, open }))),
          ),
        ),
      ),
      take(1),
      defaultIfEmpty(false),
      // A look that fails says nothing: another one may.
      catchError(() => of(false)),
    )
  })
  const pause = (looks: number) => timer(Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (looks - 1)), scheduler)
  return after(afterMs, scheduler).pipe(
    switchMap(() => look$.pipe(repeat({ delay: pause }))),
    takeWhile((done) => !done),
    ignoreElements(),
  )
}
