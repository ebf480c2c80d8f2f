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
  #latestMs = -Infinity

  constructor(clock: Clock, { startMs, speed = 1 }: MarketClockOptions = {}) {
    this.#clock = clock
    this.#startMs = startMs
    this.#speed = this.#freeSpeed = finiteSpeed(speed)
  }

  /** The present market time, in ms since 1970. Never decreases until {@link begin} is called. */
  now(): number {
    if (this.#anchor === undefined) return this.#startMs ?? this.#clock.wall()
    const { marketMs, monotonicMs } = this.#anchor
    const elapsedMs = this.#clock.monotonic() - monotonicMs
    this.#latestMs = Math.max(this.#latestMs, Math.min(marketMs + elapsedMs * this.#speed, this.#limitMs))
    return this.#latestMs
  }

  /** Forgets the replayed events: the market restarts, at an earlier time perhaps. */
  begin(): void {
    this.#anchor = undefined
    this.#speed = this.#freeSpeed
    this.#limitMs = Infinity
    this.#latestMs = -Infinity
  }

  /**
   * Announces the next event of a player: its time, the wait until it is played in ms, and the
   * speed.
   */
  expect(timestamp: number, inMs: number, speed: number): void {
    this.#speed = finiteSpeed(speed)
    this.#limitMs = timestamp
    this.#anchor = { marketMs: timestamp - Math.max(0, inMs) * this.#speed, monotonicMs: this.#clock.monotonic() }
  }

  /**
   * An event of this time is played now. One that is earlier than another before it does not set
   * time back.
   */
  played(timestamp: number): void {
    const marketMs = this.#anchor === undefined ? timestamp : Math.max(this.now(), timestamp)
    this.#limitMs = Math.max(this.#limitMs, timestamp)
    this.#anchor = { marketMs, monotonicMs: this.#clock.monotonic() }
    this.now()
  }

  /** The player announces no more events: time goes on at its speed. */
  ended(): void {
    if (this.#anchor !== undefined) this.#anchor = { marketMs: this.now(), monotonicMs: this.#clock.monotonic() }
    this.#limitMs = Infinity
  }
}

/** As fast as possible, a market has no time between its events. */
const finiteSpeed = (speed: number): number => (speed === Infinity ? 0 : speed)
