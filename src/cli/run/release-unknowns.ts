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
import type { Account, Unsettled } from '../../client/index.js'
import { doubtInWords, doubtOf } from '../dashboard/doubt.js'
import type { RunEvent } from './run-event.js'
import { wait } from './wait.js'

const note = (text: string): RunEvent => ({ type: 'note', text })

const release = (entry: Unsettled): Observable<RunEvent> => {
  const order = doubtInWords(doubtOf(entry.unknown))
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
  account: Pick<Account, 'unsettled$'>,
  afterMs: number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<RunEvent> =>
  account.unsettled$.pipe(
    switchMap((open) =>
      merge(
        ...open.map((entry) =>
          wait(Math.max(0, entry.unknown.sentAt + afterMs - scheduler.now()), scheduler).pipe(
            switchMap(() => release(entry)),
          ),
        ),
      ),
    ),
  )
