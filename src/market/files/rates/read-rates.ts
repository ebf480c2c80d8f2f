import { SymbolsOfFile } from '../left-out.js'
import { RecordingError } from '../recording-error.js'
import { type Recording, recordingOf, type RecordingOptions } from '../recording.js'
import { timeCheck } from '../table/recorded-time.js'

/** Funding rate of a contract: longs pay shorts this fraction of the value of their positions. */
export interface FundingRateEvent {
  readonly type: 'funding'
  readonly symbol: string
  /** A fraction; below 0 shorts pay longs. */
  readonly rate: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** Mark price of a contract. */
export interface MarkPriceEvent {
  readonly type: 'mark'
  readonly symbol: string
  readonly price: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** Settings for reading funding rates and mark prices. */
export interface ReadRatesOptions {
  /** As of `ReadMarketOptions`. */
  readonly symbolOf?: (name: string) => string | undefined
  /** As of `ReadMarketOptions`. */
  readonly symbol?: string
  /** As of `ReadMarketOptions`. */
  readonly columns?: readonly string[]
}

const SYMBOL = 1
const FUNDING_RATE = 2
const MARK_PRICE = 3

/**
 * Reads funding rates and mark prices of contracts, piece by piece: CSV with the columns
 * `timestamp,symbol` and `funding_rate` or `mark_price`, or files of Binance, Tardis, CCXT and
 * freqtrade. A row without a value of either is passed over. The paper exchange takes its funding
 * rate from the contract and its mark price from the book, so `readMarket` leaves these files out.
 *
 * @throws RecordingError
 */
export async function* readRates(
  file: string,
  options: ReadRatesOptions = {},
): AsyncGenerator<readonly (FundingRateEvent | MarkPriceEvent)[]> {
  yield* rateEvents(await recordingOf(file, { ...options, kind: 'rates' } satisfies RecordingOptions))
}

async function* rateEvents(recording: Recording): AsyncGenerator<readonly (FundingRateEvent | MarkPriceEvent)[]> {
  const { file, columns, symbol: whose, unit } = recording
  if (!columns.has('symbol') && whose === undefined)
    throw new RecordingError(file, 1, 'rates do not say of what they are: name the file after their pair', unit)
  const symbols = new SymbolsOfFile(file, recording.symbolOf)
  const check = timeCheck()
  for await (const { rows } of recording.rows()) {
    const events: (FundingRateEvent | MarkPriceEvent)[] = []
    for (const row of rows) {
      const symbol = symbols.of(columns.has('symbol') ? row.text(SYMBOL) : (whose ?? ''))
      if (symbol === undefined) continue
      const timestamp = row.milliseconds(0)
      check(row, timestamp)
      if (row.text(FUNDING_RATE) !== '') {
        const rate = row.number(FUNDING_RATE, 'funding_rate must be a number', Number.isFinite)
        events.push({ type: 'funding', symbol, rate, timestamp })
      }
      if (row.text(MARK_PRICE) !== '') {
        const price = row.number(MARK_PRICE, 'mark_price must be a number above 0')
        events.push({ type: 'mark', symbol, price, timestamp })
      }
    }
    yield events
  }
  symbols.end()
}
