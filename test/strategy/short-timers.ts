import { type SchedulerLike, Subscription } from 'rxjs'

/** A scheduler on which nothing ever comes, but what is beyond the longest timer of the platform: that comes in a moment, as there. */
export const shortTimers: SchedulerLike = {
  now: () => 0,
  schedule(work: (this: unknown, state?: unknown) => void, delayMs = 0, state?: unknown): Subscription {
    const action = Object.assign(new Subscription(), { schedule: () => undefined })
    if (delayMs >= 2 ** 31) queueMicrotask(() => action.closed || work.call(action, state))
    return action
  },
}

/** A moment. */
export const moment = (): Promise<void> => new Promise((done) => setImmediate(done))
