import type { Table } from '../table/table.js'
import { dateMs, unitOf } from '../table/times.js'
import type { Layout } from './layout.js'

type Fields = readonly string[]

interface Shape {
  readonly layout: Layout
  readonly fits: (fields: Fields) => boolean
}

const isTime = (text = ''): boolean => unitOf(Number(text)) !== undefined || dateMs(text) !== undefined
const isPrice = (text = ''): boolean => text !== '' && Number(text) > 0
const isNumber = (text = ''): boolean => text !== '' && Number(text) >= 0
const isFlag = (text = ''): boolean => /^(true|false)$/i.test(text)

const isCandle = (fields: Fields): boolean => {
  const [open = 0, high = 0, low = 0, close = 0] = fields.slice(1, 5).map(Number)
  const isOrdered = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close)
  return isTime(fields[0]) && isOrdered && isNumber(fields[5])
}

const trade = (name: string, timeAt: number): Layout => ({
  ...{ kind: 'trades', name, isOwn: false },
  at: [timeAt, -1, -1, 1, 2, timeAt + 1, 0],
})
const candle = (name: string): Layout => ({ kind: 'candles', name, isOwn: false, at: [0, 1, 2, 3, 4, 5, -1] })
const isTrade = (fields: Fields, timeAt: number): boolean =>
  isPrice(fields[1]) && isNumber(fields[2]) && isTime(fields[timeAt]) && fields.slice(timeAt + 1).every(isFlag)

/** Shapes of rows without a header; no row fits two of them. */
const SHAPES: readonly Shape[] = [
  {
    layout: candle('Binance klines'),
    fits: (fields) => fields.length === 12 && isCandle(fields) && isTime(fields[6]) && isNumber(fields[7]),
  },
  {
    layout: trade('Binance trades', 4),
    fits: (fields) => (fields.length === 6 || fields.length === 7) && isTrade(fields, 4),
  },
  {
    layout: trade('Binance aggTrades', 5),
    fits: (fields) => (fields.length === 7 || fields.length === 8) && isTrade(fields, 5),
  },
  // OHLCV of CCXT and freqtrade; Kraken adds the number of trades.
  {
    layout: candle('OHLCV candles'),
    fits: (fields) => (fields.length === 6 || fields.length === 7) && isCandle(fields),
  },
]

/** Finds the layout of rows without a header by their shape; undefined if it is no known one. */
export const layoutOfRows = ({ sample }: Pick<Table, 'sample'>): Layout | undefined =>
  SHAPES.find(({ fits }) => {
    const [first] = sample
    if (first === undefined) return false
    // A damaged row among others is reported when it is read.
    return fits(first) || sample.filter(fits).length * 2 > sample.length
  })?.layout
