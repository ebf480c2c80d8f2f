import { crc32, deflateRawSync } from 'node:zlib'

interface Entry {
  readonly name: string
  readonly text: string
  /** Overrides the checksum, to make a damaged archive. */
  readonly checksum?: number
  readonly isStored?: boolean
}

/** A zip archive as Binance Data Vision makes them: sizes only behind the content and in the directory. */
export const zipped = (...entries: readonly Entry[]): Buffer => {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, text, checksum, isStored = false } of entries) {
    const bytes = Buffer.from(text)
    const packed = isStored ? bytes : deflateRawSync(bytes)
    const sum = checksum ?? crc32(bytes)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(8, 6)
    local.writeUInt16LE(isStored ? 0 : 8, 8)
    local.writeUInt16LE(name.length, 26)
    const behind = Buffer.alloc(16)
    behind.writeUInt32LE(0x08074b50, 0)
    behind.writeUInt32LE(sum, 4)
    behind.writeUInt32LE(packed.length, 8)
    behind.writeUInt32LE(bytes.length, 12)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(isStored ? 0 : 8, 10)
    entry.writeUInt32LE(sum, 16)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(bytes.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    directory.push(entry, Buffer.from(name))
    const whole = Buffer.concat([local, Buffer.from(name), packed, behind])
    locals.push(whole)
    at += whole.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, ...directory, end])
}
