import { describe, expect, it } from '@jest/globals'
import { createExchange, type ExchangeState, type PlaceCommand } from '../../src/exchange/index.js'

const marketMs = Date.UTC(2024, 0, 1)
const wallMs = Date.UTC(2026, 10, 29)
const symbol = 'BTC/USDT'
const order: PlaceCommand = {
  ...{ type: 'place', account: 'anna', symbol, action: 'BUY' },
  ...{ price: 50_000, quantity: 0.01, order_type: 'LIMIT' },
}

const opened = (state?: ExchangeState) => {
  const exchange = createExchange({ platform: 'huobi', ...(state && { state }) })
  if (state !== undefined) return exchange
  exchange.apply({ type: 'open-account', account: 'house', house: true }, marketMs, wallMs)
  exchange.apply({ type: 'open-account', account: 'anna', deposits: { USDT: 1e6, BTC: 10 } }, marketMs, wallMs)
  return exchange
}

describe('an exchange whose market time is not that of the wall clock', () => {
  it('stamps what it tells with market time, and orders with both times', () => {
    const exchange = opened()
    exchange.apply(order, marketMs + 1_000, wallMs + 1)
    const events = exchange.apply({ ...order, action: 'SELL' }, marketMs + 2_000, wallMs + 2)
    const stamped = events.flatMap((event) =>
      event.type === 'order' || event.type === 'fill' || event.type === 'trade' || event.type === 'ticker'
        ? [event.data]
        : [],
    )
    expect(stamped.length).toBeGreaterThan(3)
    for (const data of stamped) {
      const times = 'timestamp' in data ? [data.timestamp] : [data.ctime]
      for (const time of times) expect([marketMs + 1_000, marketMs + 2_000]).toContain(time)
    }
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'order',
        data: expect.objectContaining({ action: 'SELL', ctime: marketMs + 2_000, wall_ctime: wallMs + 2 }),
      }),
    )
    expect(exchange.ticker(symbol)?.timestamp).toBe(marketMs + 2_000)
  })

  it('means the wall clock by valid_until', () => {
    const exchange = opened()
    const at = (valid_until: number) =>
      exchange.apply({ ...order, valid_until }, marketMs, wallMs).map(({ type }) => type)[0]
    expect(at(wallMs + 1)).toBe('accepted')
    expect(at(marketMs + 1)).toBe('refused')
  })

  it('tells no second time of an order where both clocks agree', () => {
    const exchange = opened()
    exchange.apply(order, wallMs, wallMs + 900)
    expect(exchange.openOrders('anna', symbol)[0]).not.toHaveProperty('wall_ctime')
  })

  it('keeps the second time over a snapshot', () => {
    const exchange = opened()
    exchange.apply(order, marketMs, wallMs)
    const after = opened(JSON.parse(JSON.stringify(exchange.state())) as ExchangeState)
    expect(after.openOrders('anna', symbol)).toEqual(exchange.openOrders('anna', symbol))
    expect(after.openOrders('anna', symbol)[0]).toMatchObject({ ctime: marketMs, wall_ctime: wallMs })
  })
})

describe('set-back', () => {
  const setBack = { type: 'set-back', account: 'house', timestamp: marketMs } as const

  it('sets the time back to the beginning of another market, and no time of change of an order with it', () => {
    const exchange = opened()
    exchange.apply({ ...order, quantity: 0.02 }, wallMs)
    expect(exchange.apply(setBack, marketMs, wallMs)).toEqual([])
    const events = exchange.apply({ ...order, action: 'SELL' }, marketMs + 5, wallMs)
    const orders = events.flatMap((event) => (event.type === 'order' ? [event.data] : []))
    expect(orders.filter(({ action }) => action === 'SELL').map(({ ctime }) => ctime)).toEqual(
      orders.filter(({ action }) => action === 'SELL').map(() => marketMs + 5),
    )
    expect(orders.find(({ action }) => action === 'BUY')).toMatchObject({ ctime: wallMs, utime: wallMs })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'fill', data: expect.objectContaining({ ctime: marketMs + 5 }) }),
    )
  })

  it('changes nothing where the time is later, not a time, or not a house account’s to set', () => {
    const exchange = opened()
    exchange.apply({ ...setBack, timestamp: wallMs }, marketMs, wallMs)
    expect(exchange.ticker(symbol)?.timestamp).toBe(marketMs)
    expect(exchange.apply({ ...setBack, timestamp: NaN }, marketMs, wallMs)).toMatchObject([{ type: 'refused' }])
    expect(exchange.apply({ ...setBack, account: 'anna' }, marketMs, wallMs)).toMatchObject([{ type: 'refused' }])
  })

  it('lets funding count from there: no period is settled twice, none between the two times', () => {
    const future = createExchange({ platform: 'huobi_future' })
    const [contract = ''] = future.symbols
    const hours = (count: number) => marketMs + count * 3_600_000
    future.apply({ type: 'open-account', account: 'house', house: true }, hours(240))
    for (const account of ['anna', 'bert'])
      future.apply({ type: 'open-account', account, deposits: { BTC: 100, USDT: 1e6, ETH: 100 } }, hours(240))
    const place = { type: 'place', symbol: contract, price: 60_000, order_type: 'LIMIT' } as const
    future.apply({ ...place, account: 'anna', action: 'BUY', quantity: 10 }, hours(240))
    future.apply({ ...place, account: 'bert', action: 'SELL', quantity: -10 }, hours(240))
    future.apply(setBack, hours(240))
    const fundings = (atMs: number) =>
      future
        .apply({ type: 'cancel', account: 'anna', symbol: contract, order_nos: [] }, atMs)
        .filter(({ type }) => type === 'funding').length
    expect(fundings(hours(7))).toBe(0)
    expect(fundings(hours(9))).toBe(2)
    expect(fundings(hours(17))).toBe(2)
  })
})
