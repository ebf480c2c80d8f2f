import type { Packing } from '../source/unpack.js'
import type { Row } from './row.js'
import type { Times } from './times.js'

/** One piece of a file, and how far reading has come. */
export interface RowsRead {
  readonly rows: readonly Row[]
  /** Bytes of the file as it lies on the disk, compressed if it is. */
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** Way in which rows are read, once it is known what they are. */
export interface RowPlan {
  /** Index in the file of each column that is asked for; -1 where there is none. */
  readonly at: readonly number[]
  readonly times: Times
  /** True where the newest row comes first: the rows are read from the end. */
  readonly isNewestFirst: boolean
}

/** A file of rows and columns, of any format. */
export interface Table {
  readonly file: string
  /** Format in words, such as CSV. */
  readonly format: string
  readonly packing: Packing
  /** Unit in which rows are counted in errors. */
  readonly unit: 'line' | 'row'
  /** Names of the columns; undefined where the file has no header. */
  readonly names: readonly string[] | undefined
  /** Symbol of all rows, where the format says it. */
  readonly symbol?: string | undefined
  /** The header as it stands in the file, for errors. */
  readonly header: string
  /** Line of the header, or of the first row. */
  readonly line: number
  /** The first rows, as text. */
  readonly sample: readonly (readonly string[])[]
  /** Reads all rows, piece by piece. */
  rows(plan: RowPlan): AsyncGenerator<RowsRead>
}

/** Rows by which a layout is recognised. */
export const SAMPLE_ROWS = 50

/** Rows in one piece of a table that is read as a whole. */
const PIECE_ROWS = 5_000

/** Hands on rows that have been read as a whole, in pieces. */
export function* inPieces(
  count: number,
  rowAt: (index: number) => Row,
  { isNewestFirst }: RowPlan,
  bytesTotal: number,
): Generator<RowsRead> {
  yield { rows: [], bytesRead: 0, bytesTotal }
  for (let from = 0; from < count; from += PIECE_ROWS) {
    const rows: Row[] = []
    const to = Math.min(count, from + PIECE_ROWS)
    for (let index = from; index < to; index += 1) rows.push(rowAt(isNewestFirst ? count - 1 - index : index))
    yield { rows, bytesRead: Math.floor((bytesTotal * to) / count), bytesTotal }
  }
}
