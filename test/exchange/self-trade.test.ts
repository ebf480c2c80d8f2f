import { describe, expect, it } from '@jest/globals'
import { createExchange, type SelfTrade } from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'

/** `me` sells 1 at 40,000 before somebody else does, then buys 1.5 at 40,000. */
function meet(selfTrade: SelfTrade | undefined, order_type: 'LIMIT' | 'IOC' = 'LIMIT', platform = 'okex') {
  const exchange = createExchange({ platform, ...(selfTrade === undefined ? {} : { selfTrade }) })
  for (const account of ['me', 'other']) {
    exchange.apply({ type: 'open-account', account, deposits: { BTC: '10', USDT: '100000' } }, 0)
  }
  const order = { type: 'place', symbol, price: 40_000, order_type: 'LIMIT' } as const
  exchange.apply({ ...order, account: 'me', action: 'SELL', quantity: 1 }, 1)
  exchange.apply({ ...order, account: 'other', action: 'SELL', quantity: 1 }, 2)
  const events = exchange.apply({ ...order, account: 'me', action: 'BUY', quantity: 1.5, order_type }, 3)
  expect(exchange.audit()).toEqual([])
  return {
    trades: events.flatMap((event) => (event.type === 'trade' ? [event.data.quantity] : [])),
    orders: events.flatMap((event) =>
      event.type === 'order' && event.account === 'me'
        ? [`${event.data.order_no} ${event.data.status} ${event.data.remain}`]
        : [],
    ),
    book: exchange.depth(symbol, 5),
  }
}

describe('an order that meets one of its own account', () => {
  it('trades with it when that is allowed, as on huobi', () => {
    expect(meet('allow').trades).toEqual([1, 0.5])
    expect(meet(undefined, 'LIMIT', 'huobi').trades).toEqual([1, 0.5])
  })

  it('cancels the resting one and looks further when that is asked for, as on okex', () => {
    const { trades, orders, book } = meet(undefined)
    expect(trades).toEqual([1])
    expect(orders).toEqual(['3 SUBMITTED 1.5', '1 CANCELED 1', '3 PARTIAL-FILLED 0.5'])
    expect(book).toMatchObject({ bids: [[40_000, 0.5]], asks: [] })
  })

  it('is cancelled itself, LIMIT though it is, when that is asked for', () => {
    const { trades, orders, book } = meet('cancel-taker')
    expect(trades).toEqual([])
    expect(orders).toEqual(['3 SUBMITTED 1.5', '3 CANCELED 1.5'])
    expect(book).toMatchObject({ bids: [], asks: [[40_000, 2]] })
  })

  it('goes together with it when both shall', () => {
    const { trades, orders, book } = meet('cancel-both', 'IOC')
    expect(trades).toEqual([])
    expect(orders).toEqual(['3 SUBMITTED 1.5', '1 CANCELED 1', '3 CANCELED 1.5'])
    expect(book).toMatchObject({ bids: [], asks: [[40_000, 1]] })
  })
})
