import { Observable, type SchedulerLike, share, Subscription, tap } from 'rxjs'
import type { ExchangeNotice } from '../exchange-interface.js'
import { CandleBuilder } from './candle-builder.js'
import type { PaperVenue } from './paper-venue.js'

export interface MarketNoticesOptions {
  readonly scheduler: SchedulerLike
  /** How often tickers, order books and candles are told at most, in ms. @default 100 */
  readonly everyMs?: number
  /** Levels of each side of an order book. @default 20 */
  readonly levels?: number
}

type MarketNotice = Extract<ExchangeNotice, { topic: 'trade' | 'ticker' | 'orderbook' | 'kline' }>

/**
 * The market topics of a venue, one stream for all who listen: each trade at once; tickers, books and one-minute candles as they
 * stand, so many times a second at most. The exchange tells of a change with every command; nobody can use 10,000 books a second.
 */
export const marketNotices = (
  venue: PaperVenue,
  { scheduler, everyMs = 100, levels = 20 }: MarketNoticesOptions,
): Observable<MarketNotice> => gathered(venue, scheduler, everyMs, levels).pipe(share())

const gathered = (
  venue: PaperVenue,
  scheduler: SchedulerLike,
  everyMs: number,
  levels: number,
): Observable<MarketNotice> =>
  new Observable((subscriber) => {
    const candles = new Map<string, CandleBuilder>()
    const changed = { tickers: new Set<string>(), books: new Set<string>(), candles: new Set<string>() }
    const timers = new Subscription()
    let waiting = false

    const flush = () => {
      waiting = false
      for (const symbol of changed.tickers) {
        const data = venue.exchange.ticker(symbol)
        if (data !== undefined) subscriber.next({ _tag: 'notice', topic: 'ticker', data })
      }
      for (const symbol of changed.books) {
        const data = venue.exchange.depth(symbol, levels)
        if (data !== undefined) subscriber.next({ _tag: 'notice', topic: 'orderbook', data })
      }
      for (const symbol of changed.candles) {
        const data = candles.get(symbol)?.candle
        if (data !== undefined) subscriber.next({ _tag: 'notice', topic: 'kline', data })
      }
      for (const symbols of Object.values(changed)) symbols.clear()
    }
    const flushLater = () => {
      if (waiting) return
      waiting = true
      timers.add(scheduler.schedule(flush, everyMs))
    }

    subscriber.add(timers)
    subscriber.add(
      venue.public$.pipe(tap(() => flushLater())).subscribe({
        next: (event) => {
          if (event.type === 'ticker') changed.tickers.add(event.data.symbol)
          else if (event.type === 'book') changed.books.add(event.symbol)
          else {
            const { symbol } = event.data
            subscriber.next({ _tag: 'notice', topic: 'trade', data: event.data })
            const builder = candles.get(symbol) ?? new CandleBuilder('1m', 60_000)
            candles.set(symbol, builder)
            const ended = builder.add(event.data)
            if (ended !== undefined) subscriber.next({ _tag: 'notice', topic: 'kline', data: ended })
            changed.candles.add(symbol)
          }
        },
        error: (error: unknown) => subscriber.error(error),
      }),
    )
  })
