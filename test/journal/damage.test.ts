import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { OrderJournalEntry } from '../../src/client/index.js'
import { fileOrderJournal, JournalDamaged, NotRegularFile } from '../../src/journal/index.js'
import { cutMiddle, doubleLine, dropLine, flipBit, moveLine, zeroEnd } from '../support/damage.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' } as const
const entries = Array.from(
  { length: 40 },
  (_, i): OrderJournalEntry =>
    i % 3 === 2
      ? { kind: 'settled', cid: `c${i - 1}`, fate: 'placed', order_no: `é${i}` }
      : { kind: 'sent', cid: `c${i}`, order, sentAt: 1_700_000_000_000 + i },
)
const onUnix = process.platform === 'win32' ? it.skip : it
const share = fc.double({ min: 0, max: 1, noNaN: true })

let folder: string
let path: string
let sound: Buffer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-damage-'))
  path = join(folder, 'orders.ndjson')
  const journal = fileOrderJournal(path)
  for (const entry of entries) journal.write(entry)
  journal.close()
  sound = readFileSync(path)
})
afterEach(() => rmSync(folder, { recursive: true }))

const readBack = () => {
  const journal = fileOrderJournal(path)
  const left = journal.read()
  journal.close()
  return left
}
const expectRefused = (bytes: Buffer): void => {
  writeFileSync(path, bytes)
  expect(() => fileOrderJournal(path)).toThrow(JournalDamaged)
  // It is evidence: nothing of it may be changed.
  expect(readFileSync(path).equals(bytes)).toBe(true)
}

describe('an order journal whose file was damaged', () => {
  it('refuses each flipped bit, and leaves the file as it is', () => {
    fc.assert(
      fc.property(share, (at) => expectRefused(flipBit(sound, at))),
      { numRuns: 200 },
    )
  })

  it('refuses lines that were moved, doubled or left out', () => {
    fc.assert(
      fc.property(share, share, (from, to) => {
        const moved = moveLine(sound, from, to)
        if (moved !== undefined) expectRefused(moved)
        expectRefused(doubleLine(sound, from, to))
        expectRefused(dropLine(sound, from))
      }),
      { numRuns: 60 },
    )
  })

  it('refuses zero bytes in the place of its last 4 KiB, and a piece that is missing in its middle', () => {
    expectRefused(zeroEnd(sound))
    expectRefused(zeroEnd(sound, 10))
    expectRefused(cutMiddle(sound, 0.3, 0.2))
  })

  it('refuses bytes that are no UTF-8', () => {
    const spoilt = Buffer.from(sound)
    spoilt[sound.indexOf('é')] = 0xff
    expectRefused(spoilt)
  })

  it('says which file, which line, and what can be done', () => {
    writeFileSync(path, dropLine(sound, 0.5))
    expect(() => fileOrderJournal(path)).toThrow(
      /orders\.ndjson, line 21: it has number 22: 1 of the lines before it are missing; .*rxquant journal repair/,
    )
  })
})

describe('an order journal of version 0.1', () => {
  const plain = (): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

  it('is read once and rewritten with numbers and checksums; a torn last line is dropped', () => {
    writeFileSync(path, `${plain()}{"kind":"sent","cid":"to`)
    expect(readBack()).toEqual(entries)
    expect(readFileSync(path, 'utf8')).toMatch(/^\[1,"[0-9a-f]{8}",\{"kind":"journal"/)
    expect(readBack()).toEqual(entries)
    expectRefused(flipBit(readFileSync(path), 0.5))
  })

  it('is refused where it holds bytes that are no UTF-8: it is not cut by the length of what was decoded', () => {
    const bytes = Buffer.from(plain())
    bytes[bytes.indexOf('é')] = 0xff
    expectRefused(bytes)
  })

  it('counts bytes, not characters, where its last line is torn', () => {
    writeFileSync(path, Buffer.concat([Buffer.from(plain()), Buffer.from('{"kind":"é').subarray(0, -1)]))
    expect(readBack()).toEqual(entries)
    expect(readFileSync(path).includes(0)).toBe(false)
  })
})

describe('an order journal at a path that leads elsewhere', () => {
  onUnix.each([['words without a line end'], ['words\n'], ['{"a":1}\n'], ['\0\0\0']])(
    'changes nothing of a foreign file: %j',
    (text) => {
      const foreign = join(folder, 'foreign')
      writeFileSync(foreign, text)
      rmSync(path)
      symlinkSync(foreign, path)
      expect(() => fileOrderJournal(path)).toThrow(JournalDamaged)
      expect(readFileSync(foreign, 'utf8')).toBe(text)
      expect(lstatSync(path).isSymbolicLink()).toBe(true)
    },
  )

  onUnix('does not wait for the other end of a FIFO', () => {
    rmSync(path)
    execFileSync('mkfifo', [path])
    expect(() => fileOrderJournal(path)).toThrow(NotRegularFile)
    expect(() => fileOrderJournal(folder)).toThrow(/is a folder: it must be a regular file/)
  })

  onUnix('writes no compacted file through a link that stands where it is prepared', () => {
    const foreign = join(folder, 'foreign')
    writeFileSync(foreign, 'theirs')
    symlinkSync(foreign, `${path}.tmp`)
    const journal = fileOrderJournal(path, { compactBytes: 1 })
    journal.write({ kind: 'settled', cid: 'c1', fate: 'placed' })
    journal.close()
    expect(readFileSync(foreign, 'utf8')).toBe('theirs')
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('takes no order once another process has written to its file', () => {
    const journal = fileOrderJournal(path)
    writeFileSync(path, sound, { flag: 'a' })
    expect(() => journal.write(entries[0]!)).toThrow('written to by another process')
    journal.close()
  })
})
