import type { SchedulerLike, Subscription } from 'rxjs'
import { LONGEST_TIMER_MS } from '../operators/index.js'

/**
 * How long something has waited, in ms, from now until it is asked for. A scheduler shows the wall clock, which may be set back, and then an hour old
 * order would seem fresh; its timers run on: what has waited for `atMostMs` by either is that old at least. The timer ends when it is asked for
 * first, or with `life`.
 */
export const waiting = (scheduler: SchedulerLike, atMostMs: number, life: Subscription): (() => number) => {
  const since = scheduler.now()
  let least = 0
  const alarm =
    atMostMs > LONGEST_TIMER_MS
      ? undefined
      : scheduler.schedule(() => {
          least = atMostMs
          alarm?.unsubscribe()
        }, atMostMs)
  if (alarm !== undefined) life.add(alarm)
  return () => {
    alarm?.unsubscribe()
    return Math.max(least, scheduler.now() - since)
  }
}
