import type { Observable } from 'rxjs'
import { type Candle, candleTrades } from './candle-trades.js'
import { csvRows, isPositiveOrZero, RecordingError, type Row } from './csv-rows.js'
import type { LadderOptions } from './ladder.js'
import type { MarketEvent, MarketEvents } from './market-event.js'
import { play, type PlayOptions } from './play.js'
import { marketAroundTrades, type RecordedTrade } from './recorded-trade.js'
import { pairInName } from './symbol-names.js'

/** How a file of candles is read. */
export interface ReadCandlesOptions extends LadderOptions {
  /** Whose candles they are. @default the spot pair that the file is named after (`candles_btcusdt_1m.csv` is BTC/USDT) */
  readonly symbol?: string
  /** Milliseconds of a candle. @default the time from the first to the second */
  readonly periodMs?: number
  /**
   * Whether a candle's timestamp is when it began or when it was over. The wrong one shows a strategy every price a period too early, or too
   * late.
   *
   * @default 'open'
   */
  readonly stamped?: 'open' | 'close'
}

/** How a file of candles is read and played. */
export interface CandlesCsvOptions extends PlayOptions, ReadCandlesOptions {}

/** The columns of a file of candles. */
export const CANDLE_COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const

/**
 * Candles of a CSV file, plain or gzip, as a market: the columns `timestamp,open,high,low,close,volume` in any order, with a header. They
 * become trades as told at `candleTrades`, without looking ahead, and these a market as told at `marketAroundTrades`. Read in flat memory,
 * with progress among the events. Errors with a RecordingError at the first line that is wrong.
 *
 * @example
 * candlesCsv('candles_btcusdt_1m.csv.gz', { speed: 60 })
 */
export function candlesCsv(file: string, options: CandlesCsvOptions = {}): Observable<MarketEvent> {
  return play(() => readCandles(file, options), options)
}

/** The events of {@link candlesCsv}, for `inTimeOrder` and for backtests. */
export async function* readCandles(
  file: string,
  { symbol: given, periodMs, stamped = 'open', ...depth }: ReadCandlesOptions = {},
): MarketEvents {
  const symbol = given ?? pairInName(file)
  if (symbol === undefined) {
    throw new RecordingError(
      file,
      1,
      'candles do not say of what they are: name the file after their pair (btcusdt_1m.csv), or write BTC/USDT=FILE for FILE',
    )
  }
  const around = marketAroundTrades(depth)
  const trades = inOrder(symbol, periodMs, stamped)
  for await (const { rows, bytesRead, bytesTotal } of csvRows(file, CANDLE_COLUMNS)) {
    const events: MarketEvent[] = rows.flatMap((row) => trades.next(row)).flatMap(around)
    events.push({ type: 'progress', bytesRead, bytesTotal })
    yield events
  }
  // A single candle had none to wait for.
  yield trades.end().flatMap(around)
}

/** Checks candles one after the other, and makes trades of them. The first waits for the second where only that tells the period. */
const inOrder = (symbol: string, givenMs: number | undefined, stamped: 'open' | 'close') => {
  let before: number | undefined
  let waiting: Candle | undefined
  let periodMs = givenMs
  let tradesOf: ((candle: Candle) => readonly RecordedTrade[]) | undefined
  const tell = (candle: Candle): readonly RecordedTrade[] => {
    const lengthMs = periodMs ?? 60_000
    tradesOf ??= candleTrades(symbol, lengthMs)
    return tradesOf(stamped === 'open' ? candle : { ...candle, timestamp: candle.timestamp - lengthMs })
  }
  return {
    next: (row: Row): readonly RecordedTrade[] => {
      const candle = candleOf(row)
      const { timestamp } = candle
      if (before !== undefined && timestamp - before < (periodMs ?? 1)) {
        throw row.wrong(
          `timestamp must be ${periodMs ?? 1} ms after that of the candle before (${before}), or later`,
          row.text(0),
        )
      }
      const first = waiting
      waiting = undefined
      if (before === undefined && periodMs === undefined) waiting = candle
      else periodMs ??= timestamp - (before ?? 0)
      before = timestamp
      return [...(first === undefined ? [] : tell(first)), ...(waiting === undefined ? tell(candle) : [])]
    },
    end: (): readonly RecordedTrade[] => {
      const last = waiting
      waiting = undefined
      return last === undefined ? [] : tell(last)
    },
  }
}

const candleOf = (row: Row): Candle => {
  const price = (index: number) => row.number(index, `${CANDLE_COLUMNS[index]} must be a number above 0`)
  const candle = {
    timestamp: row.milliseconds(0),
    open: price(1),
    high: price(2),
    low: price(3),
    close: price(4),
    volume: row.number(5, 'volume must be a number, 0 or more', isPositiveOrZero),
  }
  const { open, high, low, close } = candle
  if (low > Math.min(open, close)) throw row.wrong(`low must not be above open ${open} or close ${close}`, row.text(3))
  if (high < Math.max(open, close))
    throw row.wrong(`high must not be below open ${open} or close ${close}`, row.text(2))
  return candle
}
