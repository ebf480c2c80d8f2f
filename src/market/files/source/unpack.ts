import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Transform } from 'node:stream'
import { crc32, createGunzip, createInflateRaw } from 'node:zlib'
import { RecordingError } from '../recording-error.js'
import { type ZipEntry, zipEntry } from './zip-entry.js'

/** Way in which a file is packed. */
export type Packing = 'none' | 'gzip' | 'zip'

/** A piece of the unpacked content of a file. */
export interface Unpacked {
  readonly piece: Uint8Array
  /** Bytes of the file as it lies on the disk. */
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** Errors of zlib name no file. */
const isOfZlib = (error: unknown): error is Error =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('Z_')

/** Reads a file piece by piece in flat memory and unpacks it; a zip must hold one file. */
export async function* unpacked(file: string, packing: Packing): AsyncGenerator<Unpacked> {
  const bytesTotal = (await stat(file)).size
  const entry = packing === 'zip' ? await zipEntry(file) : undefined
  if (entry?.size === 0) return
  const raw: ReadStream =
    entry === undefined
      ? createReadStream(file)
      : createReadStream(file, { start: entry.start, end: entry.start + entry.size - 1 })
  const through: Transform | undefined =
    packing === 'gzip' ? createGunzip() : entry?.isDeflated === true ? createInflateRaw() : undefined
  const stream = through === undefined ? raw : raw.pipe(through)
  // `pipe` passes no errors on.
  if (through !== undefined) raw.on('error', (error) => through.destroy(error))
  let checksum = 0
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (entry !== undefined) checksum = crc32(piece, checksum)
      yield { piece, bytesRead: raw.bytesRead, bytesTotal }
    }
    checkSum(file, entry, checksum)
  } catch (error) {
    if (!isOfZlib(error)) throw error
    throw new Error(`${file}: ${error.message}`, { cause: error })
  } finally {
    raw.destroy()
    through?.destroy()
  }
}

const checkSum = (file: string, entry: ZipEntry | undefined, checksum: number): void => {
  if (entry !== undefined && checksum !== entry.crc32)
    throw new RecordingError(file, 1, `the checksum of ${entry.name} in the zip is wrong: fetch the file again`)
}

/** Reads and unpacks a whole file; for formats that cannot be read piece by piece. */
export const wholeFile = async (file: string, packing: Packing): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  for await (const { piece } of unpacked(file, packing)) pieces.push(piece)
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
}
