import type { Observable } from 'rxjs'
import { type LadderOptions } from '../../synthetic/ladder.js'
import { SymbolsOfFile } from '../left-out.js'
import { type MarketEvent, type MarketEvents, progress } from '../../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../../replay-market.js'
import { type Recording, recordingOf } from '../recording.js'
import { bookAroundTrades } from './recorded-trade.js'
import { tradeReader } from './trade-row.js'
import { timeCheck } from '../table/recorded-time.js'

/** Settings for reading a recording of trades. */
export interface ReadTradesOptions extends LadderOptions {
  /**
   * Maps a name in the file to a symbol of the exchange; undefined leaves its rows out, with a note
   * among the progress.
   *
   * @default `spotPair`: BTCUSDT is BTC/USDT and so on; names that are no spot pair, such as
   * BTCUSDT-PERP, are left out
   */
  readonly symbolOf?: (name: string) => string | undefined
  /**
   * Symbols whose books are recorded too, and come from another source: no book is made up around
   * them.
   *
   * @default none
   */
  readonly recordedBooks?: readonly string[]
}

/** Settings for reading and playing a recording of trades. */
export interface TradesCsvOptions extends ReplayMarketOptions, ReadTradesOptions {}

/**
 * Trades of a file as a market: our columns `timestamp,symbol,side,price,quantity` in any order, or
 * any other layout of trades that `marketFiles` recognises. Played with the recorded
 * spacing at `speed`; CSV is read in flat memory. See `bookAroundTrades` for its effect on a book.
 * Progress comes among the events. Errors with a RecordingError at the first line that is wrong or
 * out of time order, where all names are left out, or with the file's own error.
 *
 * @example
 * tradesCsv('trades.csv.gz', { speed: Infinity })
 */
export function tradesCsv(file: string, options: TradesCsvOptions = {}): Observable<MarketEvent> {
  return replayMarket(() => readTrades(file, options), options)
}

/** The events of {@link tradesCsv}, for `mergeByTime` and for backtests. */
export async function* readTrades(file: string, { symbolOf, ...options }: ReadTradesOptions = {}): MarketEvents {
  yield* tradeEvents(await recordingOf(file, { symbolOf, kind: 'trades' }), options)
}

/** Events of a recording of trades that has been recognised. */
export async function* tradeEvents(
  recording: Recording,
  { recordedBooks = [], ...depth }: Omit<ReadTradesOptions, 'symbolOf'>,
): MarketEvents {
  const around = bookAroundTrades(depth)
  const symbols = new SymbolsOfFile(recording.file, recording.symbolOf)
  const tradeOf = tradeReader(recording)
  const check = timeCheck()
  for await (const { rows, bytesRead, bytesTotal, notes } of recording.rows()) {
    const events: MarketEvent[] = []
    for (const row of rows) {
      const { symbol: name, ...rest } = tradeOf(row)
      const symbol = symbols.of(name)
      if (symbol === undefined) continue
      check(row, rest.timestamp)
      if (recordedBooks.includes(symbol)) events.push({ type: 'trade', symbol, ...rest })
      else events.push(...around({ symbol, ...rest }))
    }
    events.push(progress(bytesRead, bytesTotal, [...notes, ...symbols.takeNotes()]))
    yield events
  }
  symbols.end()
}
