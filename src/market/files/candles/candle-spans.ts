import { candleOf } from './candle-row.js'
import type { Candle } from './candle-trades.js'
import { type CandlePeriod, type CandleSpan, detectPeriod, spanFrom, spanUntil } from './candle-period.js'
import type { Row } from '../table/row.js'
import type { Recording } from '../recording.js'
import { instant } from '../table/recorded-time.js'

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
  /** Unit in which its rows are counted. */
  readonly unit: 'line' | 'row'
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
export const candleSpans = (recording: Recording, { period, stamped }: Settings): CandleSource => {
  const { file, unit } = recording
  const spanner = new Spanner(recording, period, stamped)
  async function* pieces(): AsyncGenerator<CandlePiece> {
    let bytesTotal = 0
    for await (const { rows, notes, ...read } of recording.rows()) {
      const spans = rows.flatMap((row) => spanner.add(row))
      yield { spans, ...read, notes: [...notes, ...spanner.takeNotes()] }
      bytesTotal = read.bytesTotal
    }
    yield { spans: spanner.end(), bytesRead: bytesTotal, bytesTotal, notes: spanner.takeNotes() }
  }
  return {
    file,
    unit,
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
    private readonly recording: Pick<Recording, 'file' | 'unit'>,
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
          `candles must be in time order, oldest first: timestamp must be after that of ${this.recording.unit} ${before.line} (${before.candle.timestamp})`,
          row.text(0),
        )
      this.#repeat(`${row.line}: a second candle of ${instant(candle.timestamp)} is left out`)
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
      this.#notes.push(`${this.recording.file}: ${this.#missing} candles are missing in ${this.#holes} holes`)
    if (this.#repeated > MOST_NOTES)
      this.#notes.push(`${this.recording.file}: ${this.#repeated} repeated candles are left out`)
    return spans
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  #repeat(text: string): void {
    this.#repeated += 1
    if (this.#repeated <= MOST_NOTES) this.#notes.push(`${this.recording.file}, ${this.recording.unit} ${text}`)
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
    this.#notes.push(
      `${this.recording.file}, ${this.recording.unit} ${line}: ${missing} missing ${where} the candle of ${instant(timeMs)}`,
    )
  }
}
