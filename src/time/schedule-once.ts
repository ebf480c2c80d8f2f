import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs'

/**
 * Runs `work` once after `delayMs`, unless `parent` is unsubscribed before. Use it in place of
 * `parent.add(scheduler.schedule(work, delayMs))` for every parent that outlives the action: an
 * action that has run stays open, and its parent then keeps it, and all that its closure holds,
 * until the parent ends.
 *
 * @param delayMs - in ms. @default 0
 */
export const scheduleOnce = (
  parent: Subscription,
  scheduler: SchedulerLike,
  work: () => void,
  delayMs = 0,
): Subscription => {
  const action = scheduler.schedule(function (this: SchedulerAction<unknown>) {
    // Before the work: whatever it throws or schedules, the action has left its parent.
    this.unsubscribe()
    work()
  }, delayMs)
  parent.add(action)
  return action
}
