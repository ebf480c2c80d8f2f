import {
  asyncScheduler,
  distinctUntilChanged,
  map,
  merge,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  scan,
  share,
  switchMap,
  EMPTY,
  timer,
} from 'rxjs'
import type { Trade } from '../../protocol/index.js'

/** A bar: what happened to the price from `timestamp` (inclusive) to `timestamp + periodMs` (exclusive). */
export interface Bar {
  /** Start of the period, in ms since 1970; a multiple of the period. */
  readonly timestamp: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  /** How many trades it is made of; 0 for a bar that fills a gap. */
  readonly trades: number
}

/** Settings of `bars`. */
export interface BarsOptions {
  /** Length of a bar, in ms. */
  readonly periodMs: number
  /** Whether periods without a trade give flat bars at the last close (`flat`, told with the next trade) or none. @default none */
  readonly gaps?: 'none' | 'flat'
  /**
   * Closes a bar this long after its end by the scheduler's clock, even when no later trade has come; later trades of that
   * bar are then lost. Infinity: a bar is closed by the next trade alone. @default Infinity
   */
  readonly graceMs?: number
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

type Dated = Pick<Trade, 'price' | 'quantity' | 'timestamp'>

const barOf = (timestamp: number, { price, quantity }: Dated): Bar => ({
  timestamp,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: quantity,
  trades: 1,
})

const joined = (bar: Bar, { price, quantity }: Dated): Bar => ({
  ...bar,
  high: Math.max(bar.high, price),
  low: Math.min(bar.low, price),
  close: price,
  volume: bar.volume + quantity,
  trades: bar.trades + 1,
})

/**
 * Resamples trades to bars by the trades' own time. A bar is emitted when it is over, never before: a strategy that acts on it cannot have
 * seen what it did not know. A trade that belongs to a bar already emitted is left out; a bar unfinished at the end is not emitted.
 *
 * ```ts
 * account.topic$('trade', Trade).pipe(bars({ periodMs: 60_000, graceMs: 500 }), map(({ close }) => close), ema(12))
 * ```
 *
 * ![bars in marbles](../../../marbles/signals/bars.svg)
 */
export const bars =
  (options: BarsOptions): OperatorFunction<Dated, Bar> =>
  (trades$) =>
    new Observable((subscriber) => {
      const { periodMs, gaps = 'none', graceMs = Infinity, scheduler = asyncScheduler } = options
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
        for (; from < until && !subscriber.closed; from += periodMs)
          subscriber.next({ timestamp: from, open: at, high: at, low: at, close: at, volume: 0, trades: 0 })
      }

      const start = ({ timestamp }: Dated) => Math.floor(timestamp / periodMs) * periodMs
      const shared$ = trades$.pipe(share())
      const overdue$ = shared$.pipe(
        map(start),
        // A late trade must not take the place of the timer that closes the present bar.
        scan((latest, at) => Math.max(latest, at)),
        distinctUntilChanged(),
        switchMap((at) =>
          graceMs === Infinity
            ? EMPTY
            : timer(Math.max(0, at + periodMs + graceMs - scheduler.now()), scheduler).pipe(map(() => close)),
        ),
      )
      const traded$ = shared$.pipe(
        map((trade) => () => {
          const at = start(trade)
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
