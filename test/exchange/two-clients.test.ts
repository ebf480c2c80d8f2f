import { describe, expect, it } from '@jest/globals'
import { createExchange, type ExchangeEvent, type PlaceCommand } from '../../src/exchange/index.js'

const exchange = () => {
  const made = createExchange({ platform: 'huobi' })
  for (const account of ['alice', 'bob']) {
    made.apply({ type: 'open-account', account, deposits: { BTC: '10', USDT: '100000' } }, 0)
  }
  return made
}
const limit = (account: string, action: 'BUY' | 'SELL', price: number, quantity: number): PlaceCommand => ({
  type: 'place',
  account,
  symbol: 'BTC/USDT',
  action,
  price,
  quantity,
  order_type: 'LIMIT',
})
const only = <Type extends ExchangeEvent['type']>(events: readonly ExchangeEvent[], type: Type) =>
  events.filter((event): event is Extract<ExchangeEvent, { type: Type }> => event.type === type)

describe('two clients of the same book', () => {
  it('trade with each other, a partial fill included, and the balances add up to the last digit', () => {
    const paper = exchange()
    const placed = paper.apply(limit('alice', 'SELL', 50000, 2), 1)
    expect(placed.map(({ type }) => type)).toEqual(['accepted', 'order', 'assets', 'ticker', 'book'])

    const crossed = paper.apply(limit('bob', 'BUY', 50001.5, 0.5), 2)

    expect(
      only(crossed, 'fill').map(({ account, data }) => [account, data.price, data.quantity, data.liquidity]),
    ).toEqual([
      ['alice', 50000, 0.5, 'MAKER'],
      ['bob', 50000, 0.5, 'TAKER'],
    ])
    expect(only(crossed, 'order').map(({ account, data }) => [account, data.status, data.remain])).toEqual([
      ['bob', 'SUBMITTED', 0.5],
      ['alice', 'PARTIAL-FILLED', 1.5],
      ['bob', 'FILLED', 0],
    ])
    expect(paper.assets('alice')).toEqual({
      BTC: { free: 8, locked: 1.5, total: 9.5 },
      USDT: { free: 124950, locked: 0, total: 124950 },
    })
    expect(paper.assets('bob')).toEqual({
      BTC: { free: 10.499, locked: 0, total: 10.499 },
      USDT: { free: 75000, locked: 0, total: 75000 },
    })
    expect(paper.exactBalances().filter(({ account }) => account === 'fees')).toEqual([
      { account: 'fees', currency: 'BTC', free: '0.001', locked: '0' },
      { account: 'fees', currency: 'USDT', free: '50', locked: '0' },
    ])
  })
})
