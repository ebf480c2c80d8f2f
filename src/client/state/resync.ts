import {
  defer,
  EMPTY,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  Subject,
  type Subscription,
  switchMap,
  tap,
  timer,
} from 'rxjs'
import { deadline } from '../../time/index.js'
import type { AccountStore } from './account-store.js'
import { type Difference, type Gap, type GapCause, gapOf } from './gap.js'
import type { OrdersCompared } from './stores/index.js'
import type { CommandQueue } from '../requests/command-queue.js'
import { type Settings, stopwatchOf } from '../options.js'
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
   * True if all of it has been sent again, or will be. Sockets alone can be resumed: what the
   * server itself has missed of its exchange has no number. And a session that began without it
   * counts, though it never became READY.
   */
  readonly recovered: boolean
  /** From what was known when it began. */
  readonly difference: () => Difference
  /**
   * From snapshots that were taken, those of interrupted rounds included: what one has shown the
   * next does not show again.
   */
  readonly compared: OrdersCompared[]
}

/**
 * A pause before a round of snapshots, in ms; bounded, so that the views of a server that stops
 * sending garbage soon stand again.
 */
const mostPauseMs = 10_000

/**
 * The first round and the one behind it begin at once. From then on a server that sends garbage
 * without end is asked ever less often.
 */
const roundPauseMs = (inARow: number): number => (inARow < 2 ? 0 : Math.min(mostPauseMs, 1_000 * 2 ** (inARow - 2)))

export function createResync(
  { snapshots, setStale, baseline, missedOne }: Pick<AccountStore, 'snapshots' | 'setStale' | 'baseline' | 'missedOne'>,
  queue: CommandQueue,
  { clock, scheduler, resyncWithinMs }: Settings,
): Resync {
  const gap$ = new Subject<Gap>()
  /** A round of snapshots to begin after a pause in ms; null ends the one under way. */
  const round$ = new Subject<number | null>()
  /** Loss that the next round will close. */
  let pending: Loss | undefined
  /** Loss that the round under way will close. */
  let closing: Loss | undefined
  let isAwaited = false
  let isReady = false
  let losses = 0
  let inARow = 0
  let sinceRoundMs: (() => number) | undefined

  const begin = (cause: GapCause, from: number): void => {
    const recovered = cause === 'connection-lost' && pending?.recovered !== false
    // mutant: first-loss-counts
    pending = { ...(pending ?? { cause, from, difference: baseline(), compared: [] }), recovered }
  }

  /**
   * One round at a time: what is missed during it waits for the round behind it, however much that
   * is.
   */
  const beginRound = (): void => {
    // mutant: one-round-at-a-time
    if (closing !== undefined || isAwaited) return
    const idleMs = sinceRoundMs?.() ?? Infinity
    if (idleMs >= 2 * Math.max(1_000, roundPauseMs(inARow))) inARow = 0
    isAwaited = true
    // mutant: pause-between-rounds
    round$.next(Math.max(0, roundPauseMs(inARow) - idleMs))
  }

  const snapshotsOf = (loss: Loss): Observable<Taken> => {
    isAwaited = false
    pending = undefined
    closing = loss
    const wanted = snapshots.wanted()
    const missing = new Set(wanted.map(({ name }) => name))
    const to = clock.wall()
    const all$ = merge(
      ...wanted.map(({ name, take$ }) =>
        take$.pipe(
          tap((each) => {
            if (each !== undefined) loss.compared.push(each)
            missing.delete(name)
          }),
        ),
      ),
    )
    const tell = (): void => {
      // Told already; or there was another loss, even within the asking: letting go of older
      // questions may be what ends a socket.
      if (closing !== loss) return
      closing = undefined
      inARow += 1
      sinceRoundMs = stopwatchOf(clock)()
      const before = losses
      const { cause, from, recovered, difference, compared } = loss
      // Before orders pass again: a risk check must hear first of what is not known.
      gap$.next(gapOf({ cause, from, to, recovered }, compared, difference(), [...missing]))
      // Unless there was another loss during the emission.
      if (losses !== before) return
      queue.setSynced(true)
      if (isReady && pending !== undefined) beginRound()
    }
    // A query that the server never answers must not hold orders back; it goes on, and may still
    // freshen its view.
    const deadline$ = deadline(resyncWithinMs, scheduler).pipe(
      tap(tell),
      mergeMap(() => EMPTY),
    )
    return merge(all$.pipe(tap({ complete: tell })), deadline$)
  }

  const roundAfter = (pauseMs: number | null): Observable<Taken> => {
    if (pauseMs === null) return NEVER
    // Letting go of the questions of the round before may end the socket: then there is nothing to
    // begin.
    const snapshots$ = defer(() => (pending === undefined || !isAwaited ? EMPTY : snapshotsOf(pending)))
    return pauseMs === 0 ? snapshots$ : timer(pauseMs, scheduler).pipe(mergeMap(() => snapshots$))
  }

  const running = round$.pipe(switchMap(roundAfter)).subscribe({ error: (error: unknown) => gap$.error(error) })
  running.add(() => gap$.complete())

  return {
    gap$: gap$.asObservable(),
    lost(cause, from) {
      isReady = false
      losses += 1
      // The round under way ends without having closed its gap, which began before whatever was
      // missed during it.
      if (closing !== undefined) pending = { ...closing, recovered: closing.recovered && pending?.recovered !== false }
      closing = undefined
      isAwaited = false
      begin(cause, from)
      setStale()
      queue.setSynced(false)
      round$.next(null)
    },
    missedOne(from) {
      begin('undecodable-notice', from)
      setStale()
      missedOne()
      if (isReady) beginRound()
    },
    session(resumed) {
      // mutant: not-resumed
      if (pending !== undefined && !resumed) pending = { ...pending, recovered: false }
    },
    ready() {
      isReady = true
      if (pending === undefined) return
      isAwaited = true
      round$.next(0)
    },
    running,
  }
}
