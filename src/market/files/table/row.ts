import { RecordingError } from '../recording-error.js'
import type { Times } from './times.js'

/** Reads the rows of one file: the same for all of them. */
export interface RowSource {
  readonly file: string
  /** Unit in which rows are counted in errors. */
  readonly unit: 'line' | 'row'
  /** Index in the file of each column that is asked for; -1 where there is none. */
  readonly at: readonly number[]
  readonly times: Times
}

/** One row of a table: the columns that were asked for, in that order. */
export abstract class Row {
  constructor(
    protected readonly source: RowSource,
    /** From 1. */
    readonly line: number,
  ) {}

  /** Value of a column as it stands in the file; undefined where the row has no such field. */
  protected abstract value(index: number): unknown

  /** Empty where the row has no such field. */
  text(index: number): string {
    const value = this.value(index)
    return value === undefined || value === null ? '' : `${value as string | number}`
  }

  /** A number that `fits`; the error says what it must be. */
  number(index: number, what: string, fits: (value: number) => boolean = isPositive): number {
    const value = this.value(index)
    const number = typeof value === 'number' ? value : numberOf(value)
    if (!fits(number)) throw this.wrong(what, this.text(index))
    return number
  }

  /** A time as milliseconds since 1970, in any unit that `Times` reads. */
  milliseconds(index: number, name = 'timestamp'): number {
    return this.source.times.read(this.value(index) ?? '', this, name)
  }

  wrong(what: string, was: string): RecordingError {
    return new RecordingError(
      this.source.file,
      this.line,
      `${what}, not ${JSON.stringify(was.slice(0, 40))}`,
      this.source.unit,
    )
  }
}

const numberOf = (value: unknown): number =>
  typeof value === 'bigint' ? Number(value) : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN

export const isPositive = (value: number): boolean => value > 0 && value < Infinity
export const isPositiveOrZero = (value: number): boolean => value >= 0 && value < Infinity

/** A row of a text file: its fields as text. */
export class TextRow extends Row {
  constructor(
    source: RowSource,
    line: number,
    private readonly fields: readonly string[],
  ) {
    super(source, line)
  }

  protected value(index: number): string {
    return this.text(index)
  }

  override text(index: number): string {
    return this.fields[this.source.at[index] ?? -1]?.trim() ?? ''
  }

  override number(index: number, what: string, fits: (value: number) => boolean = isPositive): number {
    const text = this.text(index)
    const value = text === '' ? Number.NaN : Number(text)
    if (!fits(value)) throw this.wrong(what, text)
    return value
  }
}

/** A row of a file that knows types: numbers, dates and text. */
export class ValueRow extends Row {
  constructor(
    source: RowSource,
    line: number,
    private readonly values: (column: number) => unknown,
  ) {
    super(source, line)
  }

  protected value(index: number): unknown {
    const at = this.source.at[index] ?? -1
    return at < 0 ? undefined : this.values(at)
  }
}
