import type { Observable } from 'rxjs'
import { type LadderOptions } from './ladder.js'
import type { MarketEvent } from './market-event.js'
import { play, type PlayOptions } from './play.js'
import { marketAroundTrades, type RecordedTrade } from './recorded-trade.js'
import { textLines } from './text-lines.js'

/** How a recording of trades is read. */
export interface TradesCsvOptions extends PlayOptions, LadderOptions {
  /**
   * The symbol by which the exchange knows one of the file; undefined leaves its trades out.
   *
   * @default BTCUSDT is BTC/USDT and so on; names that are no spot pair, such as BTCUSDT-PERP, are left out
   */
  readonly symbolOf?: (name: string) => string | undefined
}

/** A recording that cannot be read, and where. */
export class RecordingError extends Error {
  readonly _tag = 'RecordingError'
  override readonly name = 'RecordingError'

  constructor(
    readonly file: string,
    /** From 1. */
    readonly line: number,
    readonly reason: string,
  ) {
    super(`${file}, line ${line}: ${reason}`)
  }
}

const COLUMNS = ['timestamp', 'symbol', 'side', 'price', 'quantity'] as const

/** BTCUSDT is BTC/USDT, BTC/USDT is itself; undefined for what is no spot pair. */
export function spotPair(name: string): string | undefined {
  const match = /^([A-Z0-9]{2,})[-_/]?(USDT|USDC|USD|BTC|ETH)$/.exec(name)
  return match === null ? undefined : `${match[1]}/${match[2]}`
}

/**
 * Trades of a CSV file, plain or gzip, as a market: the columns `timestamp,symbol,side,price,quantity` in any order, with a
 * header. Played with the recorded spacing at `speed`; read in flat memory. How a recorded trade moves a book is told at
 * `marketAroundTrades`. Progress comes among the events. Errors with a RecordingError at the first line that is wrong, or
 * with the file's own error.
 *
 * @example
 * tradesCsv('trades.csv.gz', { speed: Infinity })
 */
export function tradesCsv(file: string, options: TradesCsvOptions = {}): Observable<MarketEvent> {
  return play(() => csvEvents(file, options), options)
}

async function* csvEvents(
  file: string,
  { symbolOf = spotPair, ...depth }: TradesCsvOptions,
): AsyncGenerator<MarketEvent> {
  const around = marketAroundTrades(depth)
  let at: readonly number[] | undefined
  let line = 0
  for await (const { lines, bytesRead, bytesTotal } of textLines(file)) {
    for (const text of lines) {
      line++
      if (text === '') continue
      const fields = text.split(',')
      if (at === undefined) {
        at = columns(fields, file)
        continue
      }
      const trade = parse(fields, at, file, line)
      const symbol = symbolOf(trade.symbol)
      if (symbol !== undefined) yield* around({ ...trade, symbol })
    }
    yield { type: 'progress', bytesRead, bytesTotal }
  }
  if (at === undefined)
    throw new RecordingError(file, 1, `the file is empty: a header ${COLUMNS.join(',')} was expected`)
}

/** Where each of our columns stands in the file. */
function columns(header: readonly string[], file: string): number[] {
  const names = header.map((name) => name.trim().toLowerCase())
  return COLUMNS.map((column) => {
    const index = names.indexOf(column)
    if (index < 0) throw new RecordingError(file, 1, `no column "${column}": the header must name ${COLUMNS.join(',')}`)
    return index
  })
}

function parse(fields: readonly string[], at: readonly number[], file: string, line: number): RecordedTrade {
  const [timestamp, symbol, side, price, quantity] = at.map((index) => (fields[index] ?? '').trim())
  const wrong = (what: string, was: string | undefined) =>
    new RecordingError(file, line, `${what}, not ${JSON.stringify((was ?? '').slice(0, 40))}`)
  const action = side?.toUpperCase()
  if (action !== 'BUY' && action !== 'SELL') throw wrong('side must be BUY or SELL', side)
  if (!isPositive(timestamp)) throw wrong('timestamp must be milliseconds since 1970', timestamp)
  if (!isPositive(price)) throw wrong('price must be a number above 0', price)
  if (!isPositive(quantity)) throw wrong('quantity must be a number above 0', quantity)
  return {
    timestamp: Number(timestamp),
    symbol: symbol ?? '',
    action,
    price: Number(price),
    quantity: Number(quantity),
  }
}

const isPositive = (text: string | undefined): boolean => {
  const value = Number(text)
  return text !== undefined && text !== '' && value > 0 && value < Infinity
}
