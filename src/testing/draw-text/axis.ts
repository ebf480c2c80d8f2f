import { formatMs } from '../notation/duration.js'

/** A row of a drawing: what stands at which instant. */
export interface Row {
  readonly name: string
  readonly marks: readonly { readonly atMs: number; readonly label: string }[]
  /** The instant after which the row has no line any more. */
  readonly endsAtMs?: number
  /** Carets and their numbers have no line at all. */
  readonly bare?: boolean
}

interface Column {
  /** The instants that stand in it: one, or several that are left out. */
  readonly instants: readonly number[]
  readonly left: number
  readonly width: number
}

interface Line {
  readonly name: string
  readonly text: string
}

const filler = '─'

/** Assumed width of a terminal; a longer drawing is broken into pieces. */
const pageWidth = 112

/**
 * Longer gaps are drawn longer, but never by much: a minute takes three characters more than a few
 * milliseconds.
 */
const gapWidth = (ms: number): number => Math.max(1, Math.min(6, 1 + Math.round(Math.log10(Math.max(1, ms)))))

const headingOf = (group: readonly number[]): string =>
  group.length > 1 ? `⋯ ${group.length} instants ⋯` : formatMs(group[0] ?? 0)

const cellOf = (row: Row, group: readonly number[]): string => {
  const here = row.marks.filter(({ atMs }) => group.includes(atMs)).map(({ label }) => label)
  if (group.length > 1) return here.length === 0 ? '' : '⋯'
  return here.length > 1 && row.bare !== true ? `(${here.join(' ')})` : here.join(' ')
}

/** Neighbouring instants that are left out share one column. */
const columnGroups = (instants: readonly number[], leftOut: ReadonlySet<number>): number[][] => {
  const groups: number[][] = []
  instants.forEach((atMs, i) => {
    const before = instants[i - 1]
    const last = groups[groups.length - 1]
    if (last !== undefined && before !== undefined && leftOut.has(atMs) && leftOut.has(before)) last.push(atMs)
    else groups.push([atMs])
  })
  // Two that are folded take more room than two that are drawn.
  return groups.flatMap((group) => (group.length > 2 ? [group] : group.map((atMs) => [atMs])))
}

const fillCells = (cells: readonly (readonly [number, string])[], fill: string, length: number): string => {
  let text = ''
  for (const [left, cell] of cells) {
    if (cell !== '' && left <= length) text = text.padEnd(left, fill) + cell
  }
  return text.padEnd(length, fill)
}

const lineEnd = (row: Row, columns: readonly Column[], total: number): number => {
  const end = row.endsAtMs
  const column = end === undefined ? undefined : columns.find(({ instants }) => instants.includes(end))
  return column === undefined ? total : column.left + cellOf(row, column.instants).length
}

const pages = (lines: readonly Line[], columns: readonly Column[], total: number): string[] => {
  const nameWidth = Math.max(0, ...lines.map(({ name }) => name.length)) + 2
  const room = Math.max(40, pageWidth - nameWidth)
  const cuts = [0]
  for (const { left, width } of columns) {
    const begin = cuts[cuts.length - 1] ?? 0
    if (left + width - begin > room && left > begin) cuts.push(left)
  }
  return cuts.flatMap((begin, i) => {
    const end = cuts[i + 1] ?? total
    const page = lines.map(({ name, text }) => `  ${name.padEnd(nameWidth)}${text.slice(begin, end)}`.trimEnd())
    return i === 0 ? page : ['', ...page]
  })
}

/**
 * Draws rows on one axis that is shared by all and compressed: each instant has one column, wide
 * enough for whatever stands in it, so that what happened at one instant stands in one column.
 * Instants of `leftOut` are folded together.
 */
export const drawRows = (rows: readonly Row[], leftOut: ReadonlySet<number> = new Set()): string[] => {
  const instants = [...new Set(rows.flatMap(({ marks }) => marks.map(({ atMs }) => atMs)))].sort((a, b) => a - b)
  const groups = columnGroups(instants, leftOut)
  const columns: Column[] = []
  let left = 1
  groups.forEach((group, i) => {
    const width = Math.max(headingOf(group).length, ...rows.map((row) => cellOf(row, group).length))
    columns.push({ instants: group, left, width })
    const next = groups[i + 1]?.[0]
    left += width + (next === undefined ? 1 : gapWidth(next - (group[group.length - 1] ?? 0)))
  })
  const heading = fillCells(
    columns.map((column) => [column.left, headingOf(column.instants)] as const),
    ' ',
    left,
  )
  const drawn = rows.map((row): Line => {
    const cells = columns.map((column) => [column.left, cellOf(row, column.instants)] as const)
    const text = row.bare === true ? fillCells(cells, ' ', left) : fillCells(cells, filler, lineEnd(row, columns, left))
    return { name: row.name, text }
  })
  return pages([{ name: '', text: heading }, ...drawn], columns, left)
}
