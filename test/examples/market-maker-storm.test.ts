import { describe, expect, it } from '@jest/globals'
import { auditTime, filter, map } from 'rxjs'
import marketMaker from '../../examples/market-maker.js'
import { Ticker } from '../../src/protocol/index.js'
import { keepQuotes, type KeepQuotesOptions, strategy } from '../../src/strategy/index.js'
import { inPaperWorld, type PaperWorld, slowMarket } from './paper-world.js'

const doubled = (world: PaperWorld): boolean =>
  ['BUY', 'SELL'].some((action) => world.openOrders('huobi').filter((order) => order.action === action).length > 1)

/** Drops the socket when an order has reached the exchange and its reply has not reached us: the worst instant there is. */
const dropWithOrderInFlight = (world: PaperWorld): boolean => {
  for (let n = 0; n < 60_000; n += 1) {
    world.advance(1)
    const known = world.of('Placed').length - world.of('Ended').length
    if (world.openOrders('huobi').length <= known) continue
    world.drop()
    return true
  }
  return false
}

/** How many of the drops hit, and whether two orders were ever seen on one side. */
const storm = (world: PaperWorld, drops: number) => {
  let hit = 0
  let double = false
  for (let n = 0; n < drops; n += 1) {
    if (dropWithOrderInFlight(world)) hit += 1
    for (let step = 0; step < 200; step += 1) {
      world.advance(100)
      double ||= doubled(world)
    }
  }
  return { hit, double }
}

/** A maker without a risk gate. */
const bareMaker = (options: Partial<KeepQuotesOptions>) =>
  strategy({
    logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] }],
    run: (account) => {
      return account.topic$('ticker', Ticker).pipe(
        filter(({ bid, ask }) => bid > 0 && ask > 0),
        map(({ bid, ask }) => (bid + ask) / 2),
        auditTime(500),
        map((mid) => ({
          bid: { price: Math.round(mid * 0.998), quantity: 0.01 },
          ask: { price: Math.round(mid * 1.002), quantity: 0.01 },
        })),
        keepQuotes(account, { symbol: 'BTC/USDT', tolerance: 10, ...options }),
      )
    },
  })

// Orders of deployed servers do not carry our cids: then nothing tells which order an unknown one was.
describe('a market maker whose socket falls when an order is in flight', () => {
  it('never has more than its quoted size open, and goes on quoting', () => {
    inPaperWorld(marketMaker, { market: slowMarket(5) }, (world) => {
      const { hit, double } = storm(world, 8)
      expect(world.errors).toEqual([])
      expect(hit).toBe(8)
      expect(double).toBe(false)
      const before = world.of('Placed').length
      world.advance(30_000)
      expect(world.of('Placed').length).toBeGreaterThan(before)
      expect(world.faults()).toEqual([])
    })
  })

  it('stands still, rather than quote double, when nothing tells what became of its order', () => {
    inPaperWorld(bareMaker({}), { market: slowMarket(5), hideCids: true }, (world) => {
      const { hit, double } = storm(world, 2)
      expect(hit).toBeGreaterThan(0)
      expect(double).toBe(false)
      expect(world.of('NotSent').map(({ reason }) => reason)).toContain('unsettled')
    })
  })

  it('quotes double as soon as that guard is taken away', () => {
    inPaperWorld(bareMaker({ onUnknown: 'continue' }), { market: slowMarket(5), hideCids: true }, (world) => {
      expect(storm(world, 2).double).toBe(true)
    })
  })
})
