import { Observable, type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import { LONGEST_TIMER_MS } from './longest-timer.js'

/**
 * A wait is counted in so many parts: a pause of this process costs the peer one part of its time
 * at most.
 */
const PARTS = 4

/** The part of a wait that one timer waits for, in ms. */
export const partOfWait = (ms: number): number => Math.max(1, Math.ceil(ms / PARTS))

/**
 * Calls `expired` once a peer has had `ms` to say something. Every deadline for a peer is made
 * here.
 *
 * A pause of this process (a long computation, a suspended machine) is not silence of the peer. Two
 * faults are prevented:
 * - timers are served before sockets, so an answer that has arrived lies unread as the timer fires:
 *   the event loop gets one
 *   more turn before the verdict;
 * - what takes several steps (to connect, to log in) cannot go on during the pause: the wait is
 *   counted in parts, by
 *   timers and not by a clock, so that a pause uses up one part at most.
 *
 * Without pauses it takes exactly `ms` of the scheduler's time. More than timers can wait, Infinity
 * too: never.
 */
export const scheduleDeadline = (scheduler: SchedulerLike, ms: number, expired: () => void): Subscription => {
  if (!(ms <= LONGEST_TIMER_MS)) return Subscription.EMPTY
  let leftMs = ms
  let partMs = Math.min(partOfWait(ms), ms)
  let isOverdue = false
  return scheduler.schedule(function waitForPeer(this: SchedulerAction<unknown>) {
    if (isOverdue) {
      expired()
      return
    }
    leftMs -= partMs
    isOverdue = leftMs <= 0
    partMs = isOverdue ? 0 : Math.min(partMs, leftMs)
    this.schedule(undefined, partMs)
  }, partMs)
}

/** {@link scheduleDeadline} as an Observable: emits once and completes. */
export const deadline = (ms: number, scheduler: SchedulerLike): Observable<void> =>
  new Observable((subscriber) =>
    scheduleDeadline(scheduler, ms, () => {
      subscriber.next()
      subscriber.complete()
    }),
  )
