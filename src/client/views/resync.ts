import { EMPTY, merge, mergeMap, NEVER, type Observable, Subject, type Subscription, switchMap, tap, timer } from 'rxjs'
import type { Books } from './books.js'
import { type Difference, type Gap, type GapCause, gapOf } from './gap.js'
import type { OrdersCompared } from './ledger/index.js'
import type { Line } from '../wire/line.js'
import type { Settings } from '../options.js'
import type { Taken } from './snapshots.js'

/** Brings the ledger up to date after something may have been missed, and says what was. */
export interface Resync {
  readonly gap$: Observable<Gap>
  /** Something may have been missed from `from` on. Orders wait until the views stand again. */
  lost(cause: Exclude<GapCause, 'undecodable-notice'>, from: number): void
  /** One notice was missed, sent after `from`; nothing waits for it. */
  missedOne(from: number): void
  /** A session begins. `resumed`: the server sends again what was missed since the one before. */
  session(resumed: boolean): void
  /** The login is READY (again). */
  ready(): void
  readonly running: Subscription
}

interface Loss {
  readonly cause: GapCause
  readonly from: number
  /**
   * Whether all of it has been sent again, or will be. Sockets alone can be resumed: what the server itself has missed of its exchange
   * nobody numbered. And a session that began without it counts, though it never became READY.
   */
  readonly recovered: boolean
  /** From what was known when it began. */
  readonly difference: () => Difference
}

export function createResync(
  { snapshots, setStale, baseline, missedOne }: Pick<Books, 'snapshots' | 'setStale' | 'baseline' | 'missedOne'>,
  line: Line,
  { clock, scheduler, resyncWithinMs }: Settings,
): Resync {
  const gap$ = new Subject<Gap>()
  /** What is to be closed next; null when there is another loss while one is being closed. */
  const close$ = new Subject<Loss | null>()
  let pending: Loss | undefined
  const isPending = (): boolean => pending !== undefined
  let isReady = false

  const begin = (cause: GapCause, from: number): Loss => {
    const recovered = cause === 'connection-lost' && pending?.recovered !== false
    pending = { ...(pending ?? { cause, from, difference: baseline() }), recovered }
    return pending
  }

  const snapshotsOf = (loss: Loss): Observable<Taken> => {
    const wanted = snapshots.wanted()
    const missing = new Set(wanted.map(({ name }) => name))
    const compared: OrdersCompared[] = []
    const to = clock.wall()
    const all$ = merge(
      ...wanted.map(({ name, take$ }) =>
        take$.pipe(
          tap((each) => {
            if (each !== undefined) compared.push(each)
            missing.delete(name)
          }),
        ),
      ),
    )
    let told = false
    const tell = (): void => {
      // Or there was another loss, even within the asking: letting go of older questions may be what ends a socket.
      if (told || pending !== loss) return
      told = true
      pending = undefined
      const { cause, from, recovered, difference } = loss
      // Before orders pass again: whoever judges them hears first of what is not known.
      gap$.next(gapOf({ cause, from, to, recovered }, compared, difference(), [...missing]))
      // Unless there was another loss as it was told.
      if (!isPending()) line.setSynced(true)
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
  running.add(() => gap$.complete())

  return {
    gap$: gap$.asObservable(),
    lost(cause, from) {
      isReady = false
      begin(cause, from)
      setStale()
      line.setSynced(false)
      close$.next(null)
    },
    missedOne(from) {
      const loss = begin('undecodable-notice', from)
      setStale()
      missedOne()
      // Anew, if snapshots are on their way: they may have been asked for before this notice.
      if (isReady) close$.next(loss)
    },
    session(resumed) {
      if (pending !== undefined && !resumed) pending = { ...pending, recovered: false }
    },
    ready() {
      isReady = true
      if (pending !== undefined) close$.next(pending)
    },
    running,
  }
}
