import { basename } from 'node:path'
import type { Observable } from 'rxjs'
import { bookEvents } from './files/books/book-csv.js'
import { candleEvents } from './files/candles/candles-csv.js'
import { writeColumns } from './files/columns/column-file.js'
import { toColumns, type ToColumnsOptions } from './files/columns/to-columns.js'
import { type Recording, recordingOf, type RecordingOptions } from './files/recording.js'
import { spotPairWith } from './files/symbol-names.js'
import { tradeEvents } from './files/trades/trades-csv.js'
import { mergeByTime } from './merge-by-time.js'
import type { LadderOptions } from './synthetic/ladder.js'
import { type MarketEvent, type MarketEvents, progress } from './market-event.js'
import { replayMarket, type ReplayMarketOptions } from './replay-market.js'

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
  /**
   * Symbol of every file, whatever a file itself says; `BTC/USDT=FILE` says it of one.
   *
   * @default found in the rows or the name of each file
   */
  readonly symbol?: string
  /**
   * Meaning of the columns of every file, where it is not recognised: their names in order
   * (`['timestamp', 'open', 'high', 'low', 'close', 'volume']`, `-` for one that is not used), or
   * `field=name in the header` or `field=number of the column` for some (`['volume=Vol BTC']`).
   *
   * @default found in each file
   */
  readonly columns?: readonly string[]
}

/** Symbols of the first rows of an order book. */
const symbolsIn = async ({ rows, symbolOf }: Recording): Promise<readonly string[]> => {
  for await (const piece of rows()) {
    const names = new Set(piece.rows.map((row) => symbolOf(row.text(BOOK_SYMBOL))))
    if (names.size > 0) return [...names].filter((name) => name !== undefined)
  }
  return []
}

/** Notes that a file of funding rates or mark prices is left out of the market. */
// eslint-disable-next-line @typescript-eslint/require-await -- sources of a market are asynchronous
async function* leftOut({ file, words }: Recording): MarketEvents {
  yield [progress(0, 0, [`${file}: ${words}; left out, since the paper exchange has its own (readRates reads them)`])]
}

/** Index of the symbol in a row of an order book. */
const BOOK_SYMBOL = 2

/**
 * Plays files of market data as one market, in time order: trades, candles and order books. Each
 * file is recognised by its content: our own CSV, those of Binance, Tardis, TradingView and
 * CryptoDataDownload, OHLCV of CCXT and freqtrade; plain, gzip or a zip of one file. A note among
 * the progress tells what was understood, unless it is our own CSV in milliseconds. Each trade is
 * reported as recorded. Around trades of a
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
    candlesOf: otherwise,
    symbol,
    columns,
    period,
    stamped,
    ...depth
  } = options
  const recordings = await recordingsOf(files, { symbolOf, symbol, otherwise, columns })
  const books = recordings.filter(({ kind }) => kind === 'book')
  const recordedBooks = (await Promise.all(books.map(symbolsIn))).flat()
  const candles = new Map<string | undefined, Recording[]>()
  for (const recording of recordings)
    if (recording.kind === 'candles')
      candles.set(recording.symbol, [...(candles.get(recording.symbol) ?? []), recording])
  const length = { ...(period === undefined ? {} : { period }), ...(stamped === undefined ? {} : { stamped }) }
  yield* mergeByTime(
    ...recordings
      .filter(({ kind }) => kind === 'trades')
      .map((recording) => tradeEvents(recording, { ...depth, recordedBooks })),
    ...Array.from(candles.values(), (group) => candleEvents(group, { ...depth, ...length })),
    // At one instant a book tells what the trades have left of it.
    ...books.map(bookEvents),
    ...recordings.filter(({ kind }) => kind === 'rates').map(leftOut),
  )
}

/** Recognises the files of a market; `BTC/USDT=FILE` says the symbol of one. */
export const recordingsOf = (files: readonly string[], options: RecordingOptions): Promise<readonly Recording[]> =>
  Promise.all(
    files.map((each) => {
      const { file, symbol = options.symbol } = symbolAndFile(each)
      return recordingOf(file, { ...options, symbol })
    }),
  )

/**
 * Converts files of one kind to one file of columns, which is read faster.
 *
 * @returns the number of rows written
 * @throws RecordingError
 */
export const convertFiles = async (
  files: readonly string[],
  out: string,
  { period, stamped, note, ...options }: RecordingOptions & ToColumnsOptions,
): Promise<number> => {
  const columns = await toColumns(await recordingsOf(files, options), { period, stamped, note })
  await writeColumns(out, columns)
  return columns.rows
}

/**
 * Reads `BTC/USDT=file.csv`; a path may hold `=` too, but what stands before it is then no pair.
 */
export const symbolAndFile = (text: string): { readonly file: string; readonly symbol: string | undefined } => {
  const [name = '', ...rest] = text.split('=')
  return rest.length > 0 && /^[\p{L}\p{N}]+\/[\p{L}\p{N}]+$/u.test(name)
    ? { file: rest.join('='), symbol: name.toUpperCase() }
    : { file: text, symbol: undefined }
}

/** Path of a file that may be given as `BTC/USDT=file.csv`. */
export const fileOf = (text: string): string => symbolAndFile(text).file

/** The names of files without their folders, for showing. */
export const fileNames = (files: readonly string[]): string =>
  files.map((each) => basename(symbolAndFile(each).file)).join(', ')
