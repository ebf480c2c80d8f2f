import { describe, expect, it } from '@jest/globals'
import * as q from '../../src/strategy/index.js'
import { validateIntent, toOrderRequest } from '../../src/strategy/intent.js'

describe('the sign of a contract order', () => {
  it.each([
    ['openLong', 'BUY', 2],
    ['openShort', 'SELL', -2],
    ['closeLong', 'SELL', 2],
    ['closeShort', 'BUY', -2],
  ] as const)('%s is %s of %d', (name, action, quantity) => {
    expect(toOrderRequest(q[name]('BTC-USD', 2, { price: 100 }))).toEqual({
      symbol: 'BTC-USD',
      action,
      price: 100,
      quantity,
      order_type: 'LIMIT',
    })
  })

  it('is never seen in the intent', () => {
    expect(q.openShort('BTC-USD', 2)).toEqual({
      _tag: 'Place',
      symbol: 'BTC-USD',
      action: 'SELL',
      order_type: 'MARKET',
      price: 0,
      quantity: 2,
      offset: 'open',
    })
  })

  it('cannot be turned by a negative quantity: opening a long of -2 would close a short', () => {
    expect(validateIntent(q.openLong('BTC-USD', -2))).toBe('quantity must be above 0, not -2')
  })
})

describe('a spot order', () => {
  it('is what its name says', () => {
    expect(toOrderRequest(q.limitBuy('A', 10, 1))).toMatchObject({
      action: 'BUY',
      order_type: 'LIMIT',
      price: 10,
      quantity: 1,
    })
    expect(toOrderRequest(q.limitSell('A', 10, 1))).toMatchObject({ action: 'SELL', order_type: 'LIMIT' })
    expect(toOrderRequest(q.iocBuy('A', 10, 1))).toMatchObject({ action: 'BUY', order_type: 'IOC' })
    expect(toOrderRequest(q.iocSell('A', 10, 1))).toMatchObject({ action: 'SELL', order_type: 'IOC' })
    expect(toOrderRequest(q.marketSell('A', 1))).toMatchObject({ action: 'SELL', order_type: 'MARKET', price: 0 })
  })

  it('at the market buys for an amount of money', () => {
    expect(toOrderRequest(q.marketBuyCost('A', 500))).toEqual({
      symbol: 'A',
      action: 'BUY',
      order_type: 'MARKET',
      price: 0,
      quantity: 500,
    })
  })
})

describe('what is wrong with an intent', () => {
  it.each([
    [q.limitBuy('A', Number.NaN, 1), 'price must be a finite number, not NaN'],
    [q.limitBuy('A', 0, 1), 'price must be above 0, not 0'],
    [q.limitSell('A', 1, Number.POSITIVE_INFINITY), 'quantity must be a finite number, not Infinity'],
    [q.marketSell('A', 0), 'quantity must be above 0, not 0'],
    [
      { ...q.marketSell('A', 1), price: 5 },
      'the price of a MARKET order must be 0, not 5: use IOC to limit what is paid',
    ],
    [q.limitBuy('A', 1, 1), undefined],
  ])('%j: %s', (intent, fault) => {
    expect(validateIntent(intent)).toBe(fault)
  })
})
