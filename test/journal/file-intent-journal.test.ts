import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  appendFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { OrderJournalEntry } from '../../src/client/index.js'
import { type FileOrderJournalOptions, fileOrderJournal, JournalDamaged, LockHeld } from '../../src/journal/index.js'

const sent: OrderJournalEntry = {
  kind: 'sent',
  cid: 'c-1',
  order: { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: -2, order_type: 'LIMIT' },
  sentAt: 1_700_000_000_000,
  validUntil: 1_700_000_005_000,
  epoch: 'é',
}
const settled: OrderJournalEntry = { kind: 'settled', cid: 'c-1', fate: 'placed' }

describe('a journal in a file', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxquant-journal-'))
    path = join(folder, 'nested', 'orders.ndjson')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('gives a successor what it was given, in order', () => {
    const journal = fileOrderJournal(path, { flush: true })
    journal.write(sent)
    journal.write(settled)
    journal.close()
    expect(fileOrderJournal(path).read()).toEqual([sent, settled])
  })

  it('has each entry in the file before write returns', () => {
    fileOrderJournal(path).write(sent)
    const [header, line] = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(JSON.parse(header!)).toEqual([1, expect.any(String), expect.objectContaining({ of: 'intents' })])
    expect(JSON.parse(line!)).toEqual([2, expect.stringMatching(/^[0-9a-f]{8}$/), sent])
  })

  it("is nobody else's to read", () => {
    fileOrderJournal(path).write(sent)
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('cuts off a last line that was torn, wherever it was torn, and writes on behind the whole ones', () => {
    const line = Buffer.from(`${JSON.stringify(sent)}\n`)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: line.length - 1 }), (length) => {
        rmSync(path, { force: true })
        const journal = fileOrderJournal(path)
        journal.write(settled)
        journal.close()
        appendFileSync(path, line.subarray(0, length))
        const next = fileOrderJournal(path)
        expect(next.read()).toEqual([settled])
        next.write(sent)
        expect(next.read()).toEqual([settled, sent])
        next.close()
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['is not JSON', 'gibberish'],
    ['is no entry', '{"kind":"sent","cid":"c"}'],
    ['holds a number that is none', JSON.stringify(sent).replace('100', '1e400')],
  ])('refuses to go on where a line in the middle %s: it may name an order', (_, line) => {
    fileOrderJournal(path).close()
    writeFileSync(path, `${line}\n${JSON.stringify(settled)}\n`)
    expect(() => fileOrderJournal(path)).toThrow(JournalDamaged)
    expect(() => fileOrderJournal(path)).toThrow(/line 1/)
  })

  it('belongs to one that is open: another is refused, in this process or beside one that lives', () => {
    const journal = fileOrderJournal(path)
    expect(() => fileOrderJournal(path)).toThrow(LockHeld)
    journal.close()
    const lock = `${path}.lock`
    for (const [holder, isTaken] of [
      [String(process.ppid), true],
      // The number is another process's by now.
      [`${process.ppid} 1`, process.platform !== 'linux'],
      [String(2 ** 22 + 1), false],
    ] as const) {
      writeFileSync(lock, holder)
      const open = () => fileOrderJournal(path).close()
      if (isTaken) expect(open).toThrow(LockHeld)
      else expect(open).not.toThrow()
    }
  })

  it('is one, by whichever of its names it is opened, and stays where its link points', () => {
    const link = join(folder, 'link.ndjson')
    fileOrderJournal(path).close()
    symlinkSync(path, link)
    const journal = fileOrderJournal(link, { compactBytes: 1 })
    expect(() => fileOrderJournal(path)).toThrow(LockHeld)
    journal.write(sent)
    journal.write(settled)
    journal.close()
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(fileOrderJournal(path).read()).toEqual([sent, settled])
  })

  it('takes nothing more once it is closed', () => {
    const journal = fileOrderJournal(path)
    journal.close()
    journal.close()
    expect(() => journal.write(sent)).toThrow('closed')
  })

  const systemDisk = { write: writeSync, truncate: ftruncateSync, flush: fsyncSync, rename: renameSync }

  it('is in its folder for good before anything is in it, where it is to outlive a loss of power', () => {
    const flushed: string[] = []
    const flush = (file: number) => void flushed.push(fstatSync(file).isDirectory() ? 'folder' : 'file')
    fileOrderJournal(path, { flush: true, disk: { ...systemDisk, flush } }).write(sent)
    expect(flushed).toEqual(process.platform === 'win32' ? ['file'] : ['folder', 'file'])
  })

  it('holds nothing of an entry that it did not take: of an order that is refused a successor must not know', () => {
    let isBroken = false
    const flush = (file: number) => {
      if (isBroken) throw new Error('input/output error')
      fsyncSync(file)
    }
    const journal = fileOrderJournal(path, { flush: true, disk: { ...systemDisk, flush } })
    journal.write(settled)
    isBroken = true
    expect(() => journal.write(sent)).toThrow('input/output')
    expect(journal.read()).toEqual([settled])
  })

  it('holds nothing of it either where the disk kept a part, and would not let go of it at first', () => {
    let isBroken = false
    const failing = () => {
      throw new Error('input/output error')
    }
    const journal = fileOrderJournal(path, {
      disk: {
        ...systemDisk,
        write: (file, bytes) => writeSync(file, isBroken ? bytes.subarray(0, 20) : bytes),
        truncate: (file, length) => (isBroken ? failing() : ftruncateSync(file, length)),
      },
    })
    journal.write(settled)
    isBroken = true
    expect(() => journal.write(sent)).toThrow('input/output')
    isBroken = false
    journal.write({ ...sent, cid: 'next' })
    expect(journal.read()).toEqual([settled, { ...sent, cid: 'next' }])
  })

  it.each([
    ['deleted', () => rmSync(path)],
    ['deleted with its folder', () => rmSync(join(path, '..'), { recursive: true })],
    ['moved', () => renameSync(path, `${path}.1`)],
    ['moved, and another put in its place', () => (renameSync(path, `${path}.1`), writeFileSync(path, ''))],
    ['cut', () => writeFileSync(path, '')],
  ])('takes no order once its file was %s: no successor would find it', (_, harm) => {
    const journal = fileOrderJournal(path)
    journal.write(settled)
    harm()
    expect(() => journal.write(sent)).toThrow(/ENOENT|moved or cut/)
  })

  describe('that has grown', () => {
    const order = (i: number): OrderJournalEntry => ({
      ...sent,
      cid: `c${i}`,
      order: { ...sent.order, action: i === 0 ? 'BUY' : 'SELL' },
      sentAt: 60_000 * i,
    })
    const end = (i: number): OrderJournalEntry => ({
      kind: 'settled',
      cid: `c${i}`,
      fate: 'placed',
      order_no: String(i),
    })
    /** One order a minute, all but the first settled, none of which looks like it. */
    const grown = (count: number, options: FileOrderJournalOptions = {}) => {
      const journal = fileOrderJournal(path, { compactBytes: 5_000, ...options })
      const written: OrderJournalEntry[] = []
      const put = (entry: OrderJournalEntry) => {
        journal.write(entry)
        written.push(entry)
      }
      try {
        for (let i = 0; i < count; i++) {
          put(order(i))
          if (i > 0) put(end(i))
        }
      } catch {
        // It died.
      }
      journal.close()
      return { written, journal }
    }

    it('is written anew without what was settled long ago; what is open stays, however old, and so does what is recent', () => {
      grown(500)
      expect(statSync(path).size).toBeLessThan(10_000)
      const left = fileOrderJournal(path).read()
      expect(left[0]).toEqual(order(0))
      expect(left.slice(-20)).toEqual(Array.from({ length: 10 }, (_, i) => [order(490 + i), end(490 + i)]).flat())
      expect(left.length).toBeLessThan(80)
      expect(readdirSync(join(folder, 'nested')).filter((name) => name.endsWith('.tmp'))).toEqual([])
    })

    it.each(['before', 'within', 'after'])(
      'has what a successor needs, whichever call it is killed at (%s it is done)',
      (how) => {
        const dyingAt = (nth: number) => {
          let calls = 0
          const dying = (call: () => unknown, half: () => unknown = () => undefined): void => {
            calls++
            if (calls === nth && how === 'within') half()
            if (calls < nth || (calls === nth && how === 'after')) call()
            if (calls >= nth) throw new Error('dead')
          }
          const disk = {
            write: (file: number, bytes: Uint8Array) => {
              dying(
                () => writeSync(file, bytes),
                () => writeSync(file, bytes.subarray(0, bytes.length >> 1)),
              )
              return bytes.length
            },
            truncate: (file: number, length: number) => dying(() => ftruncateSync(file, length)),
            flush: (file: number) => dying(() => fsyncSync(file)),
            rename: (from: string, to: string) => dying(() => renameSync(from, to)),
          }
          return { disk, calls: () => calls }
        }
        const whole = dyingAt(Infinity)
        grown(60, { disk: whole.disk })
        for (let nth = 1; nth <= whole.calls(); nth++) {
          rmSync(path, { force: true })
          const { written } = grown(60, dyingAt(nth))
          const next = fileOrderJournal(path)
          const left = next.read()
          next.close()
          const last = written.at(-1)
          if (last !== undefined) expect(left).toContainEqual(last)
          if (written.length > 0) expect(left[0]).toEqual(order(0))
        }
      },
    )
  })
})
