import { existsSync, fsyncSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { firstValueFrom, Subject } from 'rxjs'
import type { MarketEvent } from '../../src/market/index.js'
import { outcome } from '../../src/client/index.js'
import {
  type FileVenueJournalOptions,
  JournalUnusable,
  paperGateway,
  type PaperOptions,
  paperPlatforms,
  startPaperGateway,
} from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { PaperWorld } from './paper-world.js'
import type { Frame } from './plain-client.js'
import { VirtualGateway } from './virtual-gateway.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const firstLog = () => join(folder, 'huobi', '00000001.ndjson')

/** A gateway of raw frames, and its successors. */
const lives = (options: PaperOptions = {}) => {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler)
  const born = () => paperPlatforms({ market: 'none', journal: folder, ...options, scheduler, clock })
  let platforms = born()
  let gateway = new VirtualGateway(platforms, {}, scheduler)
  const login = (fields: Frame = {}) => {
    const client = gateway.connect()
    const token = client.login({ platform: 'huobi', ...fields })
    const reply = client.frames[0]!
    return {
      reply,
      client,
      place: (more: Frame = {}) => client.ask({ op: 'place_order', cid: 'p', token, ...order, ...more })[0]!,
    }
  }
  const close = () => {
    for (const platform of platforms.values()) platform.close()
  }
  return {
    login,
    scheduler,
    exchange: (platform = 'huobi') => platforms.get(platform)!.exchange,
    close,
    restart: (between = () => {}) => {
      gateway.stop()
      close()
      between()
      scheduler.advanceBy(1_000)
      platforms = born()
      gateway = new VirtualGateway(platforms, {}, scheduler)
    },
  }
}

describe('a gateway with a journal, started again', () => {
  it('goes on refusing an order about which a question was asked, and goes on making orders of constant cids without the feature', () => {
    const life = lives()
    const refused = life.login().place({ valid_until: 1 })
    expect(refused).toMatchObject({ result: false, unknown: false })
    const plain = { access_key: 'the-key-of-a-plain-client', features: undefined }
    const numbers = [life.login(plain).place().order_no]
    for (let nth = 0; nth < 2; nth++) {
      life.restart()
      expect(life.login().place()).toEqual(refused)
      numbers.push(life.login(plain).place().order_no)
    }
    expect(new Set(numbers).size).toBe(3)
  })

  it('has the same accounts, balances, orders and positions, to the last digit, whatever its market did', () => {
    const life = lives({ market: 'synthetic', seed: 7 })
    const anna = life.login()
    anna.place({ cid: 'a', order_type: 'MARKET', price: 0, quantity: 1_000 })
    for (let i = 0; i < 20; i++) {
      anna.place({ cid: `b${i}`, price: 59_000 + 60 * i, quantity: 0.01 })
      life.scheduler.advanceBy(2_000)
    }
    const seen = () => {
      const exchange = life.exchange()
      const account = exchange
        .exactBalances()
        .map((balance) => balance.account)
        .find((name) => name.startsWith('paper-'))!
      return {
        balances: exchange.exactBalances(),
        open: exchange.openOrders(account, 'BTC/USDT'),
        faults: exchange.audit(),
      }
    }
    const before = seen()
    expect(before.faults).toEqual([])
    life.restart()
    expect(seen()).toEqual(before)
  })

  it('has the same futures positions, margins and orders', () => {
    const life = lives({ market: 'synthetic', seed: 7 })
    const anna = life.login({ platform: 'huobi_future' })
    const ask = (op: string) => anna.client.ask({ op, cid: op, token: anna.reply.token, symbol: 'BTC/USDT' })[0]!.data
    anna.place({ cid: 'a', order_type: 'MARKET', price: 0, quantity: 5 })
    anna.place({ cid: 'b', action: 'SELL', order_type: 'MARKET', price: 0, quantity: -3 })
    anna.place({ cid: 'c', price: 40_000, quantity: 2 })
    life.scheduler.advanceBy(10_000)
    const exchange = () => life.exchange('huobi_future')
    const account = exchange()
      .exactBalances()
      .map((balance) => balance.account)
      .find((name) => name.startsWith('paper-'))!
    const seen = () => ({
      balances: exchange().exactBalances(),
      position: exchange().position(account, 'BTC/USDT'),
      open: exchange().openOrders(account, 'BTC/USDT'),
      faults: exchange().audit(),
    })
    const before = seen()
    expect(before.position).toEqual(ask('position'))
    expect(before).toMatchObject({ position: { long_quantity: 5, short_quantity: 3 }, open: [{}], faults: [] })
    life.restart()
    expect(seen()).toEqual(before)
  })

  it('replies to a cid as it did, be it to an order or to a refusal, and makes no second order', () => {
    const life = lives()
    const anna = life.login()
    const placed = anna.place()
    const poor = anna.place({ cid: 'q', quantity: 1_000 })
    const late = anna.place({ cid: 'r', valid_until: 1 })
    expect([poor.result, late.result]).toEqual([false, false])
    life.restart()
    const again = life.login()
    expect(again.place()).toEqual(placed)
    expect(again.place({ cid: 'q', quantity: 1_000 })).toEqual(poor)
    expect(again.place({ cid: 'r' })).toEqual(late)
    expect(again.place({ price: 49_000 })).toMatchObject({ error_message: expect.stringContaining('used before') })
    expect(
      life
        .exchange()
        .exactBalances()
        .filter(({ locked }) => Number(locked) > 0),
    ).toMatchObject([{ locked: expect.stringMatching(/^500\b/) }])
  })

  it('has the same epoch, goes on counting its notices, and resumes', () => {
    const life = lives()
    const anna = life.login()
    const { epoch } = anna.reply
    const seq = Number(anna.reply.seq)
    anna.place()
    anna.place({ cid: 'q' })
    life.restart()
    const again = life.login({ resume: seq + 1 })
    expect(again.reply).toMatchObject({ epoch, seq: seq + 2, resume: 'complete' })
    expect(again.client.frames.map(({ data }) => data?.seq).filter(Boolean)).toEqual([seq + 2])
  })

  it('gives new orders numbers that it has not given before', () => {
    const life = lives()
    const before = life.login().place()
    life.restart()
    expect(life.login().place({ cid: 'q' }).order_no).not.toBe(before.order_no)
  })

  it('has another epoch with another folder: it knows nothing there', () => {
    const before = lives().login().reply.epoch
    expect(lives({ journal: join(folder, 'another') }).login().reply.epoch).not.toBe(before)
  })

  it('gives our client its reply, and says that nothing was lost', () => {
    const world = new PaperWorld({ journal: folder })
    const anna = world.login('the-key-of-anna')
    const gaps: unknown[] = []
    anna.gap$.subscribe(({ recovered, missing }) => gaps.push([recovered, missing.length]))
    world.cutAt = ({ op }) => {
      if (op === 'place_order') world.scheduler.schedule(() => world.restart())
      return op === 'place_order'
    }
    const placed = world.soon(anna.placeOrder(order).pipe(outcome()), 60_000)
    const open = world.soon(anna.openOrders('BTC/USDT'))
    expect(open).toHaveLength(1)
    expect(placed).toMatchObject({ _tag: 'Done', value: { order_no: open[0]!.order_no } })
    expect(gaps).toEqual([[true, 0]])
  })
})

describe('the files of a journal', () => {
  it('may end within a line at any byte: what was torn was never done, and what stands is whole', () => {
    const life = lives()
    life.login().place()
    const lines = readFileSync(firstLog(), 'utf8').split('\n')
    const last = lines.at(-2)!
    const head = lines.slice(0, -2).join('\n') + '\n'
    const headOfTheKilled = readFileSync(join(folder, 'huobi', 'head.json'))
    expect(last).toContain('"place"')
    for (let cut = 0; cut < last.length; cut += 7) {
      life.restart(() => {
        writeFileSync(firstLog(), head + last.slice(0, cut))
        writeFileSync(join(folder, 'huobi', 'head.json'), headOfTheKilled)
      })
      expect(readFileSync(firstLog(), 'utf8')).toBe(head)
      expect(
        life
          .exchange()
          .exactBalances()
          .every(({ locked }) => Number(locked) === 0),
      ).toBe(true)
    }
    expect(life.login().place()).toMatchObject({ result: true })
  })

  it.each([
    ['an entry in the middle that is none', (text: string) => text.replace('"command"', '"nonsense"')],
    ['another first line', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['other symbols', (text: string) => text.replace(/"traded":"[^"]*"/, '"traded":"x"')],
  ])('are refused in words with %s', (_, spoil) => {
    const life = lives()
    life.login().place()
    writeFileSync(firstLog(), spoil(readFileSync(firstLog(), 'utf8')))
    expect(() => life.restart()).toThrow(JournalUnusable)
  })

  it.each<[string, PaperOptions]>([
    ['self-trades', { selfTrade: 'cancel-both' }],
    ['open orders', { mostOpenOrders: 1 }],
  ])('are refused in words under another rule for %s, by which other things would have happened', (_, rule) => {
    lives().close()
    expect(() => lives(rule)).toThrow('was written for other symbols, fees or rules')
  })

  it('hold no key', () => {
    const life = lives()
    life.login().place()
    expect(readFileSync(firstLog(), 'utf8')).not.toMatch(/an-access-key|a-secret-key/)
  })

  it('belong to one gateway: another process that lives is named, one that was killed is not minded', () => {
    const life = lives()
    const path = join(folder, 'huobi', 'lock')
    const startedBy = (pid: number) => () => {
      writeFileSync(path, String(pid))
      paperPlatforms({ market: 'none', journal: folder })
    }
    life.login()
    expect(startedBy(process.pid)).toThrow(`process ${process.pid}`)
    expect(startedBy(process.ppid)).toThrow(`process ${process.ppid}`)
    life.close()
    expect(startedBy(2 ** 22 + 1)).not.toThrow()
  })
})

describe('the journal of a gateway that is over is free', () => {
  const options = { port: 0, market: 'none' } as const
  const canBeOpened = () => {
    for (const platform of paperPlatforms({ market: 'none', journal: folder }).values()) platform.close()
  }

  it('after the last subscriber has left', async () => {
    await firstValueFrom(paperGateway({ ...options, journal: folder }))
    expect(canBeOpened).not.toThrow()
  })

  it('where it could not listen', async () => {
    const other = await startPaperGateway(options)
    await expect(startPaperGateway({ ...options, port: other.port, journal: folder })).rejects.toThrow('EADDRINUSE')
    await other.close()
    expect(canBeOpened).not.toThrow()
  })

  it('where that of another of its exchanges cannot be read', () => {
    const spoilt = join(folder, 'okex', '00000001.ndjson')
    canBeOpened()
    writeFileSync(spoilt, 'nonsense\n')
    expect(canBeOpened).toThrow(JournalUnusable)
    rmSync(join(folder, 'okex'), { recursive: true })
    expect(canBeOpened).not.toThrow()
  })
})

describe('a journal that was closed', () => {
  it('takes nothing more: orders are refused in words', () => {
    const life = lives()
    const anna = life.login()
    const before = readFileSync(firstLog(), 'utf8')
    life.close()
    expect(anna.place()).toMatchObject({ result: false, error_message: expect.stringContaining('closed') })
    expect(readFileSync(firstLog(), 'utf8')).toBe(before)
  })
})

describe('a journal that cannot be written', () => {
  let full: false | 'nothing' | 'half'
  const journalOptions: FileVenueJournalOptions = {
    disk: {
      write: (file, bytes) => {
        if (full === 'nothing') throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        return writeSync(file, full === 'half' ? bytes.subarray(0, bytes.length / 2) : bytes)
      },
      truncate: (_, length) => {
        const text = readFileSync(firstLog())
        writeFileSync(firstLog(), text.subarray(0, length))
      },
      flush: fsyncSync,
      rename: renameSync,
    },
  }
  beforeEach(() => {
    full = false
  })

  it.each(['nothing', 'half'] as const)(
    '(%s is taken) refuses orders in words, does nothing by half, and goes on once it can',
    (how) => {
      const life = lives({ journalOptions })
      const anna = life.login()
      anna.place({ cid: 'a' })
      const before = { text: readFileSync(firstLog(), 'utf8'), balances: life.exchange().exactBalances() }
      full = how
      expect(anna.place({ cid: 'b' })).toMatchObject({
        result: false,
        unknown: false,
        error_message: expect.stringContaining('journal cannot be written'),
      })
      expect({ text: readFileSync(firstLog(), 'utf8'), balances: life.exchange().exactBalances() }).toEqual(before)
      full = false
      expect(anna.place({ cid: 'c' })).toMatchObject({ result: true })
      const after = life.exchange().exactBalances()
      life.restart()
      expect(life.exchange().exactBalances()).toEqual(after)
    },
  )

  it('opens no account: the login learns that it cannot connect', () => {
    const life = lives({ journalOptions })
    full = 'nothing'
    expect(life.login().client.frames.map(({ op, code }) => code ?? op)).toEqual(['login', 3])
  })

  it('because it has reached its size refuses orders in words', () => {
    const life = lives({ journalOptions: { mostBytes: 2_000 } })
    const anna = life.login()
    const replies = Array.from({ length: 20 }, (_, i) => anna.place({ cid: `c${i}` }))
    expect(replies.at(-1)).toMatchObject({ result: false, error_message: expect.stringContaining('2000 bytes') })
    expect(readFileSync(firstLog()).length).toBeLessThan(2_500)
  })
})

describe('a journal and what is traded', () => {
  const spot = (base: string): NonNullable<PaperOptions['platforms']> =>
    new Map([
      [
        'huobi',
        [
          {
            ...{ symbol: `${base}/USDT`, kind: 'spot', base, quote: 'USDT', priceTick: '0.01', sizeTick: '0.1' },
            ...{ sizeLimit: '0.1', valueTick: '0.01', valueLimit: '1', makerFee: '0', takerFee: '0' },
          },
        ],
      ],
    ])

  it('is not to blame for a symbol that cannot be, and no folder is made for it', () => {
    const make = () => paperPlatforms({ market: 'none', journal: folder, platforms: spot('A B') })
    expect(make).toThrow(RangeError)
    expect(make).not.toThrow(JournalUnusable)
    expect(make).toThrow('"A B" is not a currency')
    expect(existsSync(join(folder, 'huobi'))).toBe(false)
  })

  it('keeps recorded trades, books and takes of a symbol of any script', () => {
    const symbol = '币安人生/USDT'
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler)
    const market$ = new Subject<MarketEvent>()
    const born = () =>
      paperPlatforms({ market: () => market$, journal: folder, platforms: spot('币安人生'), scheduler, clock }).get(
        'huobi',
      )!
    const first = born()
    const playing = first.background$?.subscribe()
    market$.next({ type: 'quote', symbol, bids: [[9, 2]], asks: [[10, 4]], timestamp: 1, updateId: 1 })
    market$.next({ type: 'take', symbol, action: 'BUY', price: 10, quantity: 1, timestamp: 2 })
    market$.next({ type: 'trade', symbol, action: 'SELL', price: 9.005, quantity: 0.25, timestamp: 3 })
    playing?.unsubscribe()
    const before = [first.exchange.state(), first.exchange.ticker(symbol)]
    expect(first.exchange.ticker(symbol)).toMatchObject({ bid: 9, ask: 10, last: 9.005 })
    first.close()
    const second = born()
    expect([second.exchange.state(), second.exchange.ticker(symbol)]).toEqual(before)
    second.close()
  })
})
