import { Observable, type SchedulerLike, Subscription } from 'rxjs'
import type { Kline, MarketTopic, Trade } from '../../protocol/index.js'
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
  /** Notices of these topics. A topic that no subscriber has asked for is not computed. */
  of(topics: ReadonlySet<MarketTopic>): Observable<MarketNotice>
  /**
   * Ticker, order book and candle of a symbol as they stand, as far as their topics are asked for;
   * nothing of a market in which nothing has been shown or traded.
   */
  presentOf(symbol: string, topics: ReadonlySet<MarketTopic>): readonly MarketNotice[]
}

export type MarketNotice = Extract<AdapterNotice, { topic: 'trade' | 'ticker' | 'orderbook' | 'kline' }>

interface Listener {
  readonly topics: ReadonlySet<MarketTopic>
  readonly next: (notice: MarketNotice) => void
}

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
  const changed = { ticker: new Set<string>(), orderbook: new Set<string>(), kline: new Set<string>() }
  const wanted: Record<MarketTopic, number> = { trade: 0, ticker: 0, orderbook: 0, kline: 0 }
  let listeners: readonly Listener[] = []
  let timers = new Subscription()
  let isScheduled = false
  /** End of the interval that began with the first change since the last flush. */
  let flushAt = -Infinity

  const tell = (notice: MarketNotice): void => {
    for (const { topics, next } of listeners) if (topics.has(notice.topic)) next(notice)
  }

  const flush = (): void => {
    isScheduled = false
    const { exchange } = venue
    for (const symbol of changed.ticker) {
      const data = exchange.ticker(symbol)
      if (data !== undefined) tell({ _tag: 'notice', topic: 'ticker', data })
    }
    for (const symbol of changed.orderbook) {
      const data = exchange.depth(symbol, levels)
      if (data !== undefined) tell({ _tag: 'notice', topic: 'orderbook', data })
    }
    for (const symbol of changed.kline) {
      const data = candles.get(symbol)?.candle
      if (data !== undefined) tell({ _tag: 'notice', topic: 'kline', data })
    }
    for (const symbols of Object.values(changed)) symbols.clear()
  }

  const change = (topic: keyof typeof changed, symbol: string): void => {
    if (wanted[topic] === 0) return
    changed[topic].add(symbol)
    if (isScheduled) return
    isScheduled = true
    scheduleOnce(timers, scheduler, flush, flushAt - scheduler.now())
  }

  const traded = (trade: Trade): Kline | undefined => {
    let builder = candles.get(trade.symbol)
    if (builder === undefined) candles.set(trade.symbol, (builder = new CandleBuilder('1m', 60_000)))
    return builder.add(trade)
  }

  const take = (event: PublicEvent): void => {
    // Without subscribers too: a candle that began with its first reader would be published as if
    // it were whole.
    const ended = event.type === 'trade' ? traded(event.data) : undefined
    if (listeners.length === 0) return
    // A change that no subscriber wants begins an interval all the same, so that the instants of a
    // topic do not depend on the other topics.
    const now = scheduler.now()
    if (now >= flushAt && !isScheduled) flushAt = now + everyMs
    if (event.type === 'ticker') change('ticker', event.data.symbol)
    else if (event.type === 'book') change('orderbook', event.symbol)
    else {
      if (wanted.trade > 0) tell({ _tag: 'notice', topic: 'trade', data: event.data })
      if (ended !== undefined && wanted.kline > 0) tell({ _tag: 'notice', topic: 'kline', data: ended })
      change('kline', event.data.symbol)
    }
  }
  // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It lives as long as its venue.
  venue.public$.subscribe({ next: take, error: () => undefined })

  const presentOf = (symbol: string, topics: ReadonlySet<MarketTopic>): MarketNotice[] => {
    const { exchange } = venue
    const ticker = exchange.ticker(symbol)
    if (ticker === undefined || (ticker.bid === 0 && ticker.ask === 0 && ticker.last === 0)) return []
    const book = topics.has('orderbook') ? exchange.depth(symbol, levels) : undefined
    const candle = topics.has('kline') ? candles.get(symbol)?.candle : undefined
    return [
      ...(topics.has('ticker') ? [{ _tag: 'notice', topic: 'ticker', data: ticker } as const] : []),
      ...(book === undefined ? [] : [{ _tag: 'notice', topic: 'orderbook', data: book } as const]),
      ...(candle === undefined ? [] : [{ _tag: 'notice', topic: 'kline', data: candle } as const]),
    ]
  }

  const leave = (listener: Listener): void => {
    for (const topic of listener.topics) {
      wanted[topic] -= 1
      if (wanted[topic] === 0 && topic !== 'trade') changed[topic].clear()
    }
    listeners = listeners.filter((each) => each !== listener)
    if (listeners.length > 0) return
    timers.unsubscribe()
    timers = new Subscription()
    isScheduled = false
    flushAt = -Infinity
  }

  const of = (topics: ReadonlySet<MarketTopic>): Observable<MarketNotice> =>
    new Observable((subscriber) => {
      const listener: Listener = { topics, next: (notice) => subscriber.next(notice) }
      for (const topic of topics) wanted[topic] += 1
      listeners = [...listeners, listener]
      return () => leave(listener)
    })

  return { of, presentOf }
}
