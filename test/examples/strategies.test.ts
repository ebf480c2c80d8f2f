import { describe, expect, it } from '@jest/globals'
import arbitrage from '../../examples/arbitrage.js'
import marketMaker from '../../examples/market-maker.js'
import meanReversion from '../../examples/mean-reversion.js'
import trendFollower from '../../examples/trend-follower.js'
import twap from '../../examples/twap.js'
import { inPaperWorld, type PaperWorld, slowMarket } from './paper-world.js'

const minute = 60_000

describe('TWAP', () => {
  it('buys its amount in slices over a minute, and completes', () => {
    inPaperWorld(twap, {}, (world) => {
      world.advance(5_000)
      expect(world.balance('huobi', 'BTC')).toBeGreaterThan(5)
      expect(world.balance('huobi', 'BTC')).toBeLessThan(5.03)
      world.advance(2 * minute)
      const bought = world.of('Filled').reduce((sum, { fill }) => sum + fill.quantity, 0)
      expect(world.errors).toEqual([])
      // The fee of 0.2 % is taken in base currency: the target is what is held.
      expect(bought * (1 - 0.002)).toBeCloseTo(0.1, 4)
      expect(world.completed).toBe(true)
      expect(new Set(world.of('Placed').map(({ order_no }) => order_no)).size).toBeGreaterThanOrEqual(20)
      expect(world.openOrders('huobi')).toEqual([])
      expect(world.faults()).toEqual([])
    })
  })
})

describe('mean reversion', () => {
  it('never holds more than its size, and trades both ways in four hours', () => {
    inPaperWorld(meanReversion, { market: slowMarket(3) }, (world) => {
      let most = 0
      let least = Infinity
      for (let n = 0; n < 240; n += 1) {
        world.advance(minute)
        most = Math.max(most, world.balance('huobi', 'BTC') - 5)
        least = Math.min(least, world.balance('huobi', 'BTC') - 5)
      }
      expect(world.errors).toEqual([])
      expect(world.of('Filled').map(({ fill }) => fill.side)).toEqual(expect.arrayContaining(['BUY', 'SELL']))
      expect(most).toBeLessThanOrEqual(0.01)
      expect(most).toBeGreaterThan(0)
      // The fee of a purchase is taken from what is bought, so a sale of the whole goes into what was there before.
      expect(least).toBeGreaterThan(-0.01)
      expect(world.faults()).toEqual([])
    })
  })
})

describe('the market maker', () => {
  const shown = (world: PaperWorld) => world.openOrders('huobi')

  it('shows at most one order of its size on each side, and is filled on both', () => {
    inPaperWorld(marketMaker, { market: slowMarket(5, {}, 500) }, (world) => {
      for (let n = 0; n < 1_200; n += 1) {
        world.advance(1_000)
        const orders = shown(world)
        for (const action of ['BUY', 'SELL']) {
          expect(orders.filter((order) => order.action === action).length).toBeLessThanOrEqual(1)
        }
        for (const { remain } of orders) expect(remain).toBeLessThanOrEqual(0.01)
      }
      expect(world.errors).toEqual([])
      expect(new Set(world.of('Filled').map(({ fill }) => fill.side))).toEqual(new Set(['BUY', 'SELL']))
      expect(Math.abs(world.balance('huobi', 'BTC') - 5)).toBeLessThanOrEqual(0.051)
      expect(world.faults()).toEqual([])
    })
  })

  it('leaves nothing in the book when it is stopped', () => {
    inPaperWorld(marketMaker, {}, (world) => {
      world.advance(10_000)
      expect(shown(world)).toHaveLength(2)
      world.stop()
      expect(shown(world)).toEqual([])
    })
  })
})

describe('the trend follower', () => {
  it('opens and closes both sides of a contract, and never holds more than its size on either', () => {
    inPaperWorld(trendFollower, { market: slowMarket(2) }, (world) => {
      const held = { long: 0, short: 0 }
      world.advance(4 * 60 * minute)
      expect(world.errors).toEqual([])
      for (const { intent, fill } of world.of('Filled')) {
        const onShort = (intent.offset === 'open') === (intent.action === 'SELL')
        const change = intent.offset === 'open' ? fill.quantity : -fill.quantity
        held[onShort ? 'short' : 'long'] += change
        expect(Math.min(held.long, held.short)).toBeGreaterThanOrEqual(0)
        expect(Math.max(held.long, held.short)).toBeLessThanOrEqual(10)
      }
      const ways = new Set(world.of('Filled').map(({ intent }) => `${intent.action} ${intent.offset ?? ''}`))
      expect([...ways].sort()).toEqual(['BUY close', 'BUY open', 'SELL close', 'SELL open'])
      expect(world.of('Rejected')).toEqual([])
      expect(world.faults()).toEqual([])
    })
  })
})

describe('arbitrage', () => {
  it('does nothing while the gap does not pay', () => {
    inPaperWorld(arbitrage, { market: slowMarket(1, { huobi: 60_000, okex: 60_100 }) }, (world) => {
      world.advance(minute)
      expect(world.errors).toEqual([])
      expect(world.outcomes).toEqual([])
    })
  })

  it('buys where it is cheap and sells where it is dear, as much here as there, and gains by it', () => {
    inPaperWorld(arbitrage, { market: slowMarket(1, { huobi: 60_000, okex: 60_600 }) }, (world) => {
      world.advance(10_000)
      expect(world.errors).toEqual([])
      const bought = world.of('Filled').filter(({ fill }) => fill.side === 'BUY')
      const sold = world.of('Filled').filter(({ fill }) => fill.side === 'SELL')
      expect(bought.length).toBeGreaterThan(0)
      const amount = (fills: typeof bought) => fills.reduce((sum, { fill }) => sum + fill.quantity, 0)
      expect(amount(bought)).toBeCloseTo(amount(sold), 8)
      const worth = (platform: string) => world.balance(platform, 'USDT') + 60_000 * world.balance(platform, 'BTC')
      expect(worth('huobi') + worth('okex')).toBeGreaterThan(2 * (100_000 + 5 * 60_000))
      expect([...world.openOrders('huobi'), ...world.openOrders('okex')]).toEqual([])
      expect(world.faults()).toEqual([])
    })
  })

  it('stops where it holds all that it may, and leaves nothing for the risk gate to refuse', () => {
    inPaperWorld(arbitrage, { market: slowMarket(1, { huobi: 60_000, okex: 60_600 }) }, (world) => {
      world.advance(2 * minute)
      const bought = world.of('Filled').filter(({ fill }) => fill.side === 'BUY')
      expect(bought.reduce((sum, { fill }) => sum + fill.quantity, 0)).toBeCloseTo(0.1, 8)
      expect(world.of('Refused')).toEqual([])
    })
  })
})
