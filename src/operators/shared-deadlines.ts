import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs'
import { LONGEST_TIMER_MS, partOfWait, scheduleDeadline } from '../time/index.js'

/** A wait for a peer that may expire. */
export interface Waiting {
  /** Ms left when the round began in which it waits. */
  leftMs: number
  /** Its own timer, in the last part of its wait. */
  timer: Subscription | undefined
  expired(): void
}

/** Waits of the same duration, on one timer that fires once in each part of it. */
interface Round {
  readonly waiting: Set<Waiting>
  readonly timer: Subscription
  beganAt: number
}

/**
 * Deadlines as {@link scheduleDeadline} counts them, but with one timer for all waits of the same
 * duration: to set and clear a timer for each request costs more than all else that is done for
 * it. A wait gets a timer of its own for its last part only. The common timer is not cleared when
 * the last wait ends: it fires once more, within a part, and ends.
 *
 * The scheduler's clock says how far a round has gone as a wait begins. Where that clock is set
 * meanwhile, the wait is up to one part shorter or longer.
 */
export class SharedDeadlines {
  readonly #rounds = new Map<number, Round>()
  readonly #scheduler: SchedulerLike

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  add(waiting: Waiting, ms: number): void {
    const partMs = partOfWait(ms)
    if (!(ms <= LONGEST_TIMER_MS)) return
    if (ms <= partMs) {
      this.#waitAlone(waiting, ms)
      return
    }
    const now = this.#scheduler.now()
    const round = this.#rounds.get(ms) ?? this.#begin(ms, partMs, now)
    waiting.leftMs = ms + Math.min(Math.max(0, now - round.beganAt), partMs)
    round.waiting.add(waiting)
  }

  delete(waiting: Waiting, ms: number): void {
    this.#rounds.get(ms)?.waiting.delete(waiting)
    waiting.timer?.unsubscribe()
  }

  /** Ends the common timers. */
  close(): void {
    for (const { timer } of this.#rounds.values()) timer.unsubscribe()
    this.#rounds.clear()
  }

  #begin(ms: number, partMs: number, now: number): Round {
    const fire = (action: SchedulerAction<unknown>): void => this.#fire(ms, partMs, action)
    const timer = this.#scheduler.schedule(function next(this: SchedulerAction<unknown>) {
      fire(this)
    }, partMs)
    const round = { waiting: new Set<Waiting>(), timer, beganAt: now }
    this.#rounds.set(ms, round)
    return round
  }

  #fire(ms: number, partMs: number, action: SchedulerAction<unknown>): void {
    const round = this.#rounds.get(ms)
    if (round === undefined) return
    round.beganAt = this.#scheduler.now()
    for (const waiting of round.waiting) {
      waiting.leftMs -= partMs
      if (waiting.leftMs > partMs) continue
      round.waiting.delete(waiting)
      this.#waitAlone(waiting, waiting.leftMs)
    }
    if (round.waiting.size > 0) action.schedule(undefined, partMs)
    else this.#rounds.delete(ms)
  }

  #waitAlone(waiting: Waiting, ms: number): void {
    waiting.timer = scheduleDeadline(this.#scheduler, ms, () => waiting.expired())
  }
}
