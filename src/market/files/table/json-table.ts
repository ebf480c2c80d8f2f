import { RecordingError } from '../recording-error.js'
import type { Content } from '../source/content.js'
import { asBuffer } from '../source/as-buffer.js'
import { wholeFile } from '../source/unpack.js'
import type { Table } from './table.js'
import { valueTable } from './value-table.js'

const EXPECTED = 'an array of rows was expected, such as [[1704067200000, open, high, low, close, volume], …] of CCXT'

/** V8 has no longer strings. */
const MOST_BYTES = 500_000_000

type Values = readonly unknown[]

/** A JSON file of rows: an array of arrays, or of objects whose keys name the columns. */
export const jsonTable = async (file: string, { packing }: Content): Promise<Table> => {
  const bytes = asBuffer(await wholeFile(file, packing))
  if (bytes.length > MOST_BYTES)
    throw new RecordingError(file, 1, `JSON of ${bytes.length} bytes is more than can be read at once (${MOST_BYTES})`)
  const content = parsed(file, bytes.toString('utf8').replace(/^\uFEFF/, ''))
  const first = content[0]
  if (first === undefined) throw new RecordingError(file, 1, `the file holds no row: ${EXPECTED}`)
  const isNamed = isObject(first)
  const names = isNamed ? Object.keys(first) : undefined
  const width = names?.length ?? (Array.isArray(first) ? first.length : 0)
  const valuesAt = (index: number): ((column: number) => unknown) => {
    const row = content[index]
    if (names !== undefined && isObject(row)) return (column) => row[names[column] ?? '']
    if (names !== undefined || !Array.isArray(row))
      throw new RecordingError(
        file,
        index + 1,
        `a row must be ${isNamed ? 'an object' : 'an array'} as the first`,
        'row',
      )
    const values: Values = row
    if (values.length > width)
      throw new RecordingError(file, index + 1, `${values.length} fields, and the first row has ${width}`, 'row')
    return (column) => values[column]
  }
  return valueTable({ file, format: 'JSON', packing, names, width, count: content.length, valuesAt })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parsed = (file: string, text: string): Values => {
  try {
    const content: unknown = JSON.parse(text)
    if (Array.isArray(content)) return content
    throw new RecordingError(file, 1, EXPECTED)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const [, position] = / at position (\d+)/.exec(error.message) ?? []
    const before = position === undefined ? text : text.slice(0, Number(position))
    throw new RecordingError(
      file,
      before.split('\n').length,
      `it begins as JSON and is none (cut off, perhaps): ${EXPECTED}`,
    )
  }
}
