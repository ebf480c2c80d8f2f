import {
  asyncScheduler,
  map,
  mergeMap,
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerLike,
  type Subscriber,
  Subscription,
  type Unsubscribable,
  using,
} from 'rxjs'
import { checkBound, LONGEST_TIMER_MS } from '../time/index.js'
import { schedulerStopwatch, type Stopwatch } from './stopwatch.js'

/** Settings of {@link createGate}. */
export interface GateOptions {
  /**
   * Greatest number of waiting values, over all streams that the gate holds; one more is refused.
   * @default 1000
   */
  readonly limit?: number
  /** Measures how long a value has waited. @default the scheduler's clock */
  readonly stopwatch?: Stopwatch
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** Settings of one stream at a gate. */
export interface HoldOptions {
  /** Longest wait of a value, in ms. @default no limit */
  readonly maxAgeMs?: number
}

/**
 * Reason for refusing a value: it waited too long, too many were waiting, or the gate had ended.
 */
export type GateRefusalReason = 'too-old' | 'full' | 'ended'

/** A value was not let through. Whatever stands behind the gate has not seen it. */
export class GateRefused extends Error {
  readonly _tag = 'GateRefused'
  override readonly name = 'GateRefused'
  readonly reason: GateRefusalReason

  constructor(reason: GateRefusalReason, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.reason = reason
  }
}

/** Holds values until a condition is true. Made by {@link createGate}. */
export interface Gate extends Unsubscribable {
  /**
   * Lets each value of the stream through in its turn, when the gate is open. A value that is
   * refused ends its stream with {@link GateRefused}; unsubscribing takes the stream's values out
   * of the queue.
   */
  hold<T>(options?: HoldOptions): MonoTypeOperatorFunction<T>
  /**
   * One value by itself, as `of(value).pipe(gate.hold(options))`. Cold: at subscription the value
   * takes its place.
   */
  pass<T>(value: T, options?: HoldOptions): Observable<T>
  /** Number of waiting values. */
  readonly waiting: number
  /** True if a value would pass at once. */
  readonly open: boolean
  /** Ends the gate: what waits, and what comes later, is refused. */
  unsubscribe(): void
}

/** A value in the queue, seen from the gate. */
interface Waiting {
  readonly gate: OrderedGate
  pass(): void
  refuse(refused: GateRefused): void
}

/**
 * Creates a gate that one stream opens and shuts, and that other streams pass. It is shut until
 * `open$` first emits true.
 *
 * - A value passes at once when the gate is open and none waits; else it waits, in the order of
 *   arrival over all streams.
 * - When `open$` emits true, the queue passes inside that emission, before later subscribers of
 *   `open$` receive it. If a value that passes shuts the gate again, the rest stay; a value that
 *   arrives meanwhile goes to the end.
 * - A value is refused when the queue is full (the newest: the others have waited longer), when it
 *   has waited for `maxAgeMs`, and when `open$` has ended. Its age is checked again at the instant
 *   of passing, because timers may be late.
 *
 * Subscribes to `open$` at once, until `unsubscribe`. The end of `open$` ends the gate, even an
 * open one, since nothing could shut it any more: `of(true)` lets nothing through,
 * `concat(of(true), NEVER)` everything.
 *
 * ```ts
 * const gate = createGate(ready$, { limit: 100 })
 * of(order).pipe(gate.hold({ maxAgeMs: 5000 })).subscribe({
 *   next: (order) => send(order),
 *   error: (refused) => console.log(refused.reason), // => too-old
 * })
 * ```
 */
export function createGate(open$: Observable<boolean>, options: GateOptions = {}): Gate {
  return createGates(open$.pipe(map((only) => ({ only }))), ['only'], options).only
}

/**
 * Makes gates that share one queue: values pass in the order of arrival over all gates, as far as
 * their gates are open. A value at an open gate passes values that wait at a shut one. `open$` says
 * of each gate whether it is open; gates that one emission opens open together. `options.limit`
 * counts for each gate by itself. The end of `open$` ends all gates; `unsubscribe` of a gate ends
 * that gate alone, and that of the last one lets `open$` go.
 *
 * ```ts
 * const { commands, orders } = createGates(state$, ['commands', 'orders'])
 * ```
 *
 * @see {@link createGate} for the rules of a single gate
 */
export function createGates<Name extends string>(
  open$: Observable<Readonly<Record<Name, boolean>>>,
  names: readonly Name[],
  options: GateOptions = {},
): Readonly<Record<Name, Gate>> {
  const queue = new Queue()
  const gates = new Map<Name, OrderedGate>()
  const all = (): readonly OrderedGate[] => [...gates.values()]
  const subscription = new Subscription()
  for (const name of names) {
    const letGo = (): void => {
      if (all().every((each) => each.hasEnded)) subscription.unsubscribe()
    }
    gates.set(name, new OrderedGate(queue, options, letGo))
  }
  const end = (ended: { readonly cause?: unknown }): void => {
    for (const each of all()) each.end(ended)
  }
  subscription.add(
    open$.subscribe({
      next: (open) => {
        for (const [name, each] of gates) each.isShut = each.hasEnded || !open[name]
        queue.flush()
      },
      error: (cause: unknown) => end({ cause }),
      complete: () => end({}),
    }),
  )
  return Object.fromEntries(gates) as unknown as Readonly<Record<Name, Gate>>
}

/**
 * Holds a stream's values back while `open$` is false: {@link createGate} for one stream.
 *
 * ```ts
 * command$.pipe(gate(ready$, { maxAgeMs: 5000 }))
 * ```
 *
 * ![gate in marbles](../../marbles/operators/gate.svg)
 */
export function gate<T>(
  open$: Observable<boolean>,
  { maxAgeMs = Infinity, ...options }: GateOptions & HoldOptions = {},
): MonoTypeOperatorFunction<T> {
  checkBound('maxAgeMs', maxAgeMs)
  checkBound('limit', options.limit ?? 0)
  return (source) =>
    using(
      () => createGate(open$, options),
      // rxjs types the resource as possibly absent; the factory above always gives one.
      (resource) => source.pipe((resource as Gate).hold({ maxAgeMs })),
    )
}

/**
 * One queue for several gates: values pass in the order of arrival over all of them, as far as
 * their gates are open.
 */
class Queue {
  /**
   * A Set: any value may leave from the middle, and one loop over it sees values that are added
   * meanwhile.
   */
  readonly waiting = new Set<Waiting>()
  #flushing = false
  /**
   * Counts the calls of `flush`: one within a flush may open a gate whose values the loop has left
   * behind.
   */
  #calls = 0

  get flushing(): boolean {
    return this.#flushing
  }

  flush(): void {
    this.#calls++
    if (this.#flushing) return
    this.#flushing = true
    try {
      let seen: number
      do {
        seen = this.#calls
        for (const each of this.waiting) {
          if (each.gate.isShut) continue
          this.waiting.delete(each)
          each.pass()
          if (seen !== this.#calls) break
        }
      } while (seen !== this.#calls)
    } finally {
      this.#flushing = false
    }
  }
}

class OrderedGate implements Gate {
  isShut = true
  #waiting = 0
  #ended: { readonly cause?: unknown } | undefined
  readonly #queue: Queue
  readonly #limit: number
  readonly #stopwatch: Stopwatch
  readonly #scheduler: SchedulerLike
  readonly #onEnd: () => void

  constructor(queue: Queue, { limit = 1000, stopwatch, scheduler = asyncScheduler }: GateOptions, onEnd: () => void) {
    this.#queue = queue
    checkBound('limit', limit)
    this.#limit = limit
    this.#scheduler = scheduler
    this.#stopwatch = stopwatch ?? schedulerStopwatch(scheduler)
    this.#onEnd = onEnd
  }

  get waiting(): number {
    return this.#waiting
  }

  get open(): boolean {
    return !this.isShut && !this.#queue.flushing
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  hold<T>(options?: HoldOptions): MonoTypeOperatorFunction<T> {
    checkBound('maxAgeMs', options?.maxAgeMs ?? 0)
    return mergeMap((value) => this.pass(value, options))
  }

  pass<T>(value: T, { maxAgeMs = Infinity }: HoldOptions = {}): Observable<T> {
    checkBound('maxAgeMs', maxAgeMs)
    return new Observable<T>((subscriber) => this.#enter(value, maxAgeMs, subscriber))
  }

  unsubscribe(): void {
    this.end({})
  }

  #enter<T>(value: T, maxAgeMs: number, subscriber: Subscriber<T>): void {
    const pass = (): void => {
      subscriber.next(value)
      subscriber.complete()
    }
    if (this.#ended !== undefined) subscriber.error(hasEnded(this.#ended))
    else if (this.open) pass()
    else if (this.#waiting >= this.#limit) subscriber.error(isFull(this.#limit))
    else {
      const ageMs = this.#stopwatch()
      const waiting: Waiting = {
        gate: this,
        pass: () => {
          leave()
          // mutant: age-at-writing
          if (ageMs() >= maxAgeMs) subscriber.error(isTooOld(maxAgeMs))
          else pass()
        },
        refuse: (refused) => {
          leave()
          subscriber.error(refused)
        },
      }
      let isWaiting = true
      const leave = (): void => {
        if (!isWaiting) return
        isWaiting = false
        this.#waiting--
        this.#queue.waiting.delete(waiting)
      }
      this.#waiting++
      this.#queue.waiting.add(waiting)
      if (maxAgeMs <= LONGEST_TIMER_MS) {
        subscriber.add(this.#scheduler.schedule(() => subscriber.error(isTooOld(maxAgeMs)), maxAgeMs))
      }
      subscriber.add(leave)
    }
  }

  end(ended: { readonly cause?: unknown }): void {
    if (this.#ended !== undefined) return
    this.isShut = true
    this.#ended = ended
    for (const waiting of this.#queue.waiting) if (waiting.gate === this) waiting.refuse(hasEnded(ended))
    this.#onEnd()
  }
}

const isFull = (limit: number): GateRefused =>
  new GateRefused('full', `${limit} values wait at the gate already: it went no further; send less, or raise the limit`)

const isTooOld = (maxAgeMs: number): GateRefused =>
  new GateRefused('too-old', `the gate did not open within ${maxAgeMs} ms: the value went no further`)

const hasEnded = (ended: { readonly cause?: unknown }): GateRefused =>
  new GateRefused('ended', 'what opens the gate has ended: the value went no further', ended)
