import { defer, filter, type Observable, throwError } from 'rxjs'
import type { Type } from 'io-ts'
import { Kline, type MarketTopic, OrderBook, Ticker, Trade } from '../protocol/index.js'

/**
 * Market data of one symbol, decoded. The login asks for the topics by its `market` option. Each
 * stream errors with TopicNotAsked if the login did not ask for the topic, and with RangeError if
 * it did not name the symbol.
 */
export interface MarketStreams {
  /**
   * Best bid and ask with the last price. Tickers without a bid or an ask are left out.
   *
   * @param symbol - default: the first symbol of the login
   */
  ticker$(symbol?: string): Observable<Ticker>
  /** Trades of the market. */
  trade$(symbol?: string): Observable<Trade>
  /** Snapshots of the order book, best levels first. */
  orderBook$(symbol?: string): Observable<OrderBook>
  /**
   * Candles as the server sends them, the current one included.
   *
   * @param period - as the server names it, `1min` for example; default: every period
   */
  kline$(symbol?: string, period?: string): Observable<Kline>
}

interface Topics {
  readonly symbols: readonly string[]
  readonly topic$: <A>(name: MarketTopic, codec: Type<A, unknown, unknown>) => Observable<A>
}

/** Market streams over the topics of a login. */
export const marketStreams = ({ symbols, topic$ }: Topics): MarketStreams => {
  const of = <A extends { readonly symbol: string }>(
    all$: () => Observable<A>,
    symbol: string | undefined,
    fits: (each: A) => boolean = () => true,
  ): Observable<A> =>
    defer(() => {
      const wanted = symbol ?? symbols[0]
      if (wanted === undefined || !symbols.includes(wanted)) {
        return throwError(
          () => new RangeError(`${wanted} is not among the symbols of the login: ${symbols.join(', ')}`),
        )
      }
      return all$().pipe(filter((each) => each.symbol === wanted && fits(each)))
    })
  return {
    ticker$: (symbol) =>
      of(
        () => topic$('ticker', Ticker),
        symbol,
        ({ bid, ask }) => bid > 0 && ask > 0,
      ),
    trade$: (symbol) => of(() => topic$('trade', Trade), symbol),
    orderBook$: (symbol) => of(() => topic$('orderbook', OrderBook), symbol),
    kline$: (symbol, period) =>
      of(
        () => topic$('kline', Kline),
        symbol,
        (kline) => period === undefined || kline.period === period,
      ),
  }
}
