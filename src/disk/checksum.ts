import * as zlib from 'node:zlib'

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

/** CRC-32 (IEEE 802.3) in JavaScript, for versions of Node without `zlib.crc32`. */
export const crc32InScript = (data: string | Uint8Array, value = 0): number => {
  let crc = ~value >>> 0
  for (const byte of typeof data === 'string' ? Buffer.from(data) : data) {
    crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
  }
  return ~crc >>> 0
}

/**
 * CRC-32 of bytes, or of a text as UTF-8. `value` is the checksum of the bytes before them.
 *
 * Node 21 and 22.0 to 22.1 have no `zlib.crc32`.
 */
export const crc32: (data: string | Uint8Array, value?: number) => number =
  typeof zlib.crc32 === 'function' ? zlib.crc32 : crc32InScript

const indexByHighByte = new Map(Array.from(table, (value, index) => [value >>> 24, index]))

/** The checksum of the bytes before `data`, by the one behind it: the inverse of {@link crc32}. */
export const crc32Before = (data: Uint8Array, checksum: number): number => {
  let crc = ~checksum >>> 0
  for (let at = data.length - 1; at >= 0; at--) {
    const index = indexByHighByte.get(crc >>> 24) ?? 0
    crc = (((crc ^ (table[index] ?? 0)) << 8) | (index ^ (data[at] ?? 0))) >>> 0
  }
  return ~crc >>> 0
}
