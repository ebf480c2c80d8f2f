import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { RecordingError } from '../recording-error.js'
import { asBuffer } from './as-buffer.js'
import { type Packing, unpacked } from './unpack.js'

/** Content of a file, by its first bytes. */
export type ContentKind = 'text' | 'json' | 'columns' | 'feather' | 'parquet'

/** Content of a file, and its first bytes. */
export interface Content {
  readonly packing: Packing
  readonly kind: ContentKind
  /** First bytes, unpacked. */
  readonly head: Uint8Array
}

/** First bytes of a file of columns, as `rxquant data convert` writes them. */
export const COLUMNS_MAGIC = 'RXQCOLS1'

const HEAD_BYTES = 1 << 16

const KINDS: readonly (readonly [magic: string, kind: ContentKind])[] = [
  [COLUMNS_MAGIC, 'columns'],
  ['PAR1', 'parquet'],
  ['ARROW1', 'feather'],
]

/** Formats that are recognised and not read, by their first bytes in hexadecimal. */
const REFUSED: readonly (readonly [magic: string, words: string])[] = [
  ['46454131', 'feather version 1: save it as version 2 (pyarrow.feather.write_feather does)'],
  ['28b52ffd', 'packed with zstd: unpack it, or pack it with gzip'],
  ['425a68', 'packed with bzip2: unpack it, or pack it with gzip'],
  ['fd377a585a', 'packed with xz: unpack it, or pack it with gzip'],
  ['377abcaf', 'a 7z archive: unpack it'],
  ['52617221', 'a rar archive: unpack it'],
  ['504b0506', 'an empty zip archive'],
  ['53514c697465', 'an SQLite database: export it as CSV'],
  ['894844460d0a', 'HDF5: save it as Parquet, feather or CSV'],
  ['d0cf11e0', 'an old Excel workbook: save it as CSV'],
  ['fffe', 'text in UTF-16: save it as UTF-8'],
  ['feff', 'text in UTF-16: save it as UTF-8'],
]

const EXPECTED = 'CSV, JSON, Parquet, feather or columns of `rxquant data convert` were expected'

/**
 * Recognises the content of a file by its first bytes, whatever its name. Content that is no text
 * and no known format is refused with a RecordingError that shows none of it.
 */
export const contentOf = async (file: string): Promise<Content> => {
  const stats = await stat(file)
  // A FIFO may never have anything to read.
  if (!stats.isFile()) throw new Error(`${file} is no regular file`)
  const packing = await packingOf(file)
  const head = await headOf(file, packing)
  const kind = KINDS.find(([magic]) => head.toString('latin1', 0, magic.length) === magic)?.[1]
  if (kind !== undefined) return { packing, kind, head }
  const hex = head.toString('hex', 0, 8)
  const words = REFUSED.find(([magic]) => hex.startsWith(magic))?.[1]
  if (words !== undefined) throw new RecordingError(file, 1, `it is ${words}`)
  if (isBinary(head)) throw new RecordingError(file, 1, `it holds binary data of no known format: ${EXPECTED}`)
  const [line = ''] = head.toString('utf8', 0, 1_000).trimStart().split('\n')
  if (/^\uFEFF?\{/.test(line))
    throw new RecordingError(file, 1, `it begins with ${JSON.stringify(line.slice(0, 80))}, a JSON object: ${EXPECTED}`)
  return { packing, kind: /^\uFEFF?\s*\[/.test(head.toString('utf8', 0, 1_000)) ? 'json' : 'text', head }
}

const packingOf = async (file: string): Promise<Packing> => {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    if (bytesRead >= 2 && buffer.toString('hex', 0, 2) === '1f8b') return 'gzip'
    return bytesRead === 4 && buffer.toString('latin1') === 'PK\u0003\u0004' ? 'zip' : 'none'
  } finally {
    await handle.close()
  }
}

const headOf = async (file: string, packing: Packing): Promise<Buffer> => {
  if (packing === 'none') {
    const pieces: Buffer[] = []
    for await (const piece of createReadStream(file, { end: HEAD_BYTES - 1 }) as AsyncIterable<Buffer>)
      pieces.push(piece)
    return Buffer.concat(pieces)
  }
  const pieces: Buffer[] = []
  let size = 0
  for await (const { piece } of unpacked(file, packing)) {
    pieces.push(asBuffer(piece))
    size += piece.length
    if (size >= HEAD_BYTES) break
  }
  return Buffer.concat(pieces)
}

/** Text of markets has no NUL and hardly a control character. */
const isBinary = (head: Buffer): boolean => {
  const part = head.subarray(0, 4_096)
  let controls = 0
  for (const byte of part) {
    if (byte === 0) return true
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) controls += 1
  }
  // A character may be cut at the end of the part.
  const broken = part.toString('utf8').split('\uFFFD').length - 1
  return controls + Math.max(0, broken - 1) > part.length / 100
}
