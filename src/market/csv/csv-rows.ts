import { parse } from 'csv-parse/sync'
import { textLines } from './text-lines.js'

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

/** One row of a table: the columns that were asked for, in that order. */
export class Row {
  constructor(
    readonly file: string,
    /** From 1. */
    readonly line: number,
    private readonly fields: readonly string[],
  ) {}

  /** Empty where the row has no such field. */
  text(index: number): string {
    return this.fields[index] ?? ''
  }

  /** A number that `fits`; the error says what it must be. */
  number(index: number, what: string, fits: (value: number) => boolean = isPositive): number {
    const text = this.text(index)
    const value = text === '' ? Number.NaN : Number(text)
    if (!fits(value)) throw this.wrong(what, text)
    return value
  }

  /**
   * Milliseconds since 1970; a timestamp in seconds or microseconds would play a day in a moment,
   * or in years.
   */
  milliseconds(index: number, name = 'timestamp'): number {
    const value = this.number(index, `${name} must be milliseconds since 1970`)
    const unit = unitOf(value)
    if (unit === undefined) return value
    throw this.wrong(`${name} must be milliseconds since 1970, and these look like ${unit}`, this.text(index))
  }

  wrong(what: string, was: string): RecordingError {
    return new RecordingError(this.file, this.line, `${what}, not ${JSON.stringify(was.slice(0, 40))}`)
  }
}

/**
 * Of which other unit a time is that would be in 1973 or before, or in 5138 or later, if it were
 * milliseconds.
 */
const unitOf = (value: number): string | undefined =>
  value < 1e11 ? 'seconds' : value < 1e14 ? undefined : value < 1e17 ? 'microseconds' : 'nanoseconds'

const isPositive = (value: number): boolean => value > 0 && value < Infinity
export const isPositiveOrZero = (value: number): boolean => value >= 0 && value < Infinity

/** One piece of a file, and how far reading has come. */
export interface RowsRead {
  readonly rows: readonly Row[]
  /** Bytes of the file as it lies on the disk, compressed if it is. */
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** The names in a header, in its order. */
export const columnsOf = (header: string, file: string): readonly string[] =>
  // What some programs put before the first character of a file.
  fieldsOf(header.replace(/^\uFEFF/, ''), file, 1).map((name) => name.trim().toLowerCase())

/** Recordings hardly ever have quotes, and without any a line is read eight times as fast. */
const fieldsOf = (text: string, file: string, line: number): readonly string[] => {
  if (!text.includes('"')) return text.split(',')
  try {
    return parse(text, { trim: true })[0] ?? []
  } catch {
    throw new RecordingError(file, line, `a quote that does not end: ${JSON.stringify(text.slice(0, 40))}`)
  }
}

/**
 * Reads the rows of a CSV file with a header, plain or gzip, piece by piece in flat memory. The
 * columns may stand in any order, among others; each of `optional` is a list of names of one
 * column, which is empty where the file has none of them.
 */
export async function* csvRows(
  file: string,
  columns: readonly string[],
  optional: readonly (readonly string[])[] = [],
): AsyncGenerator<RowsRead> {
  let at: readonly number[] | undefined
  let width = 0
  let line = 0
  for await (const { lines, bytesRead, bytesTotal } of textLines(file)) {
    const rows: Row[] = []
    for (const text of lines) {
      line++
      if (text === '') continue
      if (at === undefined) {
        const names = columnsOf(text, file)
        width = names.length
        at = [
          ...placesOf(columns, names, file),
          ...optional.map((aliases) => names.findIndex((name) => aliases.includes(name))),
        ]
      } else {
        const fields = fieldsOf(text, file, line)
        // A price written as 60,000 would be one of 60.
        if (fields.length > width && fields.slice(width).some((field) => field.trim() !== '')) {
          throw new RecordingError(file, line, `${fields.length} fields, and the header names ${width}`)
        }
        rows.push(
          new Row(
            file,
            line,
            at.map((index) => (fields[index] ?? '').trim()),
          ),
        )
      }
    }
    yield { rows, bytesRead, bytesTotal }
  }
  if (at === undefined)
    throw new RecordingError(file, 1, `the file is empty: a header ${columns.join(',')} was expected`)
}

/** Finds the position of each needed column in the file. */
const placesOf = (columns: readonly string[], names: readonly string[], file: string): readonly number[] =>
  columns.map((column) => {
    const index = names.indexOf(column)
    if (index < 0) throw new RecordingError(file, 1, `no column "${column}": the header must name ${columns.join(',')}`)
    return index
  })
