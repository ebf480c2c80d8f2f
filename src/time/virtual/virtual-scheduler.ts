import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import { type ActionKind, exactDelays, platformKinds } from './action-kind.js'
import { DueQueue } from './due-queue.js'

/** Settings of a {@link VirtualScheduler}. */
export interface VirtualSchedulerOptions {
  /**
   * Takes long delays as the timers of Node and of browsers do: one above 2^31 - 1 ms, Infinity
   * too, comes after 1 ms. For tests of code that gets `asyncScheduler` in production.
   * @default false: every delay is kept, and Infinity never comes
   */
  readonly platformTimers?: boolean
}

/** Bounds of {@link VirtualScheduler.flush}. */
export interface FlushOptions {
  /**
   * The virtual instant by which everything should have come to its end, in ms.
   * @default Infinity
   */
  readonly untilMs?: number
  /** Greatest number of actions. @default 1_000_000 */
  readonly maxActions?: number
}

/**
 * A flush that would not have ended: something still runs. The message names what, and when it is
 * due.
 */
export class StillRunning extends Error {
  readonly _tag = 'StillRunning'
  override readonly name = 'StillRunning'
  /** Which limit was reached first. */
  readonly limit: 'time' | 'actions'
  /** Actions that are still waiting. */
  readonly pending: number
  readonly nowMs: number

  constructor(limit: 'time' | 'actions', reached: string, nowMs: number, pending: readonly string[]) {
    const shown = pending.slice(0, 5).map((each) => `\n  ${each}`)
    const more = pending.length > shown.length ? `\n  and ${pending.length - shown.length} more` : ''
    super(
      `${reached}, and ${pending.length} action(s) still wait at ${nowMs} ms; unsubscribe what should have ended, or raise the limit:${shown.join('')}${more}`,
    )
    this.limit = limit
    this.pending = pending.length
    this.nowMs = nowMs
  }
}

/**
 * A scheduler for tests and backtests whose time passes only by `advanceTo` and `flush`. Actions
 * run in the order of their due times, and at the same instant in the order in which they were
 * scheduled.
 *
 * An action costs about the same however many are waiting (rxjs's VirtualTimeScheduler sorts its
 * whole list at each), and a cancelled one is forgotten. A delay of Infinity never comes; a
 * negative one is 0. An action that throws is cancelled and the error leaves through `advanceTo` or
 * `flush`; the others stay and can still be run.
 *
 * ```ts
 * const scheduler = new VirtualScheduler()
 * interval(1000, scheduler).pipe(take(2)).subscribe((n) => console.log(scheduler.now(), n))
 * scheduler.advanceTo(1500) // => 1000 0
 * scheduler.flush()         // => 2000 1
 * ```
 */
export class VirtualScheduler implements SchedulerLike {
  readonly #waiting = new DueQueue<Waiting>((action, order) => action.isWaitingAs(order))
  #nowMs = 0
  #order = 0
  #microtaskOrder = FIRST_MICROTASK
  #running = false
  readonly #kind: ActionKind

  constructor({ platformTimers = false }: VirtualSchedulerOptions = {}) {
    this.#kind = platformTimers ? platformKinds().timer : exactDelays
  }

  /** Virtual milliseconds since the scheduler was made. Never goes back. */
  now(): number {
    return this.#nowMs
  }

  /**
   * Due time of the next action, in virtual ms; Infinity if none waits. Lets a driver step from one
   * instant to the next.
   */
  get nextDueMs(): number {
    return this.#waiting.nextDueMs()
  }

  /** Actions that wait to be run. */
  get pending(): number {
    return this.#waiting.size
  }

  /**
   * Actions in the queue, cancelled ones included: of these at most as many as `pending`, or 64.
   */
  get sizeWithCancelled(): number {
    return this.#waiting.sizeWithCancelled
  }

  /** As in rxjs: inside `work`, `this.schedule(state, delay)` runs the same action once more. */
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return this.scheduleAs(this.#kind, work, delay, state)
  }

  /** As {@link schedule}, by the rules of another kind of action. */
  scheduleAs<T>(
    kind: ActionKind,
    work: (this: SchedulerAction<T>, state?: T) => void,
    delay = 0,
    state?: T,
  ): Subscription {
    return new VirtualAction<T>(work, this.#queue, kind).schedule(state, delay)
  }

  /**
   * Runs everything that is due up to and at the virtual instant `ms`, and leaves the time there.
   */
  advanceTo(ms: number): void {
    if (!(ms >= this.#nowMs)) throw new RangeError(`time does not go back: it is ${this.#nowMs} ms, asked for ${ms} ms`)
    this.#run(ms, Infinity)
    if (ms !== Infinity) this.#nowMs = ms
  }

  /** Lets `ms` of virtual time pass. */
  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms)
  }

  /**
   * Runs until nothing waits any more; the time is then that of the last action. Throws
   * {@link StillRunning} when the limits are reached before, as with an interval that never ends: a
   * test should fail then, and not hang.
   */
  flush({ untilMs = Infinity, maxActions = 1_000_000 }: FlushOptions = {}): void {
    const ran = this.#run(untilMs, maxActions)
    if (this.#waiting.size === 0) return
    const limit = ran >= maxActions ? 'actions' : 'time'
    const reached = limit === 'actions' ? `${maxActions} actions have run` : `${untilMs} ms have been reached`
    const waiting = this.#waiting.list().map(({ dueMs, item }) => `due at ${dueMs} ms: ${item.describe()}`)
    throw new StillRunning(limit, reached, this.#nowMs, waiting)
  }

  #run(untilMs: number, maxActions: number): number {
    // A scheduler run from within its own actions would run later ones before the present one has
    // ended.
    if (this.#running)
      throw new Error('the scheduler is running already: time cannot be advanced from within an action')
    this.#running = true
    let ran = 0
    try {
      for (; ran < maxActions; ran++) {
        const dueMs = this.#waiting.nextDueMs()
        if (dueMs > untilMs || dueMs === Infinity) break
        this.#nowMs = dueMs
        this.#waiting.pop()?.execute()
      }
    } finally {
      this.#running = false
    }
    return ran
  }

  /**
   * Operations of actions on the queue; an object of its own keeps them out of the public
   * interface.
   */
  readonly #queue: ActionQueue = {
    nextOrder: (isMicrotask) => (isMicrotask ? ++this.#microtaskOrder : ++this.#order),
    add: (action, delayMs, order) => this.#waiting.push(this.#nowMs + Math.max(0, delayMs), order, action),
    noteCancelled: () => this.#waiting.noteCancelled(),
  }
}

/** An action as the scheduler sees it, independent of the type of its state. */
interface Waiting {
  /**
   * True if the queue entry of this number belongs to this action; an entry of another number was
   * cancelled or replaced.
   */
  isWaitingAs(order: number): boolean
  execute(): void
  describe(): string
}

interface ActionQueue {
  /** Microtasks are numbered below all others: at their instant they come first. */
  nextOrder(isMicrotask: boolean): number
  /** From now on, and while it is being taken in, the action is waiting as `order`. */
  add(action: Waiting, delayMs: number, order: number): void
  noteCancelled(): void
}

const NOT_WAITING = 0
const FIRST_MICROTASK = Number.MIN_SAFE_INTEGER

class VirtualAction<T> extends Subscription implements SchedulerAction<T>, Waiting {
  #order = NOT_WAITING
  #state: T | undefined
  #runs = 0
  readonly #work: (this: SchedulerAction<T>, state?: T) => void
  readonly #queue: ActionQueue
  readonly #kind: ActionKind

  constructor(work: (this: SchedulerAction<T>, state?: T) => void, queue: ActionQueue, kind: ActionKind) {
    super()
    this.#work = work
    this.#queue = queue
    this.#kind = kind
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this
    if (Number.isNaN(delay)) throw new RangeError('a delay must be a number of milliseconds, this one is NaN')
    this.#state = state
    // Scheduled again while it waits: the later call counts, as in rxjs.
    this.#leave()
    const delayMs = this.#kind.delayMs(delay)
    if (delayMs === Infinity) return this
    // Before it goes in: a queue that is rearranged for it asks all that it holds whether they are
    // wanted.
    this.#order = this.#queue.nextOrder(this.#kind.isMicrotask && delayMs <= 0)
    this.#queue.add(this, delayMs, this.#order)
    return this
  }

  isWaitingAs(order: number): boolean {
    // That the work is a function is never in doubt; to look is to have it at hand when the action
    // runs soon after.
    return this.#order === order && typeof this.#work === 'function'
  }

  execute(): void {
    this.#order = NOT_WAITING
    this.#runs += 1
    try {
      this.#work.call(this, this.#state)
    } catch (error) {
      this.unsubscribe()
      throw error
    }
  }

  override unsubscribe(): void {
    if (this.closed) return
    this.#leave()
    this.#state = undefined
    super.unsubscribe()
  }

  describe(): string {
    const source = String(this.#work).replace(/\s+/g, ' ')
    const what = this.#work.name === '' ? source.slice(0, 80) : this.#work.name
    return this.#runs === 0 ? what : `${what} (has run ${this.#runs} times)`
  }

  #leave(): void {
    if (this.#order === NOT_WAITING) return
    this.#order = NOT_WAITING
    this.#queue.noteCancelled()
  }
}
