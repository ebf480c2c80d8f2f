import type { Candle } from './candle-trades.js'
import {
  type CandlePeriod,
  type CandleSpan,
  detectPeriod,
  periodInWords,
  spanFrom,
  spanUntil,
} from './candle-period.js'
import { csvRows, isPositiveOrZero, RecordingError, type Row } from './csv-rows.js'
import { instant } from './recorded-time.js'

/** The columns of a file of candles. */
export const CANDLE_COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const

/** A candle of a file, and the time that it covers. */
export interface SpannedCandle extends CandleSpan {
  readonly candle: Candle
}

/** A piece of a file of candles. */
export interface CandlePiece {
  readonly spans: readonly SpannedCandle[]
  readonly bytesRead: number
  readonly bytesTotal: number
  readonly notes: readonly string[]
}

/** Candles of one file, piece by piece. */
export interface CandleSource {
  readonly file: string
  readonly pieces: AsyncGenerator<CandlePiece>
  /**
   * Period of the candles; undefined before the first piece, and for a single candle without one.
   */
  readonly period: CandlePeriod | undefined
}

interface Settings {
  readonly period: CandlePeriod | undefined
  readonly stamped: 'open' | 'close'
}

/** Rows by which a period is found. */
const ROWS_TO_DETECT = 1_000
/** Holes or repeated candles that are noted one by one; more are counted. */
const MOST_NOTES = 3

/** Reads the candles of a file, and finds the time that each covers. */
export const candleSpans = (file: string, { period, stamped }: Settings): CandleSource => {
  const spanner = new Spanner(file, period, stamped)
  async function* pieces(): AsyncGenerator<CandlePiece> {
    let bytesTotal = 0
    for await (const { rows, ...read } of csvRows(file, CANDLE_COLUMNS)) {
      const spans = rows.flatMap((row) => spanner.add(row))
      yield { spans, ...read, notes: spanner.takeNotes() }
      bytesTotal = read.bytesTotal
    }
    yield { spans: spanner.end(), bytesRead: bytesTotal, bytesTotal, notes: spanner.takeNotes() }
  }
  return {
    file,
    pieces: pieces(),
    get period() {
      return spanner.period
    },
  }
}

interface Stamped {
  readonly candle: Candle
  readonly line: number
}

/** Waits for the next candle, or the first thousand, before it says how long one lasts. */
class Spanner {
  period: CandlePeriod | undefined
  #waiting: Stamped[] = []
  #last: Stamped | undefined
  #previousMs: number | undefined
  #notes: string[] = []
  #holes = 0
  #missing = 0
  #repeated = 0

  constructor(
    private readonly file: string,
    period: CandlePeriod | undefined,
    private readonly stamped: 'open' | 'close',
  ) {
    this.period = period
  }

  add(row: Row): readonly SpannedCandle[] {
    const candle = candleOf(row)
    const before = this.#last
    if (before !== undefined && candle.timestamp <= before.candle.timestamp) {
      if (candle.timestamp < before.candle.timestamp)
        throw row.wrong(
          `candles must be in time order, oldest first: timestamp must be after that of line ${before.line} (${before.candle.timestamp})`,
          row.text(0),
        )
      this.#repeat(`line ${row.line}: a second candle of ${instant(candle.timestamp)} is left out`)
      return []
    }
    this.#last = { candle, line: row.line }
    this.#waiting.push(this.#last)
    if (this.period === undefined && this.#waiting.length < ROWS_TO_DETECT) return []
    return this.#drain(1)
  }

  end(): readonly SpannedCandle[] {
    const spans = this.#drain(0)
    if (this.#holes > MOST_NOTES)
      this.#notes.push(`${this.file}: ${this.#missing} candles are missing in ${this.#holes} holes`)
    if (this.#repeated > MOST_NOTES) this.#notes.push(`${this.file}: ${this.#repeated} repeated candles are left out`)
    return spans
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  #repeat(text: string): void {
    this.#repeated += 1
    if (this.#repeated <= MOST_NOTES) this.#notes.push(`${this.file}, ${text}`)
  }

  /** Spans of what waits, except for the last `kept`, whose end depends on what follows. */
  #drain(kept: number): readonly SpannedCandle[] {
    const times = this.#waiting.map(({ candle }) => this.#timeOf(candle))
    this.period ??= detectPeriod(times)
    // A single candle: nothing tells its length.
    const period = this.period ?? { ms: 60_000 }
    const count = this.stamped === 'open' ? Math.max(0, this.#waiting.length - kept) : this.#waiting.length
    const spans = this.#waiting.splice(0, count).map(({ candle, line }, index): SpannedCandle => {
      const timeMs = times[index] ?? 0
      const span =
        this.stamped === 'open'
          ? spanFrom(timeMs, times[index + 1], period)
          : spanUntil(timeMs, index === 0 ? this.#previousMs : times[index - 1], period)
      if (span.missing > 0) this.#hole(line, span, timeMs)
      return { ...span, candle }
    })
    if (count > 0) this.#previousMs = times[count - 1]
    return spans
  }

  /** Candles stamped at x:59.999 end with the next millisecond. */
  #timeOf({ timestamp }: Candle): number {
    return this.stamped === 'close' && timestamp % 1_000 === 999 ? timestamp + 1 : timestamp
  }

  #hole(line: number, { missing }: CandleSpan, timeMs: number): void {
    this.#holes += 1
    this.#missing += missing
    if (this.#holes > MOST_NOTES) return
    const where = this.stamped === 'open' ? 'after' : 'before'
    this.#notes.push(`${this.file}, line ${line}: ${missing} missing ${where} the candle of ${instant(timeMs)}`)
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

/** One file under way. */
interface Reading {
  readonly source: CandleSource
  spans: readonly SpannedCandle[]
  index: number
  bytesRead: number
  bytesTotal: number
  isOver: boolean
}

/**
 * Merges files of one symbol in time order. A candle that begins before the one before it has ended
 * is left out and noted; of two that begin together the one of the earlier file stays. Files of
 * different periods are refused.
 */
export async function* withoutOverlaps(sources: readonly CandleSource[]): AsyncGenerator<CandlePiece> {
  const readings = sources.map(
    (source): Reading => ({ source, spans: [], index: 0, bytesRead: 0, bytesTotal: 0, isOver: false }),
  )
  let notes: string[] = []
  let coveredMs = -Infinity
  let left = 0
  const refill = async (reading: Reading): Promise<boolean> => {
    let moved = false
    while (!reading.isOver && reading.index >= reading.spans.length) {
      const next = await reading.source.pieces.next()
      moved = true
      if (next.done === true) {
        reading.isOver = true
        break
      }
      const { value } = next
      reading.spans = value.spans
      reading.index = 0
      reading.bytesRead = value.bytesRead
      reading.bytesTotal = value.bytesTotal
      notes.push(...value.notes)
    }
    return moved
  }
  try {
    let spans: SpannedCandle[] = []
    for (;;) {
      let moved = false
      for (const reading of readings) moved = (await refill(reading)) || moved
      if (moved) {
        checkPeriods(sources)
        const sum = (of: (reading: Reading) => number) => readings.reduce((all, reading) => all + of(reading), 0)
        yield { spans, bytesRead: sum(({ bytesRead }) => bytesRead), bytesTotal: sum((each) => each.bytesTotal), notes }
        spans = []
        notes = []
      }
      const next = earliest(readings)
      if (next === undefined) return
      const span = next.spans[next.index++]
      if (span === undefined) continue
      if (span.startMs < coveredMs) {
        left += 1
        if (left <= MOST_NOTES)
          notes.push(`${next.source.file}: the candle of ${instant(span.startMs)} is in another file, and left out`)
        continue
      }
      coveredMs = span.endMs
      spans.push(span)
    }
  } finally {
    await Promise.all(readings.map(async ({ source }) => source.pieces.return(undefined)))
  }
}

const earliest = (readings: readonly Reading[]): Reading | undefined => {
  let first: Reading | undefined
  let startMs = Infinity
  for (const reading of readings) {
    const span = reading.spans[reading.index]
    if (span === undefined || span.startMs >= startMs) continue
    first = reading
    startMs = span.startMs
  }
  return first
}

const checkPeriods = (sources: readonly CandleSource[]): void => {
  const [first, ...others] = sources.filter(({ period }) => period !== undefined)
  const name = first?.period === undefined ? '' : periodInWords(first.period)
  const other = others.find(({ period }) => period !== undefined && periodInWords(period) !== name)
  if (first === undefined || other?.period === undefined) return
  throw new RecordingError(
    other.file,
    1,
    `it holds candles of ${periodInWords(other.period)}, and ${first.file} candles of ${name} of the same symbol: give the files of one period`,
  )
}
