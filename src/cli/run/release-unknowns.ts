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
    of(note(`closed without an outcome: ${order}; if it exists, it adds to what is traded next`)),
    defer(() => {
      entry.close()
      return EMPTY
    }),
  ).pipe(
    catchError((error: unknown) =>
      of(note(`it stays unresolved: ${error instanceof Error ? error.message : 'error'}`)),
    ),
  )
}

/**
 * Closes each order that is still unresolved `afterMs` after it was sent, and emits a note on it.
 */
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
