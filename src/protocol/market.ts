import * as t from 'io-ts'
import { FiniteNumber } from './number.js'
import { type Action } from './order.js'
import { oneOf, open, Text } from './text.js'

/** The market topics of our extension `market`. */
export const MarketTopic = oneOf('trade', 'ticker', 'orderbook', 'kline')
export type MarketTopic = t.TypeOf<typeof MarketTopic>

/** A trade of the market. `action` is the aggressor's. */
export const Trade = t.type(
  {
    symbol: Text,
    action: open<Action>(),
    price: FiniteNumber,
    quantity: FiniteNumber,
    timestamp: FiniteNumber,
  },
  'Trade',
)
export interface Trade extends t.TypeOf<typeof Trade> {}

/** Best prices and the last trade. A side without orders is 0. */
export const Ticker = t.type(
  {
    symbol: Text,
    bid: FiniteNumber,
    ask: FiniteNumber,
    last: FiniteNumber,
    timestamp: FiniteNumber,
  },
  'Ticker',
)
export interface Ticker extends t.TypeOf<typeof Ticker> {}

/** `[price, quantity]`, the best first. */
export const Level = t.tuple([FiniteNumber, FiniteNumber], 'a pair of price and quantity')
export type Level = t.TypeOf<typeof Level>

/** The top of an order book, whole at each notice. */
export const OrderBook = t.type(
  {
    symbol: Text,
    bids: t.array(Level, 'a list of levels'),
    asks: t.array(Level, 'a list of levels'),
    timestamp: FiniteNumber,
  },
  'OrderBook',
)
export interface OrderBook extends t.TypeOf<typeof OrderBook> {}

/** A candle. `period` is in words such as `1m`; `timestamp` is the start of the period, in ms since 1970. */
export const Kline = t.type(
  {
    symbol: Text,
    period: Text,
    open: FiniteNumber,
    high: FiniteNumber,
    low: FiniteNumber,
    close: FiniteNumber,
    volume: FiniteNumber,
    timestamp: FiniteNumber,
  },
  'Kline',
)
export interface Kline extends t.TypeOf<typeof Kline> {}
