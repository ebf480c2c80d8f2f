import { describe, expect, it } from '@jest/globals'
import { lastValueFrom } from 'rxjs'
import emaCross from '../../examples/ema-cross.js'
import marketMaker from '../../examples/market-maker.js'
import trendFollower from '../../examples/trend-follower.js'
import twap from '../../examples/twap.js'
import twoLogins from '../../examples/two-logins.js'
import { syntheticEvents } from '../../src/market/index.js'
import type { Strategy } from '../../src/strategy/index.js'
import { firstDifference, type TradeLog } from '../../src/testing/index.js'
import { backtest } from '../../src/backtest/index.js'
import { overSocket } from './socket-world.js'

const market = (seed: number, durationMs = 60_000, moveEveryMs = 400) =>
  syntheticEvents({ seed, startPrices: { 'BTC/USDT': 60_000 }, startMs: Date.UTC(2026, 0, 1), durationMs, moveEveryMs })

const inMemory = async (
  strategy: Strategy,
  seed: number,
  durationMs?: number,
  moveEveryMs?: number,
): Promise<TradeLog> => {
  const end = await lastValueFrom(backtest(strategy, { market: market(seed, durationMs, moveEveryMs) }))
  if (end.type !== 'end') throw new Error('the backtest has no end')
  return end.log
}
const names = { names: ['in memory', 'over the socket'] } as const

describe('one strategy in two worlds', () => {
  it.each<[string, Strategy, number, number, number]>([
    ['EMA cross', emaCross, 7, 60_000, 400],
    ['market maker', marketMaker, 7, 60_000, 400],
    ['TWAP', twap, 7, 65_000, 1_000],
    ['two logins over one socket', twoLogins, 7, 30_000, 1_000],
    ['trend follower on contracts', trendFollower, 4, 14 * 60_000, 3_000],
  ])(
    '%s has the same orders, fills and balances in memory and over a real socket',
    async (_, strategy, seed, durationMs, moveEveryMs) => {
      const memory = await inMemory(strategy, seed, durationMs, moveEveryMs)
      const socket = await overSocket(strategy, { market: market(seed, durationMs, moveEveryMs) })
      expect(firstDifference(memory, socket, names)?.message).toBeUndefined()
      expect(memory).toEqual(socket)
      expect(memory.events.length).toBeGreaterThan(2)
    },
    60_000,
  )

  it('shows the first difference where the market is another one', async () => {
    const found = firstDifference(await inMemory(emaCross, 7), await overSocket(emaCross, { market: market(8) }), names)
    expect(found?.lane).toMatch(/huobi (orders|fills)/)
    expect(found?.message).toMatch(
      /^in memory and over the socket differ at [\d.]+m?s, in event 1 of huobi (orders|fills)/,
    )
  }, 60_000)

  it('shows the first difference where one side takes longer', async () => {
    const found = firstDifference(
      await inMemory(emaCross, 7),
      await overSocket(emaCross, { market: market(7), delayMs: 6 }),
      names,
    )
    expect(found?.message).toMatch(/differ at/)
  }, 60_000)
})

describe('a changed fill', () => {
  it('is shown where it is, between what came before it and after it', async () => {
    const memory = await inMemory(emaCross, 7)
    const place = memory.events.findLastIndex(({ lane }) => lane.endsWith('fills'))
    const events = memory.events.map((told, index) =>
      index === place ? { ...told, value: { ...told.value, quantity: 0.02 } } : told,
    )
    const found = firstDifference(memory, { ...memory, events }, { names: ['as it was', 'changed'] })
    expect(found).toMatchObject({ lane: 'huobi fills', atMs: memory.events[place]?.atMs })
    expect(found?.message).toContain('quantity: 0.01 (as it was), 0.02 (changed)')
  })
})

describe('the first difference', () => {
  const fill = (at: number, quantity: number) => ({
    atMs: at,
    lane: 'huobi fills',
    value: {
      symbol: 'BTC/USDT',
      order_no: '1',
      fill_no: String(at),
      price: 60_000,
      quantity,
      side: 'BUY',
      liquidity: 'TAKER',
      ctime: at,
    } as const,
  })
  const log = (...events: TradeLog['events']): TradeLog => ({ events, balances: { 'huobi BTC': '5' } })

  it('is drawn with the lanes of both runs on one axis', () => {
    const found = firstDifference(
      log(fill(1_000, 1), fill(2_000, 2), fill(3_000, 3)),
      log(fill(1_000, 1), fill(2_000, 2.5), fill(3_000, 3)),
      names,
    )
    expect(found?.message.split('\n')).toEqual([
      'in memory and over the socket differ at 2s, in event 2 of huobi fills; what is before is the same:',
      '',
      '                    1s               2s                 3s',
      '  in memory        ─BUY 1 @ 60000────BUY 2 @ 60000──────BUY 3 @ 60000─',
      '  over the socket  ─BUY 1 @ 60000────BUY 2.5 @ 60000────BUY 3 @ 60000─',
      '                                     ^',
      '',
      '  quantity: 2 (in memory), 2.5 (over the socket)',
    ])
  })

  it('is of a balance when all orders and fills are the same', () => {
    const found = firstDifference(log(fill(1, 1)), { ...log(fill(1, 1)), balances: { 'huobi BTC': '4.9' } }, names)
    expect(found).toEqual({
      lane: 'huobi BTC',
      atMs: undefined,
      message: 'orders and fills are the same, but not huobi BTC in the end: 5 (in memory), 4.9 (over the socket)',
    })
  })

  it('is what is missing, or comes later', () => {
    const missing = firstDifference(log(fill(1, 1), fill(2, 1)), log(fill(1, 1)), names)
    expect(missing?.message).toMatch(/BUY 1 @ 60000 \(in memory\), nothing \(over the socket\)$/)
    const later = firstDifference(log(fill(1, 1)), log({ ...fill(1, 1), atMs: 4 }), names)
    expect(later?.message).toMatch(/the same event at 1ms \(in memory\), 4ms \(over the socket\)$/)
    expect(firstDifference(log(fill(1, 1)), log(fill(1, 1)))).toBeUndefined()
  })
})
