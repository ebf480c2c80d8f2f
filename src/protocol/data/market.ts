import * as t from 'io-ts'
import { FiniteNumber, isPlainNumber } from '../codec/number.js'
import { quick } from '../codec/quick.js'
import { type Action } from './order.js'
import { isText, oneOf, open, Text } from '../codec/text.js'

/** The market topics of our extension `market`. */
export const MarketTopic = oneOf('trade', 'ticker', 'orderbook', 'kline')
export type MarketTopic = t.TypeOf<typeof MarketTopic>

/** A trade of the market. `action` is the aggressor's. */
export const Trade = quick(
  t.type(
    {
      symbol: Text,
      action: open<Action>(),
      price: FiniteNumber,
      quantity: FiniteNumber,
      timestamp: FiniteNumber,
    },
    'Trade',
  ),
  (u) =>
    isText(u.symbol) &&
    isText(u.action) &&
    isPlainNumber(u.price) &&
    isPlainNumber(u.quantity) &&
    isPlainNumber(u.timestamp),
)
export interface Trade extends t.TypeOf<typeof Trade> {}

/** Best prices and the last trade. A side without orders is 0. */
export const Ticker = quick(
  t.type(
    {
      symbol: Text,
      bid: FiniteNumber,
      ask: FiniteNumber,
      last: FiniteNumber,
      timestamp: FiniteNumber,
    },
    'Ticker',
  ),
  (u) =>
    isText(u.symbol) &&
    isPlainNumber(u.bid) &&
    isPlainNumber(u.ask) &&
    isPlainNumber(u.last) &&
    isPlainNumber(u.timestamp),
)
export interface Ticker extends t.TypeOf<typeof Ticker> {}

/** `[price, quantity]`, the best first. */
export const Level = t.tuple([FiniteNumber, FiniteNumber], 'a pair of price and quantity')
export type Level = t.TypeOf<typeof Level>

const areLevels = (u: unknown): boolean => {
  if (!Array.isArray(u)) return false
  for (const level of u as unknown[]) {
    if (!Array.isArray(level) || level.length !== 2 || !isPlainNumber(level[0]) || !isPlainNumber(level[1]))
      return false
  }
  return true
}

/** The top of an order book, whole at each notice. */
export const OrderBook = quick(
  t.type(
    {
      symbol: Text,
      bids: t.array(Level, 'a list of levels'),
      asks: t.array(Level, 'a list of levels'),
      timestamp: FiniteNumber,
    },
    'OrderBook',
  ),
  (u) => isText(u.symbol) && areLevels(u.bids) && areLevels(u.asks) && isPlainNumber(u.timestamp),
)
export interface OrderBook extends t.TypeOf<typeof OrderBook> {}

/**
 * A candle. `period` is in words such as `1m`; `timestamp` is the start of the period, in ms since
 * 1970.
 */
export const Kline = quick(
  t.type(
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
  ),
  (u) =>
    isText(u.symbol) &&
    isText(u.period) &&
    isPlainNumber(u.open) &&
    isPlainNumber(u.high) &&
    isPlainNumber(u.low) &&
    isPlainNumber(u.close) &&
    isPlainNumber(u.volume) &&
    isPlainNumber(u.timestamp),
)
export interface Kline extends t.TypeOf<typeof Kline> {}
