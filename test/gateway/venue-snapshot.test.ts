import {
  fsyncSync,
  ftruncateSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { PLATFORMS } from '../../src/exchange/index.js'
import {
  type ChaosOptions,
  type JournalDisk,
  JournalUnusable,
  type PaperOptions,
  paperPlatforms,
} from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import type { Frame } from './plain-client.js'
import { VirtualGateway } from './virtual-gateway.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.001, order_type: 'LIMIT' } as const
const systemDisk: JournalDisk = { write: writeSync, truncate: ftruncateSync, flush: fsyncSync, rename: renameSync }

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rxquant-journal-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const pathOf = (name: string) => join(root, 'huobi', name)
const files = () => readdirSync(join(root, 'huobi')).filter((name) => name !== 'lock' && name !== 'head.json')
const fileOf = (kind: string) => pathOf(files().find((name) => name.endsWith(kind))!)
const generation = () => Number(files()[0]!.slice(0, 8))

/** A gateway of raw frames on the journal. */
const gatewayOn = (options: PaperOptions = {}, scheduler = new VirtualScheduler(), chaos?: ChaosOptions) => {
  const clock = virtualClock(scheduler)
  const platforms = paperPlatforms({ market: 'none', journal: root, hash: true, scheduler, clock, ...options })
  const gateway = new VirtualGateway(platforms, {}, scheduler, chaos)
  const huobi = platforms.get('huobi')!
  const login = (fields: Frame = {}) => {
    const client = gateway.connect()
    const token = client.login({ platform: 'huobi', ...fields })
    const ask = (frame: Frame) => client.ask({ token, ...frame })[0]!
    return {
      ...{ client, token, reply: client.frames[0]!, ask },
      place: (cid: string, more: Frame = {}) => ask({ op: 'place_order', cid, ...order, ...more }),
      cancel: (...order_nos: string[]) => ask({ op: 'cancel_order', cid: '', symbol: 'BTC/USDT', order_nos }),
    }
  }
  const open = () => huobi.exchange.state().markets.flatMap(({ orders }) => orders)
  return {
    ...{ scheduler, login, open },
    stop: () => {
      gateway.stop()
      for (const platform of platforms.values()) platform.close()
      scheduler.advanceBy(1_000)
    },
    /** Nobody hears of its end. */
    kill: () => {
      for (const platform of platforms.values()) platform.close()
      scheduler.advanceBy(1_000)
    },
    /** All that it is, but its clients. */
    seen: () => ({ state: huobi.exchange.state(), faults: huobi.exchange.audit(), log: huobi.eventLog }),
  }
}
const compacting = (compactBytes: number, disk = systemDisk): PaperOptions => ({
  journalOptions: { compactBytes, disk },
})

type Client = ReturnType<ReturnType<typeof gatewayOn>['login']>

/** Orders that rest, trade, or are refused. */
const termsOf = (i: number): Frame => ({
  ...(i % 10 === 3 ? { quantity: 1_000 } : {}),
  ...(i % 4 === 1 ? { action: 'SELL', order_type: 'IOC' } : {}),
})
const trade = (anna: Client, count: number): Frame[] =>
  Array.from({ length: count }, (_, i) => {
    if (i % 25 === 24) anna.cancel()
    return anna.place(`c${i}`, termsOf(i))
  })

describe('a journal that has grown', () => {
  it('is a snapshot and a short log: the disk holds what there is, and not what there was', () => {
    const gateway = gatewayOn(compacting(20_000))
    const anna = gateway.login()
    let most = 0
    for (let i = 0; i < 2_000; i++) {
      anna.cancel('none of ours')
      if (i % 100 === 0) gateway.scheduler.advanceBy(1_000)
      most = Math.max(
        most,
        files().reduce((sum, name) => sum + statSync(pathOf(name)).size, 0),
      )
    }
    expect(files()).toEqual([expect.stringMatching(/\d{8}\.ndjson$/), expect.stringMatching(/\d{8}\.snapshot$/)])
    expect(generation()).toBeGreaterThan(5)
    expect(most).toBeLessThan(25_000)
  })

  it('comes back as it was: books, balances, event log, replies by cid, numbered notices', () => {
    const gateway = gatewayOn(compacting(8_000))
    const anna = gateway.login()
    const replies = trade(anna, 100)
    expect(generation()).toBeGreaterThan(1)
    gateway.stop()
    const again = gatewayOn(compacting(8_000), gateway.scheduler)
    expect(again.seen()).toEqual(gateway.seen())
    expect(again.seen().faults).toEqual([])
    const back = again.login({ resume: Number(anna.reply.seq) })
    expect(back.reply).toMatchObject({ resume: 'complete', epoch: anna.reply.epoch })
    const told = ({ client }: typeof anna) =>
      client.frames.flatMap(({ data }) => (data?.seq === undefined ? [] : [data]))
    expect(told(anna).length).toBeGreaterThan(200)
    expect(told(back)).toEqual(told(anna))
    expect(trade(back, 100)).toEqual(replies)
  })

  it('leads to the same event log as one that was never interrupted and never grew', () => {
    const [before, after] = [new VirtualScheduler(), new VirtualScheduler()]
    const whole = gatewayOn(compacting(1e9), before)
    for (let i = 0; i < 5; i++) {
      trade(whole.login({ access_key: `key ${i}` }), 40)
      before.advanceBy(1_000)
    }
    whole.stop()
    rmSync(join(root, 'huobi'), { recursive: true })
    for (let i = 0; i < 5; i++) {
      const part = gatewayOn(compacting(3_000), after)
      trade(part.login({ access_key: `key ${i}` }), 40)
      part.stop()
      if (i === 4) expect(part.seen()).toEqual(whole.seen())
    }
    expect(generation()).toBeGreaterThan(2)
  })

  it('remembers the reply to an order that is still on its way to its client', () => {
    const gateway = gatewayOn({ ...compacting(1), latency: { outMs: 5_000 } })
    const anna = gateway.login()
    gateway.scheduler.advanceBy(6_000)
    anna.client.send({ op: 'place_order', token: anna.token, cid: 'on its way', ...order })
    expect(gateway.open()).toHaveLength(1)
    for (let i = 0; i < 50 && !readFileSync(fileOf('.snapshot'), 'utf8').includes('on its way'); i++) {
      anna.client.send({ op: 'cancel_order', token: anna.token, cid: '', symbol: 'BTC/USDT', order_nos: ['none'] })
    }
    gateway.stop()
    expect(readFileSync(fileOf('.ndjson'), 'utf8')).not.toContain('on its way')
    const again = gatewayOn({}, gateway.scheduler)
    expect(again.login().place('on its way')).toMatchObject({ result: true, order_no: expect.stringMatching(/-1$/) })
    expect(again.open()).toHaveLength(1)
  })
})

describe('a process that is killed at any call that changes the disk', () => {
  type Death = 'before' | 'within' | 'after'
  /** The nth call is the last that is made, or begun. */
  const dyingAt = (nth: number, how: Death) => {
    let calls = 0
    const dying = (call: () => unknown, half = () => {}) => {
      calls++
      if (calls === nth && how === 'within') half()
      if (calls < nth || (calls === nth && how === 'after')) call()
      if (calls >= nth) throw new Error('dead')
    }
    const disk: JournalDisk = {
      write: (file, bytes) => {
        dying(
          () => writeSync(file, bytes),
          () => writeSync(file, bytes.subarray(0, bytes.length >> 1)),
        )
        return bytes.length
      },
      truncate: (file, length) => dying(() => ftruncateSync(file, length)),
      flush: (file) => dying(() => fsyncSync(file)),
      rename: (from, to) => dying(() => renameSync(from, to)),
    }
    return { disk, calls: () => calls }
  }
  const lifeWith = (disk: JournalDisk) => {
    const gateway = gatewayOn({ ...compacting(2_500, disk), platforms: onlyHuobi })
    const anna = gateway.login()
    const replies = trade(anna, 30)
    gateway.stop()
    return { gateway, replies }
  }
  const onlyHuobi = new Map([['huobi', PLATFORMS.get('huobi')!]])

  it.each(['before', 'within', 'after'] as const)('(%s it is done) leaves what its successor goes on from', (how) => {
    const { disk, calls } = dyingAt(Infinity, how)
    lifeWith(disk)
    expect(generation()).toBeGreaterThan(1)
    // The life, the head (two calls), the house and the account come first.
    for (let nth = 6; nth <= calls(); nth++) {
      rmSync(join(root, 'huobi'), { recursive: true })
      const { gateway, replies } = lifeWith(dyingAt(nth, how).disk)
      const again = gatewayOn({ platforms: onlyHuobi }, gateway.scheduler)
      expect(again.seen().faults).toEqual([])
      // What was answered before it died is so; and what it did not carry out is not done by halves.
      const answered = replies.findIndex(({ error_message }) => /journal cannot be written/.test(error_message))
      const known = replies.slice(0, answered < 0 ? replies.length : answered)
      const anna = again.login()
      const { orders } = again.seen().state
      known.forEach((reply, i) => expect(anna.place(reply.cid, termsOf(i))).toEqual(reply))
      expect(again.seen().state.orders).toBe(orders)
      again.stop()
    }
  })
})

describe('open orders of a client that has asked for cancel_on_disconnect', () => {
  const killed = (
    compactBytes: number,
    end: (gateway: ReturnType<typeof gatewayOn>, anna: Client) => void = () => {},
  ) => {
    const gateway = gatewayOn(compacting(compactBytes))
    const anna = gateway.login({ cancel_on_disconnect: true })
    trade(anna, 10)
    const bert = gateway.login({ access_key: 'another key' })
    bert.place('b')
    expect(gateway.open().length).toBeGreaterThan(2)
    end(gateway, anna)
    gateway.kill()
    return gatewayOn({}, gateway.scheduler)
  }

  it.each([
    ['the log', 1e9],
    ['a snapshot', 1],
  ])('are cancelled when the gateway is started again after a kill -9, as %s says; others stay', (_, compactBytes) => {
    const again = killed(compactBytes)
    expect(again.open().map(({ cid }) => cid)).toEqual(['b'])
    // Once: what is ordered afterwards, by a login that did not ask for it, stays.
    again.login().place('c')
    again.kill()
    expect(
      gatewayOn({}, again.scheduler)
        .open()
        .map(({ cid }) => cid),
    ).toEqual(['b', 'c'])
  })

  it('are cancelled too where outages were asked for, or the exchange is far away', () => {
    const outages: ChaosOptions = { quirks: [{ quirk: 'exchange-outage', rate: 0 }] }
    const gateway = gatewayOn({ latency: { inMs: 5 } }, new VirtualScheduler(), outages)
    const anna = gateway.login({ cancel_on_disconnect: true })
    gateway.scheduler.advanceBy(20)
    anna.place('a')
    gateway.scheduler.advanceBy(20)
    expect(gateway.open()).toHaveLength(1)
    gateway.kill()
    expect(gatewayOn({}, gateway.scheduler).open()).toEqual([])
  })

  it('stay when it had logged out before', () => {
    const again = killed(1e9, (_, anna) => anna.ask({ op: 'logout', cid: 'bye' }))
    expect(again.open().length).toBeGreaterThan(2)
  })
})

describe('the files of a journal', () => {
  const onceGrown = () => {
    const gateway = gatewayOn(compacting(3_000))
    trade(gateway.login(), 40)
    gateway.stop()
    return gateway
  }

  it('may hold a snapshot that was not finished, to any byte: it is cleared away', () => {
    const gateway = onceGrown()
    const next = pathOf(`${String(generation() + 1).padStart(8, '0')}.snapshot.tmp`)
    const whole = readFileSync(fileOf('.snapshot'))
    for (let cut = 0; cut <= whole.length; cut += 97) {
      writeFileSync(next, whole.subarray(0, cut))
      const again = gatewayOn({}, gateway.scheduler)
      expect(again.seen()).toEqual(gateway.seen())
      expect(files()).toHaveLength(2)
      again.stop()
    }
  })

  it.each([
    ['without its end', (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
    ['with balances that do not add up', (text: string) => text.replace(/("locked":")\d/, '$19')],
    ['for other symbols', (text: string) => text.replace(/"traded":"[^"]*"/, '"traded":"x"')],
  ])('are refused in words with a snapshot %s, and the folder is let go of', (_, spoil) => {
    const gateway = onceGrown()
    const whole = readFileSync(fileOf('.snapshot'), 'utf8')
    writeFileSync(fileOf('.snapshot'), spoil(whole))
    expect(() => gatewayOn()).toThrow(JournalUnusable)
    writeFileSync(fileOf('.snapshot'), whole)
    expect(gatewayOn({}, gateway.scheduler).seen()).toEqual(gateway.seen())
  })

  it('say it when a torn line was dropped', () => {
    const gateway = onceGrown()
    writeFileSync(fileOf('.ndjson'), `${readFileSync(fileOf('.ndjson'), 'utf8')}{"kind":"comm`)
    const words: string[] = []
    gatewayOn({ journalOptions: { onWord: (each) => words.push(each) } }, gateway.scheduler).stop()
    expect(words).toEqual([expect.stringMatching(/ndjson ended within a line, which was dropped: 13 bytes/)])
  })
})

describe('a snapshot that cannot be written', () => {
  it('is said to be so; the log goes on, and another is tried when as much again was written', () => {
    let full = true
    const rename = (from: string, to: string) => {
      if (full) throw new Error('no space left on device')
      renameSync(from, to)
    }
    const words: string[] = []
    const disk = { ...systemDisk, rename }
    const gateway = gatewayOn({ journalOptions: { compactBytes: 3_000, disk, onWord: (each) => words.push(each) } })
    const anna = gateway.login()
    trade(anna, 40)
    expect(words.length).toBeGreaterThan(1)
    expect(words.length).toBeLessThan(5)
    expect(words[0]).toContain('no space left')
    expect(files()).toEqual(['00000001.ndjson'])
    full = false
    trade(gateway.login({ access_key: 'another key' }), 40)
    expect(files()).toHaveLength(2)
    gateway.stop()
    expect(gatewayOn({}, gateway.scheduler).seen()).toEqual(gateway.seen())
  })
})

describe('with fsync', () => {
  const counting = () => {
    const calls: string[] = []
    const fault = { flush: false }
    const disk: JournalDisk = {
      ...systemDisk,
      write: (file, bytes) => {
        calls.push('write')
        return writeSync(file, bytes)
      },
      flush: (file) => {
        if (fault.flush) throw new Error('input/output error')
        calls.push('flush')
        fsyncSync(file)
      },
    }
    return { calls, disk, fault }
  }

  it('always, each entry is on the disk before it is carried out; one that cannot be is refused, and nothing of it stays', () => {
    const { calls, disk, fault } = counting()
    const gateway = gatewayOn({ journalOptions: { fsync: 'always', disk } })
    const anna = gateway.login()
    calls.splice(0)
    anna.place('a')
    expect(calls).toEqual(['write', 'flush'])
    const before = readFileSync(fileOf('.ndjson'), 'utf8')
    fault.flush = true
    expect(anna.place('b')).toMatchObject({ result: false, error_message: expect.stringContaining('journal') })
    expect(gateway.open()).toHaveLength(1)
    expect(readFileSync(fileOf('.ndjson'), 'utf8')).toBe(before)
  })

  it('never, which is the default, only snapshots wait for the disk', () => {
    const { calls, disk } = counting()
    const gateway = gatewayOn(compacting(3_000, disk))
    const anna = gateway.login()
    calls.splice(0)
    anna.place('a')
    expect(calls).toEqual(['write'])
    trade(anna, 40)
    // The snapshot, the log that follows it, and the folder they are in; then the head.
    expect(calls.join(' ')).toMatch(/write write flush write flush flush write write/)
  })
})
