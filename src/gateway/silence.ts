import { defer, EMPTY, filter, map, type Observable, repeat, type SchedulerLike, switchMap, take, timer } from 'rxjs'
import type { Clock } from '../time/index.js'

export interface SilenceOptions {
  /** When something was heard last, on the monotonic clock. */
  readonly heardAt: () => number
  /** How long nothing may be heard, in ms. */
  readonly deadAfterMs: number
  readonly clock: Clock
  readonly scheduler: SchedulerLike
}

/**
 * Emits once, and completes, when nothing has been heard for `deadAfterMs`. The timer is set for the instant at which that
 * would be so, not for every so many seconds: a look every 16 s would let a dead socket live for 31.
 *
 * An overdue timer first gives the event loop one turn: after a stall of our own, what the other side sent meanwhile lies unread
 * in the socket, and a healthy client must not die of it.
 */
export const silence = ({ heardAt, deadAfterMs, clock, scheduler }: SilenceOptions): Observable<void> => {
  const leftMs = () => heardAt() + deadAfterMs - clock.monotonic()
  // Whole milliseconds, as real timers: a billionth of one more may not change the clock, and would be waited for for ever.
  return defer(() => timer(Math.max(Math.ceil(leftMs()), 0), scheduler)).pipe(
    switchMap(() => (leftMs() > 0 ? EMPTY : timer(0, scheduler))),
    filter(() => leftMs() <= 0),
    repeat(),
    take(1),
    map(() => undefined),
  )
}
