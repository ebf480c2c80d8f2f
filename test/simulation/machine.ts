import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs'
import { type Clock, VirtualScheduler } from '../../src/time/index.js'

/** What the wall of every machine shows when a run begins. */
export const startMs = Date.UTC(2026, 0, 1)

/**
 * All instants lie on a grid of 1/64 ms, so that differences of them are exact. Otherwise a deadline may be a billionth of a
 * millisecond away, which no clock can show to have passed.
 */
export const onGrid = (ms: number): number => Math.ceil(Math.max(0, ms) * 64) / 64

/** Virtual time on that grid. */
export class GridScheduler extends VirtualScheduler {
  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return super.schedule(work, onGrid(delay), state)
  }
}

const mostActions = 200_000

/**
 * A process on a machine of its own: timers and clocks that can be stopped (SIGSTOP: both clocks go on), suspended (the
 * monotonic one stands still), jumped (the wall clock alone) and killed (nothing of it ever runs again).
 */
export class Machine {
  readonly clock: Clock
  readonly scheduler: SchedulerLike
  readonly #base: VirtualScheduler
  #awakeAt = 0
  #suspendedMs = 0
  #jumpedMs = 0
  #dead = false
  /** For checks: how long it has not run, in all. */
  asleepMs = 0
  jumps = 0
  actions = 0

  /** @param predecessor the process before it on the same machine, whose clocks go on */
  constructor(
    readonly name: string,
    base: VirtualScheduler,
    predecessor?: Machine,
  ) {
    this.#base = base
    if (predecessor !== undefined) {
      this.#suspendedMs = predecessor.#suspendedMs
      this.#jumpedMs = predecessor.#jumpedMs
      this.jumps = predecessor.jumps
    }
    this.clock = {
      wall: () => startMs + base.now() + this.#jumpedMs,
      monotonic: () => this.#local(),
    }
    this.scheduler = {
      // As rxjs's own do, it shows the wall clock, which jumps.
      now: () => this.clock.wall(),
      schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T) =>
        this.#schedule(work, delay, state),
    }
  }

  get dead(): boolean {
    return this.#dead
  }

  /** For how long nothing of it will run. */
  get asleepForMs(): number {
    return Math.max(0, this.#awakeAt - this.#base.now())
  }

  kill(): void {
    this.#dead = true
  }

  stop(forMs: number): void {
    this.#sleep(forMs)
  }

  suspend(forMs: number): void {
    this.#suspendedMs += this.#sleep(forMs)
  }

  jumpWall(byMs: number): void {
    this.#jumpedMs += onGrid(byMs + 1e9) - 1e9
    this.jumps++
  }

  #sleep(forMs: number): number {
    const until = Math.max(this.#awakeAt, this.#base.now() + onGrid(forMs))
    const added = until - Math.max(this.#awakeAt, this.#base.now())
    this.#awakeAt = until
    this.asleepMs += added
    return added
  }

  #local(): number {
    return this.#base.now() - this.#suspendedMs
  }

  #schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay: number, state: T | undefined): Subscription {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- The action has a `this` of its own, as rxjs wants it.
    const machine = this
    let dueLocal = this.#local() + onGrid(delay)
    const action = this.#base.schedule<T>(
      function (this: SchedulerAction<T>, given?: T) {
        if (machine.#dead) return
        // A run that does more than this goes round in circles.
        if (++machine.actions > mostActions) throw new Error(`${machine.name} has had ${mostActions} turns`)
        const lateMs = Math.max(machine.asleepForMs, dueLocal - machine.#local())
        if (lateMs > 0) again(given, lateMs)
        else work.call(this, given)
      },
      delay,
      state,
    ) as SchedulerAction<T>
    const again = action.schedule.bind(action)
    action.schedule = (given, moreMs = 0) => {
      dueLocal = machine.#local() + onGrid(moreMs)
      return again(given, onGrid(moreMs))
    }
    return action
  }
}
