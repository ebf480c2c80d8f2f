import { expect, it } from '@jest/globals'
import Big from 'big.js'
import fc from 'fast-check'
import { concatMap, filter, map, Subject, tap } from 'rxjs'
import type { MarketEvent, BookSnapshotEvent } from '../../src/market/index.js'
import type { SymbolInfo } from '../../src/protocol/index.js'
import {
  roundToIncrements,
  limitBuy,
  limitSell,
  type IntentOutcome,
  reachTarget,
  strategy,
} from '../../src/strategy/index.js'
import { paperSimulation } from '../../src/backtest/simulation/paper-simulation.js'

const symbol = 'BTC/USDT'

const quote = fc.record({
  afterMs: fc.nat(1_500),
  bid: fc.integer({ min: 50_000, max: 70_000 }),
  spread: fc.integer({ min: 1, max: 500 }),
  size: fc.constantFrom(0.001, 0.02, 1),
})

const scene = fc.record({
  quotes: fc.array(quote, { minLength: 2, maxLength: 15 }),
  back: fc.array(quote, { minLength: 1, maxLength: 15 }),
  lots: fc.integer({ min: 1, max: 9_000 }),
  order_type: fc.constantFrom('LIMIT', 'IOC', 'MARKET'),
  delayMs: fc.constantFrom(0, 5, 300, 1_400),
  tellsFees: fc.boolean(),
})

it('goes to a target and back, never beyond it, to within what no order can close, with a bounded number of refusals', () => {
  let traded = 0
  fc.assert(
    fc.property(scene, ({ quotes, back, lots, order_type, delayMs, tellsFees }) => {
      const target = lots / 10_000
      const market$ = new Subject<MarketEvent>()
      const target$ = new Subject<number>()
      const outcomes: IntentOutcome[] = []
      let info: SymbolInfo | undefined
      const price$ = market$.pipe(
        filter((event): event is BookSnapshotEvent => event.type === 'quote'),
        map(({ bids, asks }) => ({ buy: asks?.[0]?.[0] ?? 0, sell: bids?.[0]?.[0] ?? 0 })),
      )
      const untold = map(<A extends object>(fill: A) => ({ ...fill, fee: undefined, fee_currency: undefined }))
      const there = strategy({
        logins: [{ platform: 'huobi', symbols: [symbol] }],
        run: (account) =>
          account.symbolInfo(symbol).pipe(
            tap((found) => (info = found)),
            concatMap(() => {
              const heard = tellsFees ? account : { ...account, fill$: account.fill$.pipe(untold) as never }
              return target$.pipe(reachTarget(heard, { symbol, price$, order_type }))
            }),
          ),
      })
      const world = paperSimulation(
        there,
        { market: () => market$, startBalances: { USDT: 1_000_000 }, delayMs, startPrices: {} },
        { next: (outcome) => outcomes.push(outcome as IntentOutcome) },
      )
      const held = () => {
        // `0.5`, or `0.3 and 0.2 locked`.
        const [free = '0', locked = '0'] = (world.log().balances['huobi BTC'] ?? '0').split(' and ')
        return new Big(free).plus(locked.replace(' locked', '')).toNumber()
      }
      const show = (bid: number, ask: number, size: number) =>
        world.inside(() =>
          market$.next({
            type: 'quote',
            symbol,
            bids: [[bid, size]],
            asks: [[ask, size]],
            timestamp: world.startMs + world.nowMs,
          }),
        )
      const pass = (ms: number) => {
        for (let left = ms; left > 0; left -= 250) {
          world.advanceBy(Math.min(250, left))
          expect(held()).toBeLessThanOrEqual(target)
        }
      }
      const play = (to: number, shown: typeof quotes) => {
        world.inside(() => target$.next(to))
        for (const { afterMs, bid, spread, size } of shown) {
          show(bid, bid + spread, size)
          pass(afterMs)
        }
        for (let n = 0; n < 12; n += 1) {
          show(60_000, 60_001, 10)
          pass(4_000)
        }
      }
      // Until the login stands and the symbol is known.
      pass(20_000)
      play(target, quotes)
      const dust = (missing: number, buys: boolean) => {
        if (info === undefined) throw new Error('the symbol was not looked up')
        if (missing === 0) return true
        const order = buys ? limitBuy(symbol, 60_001, missing) : limitSell(symbol, 60_000, missing)
        return roundToIncrements(info, order)._tag === 'Misfit'
      }
      // Where fees are not told, what they took is not known to be missing.
      // A LIMIT order rests where it is, which may be far from the market.
      const arrives = order_type !== 'LIMIT'
      if (arrives)
        expect(
          dust(Number((target - held()).toFixed(12)), true) || (!tellsFees && target - held() < target / 100),
        ).toBe(true)
      if (held() > 0) traded += 1
      play(0, back)
      if (arrives) expect(dust(held(), false)).toBe(true)
      expect(outcomes.filter(({ _tag }) => _tag === 'Rejected').length).toBeLessThanOrEqual(tellsFees ? 0 : 3)
      expect(outcomes.some(({ _tag }) => _tag === 'Unresolved')).toBe(false)
      world.close()
    }),
    { numRuns: 30 },
  )
  // Or it would prove nothing.
  expect(traded).toBeGreaterThan(15)
})
