import type { Observable } from 'rxjs'
import { csvRows, type Row } from './csv-rows.js'
import { type LadderOptions } from '../synthetic/ladder.js'
import { SymbolsOfFile } from './left-out.js'
import { type MarketEvent, type MarketEvents, progress } from '../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../replay-market.js'
import { bookAroundTrades, type RecordedTrade } from './recorded-trade.js'
import { timeCheck } from './recorded-time.js'
import { spotPair } from './symbol-names.js'

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

/** The columns of a recording of trades. */
export const TRADE_COLUMNS = ['timestamp', 'symbol', 'side', 'price', 'quantity'] as const

/**
 * Trades of a CSV file, plain or gzip, as a market: the columns
 * `timestamp,symbol,side,price,quantity` in any order, with a header. Played with the recorded
 * spacing at `speed`; read in flat memory. See `bookAroundTrades` for its effect on a book.
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
export async function* readTrades(
  file: string,
  { symbolOf = spotPair, recordedBooks = [], ...depth }: ReadTradesOptions = {},
): MarketEvents {
  const around = bookAroundTrades(depth)
  const symbols = new SymbolsOfFile(file, symbolOf)
  const check = timeCheck()
  for await (const { rows, bytesRead, bytesTotal } of csvRows(file, TRADE_COLUMNS)) {
    const events: MarketEvent[] = []
    for (const row of rows) {
      const { symbol: name, ...rest } = tradeOf(row)
      const symbol = symbols.of(name)
      if (symbol === undefined) continue
      check(row, rest.timestamp)
      if (recordedBooks.includes(symbol)) events.push({ type: 'trade', symbol, ...rest })
      else events.push(...around({ symbol, ...rest }))
    }
    events.push(progress(bytesRead, bytesTotal, symbols.takeNotes()))
    yield events
  }
  symbols.end()
}

const tradeOf = (row: Row): RecordedTrade => {
  const action = row.text(2).toUpperCase()
  if (action !== 'BUY' && action !== 'SELL') throw row.wrong('side must be BUY or SELL', row.text(2))
  return {
    timestamp: row.milliseconds(0),
    symbol: row.text(1),
    action,
    price: row.number(3, 'price must be a number above 0'),
    quantity: row.number(4, 'quantity must be a number above 0'),
  }
}
