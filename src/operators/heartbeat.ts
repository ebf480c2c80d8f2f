import {
  asyncScheduler,
  concatWith,
  defer,
  interval,
  ignoreElements,
  merge,
  type MonoTypeOperatorFunction,
  NEVER,
  Observable,
  type SchedulerAction,
  type SchedulerLike,
  tap,
} from 'rxjs'
import { alongside } from './alongside.js'
import { LONGEST_TIMER_MS, partOfWait } from '../time/index.js'
import { schedulerStopwatch, type Stopwatch } from './stopwatch.js'

/** Settings of {@link heartbeat}. */
export interface HeartbeatOptions<T> {
  /** Sends a ping. What it throws ends the stream. */
  readonly ping: () => void
  /** Signs of life beside the values. @default none */
  readonly life$?: Observable<unknown>
  /**
   * Returns true for the answer to a ping. With it, `deadAfterMs` without an answer also counts as
   * dead (while a ping has waited for at least half that time) although other values still arrive:
   * our own frames may be lost.
   */
  readonly isAnswer?: (value: T) => boolean
  /**
   * Time from one ping to the next, in ms; the first goes out that long after the subscription.
   * @default 5000
   */
  readonly everyMs?: number
  /**
   * Silence that means death, in ms. More than two pings' worth, so that one that is late does not
   * kill.
   * @default 11000
   */
  readonly deadAfterMs?: number
  /**
   * Told the round trip of each answered ping, in ms. Only with `isAnswer`. Answers are taken to
   * come in the order of the pings: behind one that is left out, the round trips seem longer than
   * they are, by at most `deadAfterMs`.
   */
  readonly onLatency?: (ms: number) => void
  /**
   * Measures time, and should be monotonic. Silence is counted no further than the timers waited
   * for: a clock that jumps and a pause of this process are not silence of the other side.
   * @default the scheduler's clock
   */
  readonly stopwatch?: Stopwatch
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** The other side is taken for dead: nothing came from it, or it does not answer. */
export class PeerSilent extends Error {
  readonly _tag = 'PeerSilent'
  override readonly name = 'PeerSilent'
  readonly kind: 'no-frame' | 'unanswered-ping'
  readonly silentMs: number

  constructor(kind: 'no-frame' | 'unanswered-ping', silentMs: number) {
    const what = kind === 'no-frame' ? 'nothing was received' : 'no ping was answered'
    super(`${what} for ${Math.round(silentMs)} ms: the connection counts as dead and should be replaced`)
    this.kind = kind
    this.silentMs = silentMs
  }
}

/**
 * Pings the other side and errors with {@link PeerSilent} when it has been silent for too long.
 * Every value is a sign of life, and passes unchanged.
 *
 * A pause of this process (a long computation, a suspended machine) is not silence of the other
 * side. The event loop has one turn more before the verdict, so that a value which already lies in
 * the socket wins; and a ping that went out late has as much time to be answered as one that went
 * out in its turn, `deadAfterMs - everyMs`.
 *
 * A value costs one reading of the stopwatch; no timer is set again for it.
 *
 * ```ts
 * message$.pipe(
 *   heartbeat({
 *     ping: () => connection.send('{"op":"ping"}'),
 *     everyMs: 5000,
 *     deadAfterMs: 11_000,
 *   }),
 * )
 * ```
 *
 * ![heartbeat in marbles](../../marbles/operators/heartbeat.svg)
 */
export function heartbeat<T>({
  ping,
  life$ = NEVER,
  isAnswer,
  everyMs = 5000,
  deadAfterMs = 11_000,
  onLatency,
  stopwatch,
  scheduler = asyncScheduler,
}: HeartbeatOptions<T>): MonoTypeOperatorFunction<T> {
  // With a deadline inside the interval every quiet connection would be taken for dead before it
  // was asked. And at one that no timer waits out, at once.
  if (!(everyMs > 0 && deadAfterMs > everyMs && deadAfterMs <= LONGEST_TIMER_MS)) {
    throw new RangeError(
      `deadAfterMs (${deadAfterMs}) must be at most ${LONGEST_TIMER_MS} and greater than everyMs (${everyMs}), and that greater than 0`,
    )
  }
  return (source) =>
    defer(() => {
      const time = new TimerTime(stopwatch ?? schedulerStopwatch(scheduler))
      const pulse = new Pulse(time, stopwatch?.() ?? time.nowMs, {
        everyMs,
        deadAfterMs,
        expectsAnswers: isAnswer !== undefined,
      })

      const pings$ = interval(everyMs, scheduler).pipe(
        tap(() => {
          // Noted before it goes out: the answer may come while ping() still runs.
          pulse.pinged()
          ping()
        }),
        ignoreElements(),
      )
      const partMs = partOfWait(deadAfterMs)
      const death$ = new Observable<never>((subscriber) => {
        let looksAgain = false
        function look(this: SchedulerAction<unknown>): void {
          if (!looksAgain) time.timerFired()
          // Whole milliseconds, as real timers: a remainder of a billionth may not change the
          // clock, and the wait would never end.
          const leftMs = Math.ceil(pulse.leftMs())
          if (leftMs > 0) {
            looksAgain = false
            wait(this, leftMs)
          } else if (looksAgain) subscriber.error(pulse.verdict())
          else {
            looksAgain = true
            this.schedule(undefined, 0)
          }
        }
        // In parts: a pause that falls into one is counted no longer than that one.
        const wait = (action: SchedulerAction<unknown>, leftMs: number): void => {
          const waitMs = Math.min(leftMs, partMs)
          time.timerArmed(waitMs)
          action.schedule(undefined, waitMs)
        }
        time.timerArmed(partMs)
        return scheduler.schedule(look, partMs)
      })
      const felt$ = life$.pipe(
        tap(() => pulse.felt()),
        ignoreElements(),
        concatWith(NEVER),
      )
      const noticeLife = (value: T): void => {
        pulse.felt()
        if (isAnswer?.(value) !== true) return
        const latencyMs = pulse.answered()
        if (latencyMs !== undefined) onLatency?.(latencyMs)
      }
      return source.pipe(alongside(merge(pings$, death$, felt$), noticeLife))
    })
}

interface PulseOptions {
  readonly everyMs: number
  readonly deadAfterMs: number
  readonly expectsAnswers: boolean
}

/** Time of the last sign of life, and the unanswered pings. */
class Pulse {
  #lastFeltMs = 0
  #lastAnsweredMs = 0
  /** The first ping since the last sign of life. */
  #askedMs: number | undefined
  /**
   * The first ping since the last answer. Any answer clears it: a server that skips one answer is
   * not dead.
   */
  #firstUnansweredMs: number | undefined
  /** The pings that wait for their answers, oldest first, by the clock. */
  #waiting: number[] = []
  /** The last sign of life, by the clock. */
  #lastFeltAt = 0
  readonly #time: TimerTime
  /** Time that passed, pauses of this process included: measures round trips and silences. */
  readonly #passedMs: () => number
  readonly #options: PulseOptions

  constructor(time: TimerTime, passedMs: () => number, options: PulseOptions) {
    this.#time = time
    this.#passedMs = passedMs
    this.#options = options
  }

  felt(): void {
    this.#lastFeltMs = this.#time.nowMs()
    this.#lastFeltAt = this.#passedMs()
    this.#askedMs = undefined
  }

  pinged(): void {
    const nowMs = this.#time.nowMs()
    this.#askedMs ??= nowMs
    if (!this.#options.expectsAnswers) return
    this.#firstUnansweredMs ??= nowMs
    this.#waiting.push(this.#passedMs())
  }

  /** The round trip of the ping that has now been answered, if there was one. */
  answered(): number | undefined {
    const at = this.#passedMs()
    this.#firstUnansweredMs = undefined
    this.#lastAnsweredMs = this.#time.nowMs()
    // A missing answer must not shift all later answers to the wrong ping.
    while (this.#waiting.length > 0 && at - (this.#waiting[0] ?? at) > this.#options.deadAfterMs) this.#waiting.shift()
    const sentAt = this.#waiting.shift()
    return sentAt === undefined ? undefined : at - sentAt
  }

  /** Until death, if nothing more comes. */
  leftMs(): number {
    const nowMs = this.#time.nowMs()
    const { everyMs, deadAfterMs } = this.#options
    // A ping in its turn leaves as much at least; one that went out late, or has not gone out yet,
    // must not leave less.
    const answerByMs = (this.#askedMs ?? nowMs) + deadAfterMs - everyMs
    const silentFromMs = Math.max(this.#lastFeltMs + deadAfterMs, answerByMs)
    return Math.min(silentFromMs, this.#unheardSinceMs(nowMs) + deadAfterMs) - nowMs
  }

  verdict(): PeerSilent {
    const nowMs = this.#time.nowMs()
    const { deadAfterMs } = this.#options
    return nowMs - this.#lastFeltMs >= deadAfterMs
      ? new PeerSilent('no-frame', this.#passedMs() - this.#lastFeltAt)
      : new PeerSilent('unanswered-ping', nowMs - this.#unheardSinceMs(nowMs))
  }

  /**
   * Since when our own frames may be going nowhere: from the last answer, not from the ping after
   * it, or a loss right behind an answer would take a ping's interval longer to be noticed.
   */
  #unheardSinceMs(nowMs: number): number {
    const { deadAfterMs, expectsAnswers } = this.#options
    if (!expectsAnswers) return nowMs
    return Math.max(this.#lastAnsweredMs, (this.#firstUnansweredMs ?? nowMs) - deadAfterMs / 2)
  }
}

/**
 * Milliseconds since the subscription, by a clock that may jump. A timer's duration is sure,
 * whatever the clock says; so while a timer runs, the clock is believed between the timer's start
 * and its promised end, and no further.
 */
class TimerTime {
  #armedAtMs = 0
  #armedForMs = 0
  #sinceArmedMs: () => number
  readonly #stopwatch: Stopwatch

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch
    this.#sinceArmedMs = stopwatch()
  }

  readonly nowMs = (): number => this.#armedAtMs + Math.min(Math.max(0, this.#sinceArmedMs()), this.#armedForMs)

  timerArmed(forMs: number): void {
    this.#armedAtMs = this.nowMs()
    this.#armedForMs = forMs
    this.#sinceArmedMs = this.#stopwatch()
  }

  timerFired(): void {
    // The clock may have stood still or gone back; the timer did run for as long as it was asked
    // to.
    this.#armedAtMs += this.#armedForMs
    this.#armedForMs = 0
  }
}
