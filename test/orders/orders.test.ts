import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  isEnd,
  isFilledWhole,
  isSameQuantity,
  mayFollow,
  orderFault,
  reportedFilled,
  roundSum,
  termsOf,
  transitionOf,
} from '../../src/orders/index.js'
import type { Order } from '../../src/protocol/index.js'

const statuses = ['NONE', 'SUBMITTED', 'PARTIAL-FILLED', 'FILLED', 'CANCELED', 'FAILED', 'LATER-WORD'] as const
const status = fc.constantFrom(...statuses)
const orderIn = (fields: Partial<Order>): Order => ({
  symbol: 'BTC/USDT',
  order_no: '1',
  action: 'BUY',
  order_type: 'LIMIT',
  price: 100,
  quantity: 10,
  remain: 10,
  status: 'SUBMITTED',
  ctime: 1,
  utime: 1,
  ...fields,
})
const order = fc
  .record({ status, remain: fc.integer({ min: 0, max: 10 }), utime: fc.integer({ min: 1, max: 5 }) })
  .map(orderIn)

describe('roundSum', () => {
  const byPrinting = (value: number): number => Number(value.toPrecision(15))
  const decimal = fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 12 }))
    .map(([digits, places]) => digits / 10 ** places)
  /** The neighbours of a decimal in steps of about half a unit of the last place. */
  const nearDecimal = fc.tuple(decimal, fc.integer({ min: -40, max: 40 })).map(([d, n]) => d * (1 + n * 1.2e-16))
  const sumOfProducts = fc
    .array(fc.tuple(decimal, decimal), { maxLength: 5 })
    .map((pairs) => pairs.reduce((total, [a, b]) => total + a * b, 0))
  const any = fc.double()
  const moderate = fc.double({ min: -1e12, max: 1e12, noNaN: true })

  it('gives what printing 15 digits and reading them gives', () => {
    for (const values of [decimal, nearDecimal, sumOfProducts, any, moderate])
      fc.assert(
        fc.property(values, (value) => expect(roundSum(value)).toBe(byPrinting(value))),
        { numRuns: 2_000 },
      )
    for (const edge of [0, -0, 1e5 - 2 ** -36, 1e5, 1e7 - 2 ** -29, 1e7, 1e10, 0.1 + 0.2, 1e-11, 5e-324])
      expect(roundSum(edge)).toBe(byPrinting(edge))
  })
})

describe('an order request', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -1, Number.NaN, Infinity))

  it('is valid exactly if price and quantity are finite, the quantity is not 0 and the price suits the order type', () => {
    fc.assert(
      fc.property(
        number,
        number,
        fc.constantFrom('LIMIT', 'IOC', 'MARKET'),
        fc.boolean(),
        (price, quantity, type, signed) => {
          const isPriced = type === 'MARKET' ? price === 0 : Number.isFinite(price) && price > 0
          const isSized = Number.isFinite(quantity) && (signed ? quantity !== 0 : quantity > 0)
          expect(orderFault({ price, quantity, order_type: type }, signed) === undefined).toBe(isPriced && isSized)
        },
      ),
    )
  })

  it('has the terms of another exactly if all five fields are equal', () => {
    const terms = { symbol: 'A', action: 'BUY', price: 1, quantity: 2, order_type: 'LIMIT' } as const
    expect(termsOf({ ...terms })).toBe(termsOf(terms))
    const others = [{ symbol: 'B' }, { action: 'SELL' }, { price: 2 }, { quantity: -2 }, { order_type: 'IOC' }] as const
    for (const other of others) expect(termsOf({ ...terms, ...other })).not.toBe(termsOf(terms))
  })
})

describe('the status of an order', () => {
  it('is an end for FILLED, CANCELED and FAILED, and open for every other word', () => {
    expect(statuses.filter(isEnd)).toEqual(['FILLED', 'CANCELED', 'FAILED'])
  })

  it('stays once it is an end, but FILLED replaces CANCELED', () => {
    fc.assert(
      fc.property(order, fc.array(order, { maxLength: 12 }), (first, updates) => {
        let known = first
        for (const update of updates) {
          const { kind } = transitionOf(known, update)
          const isTaken = kind === 'applied' || kind === 'repaired'
          // Of two ends that traded nothing the later one stands.
          const isNews = update.status !== known.status && !(isEnd(known.status) && update.status !== 'FILLED')
          if (isNews && isEnd(update.status)) expect(isTaken).toBe(mayFollow(known.status, update.status))
          if (isTaken) known = update
        }
        const ends = [first, ...updates].map((each) => each.status).filter(isEnd)
        if (known.status === 'FILLED') expect(ends).toContain('FILLED')
        // An end is never dropped in favour of an open state.
        expect(isEnd(known.status)).toBe(ends.length > 0)
      }),
    )
  })

  it('after any order of SUBMITTED, CANCELED and FILLED is FILLED', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['SUBMITTED', 'CANCELED', 'FILLED'], { minLength: 3 }),
        ([first = '', ...rest]) => {
          const end = rest.reduce(
            (known, next, i) => {
              const update = orderIn({ status: next, utime: i + 2 })
              const { kind } = transitionOf(known, update)
              return kind === 'applied' || kind === 'repaired' ? update : known
            },
            orderIn({ status: first }),
          )
          expect(end.status).toBe('FILLED')
        },
      ),
    )
  })
})

describe('the filled quantity', () => {
  it('of decimal fills added in any order is that of the whole order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 999_999 }), { minLength: 1, maxLength: 30 }), (lots) => {
        const fills = lots.map((each) => each / 1e6)
        const filled = fills.reduce((a, b) => roundSum(a + b), 0)
        const quantity = lots.reduce((a, b) => a + b) / 1e6
        expect(isSameQuantity(filled, quantity)).toBe(true)
        expect(isFilledWhole(orderIn({ quantity }), filled, undefined)).toBe(true)
        expect(isFilledWhole(orderIn({ quantity: quantity + 1e-6 }), filled, undefined)).toBe(false)
      }),
    )
  })

  it.each([
    ['FILLED', 4, 10],
    ['CANCELED', 4, 6],
    ['CANCELED', 12, 0],
    ['PARTIAL-FILLED', 7, 3],
    ['FAILED', 4, 0],
  ] as const)('of a %s order of 10 with %d remaining is %d', (each, remain, filled) => {
    expect(reportedFilled(orderIn({ status: each, remain }))).toBe(filled)
  })

  it('of a market buy for money is never whole by its fills, as their units differ', () => {
    expect(isFilledWhole(orderIn({ order_type: 'MARKET', quantity: 1 }), 1, undefined)).toBe(false)
    expect(isFilledWhole(orderIn({ order_type: 'MARKET', quantity: 1, offset: 'open' }), 1, undefined)).toBe(true)
  })
})
