import { RecordingError } from '../recording-error.js'
import type { Content } from '../source/content.js'
import { peer } from '../source/peers.js'
import { wholeFile } from '../source/unpack.js'
import type { Table } from './table.js'
import { valueTable } from './value-table.js'

/** The part of apache-arrow that is used; the package is an optional peer, so its types are not. */
interface Arrow {
  readonly tableFromIPC: (bytes: Uint8Array) => ArrowTable
  readonly CompressionType: { readonly LZ4_FRAME: number }
  readonly compressionRegistry: { set(type: number, codec: { decode(bytes: Uint8Array): Uint8Array }): void }
}

interface ArrowTable {
  readonly numRows: number
  readonly schema: { readonly fields: readonly { readonly name: string }[] }
  getChildAt(index: number): { get(index: number): unknown } | null
}

interface Lz4 {
  readonly default: { decompress(bytes: Uint8Array): Uint8Array }
}

/**
 * A feather file (Arrow IPC, version 2), plain or compressed with LZ4 as freqtrade and pandas write
 * it. Needs the packages apache-arrow and lz4js.
 */
export const featherTable = async (file: string, { packing }: Content): Promise<Table> => {
  const [arrow, lz4] = (await peer(file, 'feather', ['apache-arrow', 'lz4js'])) as [Arrow, Lz4]
  arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { decode: (bytes) => lz4.default.decompress(bytes) })
  const bytes = await wholeFile(file, packing)
  const table = tableOf(file, arrow, bytes)
  const names = table.schema.fields.map(({ name }) => name)
  const columns = names.map((_, index) => table.getChildAt(index))
  return valueTable({
    ...{ file, format: 'feather', packing, names, width: names.length, count: table.numRows },
    valuesAt: (row) => (column) => columns[column]?.get(row),
  })
}

const tableOf = (file: string, arrow: Arrow, bytes: Uint8Array): ArrowTable => {
  try {
    return arrow.tableFromIPC(bytes)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const words = message.includes('codec not found')
      ? 'compressed with zstd: LZ4 or none was expected'
      : 'damaged or cut off'
    throw new RecordingError(file, 1, `the feather file is ${words}`, 'row')
  }
}
