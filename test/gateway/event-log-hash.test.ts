import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { ExchangeEvent } from '../../src/exchange/index.js'
import {
  type EventLogMark,
  type AdapterSession,
  type PaperPlatform,
  paperPlatforms,
  Secret,
} from '../../src/gateway/index.js'
import { EventLogHash } from '../../src/gateway/paper/event-log-hash.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { build, type Running, rxquant } from '../support/processes.js'
import { PaperWorld } from './paper-world.js'

const told = (nth: number): ExchangeEvent[] => [{ type: 'book', symbol: 'BTC/USDT', timestamp: nth }]

describe('the hash of an event log', () => {
  it('is a chain over its lines that anybody can compute again', () => {
    const log = new EventLogHash()
    log.add(told(1))
    log.add([])
    log.add(told(2))
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const first = sha256(`${sha256('')}[{"type":"book","symbol":"BTC/USDT","timestamp":1}]\n`)
    const second = sha256(`${first}[{"type":"book","symbol":"BTC/USDT","timestamp":2}]\n`)
    expect(log.mark).toEqual({ sha256: second, lines: 2 })
  })

  it('goes on from where another has stopped', () => {
    const whole = new EventLogHash()
    const first = new EventLogHash()
    for (const log of [whole, first]) log.add(told(1))
    const second = new EventLogHash(first.mark)
    for (const log of [whole, second]) log.add(told(2))
    expect(second.mark).toEqual(whole.mark)
  })
})

/** A client that trades against a synthetic market for a minute, all in virtual time. */
const tradedFor = (seed: number): EventLogMark => {
  const world = new PaperWorld({ market: 'synthetic', seed, hash: true, latency: { inMs: 5, outMs: 5, jitterMs: 20 } })
  const anna = world.login('the-key-of-anna')
  for (let nth = 0; nth < 20; nth++) {
    const action = nth % 2 === 0 ? 'BUY' : 'SELL'
    anna.placeOrder({ symbol: 'BTC/USDT', action, price: 60_000, quantity: 0.01, order_type: 'LIMIT' }).subscribe()
    world.scheduler.advanceBy(1_500)
  }
  return world.platforms.get('huobi')!.eventLog!
}

describe('the same seed and input', () => {
  it('give the same event log, byte for byte; another seed gives another', () => {
    const log = tradedFor(7)
    expect(log.lines).toBeGreaterThan(100)
    expect(tradedFor(7)).toEqual(log)
    expect(tradedFor(8)).not.toEqual(log)
  })
})

const bid = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const

describe('across restarts', () => {
  let folder: string
  const running: Running[] = []
  beforeAll(() => build(), 60_000)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxquant-hash-'))
  })
  afterEach(async () => {
    for (const each of running) each.kill('SIGKILL')
    await Promise.all(running.splice(0).map(({ ended }) => ended))
    rmSync(folder, { recursive: true })
  })

  it('the hash of a gateway with a journal is that of one which was never interrupted', () => {
    const hashAfter = (journal: string, restartsAt: readonly number[], compactBytes?: number): EventLogMark => {
      const scheduler = new VirtualScheduler()
      const clock = virtualClock(scheduler)
      let platforms: ReadonlyMap<string, PaperPlatform> = new Map()
      let session: AdapterSession
      const start = (): void => {
        for (const platform of platforms.values()) platform.close()
        const journalOptions = compactBytes === undefined ? {} : { compactBytes }
        platforms = paperPlatforms({ market: 'none', journal, journalOptions, hash: true, scheduler, clock })
        const keys = { accessKey: new Secret('anna'), secretKey: new Secret('secret') }
        session = platforms.get('huobi')!.open({ symbols: ['BTC/USDT'], ...keys, market: [] })
        session.event$.subscribe()
      }
      start()
      for (let nth = 0; nth < 30; nth++) {
        if (restartsAt.includes(nth)) start()
        const action = nth % 3 === 0 ? 'SELL' : 'BUY'
        session!.placeOrder({ ...bid, action, price: 50_000 + (nth % 5), cid: `cid ${nth}` }).subscribe()
        if (nth % 4 === 0) session!.cancelOrder({ symbol: 'BTC/USDT', order_nos: [] }).subscribe()
        scheduler.advanceBy(100)
      }
      return platforms.get('huobi')!.eventLog!
    }
    const uninterrupted = hashAfter(join(folder, 'one'), [])
    expect(uninterrupted.lines).toBe(39)
    expect(hashAfter(join(folder, 'two'), [1, 10, 29])).toEqual(uninterrupted)
    // A snapshot has taken the place of what was written before: the hash goes on from the one that stands in it.
    expect(hashAfter(join(folder, 'three'), [1, 10, 29], 1_000)).toEqual(uninterrupted)
    expect(readdirSync(join(folder, 'three/huobi')).filter((name) => name.endsWith('.snapshot'))).toHaveLength(1)
    expect(existsSync(join(folder, 'three/huobi/00000001.ndjson'))).toBe(false)
  })

  it('another process comes to the same hash from the journal alone', async () => {
    const hashesOf = async (args: readonly string[], bytes: number): Promise<string[]> => {
      const gateway = rxquant(['gateway', '--port', '0', '--hash', '--journal', folder, ...args])
      running.push(gateway)
      await gateway.saying(/listening/)
      while (statSync(join(folder, 'huobi/00000001.ndjson')).size < bytes) await setTimeout(20)
      gateway.kill('SIGTERM')
      const { stdout } = await gateway.ended
      return stdout.split('\n').filter((line) => line.startsWith('event log'))
    }
    const first = await hashesOf(['--speed', '20'], 10_000)
    expect(first).toHaveLength(3)
    expect(first[0]).toMatch(/^event log of huobi: \d{2,} lines, sha256 [0-9a-f]{64}$/)
    // A market that tells nothing for years: what comes out is what was written down.
    const silence = join(folder, 'silence.csv')
    writeFileSync(
      silence,
      'timestamp,symbol,side,price,quantity\n1600000000000,DOGE/USDT,BUY,1,1\n1700000000000,BTC/USDT,BUY,1,1\n',
    )
    expect(await hashesOf(['--market', silence], 0)).toEqual(first)
  }, 60_000)
})
