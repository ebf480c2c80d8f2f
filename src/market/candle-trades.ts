import type { Action } from '../protocol/index.js'
import { tidy } from './ladder.js'
import type { RecordedTrade } from './recorded-trade.js'

/** What a period of trading came to. */
export interface Candle {
  /** When the period began, in ms since 1970. */
  readonly timestamp: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** In base currency. */
  readonly volume: number
}

/**
 * Makes trades of candles, in the order in which these come. Each candle becomes four trades, a quarter of its volume each: the first price at
 * the beginning of the period, the extremes after a third and after two thirds of it, the last price a millisecond before its end. So nobody
 * hears of a price before its time: the high is told when it is traded, and the close when the period is over.
 *
 * Which extreme came first no candle says. The nearer one to the first price is taken to, as a market that goes far has mostly gone the
 * short way before: with a high nearer to the open than the low, the order is open, high, low, close; else open, low,
 * high, close. (Bars of the trades are the candles again. A strategy whose profit hangs on what happens within a candle has to be tried
 * on trades: candles cannot know.)
 *
 * The aggressor is the buyer where the price has risen since the trade before, the seller where it has fallen, and the same as before where it
 * stayed. A candle without volume has no trades.
 */
export const candleTrades = (symbol: string, periodMs: number): ((candle: Candle) => readonly RecordedTrade[]) => {
  let last: number | undefined
  let action: Action = 'BUY'
  return ({ timestamp, open, high, low, close, volume }) => {
    if (volume <= 0) return []
    const quarter = tidy(volume / 4)
    const highFirst = high - open < open - low
    const path: readonly (readonly [offsetMs: number, price: number, quantity: number])[] = [
      [0, open, quarter],
      [Math.floor(periodMs / 3), highFirst ? high : low, quarter],
      [Math.floor((2 * periodMs) / 3), highFirst ? low : high, quarter],
      [periodMs - 1, close, tidy(volume - 3 * quarter)],
    ]
    return path.map(([offsetMs, price, quantity]) => {
      if (last !== undefined && price !== last) action = price > last ? 'BUY' : 'SELL'
      last = price
      return { symbol, action, price, quantity, timestamp: timestamp + offsetMs }
    })
  }
}
