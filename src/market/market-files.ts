import { basename } from 'node:path'
import type { Observable } from 'rxjs'
import { BOOK_COLUMNS, readBook } from './book-csv.js'
import { CANDLE_COLUMNS, readCandles } from './candles-csv.js'
import { columnsOf, csvRows, RecordingError } from './csv-rows.js'
import { inTimeOrder } from './in-time-order.js'
import type { LadderOptions } from './ladder.js'
import type { MarketEvent, MarketEvents } from './market-event.js'
import { play, type PlayOptions } from './play.js'
import { pairInName, spotPair } from './symbol-names.js'
import { textLines } from './text-lines.js'
import { readTrades, TRADE_COLUMNS } from './trades-csv.js'

/** How files of market data are read. */
export interface ReadMarketOptions extends LadderOptions {
  /** As of `tradesCsv`. */
  readonly symbolOf?: (name: string) => string | undefined
  /** Whose candles those are that are named after no pair. @default an error asks for it */
  readonly candlesOf?: string
}

/** What a file holds, by its header. */
export type RecordingKind = 'trades' | 'candles' | 'book'

const KINDS: readonly (readonly [kind: RecordingKind, columns: readonly string[]])[] = [
  ['book', BOOK_COLUMNS],
  ['candles', CANDLE_COLUMNS],
  ['trades', TRADE_COLUMNS],
]

/**
 * What a file holds, by the columns of its header: trades, candles or an order book. Errors with a RecordingError that says what each of them
 * needs, or with the file's own error.
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

/** The symbols of the first rows of an order book: what is told of them comes with its book. */
const symbolsIn = async (file: string, symbolOf: (name: string) => string | undefined): Promise<readonly string[]> => {
  for await (const { rows } of csvRows(file, ['symbol'])) {
    const names = new Set(rows.map((row) => symbolOf(row.text(0))))
    if (names.size > 0) return [...names].filter((name) => name !== undefined)
  }
  return []
}

/**
 * Files of market data as one market, in time order: trades, candles and order books, each known by its header, plain or gzip. Trades of a
 * symbol whose book is among them take what stands in that book; around others a book is made up. A file of candles is named after its
 * symbol, or given as `BTC/USDT=file.csv`.
 *
 * @example
 * marketFiles(['trades_btcusdt.csv.gz', 'l2_btcusdt.csv.gz'], { speed: 10 })
 */
export function marketFiles(
  files: readonly string[],
  options: ReadMarketOptions & PlayOptions = {},
): Observable<MarketEvent> {
  return play(() => readMarket(files, options), options)
}

/** The events of {@link marketFiles}, for backtests. */
export async function* readMarket(files: readonly string[], options: ReadMarketOptions = {}): MarketEvents {
  const { symbolOf = spotPair, candlesOf, ...depth } = options
  const named = await Promise.all(
    files.map(async (each) => {
      const { file, symbol } = symbolAndFile(each)
      const kind = await recordingKind(file)
      if (symbol !== undefined && kind !== 'candles')
        throw new RecordingError(file, 1, `${kind} name their symbols themselves: leave "${symbol}=" away`)
      return { file, symbol, kind, books: kind === 'book' ? await symbolsIn(file, symbolOf) : [] }
    }),
  )
  const recordedBooks = named.flatMap(({ books }) => books)
  const sources = named.map(({ file, symbol, kind }): MarketEvents => {
    if (kind === 'book') return readBook(file, { symbolOf })
    if (kind === 'trades') return readTrades(file, { ...depth, symbolOf, recordedBooks })
    const whose = symbol ?? pairInName(file) ?? candlesOf
    return readCandles(file, { ...depth, ...(whose === undefined ? {} : { symbol: whose }) })
  })
  // At one instant a book tells what the trades have left of it.
  const order = (index: number) => (named[index]?.kind === 'book' ? 1 : 0)
  yield* inTimeOrder(
    ...sources
      .map((source, index) => ({ source, at: order(index) }))
      .sort((a, b) => a.at - b.at)
      .map(({ source }) => source),
  )
}

/** `BTC/USDT=file.csv` names the symbol; a path may hold `=` too, but what is before it is then no pair. */
const symbolAndFile = (text: string): { readonly file: string; readonly symbol: string | undefined } => {
  const [name = '', ...rest] = text.split('=')
  return rest.length > 0 && /^[A-Z0-9]+\/[A-Z0-9]+$/.test(name)
    ? { file: rest.join('='), symbol: name }
    : { file: text, symbol: undefined }
}

/** The names of files without their folders, for showing. */
export const fileNames = (files: readonly string[]): string =>
  files.map((each) => basename(symbolAndFile(each).file)).join(', ')
