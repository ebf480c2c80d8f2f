import { parsePeriod } from '../candles/candle-period.js'
import { candleSpans } from '../candles/candle-spans.js'
import { withoutOverlaps } from '../candles/without-overlaps.js'
import { SymbolsOfFile } from '../left-out.js'
import { FIELDS } from '../layout/fields.js'
import { RecordingError } from '../recording-error.js'
import type { Recording } from '../recording.js'
import { isPositiveOrZero, type Row } from '../table/row.js'
import { timeCheck } from '../table/recorded-time.js'
import { tradeReader } from '../trades/trade-row.js'
import type { Column, MarketColumns } from './column-file.js'
import { GrowingNumbers, GrowingWords } from './growing-column.js'

/** Settings for putting recordings into columns. */
export interface ToColumnsOptions {
  /** As of `ReadMarketOptions`. */
  readonly period?: string | undefined
  /** As of `ReadMarketOptions`. */
  readonly stamped?: 'open' | 'close' | undefined
  /** Takes the notes about rows that were left out or repaired. */
  readonly note?: ((words: string) => void) | undefined
}

/**
 * Puts recordings of one kind into columns: candles of one symbol, which may overlap; trades or
 * books in the order of the files, which must follow one another in time.
 *
 * @throws RecordingError
 */
export const toColumns = async (
  recordings: readonly Recording[],
  options: ToColumnsOptions = {},
): Promise<MarketColumns> => {
  const [first] = recordings
  if (first === undefined) throw new RangeError('no file to convert')
  const other = recordings.find(
    ({ kind, symbol }) => kind !== first.kind || (kind === 'candles' && symbol !== first.symbol),
  )
  if (other !== undefined)
    throw new RecordingError(
      other.file,
      1,
      `it is ${other.words}, and ${first.file} is ${first.words}: convert files of one kind (candles: of one symbol) at a time`,
      other.unit,
    )
  return first.kind === 'candles' ? candles(recordings, options) : rowsOf(recordings, options)
}

const candles = async (
  recordings: readonly Recording[],
  { period, stamped = 'open', note = () => undefined }: ToColumnsOptions,
): Promise<MarketColumns> => {
  const [first] = recordings
  if (first?.symbol === undefined)
    throw new RecordingError(first?.file ?? '', 1, 'candles do not say of what they are: give the symbol', first?.unit)
  const names = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const
  const growing = names.map((name) => new GrowingNumbers(name))
  const known = period === undefined ? undefined : parsePeriod(period)
  const sources = recordings.map((each) => candleSpans(each, { period: known, stamped }))
  for await (const { spans, notes } of withoutOverlaps(sources)) {
    for (const { candle, startMs } of spans)
      for (const [index, name] of names.entries()) growing[index]?.push(name === 'timestamp' ? startMs : candle[name])
    for (const words of notes) note(words)
  }
  return whole(first.kind, first.symbol, growing)
}

const WORDS = new Set(['symbol', 'side', 'type', 'is_snapshot'])
const TIMES = new Set(['timestamp'])

type Reader = (row: Row, symbol: string) => readonly (number | string)[]

const rowsOf = async (
  recordings: readonly Recording[],
  { note = () => undefined }: ToColumnsOptions,
): Promise<MarketColumns> => {
  const [first] = recordings as readonly [Recording, ...Recording[]]
  const names =
    first.kind === 'trades'
      ? ['timestamp', 'symbol', 'side', 'price', 'quantity']
      : FIELDS[first.kind].flatMap(({ name }) => (first.columns.has(name) || name === 'symbol' ? [name] : []))
  const growing = names.map((name) => (WORDS.has(name) ? new GrowingWords(name) : new GrowingNumbers(name)))
  const check = timeCheck()
  for (const recording of recordings) {
    const symbols = new SymbolsOfFile(recording.file, recording.symbolOf)
    const symbolAt = FIELDS[recording.kind].findIndex(({ name }) => name === 'symbol')
    const valuesOf = recording.kind === 'trades' ? tradeValues(recording) : fieldValues(recording, names)
    for await (const { rows, notes } of recording.rows()) {
      for (const row of rows) {
        const symbol = symbols.of(recording.columns.has('symbol') ? row.text(symbolAt) : (recording.symbol ?? ''))
        if (symbol === undefined) continue
        const values = valuesOf(row, symbol)
        const [timestamp] = values
        if (typeof timestamp === 'number' && !Number.isNaN(timestamp)) check(row, timestamp)
        for (const [index, value] of values.entries()) {
          const column = growing[index]
          if (column instanceof GrowingWords) column.push(String(value))
          else column?.push(Number(value))
        }
      }
      for (const words of [...notes, ...symbols.takeNotes()]) note(words)
    }
    symbols.end()
  }
  return whole(first.kind, undefined, growing)
}

const tradeValues = (recording: Recording): Reader => {
  const tradeOf = tradeReader(recording)
  return (row, symbol) => {
    const { timestamp, action, price, quantity } = tradeOf(row)
    return [timestamp, symbol, action, price, quantity]
  }
}

const fieldValues = ({ kind }: Recording, names: readonly string[]): Reader => {
  const places = names.map((name) => [name, FIELDS[kind].findIndex((field) => field.name === name)] as const)
  return (row, symbol) =>
    places.map(([name, at]) => {
      if (name === 'symbol') return symbol
      if (WORDS.has(name)) return row.text(at)
      if (row.text(at) === '') return Number.NaN
      if (TIMES.has(name)) return row.milliseconds(at)
      const fits = name === 'funding_rate' ? Number.isFinite : isPositiveOrZero
      return row.number(at, `${name} must be a number`, fits)
    })
}

const whole = (
  kind: Recording['kind'],
  symbol: string | undefined,
  growing: readonly { column(): Column }[],
): MarketColumns => {
  const columns = growing.map((each) => each.column())
  return { kind, symbol, rows: columns[0]?.values.length ?? 0, columns }
}
