import type { SchedulerLike, Subscription } from 'rxjs'
import type { Clock } from '../time/index.js'

export interface SilenceOptions {
  /** When something was heard last, on the monotonic clock. */
  readonly heardAt: () => number
  /** How long nothing may be heard, in ms. */
  readonly deadAfterMs: number
  /** Called once, when that is so. */
  readonly silent: () => void
  readonly clock: Clock
  readonly scheduler: SchedulerLike
}

/** A timer of the platform cannot be set for longer, and would come at once. */
const longestMs = 2 ** 31 - 1

/**
 * Tells when nothing has been heard for `deadAfterMs`. The timer is set for the instant at which that would be so, not for
 * every so many seconds: a look every 16 s would let a dead socket live for 31.
 *
 * An overdue timer first gives the event loop one turn: after a stall of our own, what the other side sent meanwhile lies unread
 * in the socket, and a healthy client must not die of it.
 *
 * One action that sets itself again, and no pipeline: there is one of these for each connection, and a pipeline takes 4 KiB.
 */
export const watchSilence = ({ heardAt, deadAfterMs, silent, clock, scheduler }: SilenceOptions): Subscription => {
  // Whole milliseconds, as real timers: a billionth of one more may not change the clock, and would be waited for for ever.
  const leftMs = () => Math.min(Math.ceil(heardAt() + deadAfterMs - clock.monotonic()), longestMs)
  return scheduler.schedule<boolean>(
    function (isSuspect = false) {
      const left = leftMs()
      if (left > 0) this.schedule(false, left)
      else if (!isSuspect) this.schedule(true, 0)
      else silent()
    },
    Math.max(leftMs(), 0),
  )
}
