import { Observable, type SchedulerLike, share, Subscription } from 'rxjs'
import type { Kline, Trade } from '../../protocol/index.js'
import { scheduleOnce } from '../../time/index.js'
import type { AdapterNotice } from '../adapter/exchange-adapter.js'
import { CandleBuilder } from './candle-builder.js'
import type { PaperVenue, PublicEvent } from './paper-venue.js'

export interface MarketNoticesOptions {
  readonly scheduler: SchedulerLike
  /** Shortest interval between two tickers, order books or candles, in ms. @default 100 */
  readonly everyMs?: number
  /** Levels of each side of an order book. @default 20 */
  readonly levels?: number
}

/** Market topics of a venue. */
export interface MarketNotices {
  /** One stream for all who listen. */
  readonly notice$: Observable<MarketNotice>
  /**
   * Ticker, order book and candle of a symbol as they stand; nothing of a market in which nothing
   * has been shown or traded.
   */
  presentOf(symbol: string): readonly MarketNotice[]
}

export type MarketNotice = Extract<AdapterNotice, { topic: 'trade' | 'ticker' | 'orderbook' | 'kline' }>

/**
 * The market topics of a venue, one stream for all subscribers: each trade at once; the present
 * tickers, books and one-minute candles at a bounded rate, because the exchange reports a change
 * with every command, up to 10,000 books a second.
 */
export const marketNotices = (
  venue: PaperVenue,
  { scheduler, everyMs = 100, levels = 20 }: MarketNoticesOptions,
): MarketNotices => {
  const candles = new Map<string, CandleBuilder>()
  let listener: ((event: PublicEvent, ended: Kline | undefined) => void) | undefined
  const traded = (trade: Trade): Kline | undefined => {
    const builder = candles.get(trade.symbol) ?? new CandleBuilder('1m', 60_000)
    candles.set(trade.symbol, builder)
    return builder.add(trade)
  }
  // Runs without subscribers too: a candle that began with its first reader would be published as
  // if it were whole.
  // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It lives as long as its venue.
  venue.public$.subscribe({
    next: (event) => {
      const ended = event.type === 'trade' ? traded(event.data) : undefined
      listener?.(event, ended)
    },
    error: () => undefined,
  })

  const presentOf = (symbol: string): MarketNotice[] => {
    const { exchange } = venue
    const ticker = exchange.ticker(symbol)
    const book = exchange.depth(symbol, levels)
    const candle = candles.get(symbol)?.candle
    if (ticker === undefined || book === undefined) return []
    if (ticker.bid === 0 && ticker.ask === 0 && ticker.last === 0) return []
    return [
      { _tag: 'notice', topic: 'ticker', data: ticker },
      { _tag: 'notice', topic: 'orderbook', data: book },
      ...(candle === undefined ? [] : [{ _tag: 'notice', topic: 'kline', data: candle } as const]),
    ]
  }

  const notice$ = new Observable<MarketNotice>((subscriber) => {
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

    listener = (event, ended) => {
      if (!waiting) {
        waiting = true
        scheduleOnce(timers, scheduler, flush, everyMs)
      }
      if (event.type === 'ticker') changed.tickers.add(event.data.symbol)
      else if (event.type === 'book') changed.books.add(event.symbol)
      else {
        subscriber.next({ _tag: 'notice', topic: 'trade', data: event.data })
        if (ended !== undefined) subscriber.next({ _tag: 'notice', topic: 'kline', data: ended })
        changed.candles.add(event.data.symbol)
      }
    }
    subscriber.add(timers)
    subscriber.add(() => {
      listener = undefined
    })
  }).pipe(share())
  return { notice$, presentOf }
}
