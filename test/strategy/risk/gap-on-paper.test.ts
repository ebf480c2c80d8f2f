import { expect, it } from '@jest/globals'
import { concat, NEVER, of, Subject } from 'rxjs'
import type { MarketEvent } from '../../../src/market/index.js'
import { execute, withRiskLimits, openLong, type RiskState, strategy } from '../../../src/strategy/index.js'
import { inPaperWorld, type PaperWorld } from '../../examples/paper-world.js'

const symbol = 'BTC/USDT'

/** An order for 10 contracts that rests at 59,990, on a server that tells nothing of what was missed. */
const withOneOrder = (
  test: (
    world: PaperWorld,
    market: (event: object) => void,
    told: () => RiskState['symbols'][number] | undefined,
  ) => void,
) => {
  const market$ = new Subject<MarketEvent>()
  let risk: RiskState | undefined
  const oneOrder = strategy({
    logins: [{ platform: 'huobi_future', symbols: [symbol] }],
    run: (account) => {
      const guarded = withRiskLimits(account, {
        contracts: [symbol],
        maxOrderSize: 10,
        maxOrderValue: Infinity,
        maxPosition: 10,
        reference$: of({ symbol, price: 60_000 }),
      })
      guarded.risk.state$.subscribe((state) => (risk = state))
      // It stays: a strategy that ends would cancel its order itself.
      return concat(of(openLong(symbol, 10, { price: 59_990 })), NEVER).pipe(execute(guarded))
    },
  })
  const told = () => risk?.symbols.find((each) => each.symbol === symbol)

  inPaperWorld(oneOrder, { hideCids: true, market: () => market$ }, (world) => {
    const market = (event: object) => market$.next({ symbol, timestamp: world.nowMs, ...event } as MarketEvent)
    world.advance(1_000)
    market({ type: 'quote', bids: [[59_980, 100]], asks: [[60_010, 100]] })
    world.advance(1_000)
    expect(told()).toMatchObject({ long: { min: 0, max: 10 }, working: 1, missed: false })
    test(world, market, told)
    expect(world.errors).toEqual([])
  })
}

it('counts what a contract order filled during a gap by the position, and what it fills afterwards once it has ended', () => {
  withOneOrder((world, market, told) => {
    world.drop()
    market({ type: 'take', action: 'SELL', price: 59_990, quantity: 0.004 })
    expect(world.openOrders('huobi_future')).toMatchObject([{ remain: 6 }])
    world.advance(200)
    expect(told()).toMatchObject({ long: { min: 0, max: 10 } })

    world.advance(10_000)
    expect(told()).toMatchObject({ long: { min: 4, max: 10 }, working: 1, missed: false })
    market({ type: 'take', action: 'SELL', price: 59_990, quantity: 0.001 })
    world.advance(100)
    // That fill may be in the position that was looked up.
    expect(told()).toMatchObject({ long: { min: 4, max: 10 }, working: 1, missed: false })
    market({ type: 'take', action: 'SELL', price: 59_990, quantity: 1 })
    world.advance(2_000)
    expect(told()).toMatchObject({ long: { min: 10, max: 10 }, working: 0, missed: false })
  })
})

it('one that is filled while nobody listens is lost to the strategy, and in the position all the same', () => {
  withOneOrder((world, market, told) => {
    world.drop()
    market({ type: 'take', action: 'SELL', price: 59_990, quantity: 1 })
    expect(world.openOrders('huobi_future')).toEqual([])
    world.advance(10_000)
    expect(world.of('Lost')).toHaveLength(1)
    expect(world.of('Filled')).toEqual([])
    expect(told()).toMatchObject({ long: { min: 10, max: 10 }, working: 0, missing: 0, missed: false })
  })
})
