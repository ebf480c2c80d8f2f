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

/** A timer of a machine. It has run, or waits, or was cancelled while it waited. */
interface Timer {
  readonly action: Subscription
  readonly delayMs: number
  readonly work: (...given: never[]) => void
}

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
  /** Those that wait, and some of those that were cancelled. */
  readonly #timers = new Set<Timer>()
  #pruneAt = 64
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
    return this.#dead ? 0 : Math.max(0, this.#awakeAt - this.#base.now())
  }

  /** Timers die with their process. One that had been put off by long sleeps would otherwise outlive the run. */
  kill(): void {
    this.#dead = true
    for (const { action } of this.#timers) action.unsubscribe()
    this.#timers.clear()
  }

  /** The timers that wait, each as its delay and the beginning of what it calls. */
  get timers(): readonly string[] {
    this.#prune()
    return [...this.#timers].map(
      ({ delayMs, work }) => `${delayMs} ms: ${String(work).replace(/\s+/g, ' ').slice(0, 80)}`,
    )
  }

  #prune(): void {
    for (const timer of this.#timers) if (timer.action.closed) this.#timers.delete(timer)
    this.#pruneAt = Math.max(64, 2 * this.#timers.size)
  }

  #waits(timer: Timer): void {
    this.#timers.add(timer)
    if (this.#timers.size > this.#pruneAt) this.#prune()
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
        machine.#timers.delete(timer)
        // A run that does more than this goes round in circles.
        if (++machine.actions > mostActions) throw new Error(`${machine.name} has had ${mostActions} turns`)
        const lateMs = Math.max(machine.asleepForMs, dueLocal - machine.#local())
        if (lateMs > 0) again(given, lateMs)
        else work.call(this, given)
      },
      delay,
      state,
    ) as SchedulerAction<T>
    const timer: Timer = { action, delayMs: delay, work }
    if (delay !== Infinity) this.#waits(timer)
    const schedule = action.schedule.bind(action)
    const again = (given: T | undefined, moreMs: number): Subscription => {
      if (moreMs !== Infinity) this.#waits(timer)
      return schedule(given, moreMs)
    }
    action.schedule = (given, moreMs = 0) => {
      dueLocal = machine.#local() + onGrid(moreMs)
      return again(given, onGrid(moreMs))
    }
    return action
  }
}
