import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { NEVER } from 'rxjs'
import arbitrage from '../../../examples/arbitrage.js'
import emaCross from '../../../examples/ema-cross.js'
import marketMaker from '../../../examples/market-maker.js'
import meanReversion from '../../../examples/mean-reversion.js'
import trendFollower from '../../../examples/trend-follower.js'
import twap from '../../../examples/twap.js'
import twoLogins from '../../../examples/two-logins.js'
import { memoryLink, paperSimulation } from '../../../src/backtest/index.js'
import type { MarketEvent } from '../../../src/market/index.js'
import { type Strategy, strategy } from '../../../src/strategy/index.js'
import { firstDifference } from '../../../src/testing/index.js'
import { randomStrategy } from './random-strategy.js'
import { candleMarket, outcomeOf, quotedMarket, recordedBookMarket } from './worlds.js'

const RUNS = Number(process.env['LANE_RUNS'] ?? 3)

const inBoth = async (strategyOf: () => Strategy, market: readonly MarketEvent[]) => {
  const [wire, direct] = [
    await outcomeOf(strategyOf(), market, { lane: 'wire' }),
    await outcomeOf(strategyOf(), market, { lane: 'direct' }),
  ]
  expect(firstDifference(wire.log, direct.log, { names: ['wire', 'direct'] })?.message).toBeUndefined()
  expect(direct).toEqual(wire)
  expect(wire.left.faults).toEqual([])
  return wire
}

describe('the direct lane', () => {
  it.each<[string, Strategy, MarketEvent[]]>([
    ['EMA cross', emaCross, candleMarket(3, 40)],
    ['market maker', marketMaker, quotedMarket(7, 30_000)],
    ['market maker on a recorded book', marketMaker, recordedBookMarket(7, 200)],
    ['mean reversion', meanReversion, candleMarket(5, 40)],
    ['TWAP', twap, quotedMarket(7, 65_000)],
    ['two logins', twoLogins, quotedMarket(7, 30_000)],
    ['trend follower on contracts', trendFollower, quotedMarket(4, 14 * 60_000, { 'BTC/USDT': 60_000 }, 3_000)],
    ['arbitrage', arbitrage, quotedMarket(7, 30_000)],
  ])(
    'has the same orders, fills, balances and outputs as the wire: %s',
    async (_, example, market) => {
      await inBoth(() => example, market)
    },
    60_000,
  )

  it.each<[string, (seed: number) => MarketEvent[]]>([
    ['candles', (seed) => candleMarket(seed, 20)],
    ['a synthetic market', (seed) => quotedMarket(seed, 15_000)],
    ['a recorded order book', (seed) => recordedBookMarket(seed, 150)],
  ])(
    'is the wire to the last digit and instant for random strategies on %s',
    async (_, marketOf) => {
      let orders = 0
      await fc.assert(
        fc.asyncProperty(
          fc.nat(),
          fc.subarray(['trade', 'ticker', 'orderbook', 'kline'] as const, { minLength: 1 }),
          fc.constantFrom('huobi', 'huobi_future'),
          fc.integer({ min: 1, max: 12 }),
          async (seed, topics, platform, oneIn) => {
            const hedges = platform === 'huobi_future'
            const settings = { seed, platform, symbol: 'BTC/USDT', topics, oneIn, unit: hedges ? 1 : 0.001, hedges }
            const { log } = await inBoth(() => randomStrategy(settings), marketOf(seed))
            orders += log.events.length
          },
        ),
        { numRuns: RUNS },
      )
      expect(orders).toBeGreaterThan(RUNS)
    },
    120_000,
  )

  it('is left for the wire where a setting of the connection is given', async () => {
    let links = 0
    const idle = strategy({ logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }], run: () => NEVER })
    const link: typeof memoryLink = (context) => {
      links += 1
      return memoryLink(context)
    }
    await outcomeOf(idle, candleMarket(1, 2), { link })
    expect(links).toBe(1)
    expect(() => paperSimulation(idle, { lane: 'direct', link })).toThrow(/lane direct has no connection/)
    expect(() => paperSimulation(idle, { lane: 'direct', latency: {} })).toThrow(/lane direct has no connection/)
    expect(() => paperSimulation(idle, { lane: 'direct' }).drop()).toThrow(/no connection that could drop/)
  })
})
