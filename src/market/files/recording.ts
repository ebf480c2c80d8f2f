import { columnsTable } from './columns/columns-table.js'
import { FIELDS, type RecordingKind } from './layout/fields.js'
import type { Layout } from './layout/layout.js'
import { layoutOf } from './layout/layout-of.js'
import { RecordingError } from './recording-error.js'
import { type Content, type ContentKind, contentOf } from './source/content.js'
import { pairInName, spotPair } from './symbol-names.js'
import { csvTable } from './table/csv-table.js'
import { featherTable } from './table/feather-table.js'
import { jsonTable } from './table/json-table.js'
import { parquetTable } from './table/parquet-table.js'
import type { Row } from './table/row.js'
import type { RowsRead, Table } from './table/table.js'
import { Times, type TimeUnit, unitInWords } from './table/times.js'

/** Settings for recognising a file. */
export interface RecordingOptions {
  /** Maps a name in a file to a symbol; undefined leaves its rows out. @default `spotPair` */
  readonly symbolOf?: ((name: string) => string | undefined) | undefined
  /** Symbol of the whole file, whatever it says itself. @default found in its rows or its name */
  readonly symbol?: string | undefined
  /** Symbol of a file that names none, neither in its rows nor in its name. */
  readonly otherwise?: string | undefined
  /** Meaning of the columns, as of `ReadMarketOptions`. @default found in the file */
  readonly columns?: readonly string[] | undefined
  /** Kind that is expected; a file of another kind is refused. @default any */
  readonly kind?: RecordingKind | undefined
}

/** A piece of a recording, with notes about its rows. */
export interface RecordedRows extends RowsRead {
  readonly notes: readonly string[]
}

/** A file of market data that has been recognised. */
export interface Recording {
  readonly file: string
  readonly kind: RecordingKind
  /** Symbol of all rows; undefined where each row names its own. */
  readonly symbol: string | undefined
  /** Maps the name in a row to a symbol; undefined for a name that is left out. */
  readonly symbolOf: (name: string) => string | undefined
  /** True for our own columns, which are read strictly. */
  readonly isOwn: boolean
  /** Names of the columns that the file has, of those of `FIELDS[kind]`. */
  readonly columns: ReadonlySet<string>
  /** Meaning of the file in one line. */
  readonly words: string
  /** Unit in which rows are counted in errors. */
  readonly unit: 'line' | 'row'
  /** Reads rows with the columns of `FIELDS[kind]`; the first notes tell what was understood. */
  readonly rows: () => AsyncGenerator<RecordedRows>
}

/**
 * Recognises a file by its content: its format, the meaning of its columns, the unit of its times
 * and the order of its rows.
 *
 * @throws RecordingError, or the file's own error
 */
export const recordingOf = async (file: string, options: RecordingOptions = {}): Promise<Recording> => {
  const table = await tableOf(file)
  return recordingOfTable(table, layoutOf(table, options.columns, options.kind), options)
}

const tableOf = async (file: string): Promise<Table> => {
  const content = await contentOf(file)
  return readers[content.kind](file, content)
}

type Reader = (file: string, content: Content) => Table | Promise<Table>

const readers: Readonly<Record<ContentKind, Reader>> = {
  text: csvTable,
  json: jsonTable,
  feather: featherTable,
  parquet: parquetTable,
  columns: columnsTable,
}

const recordingOfTable = (table: Table, layout: Layout, options: RecordingOptions): Recording => {
  const { file, unit } = table
  const { kind, at } = layout
  const symbolAt = FIELDS[kind].findIndex(({ name }) => name === 'symbol')
  const namesSymbols = (at[symbolAt] ?? -1) >= 0
  const symbol = symbolOfFile(table, at[symbolAt] ?? -1, kind, options)
  const times = sampleTimes(table, layout)
  const isNewestFirst = !layout.isOwn && times.ms.length > 1 && isFalling(times.ms)
  const words = wordsOf(table, layout, symbol, times.unit, isNewestFirst)
  const isPlain = layout.isOwn && table.packing !== 'zip' && (times.unit === 'ms' || times.unit === undefined)

  async function* rows(): AsyncGenerator<RecordedRows> {
    const reading = new Times(file, !layout.isOwn)
    const check = kind === 'candles' && namesSymbols ? oneSymbol(symbolAt) : undefined
    let notes: readonly string[] = isPlain ? [] : [`${file}: ${words}`]
    let read = { bytesRead: 0, bytesTotal: 0 }
    for await (const { rows: piece, bytesRead, bytesTotal } of table.rows({ at, times: reading, isNewestFirst })) {
      if (check !== undefined) for (const row of piece) check(row)
      read = { bytesRead, bytesTotal }
      yield { rows: piece, ...read, notes }
      // The reader has looked at the rows of this piece only now.
      notes = reading.takeNotes()
    }
    if (notes.length > 0) yield { rows: [], ...read, notes }
  }
  return {
    ...{ file, kind, symbol, words, unit, rows, isOwn: layout.isOwn },
    symbolOf: nameReader(file, symbol, namesSymbols, options),
    columns: new Set(FIELDS[kind].flatMap(({ name }, index) => ((at[index] ?? -1) < 0 ? [] : [name]))),
  }
}

/** Symbol of a whole file; undefined where its rows name theirs, or nothing does. */
const symbolOfFile = (
  { file, sample, symbol: own }: Table,
  symbolAt: number,
  kind: RecordingKind,
  { symbol, symbolOf = spotPair, otherwise }: RecordingOptions,
): string | undefined => {
  if (symbol !== undefined) return symbol
  if (symbolAt >= 0 && kind !== 'candles') return undefined
  return own ?? symbolOf(sample[0]?.[symbolAt] ?? '') ?? pairInName(file, symbolOf) ?? otherwise
}

/** Gives the rows of a file one symbol, whatever name they have; a second name is refused. */
const nameReader = (
  file: string,
  symbol: string | undefined,
  namesSymbols: boolean,
  { symbolOf = spotPair }: RecordingOptions,
): ((name: string) => string | undefined) => {
  if (symbol === undefined) return symbolOf
  if (!namesSymbols) return () => symbol
  let first: string | undefined
  return (name) => {
    first ??= name
    if (name === first) return symbol
    throw new RecordingError(file, 1, `it holds ${first} and ${name}: "${symbol}=" can name a file of one symbol only`)
  }
}

/** Makes a check that all rows name the same symbol. */
const oneSymbol = (symbolAt: number): ((row: Row) => void) => {
  let first: string | undefined
  return (row) => {
    const name = row.text(symbolAt)
    first ??= name
    if (name !== first) throw row.wrong(`candles of one file must be of one symbol, ${first}`, name)
  }
}

interface SampleTimes {
  readonly unit: TimeUnit | undefined
  readonly ms: readonly number[]
}

/** Times of the first rows, as far as they are times. */
const sampleTimes = ({ file, sample }: Table, { at: [timeAt = -1] }: Layout): SampleTimes => {
  const times = new Times(file, true)
  let unit: TimeUnit | undefined
  const ms = sample.flatMap((fields, index) => {
    try {
      const time = times.read(fields[timeAt] ?? '', { line: index, wrong: () => new RecordingError(file, index, '') })
      unit ??= times.unit
      return [time]
    } catch {
      // Reading the row reports it.
      return []
    }
  })
  return { unit, ms }
}

const isFalling = (times: readonly number[]): boolean =>
  times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0)) && (times.at(-1) ?? 0) < (times[0] ?? 0)

const wordsOf = (
  { format, packing, names }: Table,
  { name }: Layout,
  symbol: string | undefined,
  unit: TimeUnit | undefined,
  isNewestFirst: boolean,
): string =>
  [
    `read as ${name}${symbol === undefined ? '' : ` of ${symbol}`}`,
    packing === 'none' ? format : `${format} in ${packing}`,
    ...(names === undefined ? ['no header'] : []),
    ...(unit === undefined
      ? []
      : [unit === 'date' ? 'dates, in UTC where they name no zone' : `times in ${unitInWords(unit)}`]),
    ...(isNewestFirst ? ['newest first, read from the end'] : []),
  ].join('; ')
