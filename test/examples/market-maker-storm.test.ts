import { describe, expect, it } from '@jest/globals'
import { auditTime, filter, ignoreElements, map, merge } from 'rxjs'
import marketMaker from '../../examples/market-maker.js'
import { releaseUnknowns } from '../../src/cli/run/release-unknowns.js'
import { Ticker } from '../../src/protocol/index.js'
import { keepQuotes, type KeepQuotesOptions, strategy } from '../../src/strategy/index.js'
import { inPaperWorld, type PaperWorld, slowMarket } from './paper-world.js'
import { stormOf } from './storm-link.js'

/** Quoted on each side, in BTC. */
const size = 0.01

/** The most that was ever open on one side. */
const mostOpen = (world: PaperWorld, minutes: number): number => {
  let most = 0
  for (let at = 0; at < minutes * 60_000; at += 100) {
    world.advance(100)
    const orders = world.openOrders('huobi')
    for (const side of ['BUY', 'SELL']) {
      const open = orders.filter(({ action }) => action === side).reduce((sum, { remain }) => sum + remain, 0)
      most = Math.max(most, Number(open.toFixed(8)))
    }
  }
  return most
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
          bid: { price: Math.round(mid * 0.998), quantity: size },
          ask: { price: Math.round(mid * 1.002), quantity: size },
        })),
        keepQuotes(account, { symbol: 'BTC/USDT', tolerance: 10, ...options }),
      )
    },
  })

describe('a market maker in the storm of the fault tests', () => {
  it.each([1, 2, 3])('never has more than its quoted size open, and goes on quoting (seed %i)', (seed) => {
    const { link, hits } = stormOf(seed)
    inPaperWorld(marketMaker, { market: slowMarket(5), link }, (world) => {
      expect(mostOpen(world, 5)).toBe(size)
      expect(world.errors).toEqual([])
      expect(world.of('Placed').length).toBeGreaterThan(20)
      expect(world.faults()).toEqual([])
    })
    expect(hits.get('aimed at the reply to an order')).toBeGreaterThan(1)
    expect([...hits.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20)
  })

  it.each([4, 5])('still quotes after 25 minutes where no server tells how its orders ended (seed %i)', (seed) => {
    const alone = strategy({
      logins: marketMaker.logins,
      // As `run --exclusive-account` does.
      run: (account) => merge(marketMaker.run(account), releaseUnknowns(account, 60_000).pipe(ignoreElements())),
    })
    const options = { market: slowMarket(5), hideCids: true, exclusiveAccount: true, link: stormOf(seed, 0.05).link }
    inPaperWorld(alone, options, (world) => {
      world.advance(20 * 60_000)
      const early = world.of('Placed').length
      world.advance(5 * 60_000)
      expect(world.of('Placed').length - early).toBeGreaterThan(5)
      // The limit of the example, less the fees in base.
      expect(Math.abs(world.balance('huobi', 'BTC') - 5)).toBeLessThanOrEqual(0.05)
      expect(world.faults()).toEqual([])
    })
  })

  // Orders of deployed servers do not carry our cids: then nothing tells which order an unknown one was.
  it('stands still, rather than quote double, when nothing tells what became of its order', () => {
    inPaperWorld(bareMaker({}), { market: slowMarket(5), hideCids: true, link: stormOf(1).link }, (world) => {
      expect(mostOpen(world, 5)).toBe(size)
      expect(world.of('NotSent').map(({ reason }) => reason)).toContain('unresolved')
    })
  })

  it('quotes double as soon as that guard is taken away', () => {
    inPaperWorld(
      // Which its type does not allow.
      bareMaker({ onUnknown: 'continue' } as never),
      { market: slowMarket(5), hideCids: true, link: stormOf(1).link },
      (world) => {
        expect(mostOpen(world, 5)).toBeGreaterThan(size)
      },
    )
  })
})
