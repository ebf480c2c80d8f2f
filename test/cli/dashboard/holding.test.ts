import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type PositionSummary,
  holdingAfter,
  nothingHeld,
  unrealisedOf,
} from '../../../src/cli/dashboard/position-summary.js'

type Trade = Parameters<typeof holdingAfter>[1]
const buy = (quantity: number, price: number): Trade => ({ side: 'BUY', quantity, price })
const sell = (quantity: number, price: number): Trade => ({ side: 'SELL', quantity, price })
const after = (...trades: readonly Trade[]): PositionSummary => trades.reduce(holdingAfter, nothingHeld)

describe('what trades have come to', () => {
  it('is held at average cost, and realised when it is sold', () => {
    expect(after(buy(1, 100), buy(1, 110))).toEqual({ quantity: 2, price: 105, realised: 0 })
    expect(after(buy(1, 100), buy(1, 110), sell(1, 120))).toEqual({ quantity: 1, price: 105, realised: 15 })
  })

  it('goes through zero to the other side, at the price of what went through', () => {
    expect(after(buy(1, 100), sell(3, 90))).toEqual({ quantity: -2, price: 90, realised: -10 })
    expect(after(sell(2, 90), buy(2, 80))).toEqual({ quantity: 0, price: 0, realised: 20 })
  })

  it('is the money that came in and what is left at the last price, whatever was traded', () => {
    const trade = fc.record({
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      quantity: fc.integer({ min: 1, max: 50 }),
      price: fc.integer({ min: 1, max: 1_000 }),
    })
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 40 }), fc.integer({ min: 1, max: 1_000 }), (trades, last) => {
        const held = after(...trades)
        const [coins, money] = trades.reduce<readonly [number, number]>(
          ([c, m], { side, quantity, price }) => {
            const signed = side === 'BUY' ? quantity : -quantity
            return [c + signed, m - signed * price] as const
          },
          [0, 0],
        )
        expect(held.quantity).toBeCloseTo(coins, 6)
        expect(held.realised + unrealisedOf(held, last)).toBeCloseTo(money + coins * last, 4)
      }),
    )
  })
})
