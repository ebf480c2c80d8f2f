import {
  animationFrameScheduler,
  asapScheduler,
  asyncScheduler,
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs'
import { type ActionKind, platformKinds } from './action-kind.js'
import { replaceClocks } from './platform-clocks.js'
import { Replacements } from './replacements.js'
import { VirtualScheduler } from './virtual-scheduler.js'

/** Start of virtual time. */
export interface VirtualTimeOptions {
  /**
   * Value of `Date.now()` and `asyncScheduler.now()` at scheduler time 0, in ms since 1970.
   * @default 0
   */
  readonly startMs?: number
}

type Anything = Record<PropertyKey, unknown>

const frameMs = 16

/**
 * Return value of setTimeout: an object with methods as in Node that converts to a number as in
 * browsers.
 */
class VirtualTimer {
  readonly #id: number
  #subscription: Subscription | undefined
  readonly #start: () => Subscription
  readonly #waiting: Map<number, VirtualTimer>

  /** @param waiting - holds the timer by its id for as long as it can still be cleared by that */
  constructor(id: number, start: () => Subscription, waiting: Map<number, VirtualTimer>) {
    this.#id = id
    this.#start = start
    this.#waiting = waiting
    this.#wait()
  }

  #wait(): void {
    this.#waiting.set(this.#id, this)
    this.#subscription = this.#start()
  }

  /** The callback runs. The timer can still be refreshed. */
  fired(): void {
    this.#waiting.delete(this.#id)
  }

  clear(): void {
    this.#waiting.delete(this.#id)
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
  }
  close(): this {
    this.clear()
    return this
  }
  refresh(): this {
    if (this.#subscription === undefined) return this
    this.clear()
    this.#wait()
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  [Symbol.toPrimitive](): number {
    return this.#id
  }
}

/** Timers and microtasks of the platform, in the time of a scheduler. */
interface Platform {
  readonly timer: SchedulerLike['schedule']
  /** Schedules work without delay before everything else that is due at the instant. */
  readonly microtask: SchedulerLike['schedule']
}

const platformOn = (scheduler: SchedulerLike): Platform => {
  const kinds = platformKinds()
  const as =
    (kind: ActionKind): SchedulerLike['schedule'] =>
    <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T) =>
      scheduler instanceof VirtualScheduler
        ? scheduler.scheduleAs(kind, work, delay, state)
        : scheduler.schedule(work, kind.delayMs(delay), state as T)
  return { timer: as(kinds.timer), microtask: as(kinds.microtask) }
}

type Callback = (...args: unknown[]) => unknown

const replaceTimers = (it: Replacements, scheduler: SchedulerLike, platform: Platform, startMs: number): void => {
  const timers = new Map<number, VirtualTimer>()
  let lastId = 0
  // setTimeout(f, undefined), NaN and negative delays are 0, as everywhere.
  const delayOf = (ms: unknown): number => {
    const delay = Number(ms ?? 0)
    return delay > 0 ? delay : 0
  }
  const start = (begin: () => Subscription): VirtualTimer => new VirtualTimer(++lastId, begin, timers)
  const once = (run: Callback, ms: unknown, args: unknown[], schedule = platform.timer) => {
    const timer = start(() =>
      schedule(function timeout() {
        timer.fired()
        run(...args)
      }, delayOf(ms)),
    )
    return timer
  }
  const every = (run: Callback, ms: unknown, args: unknown[]) => {
    const periodMs = Math.max(1, delayOf(ms))
    return start(() =>
      platform.timer(function interval(this: SchedulerAction<unknown>) {
        // First the next one: an interval goes on although its callback throws, and its callback
        // may end it.
        this.schedule(undefined, periodMs)
        run(...args)
      }, periodMs),
    )
  }
  const clear = (name: string) => {
    const original = (globalThis as Anything)[name]
    return (handle: unknown) => {
      const timer = handle instanceof VirtualTimer ? handle : timers.get(Number(handle))
      if (timer !== undefined) timer.clear()
      // One of this run that has fired: the real function may know another timer by the same
      // number.
      else if (Number(handle) > 0 && Number(handle) <= lastId) return
      // It was started before the run: only the real function knows it.
      else if (typeof original === 'function') (original as Callback)(handle)
    }
  }
  it.replaceGlobal('setTimeout', (run: Callback, ms?: unknown, ...args: unknown[]) => once(run, ms, args))
  it.replaceGlobal('setInterval', (run: Callback, ms?: unknown, ...args: unknown[]) => every(run, ms, args))
  it.replaceGlobal('setImmediate', (run: Callback, ...args: unknown[]) => once(run, 0, args))
  it.replaceGlobal('requestAnimationFrame', (run: Callback) =>
    Number(once(() => run(startMs + scheduler.now()), frameMs, [])),
  )
  it.replaceGlobal('queueMicrotask', (run: Callback) => void once(run, 0, [], platform.microtask))
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate', 'cancelAnimationFrame']) {
    it.replaceGlobal(name, clear(name))
  }
}

const replaceAbortSignals = (it: Replacements, platform: Platform): void => {
  const signals = (globalThis as Anything).AbortSignal
  it.replaceMethod(signals, 'timeout', () => (ms: number): AbortSignal => {
    const controller = new AbortController()
    platform.timer(function abortSignalTimeout() {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    }, ms)
    return controller.signal
  })
}

const replaceSchedulers = (it: Replacements, scheduler: SchedulerLike, platform: Platform, startMs: number): void => {
  const now = () => startMs + scheduler.now()
  // Only public members. queueScheduler runs at once what has no delay and gives the rest to
  // setInterval: it needs nothing.
  it.replace(asyncScheduler, 'schedule', platform.timer)
  it.replace(asapScheduler, 'schedule', platform.microtask)
  for (const each of [asyncScheduler, asapScheduler]) it.replace(each, 'now', now)
  it.replace(
    animationFrameScheduler,
    'schedule',
    <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T) =>
      platform.timer(work, Math.max(frameMs, delay), state as T),
  )
  it.replace(animationFrameScheduler, 'now', now)
}

/**
 * Runs `body` in virtual time: operators that name no scheduler (`debounceTime(1000)`, `timer`,
 * `interval`, `timestamp`, `timeout`, `delay` …), raw timers, `AbortSignal.timeout`, `Date`,
 * `performance` and `process.hrtime` all follow `scheduler`, which `body` itself advances.
 * Everything is put back afterwards, also when `body` throws. Calls may be nested.
 *
 * As on the platform, a delay above 2^31 - 1 ms (Infinity too) comes after 1 ms, and microtasks
 * (`asapScheduler`, `queueMicrotask`) come before every timer that is due at the same instant.
 *
 * Not followed: promises (so `body` must not be async), `process.nextTick`, timers imported from
 * `node:timers`, messages, files and sockets, and functions and classes that were taken before:
 * `const { now } = Date`, `class extends Date`.
 *
 * ```ts
 * withVirtualTime(scheduler, () => {
 *   interval(1000).pipe(take(2)).subscribe((n) => console.log(scheduler.now(), n))
 *   scheduler.flush() // => 1000 0, 2000 1
 * })
 * ```
 */
export function withVirtualTime<T>(
  scheduler: SchedulerLike,
  body: () => T,
  { startMs = 0 }: VirtualTimeOptions = {},
): T {
  const replacements = new Replacements()
  let result: T
  try {
    const platform = platformOn(scheduler)
    replaceSchedulers(replacements, scheduler, platform, startMs)
    replaceTimers(replacements, scheduler, platform, startMs)
    replaceAbortSignals(replacements, platform)
    replaceClocks(replacements, {
      startMs,
      sinceStartMs: () => scheduler.now(),
      wallMs: () => startMs + scheduler.now(),
    })
    result = body()
  } finally {
    replacements.undo()
  }
  if (typeof result === 'object' && result !== null && typeof (result as Anything).then === 'function') {
    throw new TypeError(
      'the body of withVirtualTime returned a promise: what it does after its first await is out of virtual time',
    )
  }
  return result
}
