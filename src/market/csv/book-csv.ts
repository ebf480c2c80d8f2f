import type { Observable } from 'rxjs'
import type { Level } from '../../protocol/index.js'
import { type BookJoin, bookJoin, type BookMessage } from './book-join.js'
import { csvRows, isPositiveOrZero, RecordingError, type Row } from './csv-rows.js'
import { SymbolsOfFile } from './left-out.js'
import { type MarketEvent, type MarketEvents, progress } from '../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../replay-market.js'
import { timeCheck } from './recorded-time.js'
import { spotPair } from './symbol-names.js'

/** Settings for reading a recorded order book. */
export interface ReadBookOptions {
  /** As of `tradesCsv`. */
  readonly symbolOf?: (name: string) => string | undefined
}

/** Settings for reading and playing a recorded order book. */
export interface BookCsvOptions extends ReplayMarketOptions, ReadBookOptions {}

/** The columns of a recorded order book. */
export const BOOK_COLUMNS = [
  'timestamp',
  'recv_timestamp',
  'symbol',
  'type',
  'first_update_id',
  'last_update_id',
  'side',
  'price',
  'quantity',
] as const

/**
 * Names of the column that holds the last id of the update before, as `pu` of depth feeds of
 * futures.
 */
const PREVIOUS_ID = ['pu', 'previous_update_id', 'prev_update_id', 'previous_last_update_id', 'prev_last_update_id']
const PREVIOUS_ID_AT = BOOK_COLUMNS.length

/**
 * A recorded order book (level 2) of a CSV file, plain or gzip, as a market: SNAPSHOT and UPDATE
 * rows in the order in which they came, with the columns
 * `timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,side,price,quantity`, and
 * optionally `pu`. Neighbouring rows of one type and the same ids are one message; quantity 0 is no
 * more of a level; side is BID or ASK. See `bookJoin` for joining snapshots and updates. Read in
 * flat memory, with progress among the events. Errors with a RecordingError at the first line that
 * is wrong.
 *
 * Quantity that an account takes of a level stays off it until the recording shows no more of that
 * level. A book alone fills no client's resting orders but where it crosses them: play the trades
 * of the same market too (`marketFiles`).
 *
 * @example
 * bookCsv('l2_btcusdt.csv.gz', { speed: 10 })
 */
export function bookCsv(file: string, options: BookCsvOptions = {}): Observable<MarketEvent> {
  return replayMarket(() => readBook(file, options), options)
}

interface Gathering {
  readonly row: Row
  readonly name: string
  readonly message: BookMessage & { readonly bids: Level[]; readonly asks: Level[] }
}

/** The events of {@link bookCsv}, for `mergeByTime` and for backtests. */
export async function* readBook(file: string, { symbolOf = spotPair }: ReadBookOptions = {}): MarketEvents {
  const joins = new Map<string, BookJoin>()
  const symbols = new SymbolsOfFile(file, symbolOf)
  const check = timeCheck()
  let gathering: Gathering | undefined
  let last: Row | undefined

  const saying = <A>(row: Row | undefined, work: () => A): A => {
    try {
      return work()
    } catch (error) {
      throw error instanceof RangeError ? new RecordingError(file, row?.line ?? 1, error.message) : error
    }
  }
  /** Hands over the message whose rows have all been read. */
  const whole = (): readonly MarketEvent[] => {
    if (gathering === undefined) return []
    const { row, name, message } = gathering
    gathering = undefined
    const symbol = symbols.of(name)
    if (symbol === undefined) return []
    if (message.type === 'UPDATE' && message.timestamp !== undefined) check(row, message.timestamp)
    const join = joins.get(symbol) ?? bookJoin(symbol)
    joins.set(symbol, join)
    return saying(row, () => join.next(message))
  }

  for await (const { rows, bytesRead, bytesTotal } of csvRows(file, BOOK_COLUMNS, [PREVIOUS_ID])) {
    const events: MarketEvent[] = []
    for (const row of rows) {
      last = row
      if (gathering === undefined || !isOf(gathering, row)) {
        events.push(...whole())
        gathering = begin(row)
      }
      const side = row.text(6).toUpperCase()
      if (side !== 'BID' && side !== 'ASK') throw row.wrong('side must be BID or ASK', row.text(6))
      const { bids, asks } = gathering.message
      const level: Level = [
        row.number(7, 'price must be a number above 0'),
        row.number(8, 'quantity must be a number, 0 or more', isPositiveOrZero),
      ]
      ;(side === 'BID' ? bids : asks).push(level)
    }
    events.push(progress(bytesRead, bytesTotal, symbols.takeNotes()))
    yield events
  }
  yield [...whole(), ...[...joins.values()].flatMap((join) => saying(last, () => join.end()))]
  symbols.end()
}

const isOf = ({ row: first, name }: Gathering, row: Row): boolean =>
  first.text(3) === row.text(3) &&
  first.text(4) === row.text(4) &&
  first.text(5) === row.text(5) &&
  name === row.text(2)

const begin = (row: Row): Gathering => {
  const type = row.text(3).toUpperCase()
  if (type !== 'SNAPSHOT' && type !== 'UPDATE') throw row.wrong('type must be SNAPSHOT or UPDATE', row.text(3))
  const id = (index: number): number =>
    row.number(
      index,
      `${BOOK_COLUMNS[index] ?? 'the previous id'} must be a whole number`,
      (value) => Number.isSafeInteger(value) && value >= 0,
    )
  // A snapshot has no time of the exchange; the time at which it was received is by another clock.
  const timestamp = type === 'SNAPSHOT' && row.text(0) === '' ? undefined : row.milliseconds(0)
  const previousId = row.text(PREVIOUS_ID_AT) === '' ? undefined : id(PREVIOUS_ID_AT)
  const message = { type, firstId: id(4), lastId: id(5), previousId, timestamp, bids: [], asks: [] } as const
  return { row, name: row.text(2), message: { ...message, bids: [], asks: [] } }
}
