import { isUtf8 } from 'node:buffer'
import { crc32, crc32Before } from './checksum.js'

/**
 * A checked line is a JSON array on one line: `[number,"checksum",payload]`. Numbers count from 1
 * in each file. The checksum is the CRC-32 of number and payload; from line 2 on it starts at the
 * checksum of line 1, so that a line of another file never fits.
 */
export interface LinePosition {
  /** Lines so far. */
  readonly lines: number
  /** Checksum of line 1; 0 before it. */
  readonly seed: number
  /** Checksum of the last line; 0 before line 1. */
  readonly last: number
}

export const noLines: LinePosition = { lines: 0, seed: 0, last: 0 }

export const inHex = (checksum: number): string => checksum.toString(16).padStart(8, '0')

const checksumOf = (number: number, payload: string | Uint8Array, seed: number): number =>
  crc32(payload, crc32(`${number},`, seed))

const after = ({ lines, seed }: LinePosition, checksum: number): LinePosition => ({
  lines: lines + 1,
  seed: lines === 0 ? checksum : seed,
  last: checksum,
})

/** Encodes the next line, without its line end. */
export const encodeLine = (payload: string, position: LinePosition): { text: string; next: LinePosition } => {
  const number = position.lines + 1
  const checksum = checksumOf(number, payload, position.seed)
  return { text: `[${number},"${inHex(checksum)}",${payload}]`, next: after(position, checksum) }
}

/** Encodes the lines of a new file one by one. `onEnd` gets the position behind the last. */
export function* encodeLines(
  payloads: Iterable<string>,
  onEnd: (position: LinePosition) => void = () => undefined,
): IterableIterator<string> {
  let position = noLines
  for (const payload of payloads) {
    const { text, next } = encodeLine(payload, position)
    position = next
    yield text
  }
  onEnd(position)
}

/** A file of lines that something has changed since it was written. */
export class LinesDamaged extends Error {
  readonly _tag = 'LinesDamaged'
  override readonly name = 'LinesDamaged'
  readonly file: string
  readonly line: number
  readonly why: string

  constructor(file: string, line: number, why: string) {
    super(`${file}, line ${line}: ${why}`)
    this.file = file
    this.line = line
    this.why = why
  }
}

const nothing = new Uint8Array()

/** Decodes bytes as UTF-8. */
export const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString()

/** A line as it stands in a file: its number, its checksum and the bytes of its payload. */
interface RawLine {
  readonly number: number
  readonly checksum: number
  readonly payload: Uint8Array
}

const frame = /^\[([1-9]\d{0,15}),"([0-9a-f]{8})",/

const rawLine = (line: Uint8Array): RawLine | undefined => {
  const [head, number, checksum] = frame.exec(String.fromCharCode(...line.subarray(0, 40))) ?? []
  if (head === undefined || number === undefined || checksum === undefined || line.at(-1) !== 0x5d) return undefined
  return { number: Number(number), checksum: Number.parseInt(checksum, 16), payload: line.subarray(head.length, -1) }
}

const isSound = ({ number, checksum, payload }: RawLine, seed: number): boolean =>
  checksumOf(number, payload, seed) === checksum && isUtf8(payload)

/** The fault of a line, or the position behind it. */
const judge = (line: Uint8Array, position: LinePosition): LinePosition | string => {
  const raw = rawLine(line)
  if (raw === undefined) return 'it is no numbered line with a checksum'
  const due = position.lines + 1
  if (due === 1 && raw.number > 1) return `it has number ${raw.number}: the beginning of the file is missing`
  // A number that is wrong is only believed with the right checksum: it may be the number that was
  // changed.
  if (!isSound(raw, raw.number === 1 ? 0 : position.seed)) return 'its checksum does not fit: it was changed'
  if (raw.number > due) return `it has number ${raw.number}: ${raw.number - due} of the lines before it are missing`
  if (raw.number < due) return `it has number ${raw.number} again: it is doubled or in the wrong place`
  return after(position, raw.checksum)
}

/** Result of reading a file of lines. */
export interface LinesRead {
  readonly position: LinePosition
  /** Bytes of its whole lines. */
  readonly whole: number
  /** Bytes behind the last line end: of a line whose writer was killed. */
  readonly torn: number
}

/** Splits a file into its lines without copying it: a file may be longer than a string can be. */
export function* splitLines(bytes: Uint8Array): IterableIterator<Uint8Array> {
  let from = 0
  for (let to = bytes.indexOf(0x0a); to >= 0; to = bytes.indexOf(0x0a, from)) {
    yield bytes.subarray(from, to)
    from = to + 1
  }
}

const lineStart = Uint8Array.from(Buffer.from('[1,"'))

/**
 * The fault of what stands behind the last line end; undefined where it is a torn line. A writer
 * that is killed leaves the beginning of a line: no zero byte, and never a whole line with another
 * byte in the place of its line end.
 */
const faultOfTail = (
  tail: Uint8Array,
  position: LinePosition,
  isLine: (bytes: Uint8Array) => boolean,
): string | undefined => {
  if (tail.includes(0)) return 'it holds zero bytes: that part of the file was lost'
  if (tail.length > 1 && isLine(tail.subarray(0, -1))) return 'its line end was changed'
  if (position.lines > 0) return undefined
  const start = tail.subarray(0, lineStart.length)
  return start.every((byte, i) => byte === lineStart[i]) ? undefined : 'it is no numbered line with a checksum'
}

/**
 * Reads a file of checked lines from its bytes.
 *
 * @param take - is given each payload in order, and returns its fault, if any
 * @throws LinesDamaged at the first line that is not as it was written
 */
export const readLines = (
  file: string,
  bytes: Uint8Array,
  take: (payload: string, line: number) => string | undefined,
): LinesRead => {
  let position = noLines
  let whole = 0
  for (const line of splitLines(bytes)) {
    const next = judge(line, position)
    if (typeof next === 'string') throw new LinesDamaged(file, position.lines + 1, next)
    const fault = take(textOf(rawLine(line)?.payload ?? nothing), next.lines)
    if (fault !== undefined) throw new LinesDamaged(file, next.lines, fault)
    position = next
    whole += line.length + 1
  }
  const tail = bytes.subarray(whole)
  const fault = faultOfTail(tail, position, (bytes) => typeof judge(bytes, position) !== 'string')
  if (tail.length > 0 && fault !== undefined) throw new LinesDamaged(file, position.lines + 1, fault)
  return { position, whole, torn: tail.length }
}

/**
 * The seed that most lines were written with: that of the file, whatever became of its first line.
 */
const seedOf = (lines: readonly RawLine[]): number => {
  const votes = new Map<number, number>()
  for (const { number, checksum, payload } of lines) {
    const seed = number === 1 ? checksum : crc32Before(Buffer.concat([Buffer.from(`${number},`), payload]), checksum)
    votes.set(seed, (votes.get(seed) ?? 0) + 1)
  }
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best), [0, 0])[0]
}

/**
 * Reads every line of a damaged file that still has the right checksum, by number: a repair keeps
 * them. Of a doubled line one is kept.
 */
export const soundLines = (bytes: Uint8Array): ReadonlyMap<number, string> => {
  const lines = Array.from(splitLines(bytes), rawLine).filter((line) => line !== undefined)
  const seed = seedOf(lines)
  const kept = new Map<number, string>()
  for (const line of lines) {
    if (isSound(line, line.number === 1 ? 0 : seed)) kept.set(line.number, textOf(line.payload))
  }
  return new Map([...kept].sort(([one], [other]) => one - other))
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a file of plain lines, as version 0.1 wrote them: without number and checksum. Most damage
 * to it cannot be noticed.
 *
 * @throws LinesDamaged
 */
export const readPlainLines = (
  file: string,
  bytes: Uint8Array,
  take: (payload: string, line: number) => string | undefined,
): Omit<LinesRead, 'position'> => {
  let whole = 0
  let count = 0
  for (const line of splitLines(bytes)) {
    count++
    let text: string
    try {
      text = decoder.decode(line)
    } catch {
      throw new LinesDamaged(file, count, 'it is no UTF-8')
    }
    const fault = take(text, count)
    if (fault !== undefined) throw new LinesDamaged(file, count, fault)
    whole += line.length + 1
  }
  const tail = bytes.subarray(whole)
  if (tail.includes(0)) throw new LinesDamaged(file, count + 1, 'it holds zero bytes: that part of the file was lost')
  return { whole, torn: tail.length }
}

/** True where a file begins as version 0.1 wrote it. */
export const isPlain = (bytes: Uint8Array): boolean => bytes[0] === 0x7b
