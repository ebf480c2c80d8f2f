import type { Action } from '../../../protocol/index.js'
import { RecordingError } from '../recording-error.js'
import type { Recording } from '../recording.js'
import type { Row } from '../table/row.js'
import type { RecordedTrade } from './recorded-trade.js'

const SIDE = 2
const IS_BUYER_MAKER = 5

const ACTIONS = new Map<string, Action>([
  ['BUY', 'BUY'],
  ['SELL', 'SELL'],
])
/** Kraken writes letters. */
const LETTERS = new Map<string, Action>([
  ['B', 'BUY'],
  ['S', 'SELL'],
])
/** The aggressor by whether the buyer was the maker, as Binance says it. */
const MAKERS = new Map<string, Action>([
  ['true', 'SELL'],
  ['false', 'BUY'],
  ['1', 'SELL'],
  ['0', 'BUY'],
])

/**
 * Makes a reader of the trades of a recording. A trade whose side the file does not say has that of
 * the price since the trade before: BUY where it rose, SELL where it fell, the same as before where
 * it stayed.
 */
export const tradeReader = (recording: Recording): ((row: Row) => RecordedTrade) => {
  const { file, columns, isOwn, symbol, unit } = recording
  const namesSymbols = columns.has('symbol')
  if (!namesSymbols && symbol === undefined)
    throw new RecordingError(
      file,
      1,
      'trades do not say of what they are: name the file after their pair (BTCUSDT-trades-2024-01.csv), or write BTC/USDT=FILE for FILE',
      unit,
    )
  let last: number | undefined
  let action: Action = 'BUY'
  const byPrice = (price: number): Action => {
    if (last !== undefined && price !== last) action = price > last ? 'BUY' : 'SELL'
    last = price
    return action
  }
  const sideOf = (row: Row, price: number): Action => {
    const text = row.text(SIDE)
    const known = ACTIONS.get(text) ?? ACTIONS.get(text.toUpperCase())
    if (known !== undefined) return known
    const letter = isOwn ? undefined : LETTERS.get(text.toUpperCase())
    if (letter !== undefined) return letter
    // Tardis writes "unknown" where the exchange does not say it.
    if (!isOwn && text.toLowerCase() === 'unknown') return byPrice(price)
    throw row.wrong('side must be BUY or SELL', text)
  }
  const makerOf = (row: Row): Action => {
    const text = row.text(IS_BUYER_MAKER)
    const known = MAKERS.get(text) ?? MAKERS.get(text.toLowerCase())
    if (known !== undefined) return known
    throw row.wrong('is_buyer_maker must be true or false', text)
  }
  const actionOf: (row: Row, price: number) => Action = columns.has('side')
    ? sideOf
    : columns.has('is_buyer_maker')
      ? makerOf
      : (_, price) => byPrice(price)
  return (row) => {
    const timestamp = row.milliseconds(0)
    const price = row.number(3, 'price must be a number above 0')
    return {
      timestamp,
      symbol: namesSymbols ? row.text(1) : (symbol ?? ''),
      action: actionOf(row, price),
      price,
      quantity: row.number(4, 'quantity must be a number above 0'),
    }
  }
}
