import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkCommand, repairCommand } from '../../../src/cli/commands/journal-command.js'
import type { OrderJournalEntry } from '../../../src/client/index.js'
import { paperPlatforms } from '../../../src/gateway/index.js'
import { fileOrderJournal } from '../../../src/journal/index.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' } as const
const entries = Array.from(
  { length: 10 },
  (_, i): OrderJournalEntry => ({ kind: 'sent', cid: `c${i}`, order, sentAt: 1_700_000_000_000 + i }),
)

let folder: string
const said: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-mend-'))
  jest.spyOn(console, 'log').mockImplementation((words: string) => void said.push(words))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  jest.restoreAllMocks()
  process.exitCode = undefined
})
const words = (act: () => void): string => {
  said.splice(0)
  act()
  return said.join('\n')
}

describe('rxquant journal, of an order journal', () => {
  const path = () => join(folder, 'orders.ndjson')
  beforeEach(() => {
    const journal = fileOrderJournal(path())
    for (const entry of entries) journal.write(entry)
    journal.close()
  })

  it('says that it is sound', () => {
    expect(words(() => checkCommand(path()))).toMatch(/sound\n {2}10 entries/)
    expect(process.exitCode).toBeUndefined()
  })

  it('says where it is damaged, and keeps every other line', () => {
    const damaged = readFileSync(path(), 'utf8').replace('"c4"', '"c5"')
    writeFileSync(path(), damaged)
    expect(words(() => checkCommand(path()))).toMatch(/damaged\n.*line 6: its checksum does not fit/)
    expect(process.exitCode).toBe(1)
    expect(readFileSync(path(), 'utf8')).toBe(damaged)
    expect(words(() => repairCommand(path()))).toMatch(/9 entries of 11 lines are kept/)
    const journal = fileOrderJournal(path())
    expect(journal.read()).toEqual(entries.filter((_, i) => i !== 4))
    journal.close()
    expect(readFileSync(`${path()}.damaged`, 'utf8')).toBe(damaged)
  })

  it('refuses a file that is none, and one that is open', () => {
    writeFileSync(join(folder, 'other'), 'words\n')
    expect(() => repairCommand(join(folder, 'other'))).toThrow(/cannot be repaired/)
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('words\n')
    const journal = fileOrderJournal(path())
    expect(() => repairCommand(path())).toThrow(/is held by process/)
    journal.close()
    expect(() => checkCommand(join(folder, 'none'))).toThrow(/there is no journal/)
  })
})

describe('rxquant journal, of a gateway', () => {
  const open = () => paperPlatforms({ market: 'none', journal: folder })
  const close = (platforms: ReturnType<typeof open>) => {
    for (const platform of platforms.values()) platform.close()
  }
  const log = () => join(folder, 'huobi', '00000001.ndjson')
  beforeEach(() => close(open()))

  it('says of each exchange that it is sound', () => {
    expect(words(() => checkCommand(folder)).match(/: sound/g)).toHaveLength(3)
  })

  it('keeps what is before the damage, begins a new epoch, and leaves the others alone', () => {
    const before = open()
    const epochs = [before.get('huobi')!.epoch, before.get('okex')!.epoch]
    close(before)
    writeFileSync(log(), `${readFileSync(log(), 'utf8')}nonsense\n`)
    expect(words(() => checkCommand(folder))).toMatch(/huobi: damaged\n.*ndjson, line \d: it is no numbered line/)
    expect(words(() => repairCommand(folder))).toMatch(/1 entries after the beginning are kept, 0 readable ones/)
    const after = open()
    expect(after.get('huobi')!.exchange.hasAccount('house')).toBe(true)
    expect(after.get('huobi')!.epoch).not.toBe(epochs[0])
    expect(after.get('okex')!.epoch).toBe(epochs[1])
    close(after)
  })

  it('says what cannot be repaired: the first line of the first log is lost', () => {
    writeFileSync(log(), readFileSync(log(), 'utf8').replace('"traded"', '"trades"'))
    expect(() => repairCommand(folder)).toThrow(/cannot be repaired/)
    expect(() => repairCommand(join(folder, 'none'))).toThrow(/there is no journal/)
  })
})
