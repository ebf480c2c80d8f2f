import type { SchedulerLike, Subscription } from 'rxjs'
import { type Clock, partOfWait } from '../../time/index.js'

export interface SilenceOptions {
  /** Time of the last received message, on the monotonic clock. */
  readonly heardAt: () => number
  /** Longest silence, in ms. */
  readonly deadAfterMs: number
  /** Called once, when that is so. */
  readonly silent: () => void
  readonly clock: Clock
  readonly scheduler: SchedulerLike
}

/**
 * Tells when nothing has been heard for `deadAfterMs`. The timer is set for the instant at which
 * that would be so, not for every so many seconds: a look every 16 s would let a dead socket live
 * for 31.
 *
 * A pause of this process is not silence of the client, as in {@link scheduleDeadline}; that one
 * cannot be used, since what is heard would have to set it again, at every message.
 *
 * One action that sets itself again, and no pipeline: there is one of these for each connection,
 * and a pipeline takes 4 KiB.
 */
export const watchSilence = ({ heardAt, deadAfterMs, silent, clock, scheduler }: SilenceOptions): Subscription => {
  const sinceMs = (at: number): number => Math.max(0, clock.monotonic() - at)
  let seenAt = heardAt()
  let leftMs = Math.max(0, deadAfterMs - sinceMs(seenAt))
  let partMs = Math.min(partOfWait(deadAfterMs), leftMs)
  return scheduler.schedule<boolean>(function (isSuspect = false) {
    if (heardAt() !== seenAt) {
      seenAt = heardAt()
      // What is more than the timer was to wait is a pause of our own.
      leftMs = deadAfterMs - Math.min(sinceMs(seenAt), partMs)
    } else if (isSuspect) {
      silent()
      return
    } else leftMs -= partMs
    partMs = Math.max(0, Math.min(partOfWait(deadAfterMs), leftMs))
    this.schedule(leftMs <= 0, partMs)
  }, partMs)
}
