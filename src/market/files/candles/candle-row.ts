import { isPositiveOrZero, type Row } from '../table/row.js'
import type { Candle } from './candle-trades.js'

const NAMES = ['timestamp', 'open', 'high', 'low', 'close'] as const

/** Reads a candle, and checks that its prices can be those of one. */
export const candleOf = (row: Row): Candle => {
  const price = (index: number) => row.number(index, `${NAMES[index]} must be a number above 0`)
  const candle = {
    timestamp: row.milliseconds(0),
    open: price(1),
    high: price(2),
    low: price(3),
    close: price(4),
    volume: row.number(5, 'volume must be a number, 0 or more', isPositiveOrZero),
  }
  const { open, high, low, close } = candle
  if (low > Math.min(open, close)) throw row.wrong(`low must not be above open ${open} or close ${close}`, row.text(3))
  if (high < Math.max(open, close))
    throw row.wrong(`high must not be below open ${open} or close ${close}`, row.text(2))
  return candle
}
