import type { RecordingKind } from './fields.js'

/** Meaning of the columns of a file. */
export interface Layout {
  readonly kind: RecordingKind
  /** Name in words, such as Binance klines. */
  readonly name: string
  /** True for our own columns in a CSV file: their rows are read strictly, and need no note. */
  readonly isOwn: boolean
  /** Index in the file of each field of `FIELDS[kind]`; -1 where there is none. */
  readonly at: readonly number[]
}

/** True if the file has all these fields. */
export const isFound = (at: readonly number[], ...indexes: readonly number[]): boolean =>
  indexes.every((index) => (at[index] ?? -1) >= 0)
