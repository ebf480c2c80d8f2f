import type { Observable } from 'rxjs'
import { parsePeriod } from './candle-period.js'
import { candleSpans } from './candle-spans.js'
import { candleTrades } from './candle-trades.js'
import { RecordingError } from '../recording-error.js'
import { type Recording, recordingOf } from '../recording.js'
import { withoutOverlaps } from './without-overlaps.js'
import type { LadderOptions } from '../../synthetic/ladder.js'
import { type MarketEvent, type MarketEvents, progress } from '../../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../../replay-market.js'
import { bookAroundTrades } from '../trades/recorded-trade.js'

/** Settings for reading a file of candles. */
export interface ReadCandlesOptions extends LadderOptions {
  /**
   * Symbol of the candles. @default that of its rows, or the spot pair in the name of the file
   * (`candles_btcusdt_1m.csv` is BTC/USDT)
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

/**
 * Plays the candles of a file as a market: our columns `timestamp,open,high,low,close,volume` in
 * any order, or any other layout of candles that `marketFiles` recognises. `candleTrades` turns
 * them into trades without looking ahead, and `bookAroundTrades` these into a market. CSV is read
 * in flat memory, with progress among the events; `notes` lists holes and repeated candles. Errors
 * with a RecordingError at the first line that is wrong.
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
  { symbol, ...options }: ReadCandlesOptions = {},
): MarketEvents {
  const all = typeof files === 'string' ? [files] : files
  yield* candleEvents(await Promise.all(all.map((file) => recordingOf(file, { symbol, kind: 'candles' }))), options)
}

/** Events of recordings of candles, of one symbol, that have been recognised. */
export async function* candleEvents(
  recordings: readonly Recording[],
  { periodMs, period, stamped = 'open', ...depth }: Omit<ReadCandlesOptions, 'symbol'>,
): MarketEvents {
  const [first] = recordings
  if (first?.symbol === undefined) {
    throw new RecordingError(
      first?.file ?? '',
      1,
      'candles do not say of what they are: name the file after their pair (btcusdt_1m.csv), or write BTC/USDT=FILE for FILE',
      first?.unit,
    )
  }
  const around = bookAroundTrades(depth)
  const tradesOf = candleTrades(first.symbol, 0)
  const known = period !== undefined ? parsePeriod(period) : periodMs !== undefined ? { ms: periodMs } : undefined
  const sources = recordings.map((each) => candleSpans(each, { period: known, stamped }))
  for await (const { spans, bytesRead, bytesTotal, notes } of withoutOverlaps(sources)) {
    const trades = spans.flatMap(({ candle, startMs, endMs }) =>
      tradesOf({ ...candle, timestamp: startMs }, endMs - startMs),
    )
    yield [...trades.flatMap(around), progress(bytesRead, bytesTotal, notes)]
  }
}
