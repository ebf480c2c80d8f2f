/** Ways in which a file of lines is damaged; each is given a random number from 0 to 1 for every choice. */

export const flipBit = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes)
  const bit = Math.min(Math.floor(at * bytes.length * 8), bytes.length * 8 - 1)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

const linesOf = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n').slice(0, -1)
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1')
const pick = (count: number, at: number): number => Math.min(Math.floor(at * count), count - 1)

/** Takes a line out and puts it in at another place. Returns undefined where that leaves the file as it was. */
export const moveLine = (bytes: Buffer, from: number, to: number): Buffer | undefined => {
  const lines = linesOf(bytes)
  const [line = ''] = lines.splice(pick(lines.length, from), 1)
  lines.splice(pick(lines.length + 1, to), 0, line)
  const moved = joined(lines)
  return moved.equals(bytes) ? undefined : moved
}

export const doubleLine = (bytes: Buffer, at: number, to = at): Buffer => {
  const lines = linesOf(bytes)
  const line = lines[pick(lines.length, at)]!
  lines.splice(pick(lines.length, to) + 1, 0, line)
  return joined(lines)
}

/** Leaves a line out, but not the last: nothing names that one. */
export const dropLine = (bytes: Buffer, at: number): Buffer => {
  const lines = linesOf(bytes)
  lines.splice(pick(lines.length - 1, at), 1)
  return joined(lines)
}

/** Cuts a piece out of the middle. */
export const cutMiddle = (bytes: Buffer, from: number, length: number): Buffer => {
  const begin = pick(bytes.length - 2, from)
  const end = begin + 1 + pick(bytes.length - begin - 2, length)
  return Buffer.concat([bytes.subarray(0, begin), bytes.subarray(end)])
}

export const zeroEnd = (bytes: Buffer, length = 4_096): Buffer => {
  const from = Math.max(0, bytes.length - length)
  return Buffer.concat([bytes.subarray(0, from), Buffer.alloc(bytes.length - from)])
}
