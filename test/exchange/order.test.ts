import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createExchange } from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'

describe('the times of an order', () => {
  it('are reported to the last digit, as fractions too and years apart', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 2 ** 42, noNaN: true }), { minLength: 2 }), (any) => {
        const times = any.toSorted((a, b) => a - b)
        const exchange = createExchange({ platform: 'huobi' })
        exchange.apply({ type: 'open-account', account: 'a', deposits: { BTC: '1000', USDT: '80000000' } }, 0)
        const place = (action: 'BUY' | 'SELL', quantity: number, timeMs: number) =>
          exchange.apply(
            { type: 'place', account: 'a', symbol, action, price: 40_000, quantity, order_type: 'LIMIT' },
            timeMs,
          )
        for (const timeMs of times) place('BUY', 0.001, timeMs)
        const last = times.at(-1)! * 1.5
        place('SELL', 0.0005, last)
        const changed = [last, ...times.slice(1)]
        const told = exchange.openOrders('a', symbol).map(({ ctime, utime }) => [ctime, utime])
        expect(told).toEqual(times.map((timeMs, nth) => [timeMs, changed[nth]]))
        const state = JSON.parse(JSON.stringify(exchange.state()))
        const next = createExchange({ platform: 'huobi', state })
        expect(next.openOrders('a', symbol).map(({ ctime, utime }) => [ctime, utime])).toEqual(told)
      }),
    )
  })
})
