import type { Observable } from 'rxjs'
import { parsePeriod } from './candle-period.js'
import { candleSpans, withoutOverlaps } from './candle-spans.js'
import { candleTrades } from './candle-trades.js'
import { RecordingError } from './csv-rows.js'
import type { LadderOptions } from '../synthetic/ladder.js'
import { type MarketEvent, type MarketEvents, progress } from '../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../replay-market.js'
import { bookAroundTrades } from './recorded-trade.js'
import { pairInName } from './symbol-names.js'

/** Settings for reading a file of candles. */
export interface ReadCandlesOptions extends LadderOptions {
  /**
   * Symbol of the candles. @default the spot pair in the name of the file (`candles_btcusdt_1m.csv`
   * is BTC/USDT)
   */
  readonly symbol?: string
  /**
   * Length of a candle, in ms. @default found in the file: its most common distance, or calendar
   * months
   */
  readonly periodMs?: number
  /**
   * Length of a candle in words, such as 1m, 4h, 1d, 1w or 1mo (calendar months); instead of
   * `periodMs`.
   */
  readonly period?: string
  /**
   * Instant that the timestamps name: the beginning of a candle (`open`) or its end (`close`). The
   * wrong one shows a strategy each price a period too early, or too late.
   *
   * @default 'open'
   */
  readonly stamped?: 'open' | 'close'
}

/** Settings for reading and playing a file of candles. */
export interface CandlesCsvOptions extends ReplayMarketOptions, ReadCandlesOptions {}

export { CANDLE_COLUMNS } from './candle-spans.js'

/**
 * Plays the candles of a CSV file, plain or gzip, as a market: the columns
 * `timestamp,open,high,low,close,volume` in any order, with a header. `candleTrades` turns them
 * into trades without looking ahead, and `bookAroundTrades` these into a market. Read in flat
 * memory, with progress among the events; `notes` lists holes and repeated candles. Errors with a
 * RecordingError at the first line that is wrong.
 *
 * @example
 * candlesCsv('candles_btcusdt_1m.csv.gz', { speed: 60 })
 */
export function candlesCsv(file: string, options: CandlesCsvOptions = {}): Observable<MarketEvent> {
  return replayMarket(() => readCandles(file, options), options)
}

/**
 * Reads the events of {@link candlesCsv}, for `mergeByTime` and for backtests. Several files of one
 * symbol may overlap: a candle that stands in two of them is played once, as it is in the first.
 */
export async function* readCandles(
  files: string | readonly string[],
  { symbol: given, periodMs, period, stamped = 'open', ...depth }: ReadCandlesOptions = {},
): MarketEvents {
  const all = typeof files === 'string' ? [files] : files
  const [file = ''] = all
  const symbol = given ?? pairInName(file)
  if (symbol === undefined) {
    throw new RecordingError(
      file,
      1,
      'candles do not say of what they are: name the file after their pair (btcusdt_1m.csv), or write BTC/USDT=FILE for FILE',
    )
  }
  const around = bookAroundTrades(depth)
  const tradesOf = candleTrades(symbol, 0)
  const known = period !== undefined ? parsePeriod(period) : periodMs !== undefined ? { ms: periodMs } : undefined
  const sources = all.map((each) => candleSpans(each, { period: known, stamped }))
  for await (const { spans, bytesRead, bytesTotal, notes } of withoutOverlaps(sources)) {
    const trades = spans.flatMap(({ candle, startMs, endMs }) =>
      tradesOf({ ...candle, timestamp: startMs }, endMs - startMs),
    )
    yield [...trades.flatMap(around), progress(bytesRead, bytesTotal, notes)]
  }
}
