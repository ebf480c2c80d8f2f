import { RecordingError } from '../recording-error.js'
import type { Table } from '../table/table.js'
import { CANDLE_FIELDS, FIELDS, OWN_COLUMNS, placesOf, type RecordingKind } from './fields.js'
import { layoutByColumns } from './given-columns.js'
import { layoutOfNames } from './header.js'
import { layoutOfRows } from './headless.js'
import type { Layout } from './layout.js'

/**
 * Finds the meaning of the columns of a file: as the caller says, by its header, or by the shape of
 * its rows.
 *
 * @param columns as of `ReadMarketOptions`
 * @param wanted kind that the caller expects; any by default
 * @throws RecordingError
 */
export const layoutOf = (table: Table, columns: readonly string[] | undefined, wanted?: RecordingKind): Layout => {
  const layout =
    columns !== undefined
      ? layoutByColumns(table, columns)
      : ((wanted === undefined || wanted === 'rates' ? layoutByPath(table) : undefined) ?? found(table))
  if (layout !== undefined && (wanted === undefined || layout.kind === wanted)) return layout
  if (table.header === '')
    throw new RecordingError(table.file, 1, `the file is empty: a header ${wordsOf(wanted)} was expected`, table.unit)
  if (wanted !== undefined) throw missing(table, wanted)
  const what = table.names === undefined ? 'row' : 'header'
  throw new RecordingError(
    table.file,
    table.line,
    `the ${what} ${JSON.stringify(table.header.slice(0, 80))} is of no recording that we know: ${wordsOf(undefined)}; \`columns\` (--columns) can say what its columns are`,
    table.unit,
  )
}

const found = (table: Table): Layout | undefined =>
  table.names === undefined ? layoutOfRows(table) : layoutOfNames(table, table.names)

const wordsOf = (kind: RecordingKind | undefined): string =>
  kind === undefined
    ? (['book', 'candles', 'trades'] as const).map((each) => `${each} (${OWN_COLUMNS[each].join(',')})`).join(', ')
    : OWN_COLUMNS[kind].join(',')

const missing = ({ file, line, names, unit }: Table, kind: RecordingKind): RecordingError => {
  const columns = OWN_COLUMNS[kind]
  const at = placesOf(FIELDS[kind], names ?? [])
  const column = columns.find((_, index) => (at[index] ?? -1) < 0) ?? columns[0]
  return new RecordingError(file, line, `no column "${column}": the header must name ${columns.join(',')}`, unit)
}

/**
 * Funding rates of freqtrade and mark prices of freqtrade and Binance have the columns of candles;
 * only their path tells them apart. The rate, or the price, is the open one.
 */
const layoutByPath = ({ file, names }: Table): Layout | undefined => {
  const [timestamp = -1, open = -1] = names === undefined ? [0, 1] : placesOf(CANDLE_FIELDS, names)
  if (timestamp < 0 || open < 0) return undefined
  const name = file.split(/[/\\]/).at(-1) ?? ''
  if (/[-_]funding_rate\./i.test(name))
    return { kind: 'rates', name: 'funding rates', isOwn: false, at: [timestamp, -1, open, -1] }
  if (/-mark\./i.test(name) || /markPriceKlines/i.test(file))
    return { kind: 'rates', name: 'mark prices', isOwn: false, at: [timestamp, -1, -1, open] }
  return undefined
}
