import type { Observable } from 'rxjs'
import type { Level } from '../../../protocol/index.js'
import { type BookJoin, bookJoin, type BookMessage } from './book-join.js'
import { RecordingError } from '../recording-error.js'
import { type Recording, recordingOf } from '../recording.js'
import { isPositiveOrZero, type Row } from '../table/row.js'
import { SymbolsOfFile } from '../left-out.js'
import { type MarketEvent, type MarketEvents, progress } from '../../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../../replay-market.js'
import { timeCheck } from '../table/recorded-time.js'

/** Settings for reading a recorded order book. */
export interface ReadBookOptions {
  /** As of `tradesCsv`. */
  readonly symbolOf?: (name: string) => string | undefined
}

/** Settings for reading and playing a recorded order book. */
export interface BookCsvOptions extends ReplayMarketOptions, ReadBookOptions {}

/** Indexes of `BOOK_FIELDS`. */
const RECEIVED = 1
const SYMBOL = 2
const TYPE = 3
const FIRST_ID = 4
const LAST_ID = 5
const SIDE = 6
const PRICE = 7
const QUANTITY = 8
const PREVIOUS_ID = 9
const IS_SNAPSHOT = 10

/**
 * A recorded order book (level 2) of a file as a market: SNAPSHOT and UPDATE rows in the order in
 * which they came, with the columns
 * `timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,side,price,quantity`, and
 * optionally `pu`; or the incremental order book of Tardis. Neighbouring rows of one type and the
 * same ids (Tardis: the same `local_timestamp`) are one message; quantity 0 is no more of a level;
 * side is BID or ASK. See `bookJoin` for joining snapshots and updates. CSV is read in flat memory,
 * with progress among the events. Errors with a RecordingError at the first line that
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
export async function* readBook(file: string, { symbolOf }: ReadBookOptions = {}): MarketEvents {
  yield* bookEvents(await recordingOf(file, { symbolOf, kind: 'book' }))
}

/** Events of a recorded order book that has been recognised. */
export async function* bookEvents(recording: Recording): MarketEvents {
  const { file, unit } = recording
  const joins = new Map<string, BookJoin>()
  const symbols = new SymbolsOfFile(file, recording.symbolOf)
  const begin = messageReader(recording)
  const isOf = recording.columns.has('is_snapshot') ? isOfFlagged : isOfNumbered
  const check = timeCheck()
  let gathering: Gathering | undefined
  let last: Row | undefined

  const saying = <A>(row: Row | undefined, work: () => A): A => {
    try {
      return work()
    } catch (error) {
      throw error instanceof RangeError ? new RecordingError(file, row?.line ?? 1, error.message, unit) : error
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

  for await (const { rows, bytesRead, bytesTotal, notes } of recording.rows()) {
    const events: MarketEvent[] = []
    for (const row of rows) {
      last = row
      if (gathering === undefined || !isOf(gathering, row)) {
        events.push(...whole())
        gathering = begin(row)
      }
      const side = row.text(SIDE).toUpperCase()
      if (side !== 'BID' && side !== 'ASK') throw row.wrong('side must be BID or ASK', row.text(SIDE))
      const { bids, asks } = gathering.message
      const level: Level = [
        row.number(PRICE, 'price must be a number above 0'),
        row.number(QUANTITY, 'quantity must be a number, 0 or more', isPositiveOrZero),
      ]
      ;(side === 'BID' ? bids : asks).push(level)
    }
    events.push(progress(bytesRead, bytesTotal, [...notes, ...symbols.takeNotes()]))
    yield events
  }
  yield [...whole(), ...[...joins.values()].flatMap((join) => saying(last, () => join.end()))]
  symbols.end()
}

const isOfNumbered = ({ row: first, name }: Gathering, row: Row): boolean =>
  first.text(TYPE) === row.text(TYPE) &&
  first.text(FIRST_ID) === row.text(FIRST_ID) &&
  first.text(LAST_ID) === row.text(LAST_ID) &&
  name === row.text(SYMBOL)

/** Rows of a snapshot of Tardis may have been received in several messages. */
const isOfFlagged = ({ row: first, name, message }: Gathering, row: Row): boolean =>
  first.text(IS_SNAPSHOT) === row.text(IS_SNAPSHOT) &&
  name === row.text(SYMBOL) &&
  (message.type === 'SNAPSHOT' || first.text(RECEIVED) === row.text(RECEIVED))

/** Makes a reader of the first row of a message. */
const messageReader = ({ columns }: Recording): ((row: Row) => Gathering) => {
  if (!columns.has('is_snapshot')) return numbered
  const counts = new Map<string, number>()
  return (row) => {
    const flag = row.text(IS_SNAPSHOT).toLowerCase()
    if (flag !== 'true' && flag !== 'false') throw row.wrong('is_snapshot must be true or false', flag)
    const name = row.text(SYMBOL)
    // Tardis gives no ids and leaves no message out: its messages are counted.
    const id = (counts.get(name) ?? 0) + 1
    counts.set(name, id)
    const type = flag === 'true' ? 'SNAPSHOT' : 'UPDATE'
    const timestamp = row.milliseconds(0)
    return { row, name, message: { type, firstId: id, lastId: id, timestamp, bids: [], asks: [] } }
  }
}

const numbered = (row: Row): Gathering => {
  const type = row.text(TYPE).toUpperCase()
  if (type !== 'SNAPSHOT' && type !== 'UPDATE') throw row.wrong('type must be SNAPSHOT or UPDATE', row.text(TYPE))
  const id = (index: number, name: string): number =>
    row.number(index, `${name} must be a whole number`, (value) => Number.isSafeInteger(value) && value >= 0)
  // A snapshot has no time of the exchange; the time at which it was received is by another clock.
  const timestamp = type === 'SNAPSHOT' && row.text(0) === '' ? undefined : row.milliseconds(0)
  const previousId = row.text(PREVIOUS_ID) === '' ? undefined : id(PREVIOUS_ID, 'the previous id')
  const message = { firstId: id(FIRST_ID, 'first_update_id'), lastId: id(LAST_ID, 'last_update_id'), previousId }
  return { row, name: row.text(SYMBOL), message: { type, ...message, timestamp, bids: [], asks: [] } }
}
