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
   * Offset of bar starts from multiples of the period since 1970-01-01T00:00Z, a Thursday, in ms:
   * `4 * 86_400_000` for weeks that begin on Monday, the opening hour for daily sessions.
   * @default 0
   */
  readonly offsetMs?: number
  /**
   * Treatment of periods without a trade. `flat`: emits bars at the last close, with the next
   * trade; more than 100,000 in one gap are an error. `none`: emits no bar.
   * @default none
   */
  readonly gaps?: 'none' | 'flat'
  /**
   * Delay after the end of a bar, in ms, after which the bar is closed even without a later trade.
   * Trades of the bar that arrive after that are dropped. The end is computed from the stamp and
   * the arrival of the period's first trade. Infinity: only the next trade closes a bar.
   * @default Infinity
   */
  readonly graceMs?: number
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** Fields of a trade that bars are built from. */
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

const MAX_FLAT_BARS = 100_000
const WEEK_MS = 7 * 86_400_000

const isFinite = ({ price, quantity, timestamp }: BarTrade): boolean =>
  Number.isFinite(price) && Number.isFinite(quantity) && Number.isFinite(timestamp)

/** Timer without the platform's limit on the delay. */
const after = (ms: number, scheduler: SchedulerLike): Observable<unknown> =>
  ms <= LONGEST_TIMER_MS
    ? timer(Math.max(0, ms), scheduler)
    : timer(LONGEST_TIMER_MS, scheduler).pipe(switchMap(() => after(ms - LONGEST_TIMER_MS, scheduler)))

/**
 * Resamples trades to bars by the timestamps of the trades. Emits a bar only after its end, so that
 * a strategy cannot look ahead. Drops trades of bars that are already emitted and trades with
 * numbers that are not finite. Does not emit an unfinished bar on completion. A trade stamped more
 * than 100 periods (and a week) away from the previous one waits for the next trade to confirm the
 * jump, and is dropped without confirmation: a single bad stamp must not end all later bars.
 *
 * Errors with a RangeError if a gap of more than 100,000 bars would have to be filled.
 *
 * ```ts
 * account.trade$().pipe(
 *   bars({ periodMs: 60_000, graceMs: 500 }),
 *   map(({ close }) => close),
 *   ema(12),
 * )
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
      /** Start of the first period that is not closed. */
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
        if (count > MAX_FLAT_BARS) {
          subscriber.error(
            new RangeError(`bars: a gap of ${count} bars is more than ${MAX_FLAT_BARS}: use gaps: 'none'`),
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
        // A late trade must not replace the timer of the current bar.
        scan((latest, next) => (next.at < latest.at && next.at >= latest.at - farMs ? latest : next)),
        distinctUntilChanged((one, other) => one.at === other.at),
        // Count from the arrival of the period's first trade: trades are stamped in market time,
        // which may differ from the scheduler's clock.
        switchMap(({ untilEndMs }) =>
          graceMs === Infinity ? EMPTY : after(untilEndMs + graceMs, scheduler).pipe(map(() => close)),
        ),
      )
      const traded$ = shared$.pipe(
        map((trade) => () => {
          const at = start(trade)
          // After a confirmed jump back, or away from the first trade, the earlier stamps were
          // wrong.
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
