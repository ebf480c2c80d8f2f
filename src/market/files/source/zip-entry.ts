import { type FileHandle, open } from 'node:fs/promises'
import { RecordingError } from '../recording-error.js'

/** The file in a zip archive, and its place. */
export interface ZipEntry {
  readonly name: string
  readonly isDeflated: boolean
  /** First byte of its packed content. */
  readonly start: number
  /** Packed size in bytes. */
  readonly size: number
  readonly crc32: number
}

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_BYTES = 22
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const MOST_COMMENT = 0xffff
const ZIP64 = 0xffffffff

const read = async (handle: FileHandle, position: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/**
 * Finds the only file of a zip archive, by the directory at its end: sizes in local headers may be
 * 0. Folders and checksum files beside it do not count.
 */
export const zipEntry = async (file: string): Promise<ZipEntry> => {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const tailAt = Math.max(0, size - END_BYTES - MOST_COMMENT)
    const tail = await read(handle, tailAt, size - tailAt)
    const endAt = lastIndexOf(tail, END_SIGNATURE)
    if (endAt < 0 || endAt + END_BYTES > tail.length) throw broken(file)
    const directory = await read(handle, tail.readUInt32LE(endAt + 16), tail.readUInt32LE(endAt + 12))
    const entries = entriesOf(directory)
    const [entry, ...others] = entries.filter(({ name }) => !name.endsWith('/') && !/\.(checksum|sha256)$/i.test(name))
    if (entry === undefined) throw new RecordingError(file, 1, 'the zip archive holds no file')
    if (others.length > 0)
      throw new RecordingError(
        file,
        1,
        `the zip archive holds ${others.length + 1} files (${entry.name}, ${others[0]?.name} …): one was expected; unpack it and give the files`,
      )
    if (entry.isEncrypted) throw new RecordingError(file, 1, `${entry.name} in the zip archive is encrypted`)
    if (entry.method !== 0 && entry.method !== 8)
      throw new RecordingError(
        file,
        1,
        `${entry.name} in the zip archive is packed by method ${entry.method}: unpack it`,
      )
    if (entry.size === ZIP64 || entry.localAt === ZIP64)
      throw new RecordingError(file, 1, `${entry.name} in the zip archive is larger than 4 GiB packed: unpack it`)
    const local = await read(handle, entry.localAt, LOCAL_BYTES)
    if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw broken(file)
    const start = entry.localAt + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
    if (start + entry.size > size) throw broken(file)
    return { name: entry.name, isDeflated: entry.method === 8, start, size: entry.size, crc32: entry.crc32 }
  } finally {
    await handle.close()
  }
}

const broken = (file: string): RecordingError =>
  new RecordingError(file, 1, 'the zip archive is damaged or cut off: fetch the file again')

const lastIndexOf = (bytes: Buffer, signature: number): number => {
  for (let at = bytes.length - END_BYTES; at >= 0; at -= 1) if (bytes.readUInt32LE(at) === signature) return at
  return -1
}

const entriesOf = (directory: Buffer) => {
  const entries = []
  for (let at = 0; at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE; ) {
    const nameBytes = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes),
      isEncrypted: (directory.readUInt16LE(at + 8) & 1) !== 0,
      method: directory.readUInt16LE(at + 10),
      crc32: directory.readUInt32LE(at + 16),
      size: directory.readUInt32LE(at + 20),
      localAt: directory.readUInt32LE(at + 42),
    })
    at += ENTRY_BYTES + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}
