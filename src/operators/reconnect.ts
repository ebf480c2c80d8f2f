import {
  asyncScheduler,
  catchError,
  defer,
  EMPTY,
  identity,
  ignoreElements,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  ReplaySubject,
  retry,
  type SchedulerLike,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { alongside } from './alongside.js'
import { checkBound, LONGEST_TIMER_MS } from '../time/index.js'

/** Settings of {@link fullJitterBackoffMs}. */
export interface BackoffOptions {
  /** A number in [0, 1). */
  readonly random: () => number
  /** The longest first delay, in ms; it doubles with each attempt. @default 500 */
  readonly baseMs?: number
  /** The longest delay of all, in ms. @default 30000 */
  readonly capMs?: number
}

/** Settings of {@link reconnect}. */
export interface ReconnectOptions extends BackoffOptions {
  /**
   * Time for which a connection must have been proven before the count of attempts restarts, in ms.
   * Infinity: never.
   * @default 10000
   */
  readonly resetAfterMs?: number
  /**
   * True while the connection does what it is for. Subscribed to along with each attempt; an error
   * of it counts as false.
   * @default proven from the first value of each attempt on
   */
  readonly proven$?: Observable<boolean>
  /** Returns true if another attempt could help; otherwise the error passes. @default always */
  readonly retryable?: (error: unknown) => boolean
  /**
   * The shortest wait after an error, in ms, where the other side asks for one; the delay of the
   * attempt comes on top.
   * @default none
   */
  readonly leastDelayMs?: (error: unknown) => number
  /** Told before each wait. */
  readonly onRetry?: (retry: Retry) => void
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** An attempt that is going to be made. */
export interface Retry {
  /** 1 for the first attempt after a connection that was proven. */
  readonly attempt: number
  readonly delayMs: number
  /** Error that ended the last connection. */
  readonly error: unknown
}

/**
 * The shortest delay, unless the bound itself is shorter: full jitter alone may give 0, and two of
 * these are a hot loop.
 */
const SHORTEST_MS = 50

/**
 * Returns the delay before an attempt (the first is 1), in ms: uniform between 50 ms and
 * min(capMs, baseMs · 2^(attempt - 1)).
 *
 * The cap is applied before the jitter. Otherwise all clients of a failed server would return at
 * the same instant once they have reached the cap.
 *
 * ```ts
 * fullJitterBackoffMs(3, { random: () => 0.5, baseMs: 500 }) // => 1025
 * ```
 */
export function fullJitterBackoffMs(attempt: number, { random, baseMs = 500, capMs = 30_000 }: BackoffOptions): number {
  checkBound('attempt', attempt, 1)
  checkBound('baseMs', baseMs)
  checkBound('capMs', capMs)
  const boundMs = Math.min(capMs, LONGEST_TIMER_MS, baseMs * 2 ** Math.min(attempt - 1, 60))
  const shortestMs = Math.min(SHORTEST_MS, boundMs)
  return shortestMs + random() * (boundMs - shortestMs)
}

/**
 * Subscribes again after an error, each time after a longer wait ({@link fullJitterBackoffMs}). The
 * count of attempts restarts only after the connection has been proven for a while: a server that
 * accepts and hangs up must not be dialled ever faster. Completion is not an error and passes.
 *
 * ```ts
 * transport.pipe(
 *   reconnect({
 *     random: Math.random,
 *     proven$: ready$,
 *     onRetry: ({ delayMs }) => console.log(`again in ${delayMs} ms`),
 *   }),
 * )
 * ```
 *
 * ![reconnect in marbles](../../marbles/operators/reconnect.svg)
 */
export function reconnect<T>({
  random,
  baseMs = 500,
  capMs = 30_000,
  resetAfterMs = 10_000,
  proven$,
  retryable = () => true,
  leastDelayMs = () => 0,
  onRetry,
  scheduler = asyncScheduler,
}: ReconnectOptions): MonoTypeOperatorFunction<T> {
  if (!(baseMs > 0 && capMs > 0)) throw new RangeError(`baseMs (${baseMs}) and capMs (${capMs}) must be greater than 0`)
  checkBound('resetAfterMs', resetAfterMs)
  return (source) =>
    defer(() => {
      let attempts = 0

      const once = defer(() => {
        const emitted = new ReplaySubject<boolean>(1)
        let hasEmitted = false
        const noticeFirst = tap<T>(() => {
          if (hasEmitted) return
          hasEmitted = true
          emitted.next(true)
        })
        const reset$ = (proven$ ?? emitted).pipe(
          catchError(() => NEVER),
          switchMap((proven) => (proven && resetAfterMs <= LONGEST_TIMER_MS ? timer(resetAfterMs, scheduler) : EMPTY)),
          tap(() => (attempts = 0)),
          ignoreElements(),
        )
        return source.pipe(proven$ === undefined ? noticeFirst : identity, alongside(reset$))
      })
      return once.pipe(
        retry({
          delay: (error: unknown) => {
            if (!retryable(error)) return throwError(() => error as Error)
            attempts += 1
            const pauseMs = fullJitterBackoffMs(attempts, { random, baseMs, capMs })
            const delayMs = Math.min(LONGEST_TIMER_MS, leastDelayMs(error) + pauseMs)
            onRetry?.({ attempt: attempts, delayMs, error })
            return timer(delayMs, scheduler)
          },
        }),
      )
    })
}
