import { stat } from 'node:fs/promises'
import type { Packing } from '../source/unpack.js'
import { type RowSource, ValueRow } from './row.js'
import { inPieces, type RowPlan, type RowsRead, SAMPLE_ROWS, type Table } from './table.js'

/** Values of a file that has been read as a whole. */
export interface Values {
  readonly file: string
  readonly format: string
  readonly packing: Packing
  /** Names of the columns; undefined where the file has none. */
  readonly names: readonly string[] | undefined
  /** Number of columns. */
  readonly width: number
  /** Number of rows. */
  readonly count: number
  /** Returns the values of a row, by the index of the column. @throws RecordingError */
  readonly valuesAt: (row: number) => (column: number) => unknown
}

/** A table of a file that has been read as a whole. */
export const valueTable = async ({ valuesAt, width, count, ...values }: Values): Promise<Table> => {
  const { file, names } = values
  const sample = Array.from({ length: Math.min(count, SAMPLE_ROWS) }, (_, index) => {
    const valueOf = valuesAt(index)
    return Array.from({ length: width }, (_each, column) => textOf(valueOf(column)))
  })
  const size = (await stat(file)).size
  // eslint-disable-next-line @typescript-eslint/require-await -- tables of text wait for their files
  async function* rows(plan: RowPlan): AsyncGenerator<RowsRead> {
    const source: RowSource = { file, unit: 'row', at: plan.at, times: plan.times }
    yield* inPieces(count, (index) => new ValueRow(source, index + 1, valuesAt(index)), plan, size)
  }
  const header = names?.join(',') ?? sample[0]?.join(',') ?? ''
  return { ...values, unit: 'row', header, line: 1, sample, rows }
}

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number}`
}
