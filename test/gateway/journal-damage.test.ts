import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { PLATFORMS } from '../../src/exchange/index.js'
import { type GatewayEvent, JournalUnusable, type PaperOptions, paperPlatforms } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { cutMiddle, doubleLine, dropLine, flipBit, moveLine, zeroEnd } from '../support/damage.js'
import { VirtualGateway } from './virtual-gateway.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.001, order_type: 'LIMIT' } as const
const platforms = new Map([['huobi', PLATFORMS.get('huobi')!]])
const onUnix = process.platform === 'win32' ? it.skip : it
const share = fc.double({ min: 0, max: 1, noNaN: true })

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rxquant-damage-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const pathOf = (name: string) => join(root, 'huobi', name)
const files = () => readdirSync(join(root, 'huobi')).filter((name) => name !== 'lock')
const named = (kind: string) => files().find((name) => name.endsWith(kind))!

const open = (options: PaperOptions = {}) => {
  const scheduler = new VirtualScheduler()
  const born = paperPlatforms({
    ...{ market: 'none', journal: root, platforms, scheduler, clock: virtualClock(scheduler) },
    ...options,
  })
  const gateway = new VirtualGateway(born, {}, scheduler)
  const huobi = born.get('huobi')!
  const client = gateway.connect()
  const token = client.login({ platform: 'huobi' })
  return {
    huobi,
    gateway,
    place: (cid: string) => client.ask({ op: 'place_order', cid, token, ...order })[0]!,
    open: () => huobi.exchange.state().markets.flatMap(({ orders }) => orders).length,
    close: () => {
      gateway.stop()
      huobi.close()
    },
  }
}
/** A journal of 30 orders, in a log alone or behind a snapshot. */
const written = (compactBytes: number): void => {
  const life = open({ journalOptions: { compactBytes } })
  for (let i = 0; i < 30; i++) life.place(`c${i}`)
  life.close()
}

const expectRefused = (name: string, bytes: Buffer, words?: RegExp): void => {
  const sound = readFileSync(pathOf(name))
  const before = files()
  writeFileSync(pathOf(name), bytes)
  expect(() => open()).toThrow(JournalUnusable)
  if (words !== undefined) expect(() => open()).toThrow(words)
  expect(readFileSync(pathOf(name)).equals(bytes)).toBe(true)
  expect(files()).toEqual(before)
  writeFileSync(pathOf(name), sound)
}

describe.each([
  ['a log', 1e9],
  ['a snapshot and a log', 6_000],
])("the files of a gateway's journal: %s", (_, compactBytes) => {
  beforeEach(() => written(compactBytes))

  it('are refused with any flipped bit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files()), share, (name, at) => {
        expectRefused(name, flipBit(readFileSync(pathOf(name)), at))
      }),
      { numRuns: 60 },
    )
    open().close()
  })

  it('are refused with lines that were moved, doubled or left out, the last one too', () => {
    const withLines = files().filter((name) => name !== 'head.json')
    fc.assert(
      fc.property(fc.constantFrom(...withLines), share, share, (name, from, to) => {
        const sound = readFileSync(pathOf(name))
        const moved = moveLine(sound, from, to)
        if (moved !== undefined) expectRefused(name, moved)
        expectRefused(name, doubleLine(sound, from, to))
        expectRefused(name, dropLine(sound, from))
      }),
      { numRuns: 20 },
    )
    const log = readFileSync(pathOf(named('.ndjson')))
    const last = log.lastIndexOf(0x0a, log.length - 2) + 1
    expectRefused(
      named('.ndjson'),
      log.subarray(0, last),
      /1 of the lines at the end are missing; put back .*rxquant journal check/,
    )
  })

  it('are refused with zero bytes in the place of the last 4 KiB, and with a piece missing in the middle', () => {
    const log = readFileSync(pathOf(named('.ndjson')))
    expectRefused(named('.ndjson'), zeroEnd(log), /ndjson, line \d+: it holds zero bytes/)
    expectRefused(named('.ndjson'), cutMiddle(log, 0.3, 0.2))
    expectRefused(named('.ndjson'), Buffer.alloc(0), /emptied/)
  })

  it('are refused where one is missing, or is that of another journal', () => {
    for (const name of files().filter((each) => each !== 'head.json')) {
      const sound = readFileSync(pathOf(name))
      rmSync(pathOf(name))
      expect(() => open()).toThrow(/the file is missing/)
      writeFileSync(pathOf(name), sound)
    }
    const mine = files().map((name) => [name, readFileSync(pathOf(name))] as const)
    rmSync(join(root, 'huobi'), { recursive: true })
    written(compactBytes)
    const [name] = mine.find(([each]) => each.endsWith('.ndjson'))!
    // Both live logs have the same number here: only checksums tell them apart.
    if (name === named('.ndjson')) expectRefused(name, mine.find(([each]) => each === name)![1])
  })

  it('are as they were when all is put back', () => {
    const life = open()
    expect(life.open()).toBe(30)
    life.close()
  })
})

describe('the lines of a journal', () => {
  it.each([
    ['a history', { kind: 'history', account: 'a', history: {} }],
    ['a history of notices', { kind: 'history', account: 'a', history: { seq: 1, notices: [{}] } }],
    ['a reply', { kind: 'reply', account: 'a', order: {} }],
    ['a cancel', { kind: 'if-killed', account: 'a', cancel: [1] }],
    ['a command', { kind: 'command', at: 1, command: { type: 'place' } }],
  ])('that are junk are refused in words, though their JSON is sound: %s', (_, junk) => {
    // Version 0.1 had no checksums.
    mkdirSync(join(root, 'huobi'))
    const traded = (): string => {
      const life = open({ journal: join(root, 'other') })
      life.close()
      const [line = ''] = readFileSync(join(root, 'other', 'huobi', '00000001.ndjson'), 'utf8').split('\n')
      return JSON.stringify((JSON.parse(line) as [number, string, { life: unknown }])[2].life)
    }
    writeFileSync(pathOf('00000001.ndjson'), `${traded()}\n${JSON.stringify(junk)}\n`)
    expect(() => open()).toThrow(JournalUnusable)
  })
})

describe('a journal of version 0.1', () => {
  /** Takes numbers and checksums away again. */
  const plain = (name: string): string => {
    const payloads = readFileSync(pathOf(name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as [number, string, { kind?: string; life?: object }])[2])
    return payloads
      .flatMap((each) =>
        each.kind === 'log' || each.kind === 'snapshot' ? (each.life === undefined ? [] : [each.life]) : [each],
      )
      .map((each) => `${JSON.stringify(each)}\n`)
      .join('')
  }

  it.each([
    ['a log', 1e9],
    ['a snapshot and a log', 6_000],
  ])('is read once and rewritten: %s', (_, compactBytes) => {
    written(compactBytes)
    const life = open()
    const state = life.huobi.exchange.state()
    const { epoch } = life.huobi
    expect(epoch).toEqual(expect.any(String))
    life.close()
    for (const name of files().filter((each) => each !== 'head.json')) writeFileSync(pathOf(name), plain(name))
    rmSync(pathOf('head.json'))
    writeFileSync(pathOf(named('.ndjson')), '{"kind":"comm', { flag: 'a' })
    const words: string[] = []
    for (const told of [2, 0]) {
      const again = open({ journalOptions: { onWord: (each) => words.push(each) } })
      expect(again.huobi.exchange.state()).toEqual(state)
      expect(again.huobi.epoch).toBe(epoch)
      again.close()
      expect(words.splice(0)).toHaveLength(told)
    }
    const names = files()
    expect(names).toEqual([expect.stringMatching(/ndjson$/), expect.stringMatching(/snapshot$/), 'head.json'])
    expectRefused(named('.snapshot'), flipBit(readFileSync(pathOf(named('.snapshot'))), 0.5))
  })
})

describe('a journal that is changed while it is open', () => {
  const spoilt = (spoil: () => void, mend: () => void = () => {}) => {
    const life = open()
    const events: readonly GatewayEvent[] = life.gateway.events
    expect(life.place('a')).toMatchObject({ result: true })
    spoil()
    const refused = life.place('b')
    life.place('c')
    mend()
    const last = life.place('d')
    life.close()
    return { refused, last, events: events.filter(({ type }) => type === 'journal'), open: life.open() }
  }
  const log = () => pathOf('00000001.ndjson')

  it.each([
    ['whose folder was deleted', () => rmSync(join(root, 'huobi'), { recursive: true })],
    [
      'whose folder was deleted and made again',
      () => (rmSync(join(root, 'huobi'), { recursive: true }), mkdirSync(join(root, 'huobi'))),
    ],
    ['whose log was deleted', () => rmSync(log())],
    ['whose log was cut', () => truncateSync(log(), 100)],
    ['whose log was emptied', () => truncateSync(log(), 0)],
    ['whose log was replaced by a copy', () => (cpSync(log(), `${log()}.copy`), renameSync(`${log()}.copy`, log()))],
    ['whose log another process wrote to', () => writeFileSync(log(), '{}\n', { flag: 'a' })],
  ])('%s acknowledges nothing more, and says so once', (_, spoil) => {
    const { refused, events, open: resting } = spoilt(spoil)
    expect(refused).toMatchObject({
      result: false,
      unknown: false,
      error_message: expect.stringContaining('while it was open'),
    })
    expect(resting).toBe(1)
    expect(events).toMatchObject([
      { platform: 'huobi', state: 'failed', why: expect.stringContaining('while it was open') },
    ])
  })

  it('goes on once its folder is put back as it was, and says that too', () => {
    const [here, away] = [join(root, 'huobi'), join(root, 'away')]
    const { last, events } = spoilt(
      () => renameSync(here, away),
      () => renameSync(away, here),
    )
    expect(last).toMatchObject({ result: true })
    expect(events).toMatchObject([{ state: 'failed' }, { state: 'restored' }])
  })
})

describe("a link or a FIFO in the place of a journal's file", () => {
  onUnix.each(['foreign words', 'foreign words\n', ''])(
    'is refused, and what it leads to stays as it is: %j',
    (text) => {
      const foreign = join(root, 'foreign')
      for (const name of ['00000001.ndjson', '00000001.snapshot', 'head.json']) {
        writeFileSync(foreign, text)
        mkdirSync(join(root, 'huobi'), { recursive: true })
        symlinkSync(foreign, pathOf(name))
        expect(() => open()).toThrow(/is a symbolic link: it must be a regular file/)
        expect(readFileSync(foreign, 'utf8')).toBe(text)
        rmSync(join(root, 'huobi'), { recursive: true })
      }
    },
  )

  onUnix('is refused without waiting for its other end', () => {
    mkdirSync(join(root, 'huobi'))
    execFileSync('mkfifo', [pathOf('00000001.ndjson')])
    expect(() => open()).toThrow(/is a FIFO: it must be a regular file/)
  })
})
