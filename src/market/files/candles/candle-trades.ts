import type { Action } from '../../../protocol/index.js'
import type { RecordedTrade } from '../trades/recorded-trade.js'

/** Prices and volume of a period of trading. */
export interface Candle {
  /** Start of the period, in ms since 1970. */
  readonly timestamp: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** In base currency. */
  readonly volume: number
}

/**
 * Makes trades of candles, in the order in which these come. Each candle becomes four trades: at
 * the open at the beginning of the period, at the extremes after a third and two thirds of it, at
 * the close a millisecond before its end. So no price is known before its time. The volume is
 * shared out evenly, in units of its last decimal, so that the trades add up to it exactly.
 *
 * A candle does not say which extreme came first. The nearer one to the open is taken: a market
 * that goes far has mostly gone the short way before. (Bars of the trades are the candles again.
 * Try a strategy whose profit depends on the order within a candle on trades.)
 *
 * The aggressor is the buyer where the price has risen since the trade before, the seller where it
 * has fallen, and the same as before where it stayed. A candle without volume has no trades.
 *
 * @param periodMs length of a candle that is given none of its own
 */
export const candleTrades = (
  symbol: string,
  periodMs: number,
): ((candle: Candle, lengthMs?: number) => readonly RecordedTrade[]) => {
  let last: number | undefined
  let action: Action = 'BUY'
  return ({ timestamp, open, high, low, close, volume }, lengthMs = periodMs) => {
    const highFirst = high - open < open - low
    const path: readonly (readonly [offsetMs: number, price: number])[] = [
      [0, open],
      [Math.floor(lengthMs / 3), highFirst ? high : low],
      [Math.floor((2 * lengthMs) / 3), highFirst ? low : high],
      [Math.max(0, lengthMs - 1), close],
    ]
    return shareOut(volume, path.length).map((quantity, index) => {
      const [offsetMs = 0, price = close] = path[index] ?? []
      if (last !== undefined && price !== last) action = price > last ? 'BUY' : 'SELL'
      last = price
      return { symbol, action, price, quantity, timestamp: timestamp + offsetMs }
    })
  }
}

/**
 * Shares a volume out over so many trades, which add up to it as decimals. Digits after the
 * fifteenth are noise of binary fractions. A volume of fewer units than trades is shared out in
 * smaller units.
 */
const shareOut = (volume: number, count: number): readonly number[] => {
  if (!(volume > 0)) return []
  const [mantissa = '', exponent = '0'] = volume.toExponential(14).split('e')
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  let units = Number(digits)
  let scale = Number(exponent) - (digits.length - 1)
  // Zeros before the decimal point are units too: 40 coins are not 4 of ten.
  for (; scale > 0 && units < 1e14; scale -= 1) units *= 10
  for (; units < count; scale -= 3) units *= 1_000
  const share = Math.floor(units / count)
  const rest = units - share * count
  return Array.from({ length: count }, (_, index) => Number(`${share + (index >= count - rest ? 1 : 0)}e${scale}`))
}
