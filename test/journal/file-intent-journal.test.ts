import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { IntentEntry } from '../../src/client/index.js'
import { fileIntentJournal, JournalDamaged } from '../../src/journal/index.js'

const sent: IntentEntry = {
  kind: 'sent',
  cid: 'c-1',
  order: { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: -2, order_type: 'LIMIT' },
  sentAt: 1_700_000_000_000,
  validUntil: 1_700_000_005_000,
  epoch: 'é',
}
const settled: IntentEntry = { kind: 'settled', cid: 'c-1', fate: 'placed' }

describe('a journal in a file', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxquant-journal-'))
    path = join(folder, 'nested', 'orders.ndjson')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('gives a successor what it was given, in order', () => {
    const journal = fileIntentJournal(path, { flush: true })
    journal.write(sent)
    journal.write(settled)
    journal.close()
    expect(fileIntentJournal(path).read()).toEqual([sent, settled])
  })

  it('has each entry in the file before write returns', () => {
    fileIntentJournal(path).write(sent)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(sent)
  })

  it("is nobody else's to read", () => {
    fileIntentJournal(path).write(sent)
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('cuts off a last line that was torn, wherever it was torn, and writes on behind the whole ones', () => {
    const line = Buffer.from(`${JSON.stringify(sent)}\n`)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: line.length - 1 }), (length) => {
        const journal = fileIntentJournal(path)
        writeFileSync(path, '')
        journal.write(settled)
        journal.close()
        appendFileSync(path, line.subarray(0, length))
        const next = fileIntentJournal(path)
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
    fileIntentJournal(path).close()
    writeFileSync(path, `${line}\n${JSON.stringify(settled)}\n`)
    expect(() => fileIntentJournal(path)).toThrow(JournalDamaged)
    expect(() => fileIntentJournal(path)).toThrow(/line 1/)
  })
})
