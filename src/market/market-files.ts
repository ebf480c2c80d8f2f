import { basename } from 'node:path'
import type { Observable } from 'rxjs'
import { BOOK_COLUMNS, readBook } from './csv/book-csv.js'
import { CANDLE_COLUMNS, readCandles } from './csv/candles-csv.js'
import { columnsOf, csvRows, RecordingError } from './csv/csv-rows.js'
import { mergeByTime } from './merge-by-time.js'
import type { LadderOptions } from './synthetic/ladder.js'
import type { MarketEvent, MarketEvents } from './market-event.js'
import { replayMarket, type ReplayMarketOptions } from './replay-market.js'
import { pairInName, spotPairWith } from './csv/symbol-names.js'
import { textLines } from './csv/text-lines.js'
import { readTrades, TRADE_COLUMNS } from './csv/trades-csv.js'

/** Settings for reading files of market data. */
export interface ReadMarketOptions extends LadderOptions {
  /** As of `tradesCsv`. */
  readonly symbolOf?: (name: string) => string | undefined
  /**
   * Quote currencies beyond the known ones, by which names without a separator are taken apart.
   * @default none
   */
  readonly quoteCurrencies?: readonly string[]
  /** Symbol of candles whose file is named after no pair. @default an error asks for it */
  readonly candlesOf?: string
  /** Length of the candles, such as 1m or 1mo. @default found in each file */
  readonly period?: string
  /** As of `candlesCsv`. @default 'open' */
  readonly stamped?: 'open' | 'close'
}

/** Content of a file, by its header. */
export type RecordingKind = 'trades' | 'candles' | 'book'

const KINDS: readonly (readonly [kind: RecordingKind, columns: readonly string[]])[] = [
  ['book', BOOK_COLUMNS],
  ['candles', CANDLE_COLUMNS],
  ['trades', TRADE_COLUMNS],
]

/**
 * Recognises the content of a file by the columns of its header: trades, candles or an order book.
 * Errors with a RecordingError that names what each of them needs, or with the file's own error.
 */
export const recordingKind = async (file: string): Promise<RecordingKind> => {
  const header = await firstLine(file)
  const names = new Set(columnsOf(header, file))
  const kind = KINDS.find(([, columns]) => columns.every((column) => names.has(column)))?.[0]
  if (kind !== undefined) return kind
  const known = KINDS.map(([name, columns]) => `${name} (${columns.join(',')})`).join(', ')
  throw new RecordingError(
    file,
    1,
    `the header ${JSON.stringify(header.slice(0, 80))} is of no recording that we know: ${known}`,
  )
}

const firstLine = async (file: string): Promise<string> => {
  for await (const { lines } of textLines(file)) {
    const line = lines.find((text) => text !== '')
    if (line !== undefined) return line
  }
  return ''
}

/** Symbols of the first rows of an order book. */
const symbolsIn = async (file: string, symbolOf: (name: string) => string | undefined): Promise<readonly string[]> => {
  for await (const { rows } of csvRows(file, ['symbol'])) {
    const names = new Set(rows.map((row) => symbolOf(row.text(0))))
    if (names.size > 0) return [...names].filter((name) => name !== undefined)
  }
  return []
}

/**
 * Plays files of market data as one market, in time order: trades, candles and order books, each
 * recognised by its header, plain or gzip. Each trade is reported as recorded. Around trades of a
 * symbol whose book is not among them a book is made up. A file of candles is named after its
 * symbol; `BTC/USDT=file.csv` gives the symbol of any file. Files of candles of one symbol may
 * overlap.
 *
 * @example
 * marketFiles(['trades_btcusdt.csv.gz', 'l2_btcusdt.csv.gz'], { speed: 10 })
 */
export function marketFiles(
  files: readonly string[],
  options: ReadMarketOptions & ReplayMarketOptions = {},
): Observable<MarketEvent> {
  return replayMarket(() => readMarket(files, options), options)
}

/** Reads the events of {@link marketFiles}, for backtests. */
export async function* readMarket(files: readonly string[], options: ReadMarketOptions = {}): MarketEvents {
  const {
    quoteCurrencies = [],
    symbolOf = spotPairWith(...quoteCurrencies),
    candlesOf,
    period,
    stamped,
    ...depth
  } = options
  const named = await Promise.all(
    files.map(async (each) => {
      const { file, symbol } = symbolAndFile(each)
      const kind = await recordingKind(file)
      const nameOf = symbol === undefined ? symbolOf : onlySymbol(file, symbol)
      const whose = symbol ?? pairInName(file, symbolOf) ?? candlesOf
      return { file, kind, symbolOf: nameOf, whose, books: kind === 'book' ? await symbolsIn(file, nameOf) : [] }
    }),
  )
  const recordedBooks = named.flatMap(({ books }) => books)
  const candles = new Map<string | undefined, string[]>()
  for (const { file, kind, whose } of named)
    if (kind === 'candles') candles.set(whose, [...(candles.get(whose) ?? []), file])
  const length = { ...(period === undefined ? {} : { period }), ...(stamped === undefined ? {} : { stamped }) }
  yield* mergeByTime(
    ...named.flatMap(({ file, kind, symbolOf: nameOf }) =>
      kind === 'trades' ? [readTrades(file, { ...depth, symbolOf: nameOf, recordedBooks })] : [],
    ),
    ...Array.from(candles, ([symbol, group]) =>
      readCandles(group, { ...depth, ...length, ...(symbol === undefined ? {} : { symbol }) }),
    ),
    // At one instant a book tells what the trades have left of it.
    ...named.flatMap(({ file, kind, symbolOf: nameOf }) =>
      kind === 'book' ? [readBook(file, { symbolOf: nameOf })] : [],
    ),
  )
}

/** Gives the rows of a file one symbol, whatever name they have; a second name is refused. */
const onlySymbol = (file: string, symbol: string): ((name: string) => string) => {
  let first: string | undefined
  return (name) => {
    first ??= name
    if (name === first) return symbol
    throw new RecordingError(file, 1, `it holds ${first} and ${name}: "${symbol}=" can name a file of one symbol only`)
  }
}

/**
 * Reads `BTC/USDT=file.csv`; a path may hold `=` too, but what stands before it is then no pair.
 */
const symbolAndFile = (text: string): { readonly file: string; readonly symbol: string | undefined } => {
  const [name = '', ...rest] = text.split('=')
  return rest.length > 0 && /^[\p{L}\p{N}]+\/[\p{L}\p{N}]+$/u.test(name)
    ? { file: rest.join('='), symbol: name.toUpperCase() }
    : { file: text, symbol: undefined }
}

/** The names of files without their folders, for showing. */
export const fileNames = (files: readonly string[]): string =>
  files.map((each) => basename(symbolAndFile(each).file)).join(', ')
