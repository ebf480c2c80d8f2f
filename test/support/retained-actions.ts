import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs'
import type { VirtualScheduler } from '../../src/time/index.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** A scheduler that knows which of its actions are still held by somebody. */
export class WatchedScheduler implements SchedulerLike {
  readonly #actions: WeakRef<Subscription>[] = []

  constructor(readonly inner: VirtualScheduler) {}

  now(): number {
    return this.inner.now()
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription {
    const action = this.inner.schedule(work, delay, state)
    this.#actions.push(new WeakRef(action))
    return action
  }

  /** Actions scheduled so far. */
  get scheduled(): number {
    return this.#actions.length
  }

  /** Actions that survive a garbage collection, beyond those that are still waiting to run. */
  async retained(): Promise<number> {
    // A WeakRef keeps its target until the turn in which it was made has ended.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    return this.#actions.filter((action) => action.deref() !== undefined).length - this.inner.pending
  }
}
