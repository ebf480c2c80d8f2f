import {
  asyncScheduler,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  scan,
  share,
  switchMap,
  timer,
} from 'rxjs'
import { LONGEST_TIMER_MS } from '../../operators/internal.js'
import type { Trade } from '../../protocol/index.js'
import { withoutStrayStamps } from './stray-stamps.js'

/** A bar: the trades from `timestamp` (inclusive) to `timestamp + periodMs` (exclusive). */
export interface Bar {
  /** Start of the period, in ms since 1970. */
  readonly timestamp: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  /** Number of trades; 0 for a bar that fills a gap. */
  readonly trades: number
}

/** Settings of `bars`. */
export interface BarsOptions {
  /** Length of a bar, in ms. */
  readonly periodMs: number
  /**
   * Start of a bar after a multiple of the period since 1970-01-01T00:00Z, a Thursday, in ms: `4 * 86_400_000` for weeks that begin
   * on Monday, the opening hour for daily sessions. @default 0
   */
  readonly offsetMs?: number
  /**
   * `flat`: periods without a trade give bars at the last close, emitted with the next trade; more than 100,000 in one gap are an
   * error. `none`: they give no bar. @default none
   */
  readonly gaps?: 'none' | 'flat'
  /**
   * Closes a bar this long after its end, in ms, even when no later trade has come; later trades of that bar are then lost. The end is
   * reckoned from the arrival of the period's first trade and its stamp. Infinity: a bar is closed by the next trade alone. @default Infinity
   */
  readonly graceMs?: number
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** The part of a trade that bars are made from. */
export type BarTrade = Pick<Trade, 'price' | 'quantity' | 'timestamp'>

const barOf = (timestamp: number, { price, quantity }: BarTrade): Bar => ({
  timestamp,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: quantity,
  trades: 1,
})

const joined = (bar: Bar, { price, quantity }: BarTrade): Bar => ({
  ...bar,
  high: Math.max(bar.high, price),
  low: Math.min(bar.low, price),
  close: price,
  volume: bar.volume + quantity,
  trades: bar.trades + 1,
})

const MOST_FLAT_BARS = 100_000
const WEEK_MS = 7 * 86_400_000

const isFinite = ({ price, quantity, timestamp }: BarTrade): boolean =>
  Number.isFinite(price) && Number.isFinite(quantity) && Number.isFinite(timestamp)

/** A timer that may be longer than the platform's longest one. */
const after = (ms: number, scheduler: SchedulerLike): Observable<unknown> =>
  ms <= LONGEST_TIMER_MS
    ? timer(Math.max(0, ms), scheduler)
    : timer(LONGEST_TIMER_MS, scheduler).pipe(switchMap(() => after(ms - LONGEST_TIMER_MS, scheduler)))

/**
 * Resamples trades to bars by the trades' own time. A bar is emitted when it is over, never before, so a strategy that acts on it
 * cannot look ahead. A trade that belongs to a bar already emitted is dropped, as is one that is not finite; a bar unfinished at the
 * end is not emitted. A trade stamped more than 100 periods (and a week) from the one before waits for the next trade to confirm the
 * jump, and is dropped if that does not: one bad stamp must not end all later bars.
 *
 * Errors with a RangeError where a gap of more than 100,000 bars would have to be filled.
 *
 * ```ts
 * account.topic$('trade', Trade).pipe(bars({ periodMs: 60_000, graceMs: 500 }), map(({ close }) => close), ema(12))
 * ```
 *
 * ![bars in marbles](../../../marbles/signals/bars.svg)
 *
 * @throws RangeError when `periodMs`, `offsetMs` or `graceMs` is out of range
 */
export const bars = (options: BarsOptions): OperatorFunction<BarTrade, Bar> => {
  const { periodMs, offsetMs = 0, gaps = 'none', graceMs = Infinity, scheduler = asyncScheduler } = options
  if (!(periodMs > 0 && periodMs < Infinity)) throw new RangeError(`bars: periodMs must be above 0, not ${periodMs}`)
  if (!Number.isFinite(offsetMs)) throw new RangeError(`bars: offsetMs must be finite, not ${offsetMs}`)
  if (!(graceMs >= 0)) throw new RangeError(`bars: graceMs must be 0 or more, not ${graceMs}`)
  const farMs = Math.max(WEEK_MS, 100 * periodMs)
  const start = ({ timestamp }: BarTrade) => Math.floor((timestamp - offsetMs) / periodMs) * periodMs + offsetMs

  return (trades$) =>
    new Observable((subscriber) => {
      let bar: Bar | undefined
      let last: Bar | undefined
      /** Start of the first period that is not closed yet. */
      let from = -Infinity

      const close = () => {
        if (bar === undefined) return
        last = bar
        from = bar.timestamp + periodMs
        bar = undefined
        subscriber.next(last)
      }
      const fill = (until: number) => {
        if (last === undefined || gaps === 'none') return
        const { close: at } = last
        const count = (until - from) / periodMs
        if (count > MOST_FLAT_BARS) {
          subscriber.error(
            new RangeError(`bars: a gap of ${count} bars is more than ${MOST_FLAT_BARS}: use gaps: 'none'`),
          )
          return
        }
        for (; from < until && !subscriber.closed; from += periodMs)
          subscriber.next({ timestamp: from, open: at, high: at, low: at, close: at, volume: 0, trades: 0 })
      }

      const shared$ = trades$.pipe(
        filter(isFinite),
        withoutStrayStamps(({ timestamp }) => timestamp, farMs),
        share(),
      )
      const overdue$ = shared$.pipe(
        map((trade) => ({ at: start(trade), untilEndMs: start(trade) + periodMs - trade.timestamp })),
        // A late trade must not replace the timer that closes the present bar.
        scan((latest, next) => (next.at < latest.at && next.at >= latest.at - farMs ? latest : next)),
        distinctUntilChanged((one, other) => one.at === other.at),
        // From the arrival of the period's first trade on: trades are stamped in market time, which need not be that of the scheduler.
        switchMap(({ untilEndMs }) =>
          graceMs === Infinity ? EMPTY : after(untilEndMs + graceMs, scheduler).pipe(map(() => close)),
        ),
      )
      const traded$ = shared$.pipe(
        map((trade) => () => {
          const at = start(trade)
          // After a confirmed jump back, or away from the very first trade, the stamps before it were the wrong ones.
          const single = last === undefined && bar?.trades === 1
          if (at < from - farMs || (single && at > from + farMs)) {
            bar = last = undefined
            from = -Infinity
          }
          if (at < from || (bar !== undefined && at < bar.timestamp)) return
          if (bar !== undefined && at === bar.timestamp) {
            bar = joined(bar, trade)
            return
          }
          close()
          fill(at)
          bar = barOf(at, trade)
          from = at
        }),
      )
      return merge(traded$, overdue$).subscribe({
        next: (step) => step(),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
}
