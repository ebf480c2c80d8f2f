import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  merge,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
} from 'rxjs'
import type { Account, UnresolvedOrder } from '../../client/index.js'
import { unresolvedInWords, unresolvedDetails } from '../dashboard/unresolved-details.js'
import type { RunEvent } from './run-event.js'
import { wait } from './wait.js'

const note = (text: string): RunEvent => ({ type: 'note', text })

const release = (entry: UnresolvedOrder): Observable<RunEvent> => {
  const order = unresolvedInWords(unresolvedDetails(entry.error))
  return concat(
    of(note(`trading on, and no longer looking for ${order}; if it was made, it comes on top`)),
    defer(() => {
      entry.close()
      return EMPTY
    }),
  ).pipe(
    catchError((error: unknown) => of(note(`it stays in doubt: ${error instanceof Error ? error.message : 'error'}`))),
  )
}

/** Closes each order whose outcome is not known `afterMs` after it was sent, as its caller could by hand, and says so. */
export const releaseUnknowns = (
  account: Pick<Account, 'unresolved$'>,
  afterMs: number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<RunEvent> =>
  account.unresolved$.pipe(
    switchMap((open) =>
      merge(
        ...open.map((entry) =>
          wait(Math.max(0, entry.error.sentAt + afterMs - scheduler.now()), scheduler).pipe(
            switchMap(() => release(entry)),
          ),
        ),
      ),
    ),
  )
