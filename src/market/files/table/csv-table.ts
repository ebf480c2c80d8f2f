import { parse } from 'csv-parse/sync'
import { RecordingError } from '../recording-error.js'
import { asBuffer } from '../source/as-buffer.js'
import type { Content } from '../source/content.js'
import { textLines } from '../source/text-lines.js'
import { type Row, type RowSource, TextRow } from './row.js'
import { dateMs } from './times.js'
import { inPieces, type RowPlan, type RowsRead, SAMPLE_ROWS, type Table } from './table.js'

const SEPARATORS = [',', ';', '\t', '|'] as const

/** Recordings hardly ever have quotes, and without any a line is read eight times as fast. */
const fieldsOf = (text: string, separator: string, file: string, line: number): readonly string[] => {
  if (!text.includes('"')) return text.split(separator)
  try {
    return parse(text, { trim: true, delimiter: separator })[0] ?? []
  } catch {
    throw new RecordingError(file, line, `a quote that does not end: ${JSON.stringify(text.slice(0, 40))}`)
  }
}

/** Shape of a text file: where its table begins, and the separator of its fields. */
interface Shape {
  /** Lines before the header or the first row. */
  readonly skipped: number
  readonly separator: string
}

/**
 * Finds where the table begins: behind comments, and behind a first line of words (the address of a
 * vendor) that is no row.
 */
const shapeOf = (lines: readonly string[]): Shape => {
  let skipped = 0
  while (skipped < lines.length && /^\s*($|#|\/\/)/.test(lines[skipped] ?? '')) skipped += 1
  const best = (line: string) =>
    SEPARATORS.map((separator) => ({ separator, count: line.split(separator).length })).reduce((a, b) =>
      b.count > a.count ? b : a,
    )
  const first = best(lines[skipped] ?? '')
  const second = best(lines[skipped + 1] ?? '')
  return first.count === 1 && second.count > 2
    ? { skipped: skipped + 1, separator: second.separator }
    : { skipped, separator: first.separator }
}

/** True for a line that names columns: none of its fields is a number or a time. */
const isHeader = (fields: readonly string[]): boolean =>
  !fields.some((field) => field.trim() !== '' && (!Number.isNaN(Number(field)) || dateMs(field) !== undefined))

/**
 * A text file of rows: fields separated by commas, semicolons or tabs, plain, gzip or a zip of one
 * file. Without any line, it has no header either.
 */
export const csvTable = (file: string, { head, packing }: Content): Table => {
  const lines = asBuffer(head)
    .toString('utf8')
    // Some programs put a mark before the first character of a file.
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  // The last line may be cut off; a file of one line has no other.
  if (lines.length > 1) lines.pop()
  const shape = shapeOf(lines)
  const { skipped, separator } = shape
  const first = lines[skipped] ?? ''
  const fields = fieldsOf(first, separator, file, skipped + 1).map((field) => field.trim())
  const hasHeader = first !== '' && isHeader(fields)
  const sample: (readonly string[])[] = []
  for (const [index, line] of lines.entries()) {
    if (index < skipped + (hasHeader ? 1 : 0) || line === '') continue
    if (sample.length === SAMPLE_ROWS) break
    // A quote that does not end is reported when its line is read.
    if (!line.includes('"') || line.split('"').length % 2 === 1)
      sample.push(fieldsOf(line, separator, file, index + 1).map((field) => field.trim()))
  }
  const table = {
    file,
    format: separator === ',' ? 'CSV' : `CSV separated by ${separator === '\t' ? 'tabs' : `"${separator}"`}`,
    packing,
    unit: 'line' as const,
    names: hasHeader ? fields : undefined,
    header: first,
    line: skipped + 1,
    sample,
  }
  return { ...table, rows: (plan) => csvRows(table, shape, fields.length, plan) }
}

async function* csvRows(
  { file, packing, names }: Omit<Table, 'rows'>,
  { skipped, separator }: Shape,
  width: number,
  plan: RowPlan,
): AsyncGenerator<RowsRead> {
  const source: RowSource = { file, unit: 'line', at: plan.at, times: plan.times }
  const first = skipped + (names === undefined ? 1 : 2)
  const all: Row[] = []
  let line = 0
  let size = 0
  for await (const { lines, bytesRead, bytesTotal } of textLines(file, packing)) {
    const rows = plan.isNewestFirst ? all : []
    size = bytesTotal
    for (const text of lines) {
      line += 1
      if (text === '' || line < first) continue
      const fields = fieldsOf(text, separator, file, line)
      // A price written as 60,000 would be one of 60.
      if (fields.length > width && fields.slice(width).some((field) => field.trim() !== '')) {
        const expected = names === undefined ? 'the first row has' : 'the header names'
        throw new RecordingError(file, line, `${fields.length} fields, and ${expected} ${width}`)
      }
      rows.push(new TextRow(source, line, fields))
    }
    if (!plan.isNewestFirst) yield { rows, bytesRead, bytesTotal }
  }
  if (plan.isNewestFirst) yield* inPieces(all.length, (index) => all[index] as Row, plan, size)
}
