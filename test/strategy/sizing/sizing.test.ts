import { describe, expect, it } from '@jest/globals'
import Big from 'big.js'
import fc from 'fast-check'
import {
  notionalSize,
  riskBasedSize,
  cancel,
  closeLong,
  closeShort,
  roundToIncrements,
  iocBuy,
  iocSell,
  limitBuy,
  limitSell,
  marketBuyCost,
  marketSell,
  openLong,
  openShort,
  type PlaceOrder,
  toTarget,
} from '../../../src/strategy/index.js'
import { roundToStep, roundPrice, roundQuantity } from '../../../src/strategy/sizing/index.js'
import { info } from '../fake-account.js'

const numbers = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
const steps = fc.constantFrom(1, 5, 0.5, 0.1, 0.01, 0.025, 1e-8, 100)

describe('putting a number on a step', () => {
  it('is done in decimals', () => {
    expect(roundToStep(0.3, 0.1, 'down')).toBe(0.3)
    expect(roundToStep(0.3, 0.1, 'up')).toBe(0.3)
    expect(roundToStep(1.15, 0.05, 'down')).toBe(1.15)
    expect(roundToStep(0.1 + 0.2, 0.1, 'down')).toBe(0.3)
    expect(roundToStep(4.35, 0.01, 'up')).toBe(4.35)
  })

  it('gives a multiple of the step on the asked side, less than a step away', () => {
    fc.assert(
      fc.property(numbers, steps, fc.constantFrom('down', 'up'), (value, step, direction) => {
        const put = new Big(roundToStep(value, step, direction))
        expect(put.mod(step).toNumber()).toBe(0)
        const moved = put.minus(value).times(direction === 'up' ? 1 : -1)
        expect(moved.gte(0)).toBe(true)
        expect(moved.lt(step)).toBe(true)
      }),
    )
  })

  it('leaves it alone where there is none', () => {
    expect(roundToStep(1.234, null, 'down')).toBe(1.234)
    expect(roundToStep(1.234, 0, 'up')).toBe(1.234)
  })

  it('moves a buy down, a sell up, a size down', () => {
    expect(roundPrice(info, 'BUY', 100.19)).toBe(100.1)
    expect(roundPrice(info, 'SELL', 100.11)).toBe(100.2)
    expect(roundQuantity(info, 0.0199)).toBe(0.01)
  })
})

describe('fitting an order to its symbol', () => {
  const words = (intent: PlaceOrder, price?: number) => {
    const fitted = roundToIncrements(info, intent, price)
    return fitted._tag === 'Fits' ? fitted.intent : `${fitted.reason}: ${fitted.words}`
  }

  it('puts price and size on tick and lot', () => {
    expect(words(limitBuy('A', 100.19, 0.129))).toEqual(limitBuy('A', 100.1, 0.12))
    expect(words(limitSell('A', 100.11, 0.129))).toEqual(limitSell('A', 100.2, 0.12))
    expect(words(marketSell('A', 0.129), 1_000)).toEqual(marketSell('A', 0.12))
  })

  it('says in words what is too small', () => {
    expect(words(limitBuy('A', 100, 0.009))).toBe('below-step: A: 0.009 is below the lot 0.01')
    expect(words(limitBuy('A', 0.05, 1))).toBe('below-step: A: the price 0.05 is below the tick 0.1')
    expect(words(limitBuy('A', 100, 0.04))).toBe('below-value-limit: A: 0.04 at 100 is worth 4, below the minimum 5')
    expect(words(marketSell('A', 0.04), 100)).toBe('below-value-limit: A: 0.04 at 100 is worth 4, below the minimum 5')
    expect(words(marketBuyCost('A', 4))).toBe('below-value-limit: A: 4 USDT is below the minimum 5')
    expect(words(limitBuy('A', -1, 1))).toBe('invalid: price must be above 0, not -1')
    const least = roundToIncrements({ ...info, size_limit: 1 }, limitBuy('A', 100, 0.5))
    expect(least).toMatchObject({ reason: 'below-size-limit', words: 'A: 0.5 is below the minimum order size 1' })
  })

  it('knows no limit where the server knows none', () => {
    const free = { ...info, size_limit: null, value_limit: null, value_tick: null }
    expect(roundToIncrements(free, limitBuy('A', 0.1, 0.01))._tag).toBe('Fits')
    expect(roundToIncrements(free, marketBuyCost('A', 0.001))._tag).toBe('Fits')
  })

  it('does not judge what contracts are worth', () => {
    expect(roundToIncrements(info, openLong('A', 1, { price: 1 }))._tag).toBe('Fits')
  })
})

describe('a size', () => {
  it('by notional is what the money buys', () => {
    expect(notionalSize(100, 40_000)).toBe(0.0025)
    expect(notionalSize(100, 0)).toBe(0)
  })

  it('by risk loses just the budget at the stop', () => {
    expect(riskBasedSize({ equity: 10_000, fraction: 0.01, entry: 100, stop: 98 })).toBe(50)
    expect(riskBasedSize({ equity: 10_000, fraction: 0.01, entry: 98, stop: 100 })).toBe(50)
    expect(riskBasedSize({ equity: 10_000, fraction: 0.01, entry: 100, stop: 100 })).toBe(0)
    expect(riskBasedSize({ equity: -5, fraction: 0.01, entry: 100, stop: 98 })).toBe(0)
  })

  const odd = fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 1, 2.5, 1e-300, 1e300)

  it.each(['equity', 'fraction', 'entry', 'stop'] as const)('by risk names %s where it is not a number', (name) => {
    const budget = { equity: 10_000, fraction: 0.01, entry: 100, stop: 98 }
    for (const none of [NaN, Infinity, -Infinity])
      expect(() => riskBasedSize({ ...budget, [name]: none })).toThrow(
        new RangeError(`${name} should be a number, but is ${none}`),
      )
  })

  it('is a number of at least 0 or an error in words, whatever goes in', () => {
    const sound = (size: () => number) => {
      try {
        expect(size()).toBeGreaterThanOrEqual(0)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        expect((error as Error).message).not.toMatch(/big\.js/)
      }
    }
    fc.assert(
      fc.property(odd, odd, odd, odd, (equity, fraction, entry, stop) => {
        sound(() => riskBasedSize({ equity, fraction, entry, stop }))
        sound(() => notionalSize(equity, entry))
      }),
    )
  })

  it('of a fit or of the way to a target is an order, a refusal in words or a RangeError, whatever goes in', () => {
    const order_type = fc.constantFrom('LIMIT', 'IOC', 'MARKET')
    fc.assert(
      fc.property(odd, odd, odd, odd, order_type, fc.boolean(), (target, position, price, remain, type, isOpen) => {
        roundToIncrements(info, { ...limitBuy('A', price, target), order_type: type }, position)
        roundToIncrements(info, { ...marketSell('A', target), order_type: type }, price)
        const working = isOpen ? [{ order_no: '1', action: 'BUY', remain }] : []
        try {
          toTarget({ symbol: 'A', info, target, position, working, price, order_type: type })
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          expect((error as Error).message).toMatch(/should be a number, but is/)
        }
      }),
    )
  })
})

describe('the way to a target', () => {
  const at = { symbol: 'A', info, price: 100 }
  const buying = (order_no: string, remain: number) => ({ order_no, action: 'BUY', remain })
  const selling = (order_no: string, remain: number) => ({ order_no, action: 'SELL', remain })

  it('is what is missing', () => {
    expect(toTarget({ ...at, target: 1, position: 0.4, working: [] }).intents).toEqual([limitBuy('A', 100, 0.6)])
    expect(toTarget({ ...at, target: 0, position: 0.4, working: [] }).intents).toEqual([limitSell('A', 100, 0.4)])
    expect(toTarget({ ...at, target: -1, position: 0, working: [], order_type: 'IOC' }).intents).toEqual([
      iocSell('A', 100, 1),
    ])
    expect(toTarget({ ...at, target: 1, position: 0, working: [], order_type: 'MARKET' }).intents).toEqual([
      marketBuyCost('A', 100),
    ])
  })

  it('buys at the market for a quantity, and never more, where slippage is bounded', () => {
    const toward = { ...at, target: 1, position: 0, working: [], order_type: 'MARKET', maxSlippage: 0.01 } as const
    expect(toTarget(toward).intents).toEqual([iocBuy('A', 101, 1)])
    expect(toTarget({ ...toward, target: -1 }).intents).toEqual([marketSell('A', 1)])
  })

  it('counts what works already', () => {
    const round = toTarget({ ...at, target: 1, position: 0.4, working: [buying('1', 0.5)] })
    expect(round.intents).toEqual([limitBuy('A', 100, 0.1)])
    expect(toTarget({ ...at, target: 1, position: 0.4, working: [buying('1', 0.6)] }).intents).toEqual([])
  })

  it('first cancels what works against it or overshoots, and places nothing in that round', () => {
    expect(toTarget({ ...at, target: 1, position: 0, working: [selling('1', 1), buying('2', 0.5)] }).intents).toEqual([
      cancel('A', '1'),
    ])
    expect(toTarget({ ...at, target: 1, position: 0.5, working: [buying('1', 0.6)] }).intents).toEqual([
      cancel('A', '1'),
    ])
    expect(toTarget({ ...at, target: 1, position: 1, working: [buying('1', 0.1)] }).intents).toEqual([cancel('A', '1')])
  })

  it('leaves a rest that is too small, in words', () => {
    expect(toTarget({ ...at, target: 1, position: 0.96, working: [] })).toEqual({
      intents: [],
      refused: ['A: 0.04 at 100 is worth 4, below the minimum 5'],
    })
    expect(toTarget({ ...at, target: 1, position: 0.995, working: [] })).toEqual({ intents: [], refused: [] })
  })

  it('of contracts closes the one side before it opens the other', () => {
    const terms = { price: 100, order_type: 'LIMIT' } as const
    const long = toTarget({ ...at, target: 2, position: { long: 0, short: 1 }, working: [] })
    expect(long.intents).toEqual([closeShort('A', 1, terms), openLong('A', 2, terms)])
    const short = toTarget({ ...at, target: -1, position: { long: 3, short: 0 }, working: [], order_type: 'MARKET' })
    expect(short.intents).toEqual([closeLong('A', 3), openShort('A', 1)])
  })

  it('is never overshot, whatever works and however it fills', () => {
    const working = fc.array(
      fc.record({
        order_no: fc.uuid(),
        action: fc.constantFrom('BUY', 'SELL'),
        remain: fc.integer({ min: 1, max: 500 }).map((n) => n / 100),
      }),
      { maxLength: 4 },
    )
    const quantity = fc.integer({ min: -1_000, max: 1_000 }).map((n) => n / 100)
    fc.assert(
      fc.property(quantity, quantity, working, (target, position, open) => {
        const { intents } = toTarget({ ...at, target, position, working: open })
        const placed = intents.flatMap((intent) => (intent._tag === 'Place' ? [intent] : []))
        const kinds = new Set(intents.map(({ _tag }) => _tag))
        expect(kinds.size).toBeLessThanOrEqual(1)
        const signed = [
          ...placed.map(({ action, quantity: size }) => (action === 'BUY' ? size : -size)),
          ...(placed.length > 0 ? open.map(({ action, remain }) => (action === 'BUY' ? remain : -remain)) : []),
        ]
        const final = signed.reduce((sum, size) => sum.plus(size), new Big(position))
        if (placed.length === 0) return
        expect(final.minus(position).times(new Big(target).minus(final)).gte(0)).toBe(true)
      }),
    )
  })
})
