import { RecordingError } from '../recording-error.js'
import type { Table } from '../table/table.js'
import { FIELDS, plainName } from './fields.js'
import { layoutOfNames } from './header.js'
import type { Layout } from './layout.js'

const KNOWN = new Map(
  Object.values(FIELDS)
    .flat()
    .map(({ name }) => [plainName(name), name]),
)
const names = [...new Set(KNOWN.values())].join(', ')

const known = (file: string, text: string): string => {
  const name = KNOWN.get(plainName(text))
  if (name !== undefined) return name
  throw new RecordingError(file, 1, `columns: there is no field ${JSON.stringify(text)}; there are ${names}`)
}

/**
 * Finds the layout that the caller describes: names of all columns in their order (`-` for one that
 * is not used), or `field=name in the header` or `field=number of the column` for those that are
 * called otherwise.
 *
 * @throws RecordingError
 */
export const layoutByColumns = (table: Table, columns: readonly string[]): Layout => {
  const given = columns.some((column) => column.includes('=')) ? renamed(table, columns) : inOrder(table, columns)
  const layout = layoutOfNames(table, given, { mayLackSide: true })
  if (layout !== undefined) return { ...layout, isOwn: false }
  throw new RecordingError(
    table.file,
    table.line,
    `columns: ${columns.join(',')} are not enough; candles need timestamp,open,high,low,close,volume, trades need timestamp,price,quantity`,
    table.unit,
  )
}

const inOrder = ({ file, names: header, sample }: Table, columns: readonly string[]): readonly string[] => {
  const width = header?.length ?? sample[0]?.length ?? columns.length
  if (columns.length > width)
    throw new RecordingError(file, 1, `columns: ${columns.length} are named, and the file has ${width}`)
  return columns.map((column) => (/^-?$/.test(column.trim()) ? '' : known(file, column)))
}

const renamed = ({ file, line, names: header, sample }: Table, columns: readonly string[]): readonly string[] => {
  const result = [...(header ?? Array.from({ length: sample[0]?.length ?? 0 }, () => ''))]
  const taken = columns.map((column) => {
    const [left = '', right = left] = column.split('=')
    const index = placeOf(header, result.length, right)
    if (index < 0) throw new RecordingError(file, line, `columns: the file has no column ${JSON.stringify(right)}`)
    return [known(file, left), index] as const
  })
  // Another column may have the name of the field, or one of its aliases.
  for (const [name] of taken) {
    const aliases = new Set(
      Object.values(FIELDS)
        .flat()
        .filter((field) => field.name === name)
        .flatMap((field) => field.aliases),
    )
    for (const [index, each] of result.entries()) if (aliases.has(plainName(each))) result[index] = ''
  }
  for (const [name, index] of taken) result[index] = name
  return result
}

/** Index of a column by its name in the header, to the letter if possible, or by its number. */
const placeOf = (header: readonly string[] | undefined, width: number, text: string): number => {
  const exact = header?.indexOf(text.trim()) ?? -1
  if (exact >= 0) return exact
  const plain = header?.findIndex((name) => plainName(name) === plainName(text)) ?? -1
  if (plain >= 0 && plainName(text) !== '') return plain
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 && number <= width ? number - 1 : -1
}
