import type { Clock } from './clock.js'

/** Settings of a {@link MarketClock}. */
export interface MarketClockOptions {
  /** Market time before the first event, in ms since 1970. @default the wall clock */
  readonly startMs?: number | undefined
  /**
   * Milliseconds of market time per millisecond, for a player that announces no events.
   * @default 1
   */
  readonly speed?: number | undefined
}

/**
 * Market time: the time of the events that a market plays, beside the wall clock. It stamps what an
 * exchange tells (trades, tickers, order books, candles, orders, fills), at any speed and for a
 * recording of any year. Deadlines, pings, journals and logs use the wall clock.
 *
 * An event that is played sets it. In between it advances at the speed of the player, and never
 * beyond the event that the player has announced.
 */
export class MarketClock {
  readonly #clock: Clock
  readonly #startMs: number | undefined
  readonly #freeSpeed: number
  /** An instant on both clocks; undefined before the first event. */
  #anchor: { readonly marketMs: number; readonly monotonicMs: number } | undefined
  #speed: number
  /** Time of the announced event: market time waits for it. */
  #limitMs = Infinity

  constructor(clock: Clock, { startMs, speed = 1 }: MarketClockOptions = {}) {
    this.#clock = clock
    this.#startMs = startMs
    this.#speed = this.#freeSpeed = finiteSpeed(speed)
  }

  /**
   * The present market time, in whole ms since 1970. Never decreases until {@link begin} is called.
   */
  now(): number {
    return Math.floor(this.#exactMs())
  }

  #exactMs(): number {
    if (this.#anchor === undefined) return this.#startMs ?? this.#clock.wall()
    const { marketMs, monotonicMs } = this.#anchor
    const elapsedMs = this.#clock.monotonic() - monotonicMs
    return Math.min(marketMs + elapsedMs * this.#speed, this.#limitMs)
  }

  /** Forgets the replayed events: the market restarts, at an earlier time perhaps. */
  begin(): void {
    this.#anchor = undefined
    this.#speed = this.#freeSpeed
    this.#limitMs = Infinity
  }

  /**
   * Announces the next event of a player: its time, the wait until it is played in ms, and the
   * speed.
   */
  expect(timestamp: number, inMs: number, speed: number): void {
    const marketSpeed = finiteSpeed(speed)
    this.#continue(timestamp - Math.max(0, inMs) * marketSpeed, timestamp)
    this.#speed = marketSpeed
  }

  /**
   * An event of this time is played now. One that is earlier than another before it does not set
   * time back.
   */
  played(timestamp: number): void {
    this.#continue(timestamp, Math.max(this.#limitMs, timestamp))
  }

  /** The player announces no more events: time goes on at its speed. */
  ended(): void {
    if (this.#anchor !== undefined) this.#continue(this.#exactMs(), Infinity)
  }

  /**
   * Continues at `marketMs`, or at the present market time if that is later. Ignores what is no
   * time: journals are written in market time, and could not be read again.
   */
  #continue(marketMs: number, limitMs: number): void {
    if (!Number.isFinite(marketMs)) return
    const earliestMs = this.#anchor === undefined ? -Infinity : this.#exactMs()
    this.#anchor = { marketMs: Math.max(marketMs, earliestMs), monotonicMs: this.#clock.monotonic() }
    this.#limitMs = Math.max(limitMs, earliestMs)
  }
}

/** As fast as possible, a market has no time between its events. */
const finiteSpeed = (speed: number): number => (speed === Infinity ? 0 : speed)
