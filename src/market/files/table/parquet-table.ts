import { RecordingError } from '../recording-error.js'
import type { Content } from '../source/content.js'
import { peer } from '../source/peers.js'
import { asBuffer } from '../source/as-buffer.js'
import { wholeFile } from '../source/unpack.js'
import type { Table } from './table.js'
import { valueTable } from './value-table.js'

/** The part of hyparquet that is used; the package is an optional peer, so its types are not. */
interface Hyparquet {
  readonly parquetMetadataAsync: (file: ArrayBufferLike) => Promise<unknown>
  readonly parquetSchema: (metadata: unknown) => Schema
  readonly parquetRead: (options: {
    readonly file: ArrayBufferLike
    readonly metadata: unknown
    readonly compressors: unknown
    readonly columns: readonly string[]
    readonly rowFormat: 'array'
    readonly onComplete: (rows: readonly (readonly unknown[])[]) => void
  }) => Promise<void>
}

interface Schema {
  readonly children: readonly { readonly element: { readonly name: string } }[]
}

interface Compressors {
  readonly compressors: unknown
}

/** A Parquet file in any compression. Needs the packages hyparquet and hyparquet-compressors. */
export const parquetTable = async (file: string, { packing }: Content): Promise<Table> => {
  const [hyparquet, { compressors }] = (await peer(file, 'Parquet', ['hyparquet', 'hyparquet-compressors'])) as [
    Hyparquet,
    Compressors,
  ]
  const bytes = asBuffer(await wholeFile(file, packing))
  const { names, rows } = await read(hyparquet, compressors, bytes).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    throw new RecordingError(file, 1, `the Parquet file is damaged, cut off or unusual (${printable(message)})`, 'row')
  })
  return valueTable({
    ...{ file, format: 'Parquet', packing, names, width: names.length, count: rows.length },
    valuesAt: (row) => (column) => rows[row]?.[column],
  })
}

const read = async (
  { parquetMetadataAsync, parquetSchema, parquetRead }: Hyparquet,
  compressors: unknown,
  bytes: Buffer,
) => {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const metadata = await parquetMetadataAsync(file)
  const names = parquetSchema(metadata).children.map(({ element }) => element.name)
  let rows: readonly (readonly unknown[])[] = []
  const onComplete = (all: typeof rows): void => {
    rows = all
  }
  await parquetRead({ file, metadata, compressors, columns: names, rowFormat: 'array', onComplete })
  return { names, rows }
}

/** Messages of a reader may quote the bytes that it did not understand. */
const printable = (text: string): string => text.slice(0, 80).replace(/[^\x20-\x7E]/g, '?')
