import { EMPTY, merge, mergeMap, NEVER, type Observable, Subject, type Subscription, switchMap, tap, timer } from 'rxjs'
import type { Books } from './books.js'
import { type Gap, type GapCause, gapOf } from './gap.js'
import type { Line } from './line.js'
import type { Settings } from './options.js'
import type { Compared } from './snapshots.js'

/** Brings the ledger up to date after something may have been missed, and says what was. */
export interface Resync {
  readonly gap$: Observable<Gap>
  /** Something may have been missed from `from` on. Orders wait until the views stand again. */
  lost(cause: Exclude<GapCause, 'undecodable-notice'>, from: number): void
  /** One notice was missed, sent after `from`; nothing waits for it. */
  missedOne(from: number): void
  /** The login is READY (again). `recovered`: the server has sent what was missed. */
  ready(recovered: boolean): void
  readonly running: Subscription
}

interface Loss {
  readonly cause: GapCause
  readonly from: number
}

export function createResync(
  { snapshots, setStale }: Pick<Books, 'snapshots' | 'setStale'>,
  line: Line,
  { clock, scheduler, resyncWithinMs }: Settings,
): Resync {
  const gap$ = new Subject<Gap>()
  /** What is to be closed next; null when there is another loss while one is being closed. */
  const close$ = new Subject<(Loss & { readonly recovered: boolean }) | null>()
  let pending: Loss | undefined
  let isReady = false

  const snapshotsOf = (loss: Loss & { readonly recovered: boolean }): Observable<Compared> => {
    const wanted = snapshots.wanted()
    const missing = new Set(wanted.map(({ name }) => name))
    const compared: Compared[] = []
    const to = clock.wall()
    const all$ = merge(
      ...wanted.map(({ name, take$ }) =>
        take$.pipe(
          tap((each) => {
            compared.push(each)
            missing.delete(name)
          }),
        ),
      ),
    )
    let told = false
    const tell = (): void => {
      if (told) return
      told = true
      pending = undefined
      line.setSynced(true)
      gap$.next(gapOf({ ...loss, to }, compared, [...missing]))
    }
    // A query that the server never answers must not hold orders back; it goes on, and may still freshen its view.
    const deadline$ = timer(resyncWithinMs, scheduler).pipe(
      tap(tell),
      mergeMap(() => EMPTY),
    )
    return merge(all$.pipe(tap({ complete: tell })), deadline$)
  }

  const running = close$
    .pipe(switchMap((loss) => (loss === null ? NEVER : snapshotsOf(loss))))
    .subscribe({ error: (error: unknown) => gap$.error(error) })

  return {
    gap$: gap$.asObservable(),
    lost(cause, from) {
      isReady = false
      pending ??= { cause, from }
      setStale()
      line.setSynced(false)
      close$.next(null)
    },
    missedOne(from) {
      pending ??= { cause: 'undecodable-notice', from }
      setStale()
      // Anew, if snapshots are on their way: they may have been asked for before this notice.
      if (isReady) close$.next({ ...pending, recovered: false })
    },
    ready(recovered) {
      isReady = true
      if (pending !== undefined) close$.next({ ...pending, recovered })
    },
    running,
  }
}
