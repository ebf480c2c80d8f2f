import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs'
import { type MarketClock, scheduleOnce } from '../time/index.js'
import type { MarketEvent } from './market-event.js'

/** Events to be played, one by one or in pieces. */
export type EventSource = Iterable<MarketEvent> | AsyncIterable<MarketEvent | readonly MarketEvent[]>

async function* oneByOne(
  pieces: AsyncIterable<MarketEvent | readonly MarketEvent[]>,
): AsyncIterableIterator<MarketEvent> {
  for await (const piece of pieces) {
    if ('type' in piece) yield piece
    else yield* piece
  }
}

/** Settings for playing a market. */
export interface ReplayMarketOptions {
  /**
   * 1 keeps the spacing of the timestamps, 60 plays a minute in a second, Infinity waits for
   * nothing.
   *
   * @default 1
   */
  readonly speed?: number
  /** Gives the time and the waits. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /**
   * Learns of each event before it is due, so that market time advances up to the event and no
   * further. @default none
   */
  readonly marketClock?: MarketClock
}

/**
 * Further off than this, the clock was set or the machine slept: that time is neither waited for
 * nor played all at once.
 */
const JUMP_MS = 5_000

/**
 * So many events are emitted in one turn; then others have theirs, however fast the market is
 * played.
 */
const EVENTS_PER_TURN = 1000

/**
 * Plays events by their timestamps. They are pulled one at a time, only when the one before has
 * been emitted: nothing piles up, however long the recording is. Cold: each subscription asks for
 * its own events, and unsubscribing lets go of them.
 */
export function replayMarket(
  events: () => EventSource,
  { speed = 1, scheduler = asyncScheduler, marketClock }: ReplayMarketOptions = {},
): Observable<MarketEvent> {
  if (!(speed > 0)) throw new RangeError(`speed must be above 0 (Infinity: as fast as possible), not ${speed}`)
  return new Observable<MarketEvent>((subscriber) => {
    const source = events()
    const iterator = Symbol.iterator in source ? source[Symbol.iterator]() : oneByOne(source)
    let start: { timestamp: number; at: number } | undefined
    let latest = -Infinity
    let inTurn = 0

    const wait = (delayMs: number, work: () => void) => scheduleOnce(subscription, scheduler, work, delayMs)

    /** Milliseconds until an event is due. */
    const delayOf = (event: MarketEvent): number => {
      if (event.type === 'progress' || speed === Infinity) return 0
      const now = scheduler.now()
      const timestamp = Math.max(latest, event.timestamp)
      const gapMs = (timestamp - latest) / speed
      latest = timestamp
      start ??= { timestamp, at: now }
      const delayMs = start.at + (timestamp - start.timestamp) / speed - now
      if (Math.abs(delayMs) <= JUMP_MS || (delayMs > 0 && delayMs <= gapMs + JUMP_MS)) return delayMs
      start = { timestamp, at: now }
      return 0
    }

    /** Emits what is due. True when the next one may be pulled at once. */
    const take = (result: IteratorResult<MarketEvent, unknown>): boolean => {
      if (subscriber.closed) return false
      if (result.done === true) {
        marketClock?.ended()
        subscriber.complete()
        return false
      }
      const delayMs = delayOf(result.value)
      if (result.value.type !== 'progress') marketClock?.expect(result.value.timestamp, delayMs, speed)
      if (delayMs > 0 || ++inTurn >= EVENTS_PER_TURN) {
        inTurn = 0
        wait(Math.max(0, delayMs), () => {
          subscriber.next(result.value)
          pull()
        })
        return false
      }
      subscriber.next(result.value)
      return true
    }

    const pull = () => {
      try {
        for (;;) {
          if (subscriber.closed) return
          const result = iterator.next()
          if (result instanceof Promise) {
            result.then(
              (value) => {
                if (take(value)) pull()
              },
              (error: unknown) => subscriber.error(error),
            )
            return
          }
          if (!take(result)) return
        }
      } catch (error) {
        subscriber.error(error)
      }
    }

    const subscription = new Subscription(() => {
      const left = iterator.return?.()
      // The subscriber has left already, so a failure to close the file does not matter.
      if (left instanceof Promise) left.catch(() => undefined)
    })
    wait(0, pull)
    return subscription
  })
}
