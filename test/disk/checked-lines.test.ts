import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { crc32, crc32Before, crc32InScript } from '../../src/disk/checksum.js'
import { encodeLines, LinesDamaged, readLines, readPlainLines, soundLines } from '../../src/disk/index.js'
import { cutMiddle, doubleLine, dropLine, flipBit, moveLine, zeroEnd } from '../support/damage.js'

const fileOf = (payloads: readonly string[]): Buffer =>
  Buffer.from([...encodeLines(payloads)].map((line) => `${line}\n`).join(''))
const read = (bytes: Buffer) => {
  const payloads: string[] = []
  const { whole, torn, position } = readLines('file', bytes, (payload) => {
    payloads.push(payload)
    return undefined
  })
  return { payloads, whole, torn, position }
}
const damage = (bytes: Buffer): string => {
  try {
    read(bytes)
    return 'none'
  } catch (error) {
    if (error instanceof LinesDamaged) return `line ${error.line}: ${error.why}`
    throw error
  }
}

const payload = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => JSON.stringify({ text }))
const payloads = fc.array(payload, { minLength: 3, maxLength: 12 })
const share = fc.double({ min: 0, max: 1, noNaN: true })

describe('the checksum', () => {
  it('is CRC-32, with zlib and without', () => {
    expect(crc32('123456789')).toBe(0xcbf43926)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, value) => {
        expect(crc32InScript(text, value)).toBe(crc32(text, value))
      }),
    )
  })

  it('of the bytes before others can be computed from the one behind them', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, value) => {
        expect(crc32Before(bytes, crc32(bytes, value))).toBe(value)
      }),
    )
  })
})

describe('a file of checked lines', () => {
  it('is read as it was written, and each line is JSON', () => {
    fc.assert(
      fc.property(payloads, (written) => {
        const bytes = fileOf(written)
        expect(read(bytes)).toMatchObject({ payloads: written, whole: bytes.length, torn: 0 })
        for (const line of bytes.toString().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveLength(3)
      }),
    )
  })

  it('may end within a line at any byte', () => {
    fc.assert(
      fc.property(payloads, share, (written, at) => {
        const [whole, all] = [fileOf(written.slice(0, -1)), fileOf(written)]
        const length = Math.min(Math.floor(at * (all.length - whole.length)), all.length - whole.length - 1)
        const result = read(all.subarray(0, whole.length + length))
        expect(result).toMatchObject({ payloads: written.slice(0, -1), whole: whole.length, torn: length })
      }),
    )
  })

  it('is damaged by any flipped bit', () => {
    fc.assert(
      fc.property(payloads, share, (written, at) => {
        expect(damage(flipBit(fileOf(written), at))).not.toBe('none')
      }),
      { numRuns: 2_000 },
    )
  })

  it('is damaged by lines that were moved, doubled or left out, and by a piece cut out of its middle', () => {
    fc.assert(
      fc.property(payloads, share, share, (written, from, to) => {
        const bytes = fileOf(written)
        const moved = moveLine(bytes, from, to)
        if (moved !== undefined) expect(damage(moved)).not.toBe('none')
        expect(damage(doubleLine(bytes, from, to))).not.toBe('none')
        expect(damage(dropLine(bytes, from))).not.toBe('none')
        const cut = cutMiddle(bytes, from, to)
        // Where nothing is left behind the cut but a torn line, it is as if the writer was killed there.
        if (!bytes.subarray(0, cut.length).equals(cut) && cut.at(-1) === 0x0a) expect(damage(cut)).not.toBe('none')
      }),
    )
  })

  it('is damaged by zero bytes at its end, and by a line of another file', () => {
    fc.assert(
      fc.property(payloads, payloads, (one, other) => {
        fc.pre(one[0] !== other[0])
        expect(damage(zeroEnd(fileOf(one)))).toMatch(/zero bytes/)
        expect(damage(Buffer.concat([fileOf(one), Buffer.alloc(100)]))).toMatch(/zero bytes/)
        const lines = fileOf(one).toString().split('\n')
        lines[1] = fileOf(other).toString().split('\n')[1]!
        expect(damage(Buffer.from(lines.join('\n')))).toMatch(/^line 2: its checksum/)
      }),
    )
  })

  it.each([
    ['nothing of ours', 'some words', 'line 1: it is no numbered line with a checksum'],
    ['nothing of ours, with a line end', 'some words\n', 'line 1: it is no numbered line with a checksum'],
    [
      'no first line',
      fileOf(['1', '2', '3']).subarray(fileOf(['1']).length),
      'line 1: it has number 2: the beginning of the file is missing',
    ],
    [
      'a missing line',
      dropLine(fileOf(['1', '2', '3', '4']), 0.4),
      'line 2: it has number 3: 1 of the lines before it are missing',
    ],
    [
      'a doubled line',
      doubleLine(fileOf(['1', '2', '3']), 0.4),
      'line 3: it has number 2 again: it is doubled or in the wrong place',
    ],
    [
      'another byte for its last line end',
      Buffer.from(fileOf(['1', '2']).toString().replace(/\n$/, '\v')),
      'line 2: its line end was changed',
    ],
  ])('with %s says where and what', (_, bytes, words) => {
    expect(damage(Buffer.from(bytes))).toBe(words)
  })

  it('gives a repair every line that is as it was written, though its first line is not', () => {
    fc.assert(
      fc.property(payloads, share, (written, at) => {
        const bytes = fileOf(written)
        const kept = [...soundLines(flipBit(bytes, at)).values()]
        expect(kept.length).toBeGreaterThanOrEqual(written.length - 2)
        for (const each of kept) expect(written).toContain(each)
        expect([...soundLines(dropLine(bytes, 0)).values()]).toEqual(written.slice(1))
        expect([...soundLines(doubleLine(bytes, at)).values()]).toEqual(written)
      }),
    )
  })
})

describe('a file of plain lines', () => {
  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x7d, 0x0a, 0x22, 0xff, 0x22, 0x0a]), /line 2: it is no UTF-8/],
    ['zero bytes at its end', Buffer.concat([Buffer.from('{}\n'), Buffer.alloc(9)]), /line 2: it holds zero bytes/],
  ])('with %s is damaged', (_, bytes, words) => {
    expect(() => readPlainLines('file', bytes, () => undefined)).toThrow(words)
  })
})
