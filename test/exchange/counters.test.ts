import { describe, expect, it } from '@jest/globals'
import { createExchange } from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'
const withOrders = (count: number, idPrefix = '') => {
  const exchange = createExchange({ platform: 'huobi', idPrefix })
  exchange.apply({ type: 'open-account', account: 'a', deposits: { USDT: '80000000' } }, 0)
  for (let nth = 0; nth < count; nth++) {
    exchange.apply(
      { type: 'place', account: 'a', symbol, action: 'BUY', price: 40_000, quantity: 0.001, order_type: 'LIMIT' },
      nth,
    )
  }
  const cancel = (order_no: string) => {
    const [event] = exchange
      .apply({ type: 'cancel', account: 'a', symbol, order_nos: [order_no] }, 0)
      .filter(({ type }) => type === 'cancel-results')
    return event?.type === 'cancel-results' && event.results[0]?.result
  }
  return { exchange, cancel }
}

describe('order numbers', () => {
  it.each(['', 'x-', '7'])('count from 1 on, behind the prefix %j', (prefix) => {
    const { exchange } = withOrders(3_001, prefix)
    const nos = exchange.openOrders('a', symbol).map(({ order_no }) => order_no)
    expect(nos).toEqual(Array.from({ length: 3_001 }, (_, index) => `${prefix}${index + 1}`))
  })

  it('are right after any order of events', () => {
    const { exchange, cancel } = withOrders(3_001)
    for (const no of ['3001', '1', '2000', '999', '1000']) expect(cancel(no)).toBe(true)
    expect(exchange.openOrders('a', symbol)).toHaveLength(2_996)
  })

  it.each(['012', '12.0', '1.2e1', '0xc', ' 12', '12 ', '+12', '-12', '1２', '0', '', '12\u0000', '9'.repeat(400)])(
    'are named by their own text only, not by %j',
    (no) => {
      const { exchange, cancel } = withOrders(12)
      expect(cancel(no)).toBe(false)
      expect(exchange.openOrders('a', symbol)).toHaveLength(12)
    },
  )

  it.each(['12', 'x12', 'x-', 'x-012', 'X-12', 'x-x-12'])('are not found without their prefix whole: %j', (no) => {
    expect(withOrders(12, 'x-').cancel(no)).toBe(false)
  })

  it('are found with their prefix', () => {
    expect(withOrders(12, 'x-').cancel('x-12')).toBe(true)
  })
})
