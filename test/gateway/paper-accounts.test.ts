import { describe, expect, it } from '@jest/globals'
import { paperPlatforms } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { VirtualGateway } from './virtual-gateway.js'

describe('paper accounts', () => {
  it('are opened for any key, up to a number; beyond it keys that have one may still log in', () => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler)
    const platforms = paperPlatforms({ market: 'none', mostAccounts: 4, scheduler, clock })
    const gateway = new VirtualGateway(platforms, {}, scheduler)
    const client = gateway.connect()
    const login = (access_key: string) => client.login({ platform: 'huobi', access_key })
    // One of the four is the market's own.
    for (const key of ['one', 'two', 'three']) login(`key-number-${key}`)
    expect(() => login('key-number-four')).toThrow('has 4 paper accounts and opens no more')
    client.connection.close()
    gateway.advance(0)
    expect(platforms.get('huobi')?.exchange.accountCount).toBe(4)
    expect(gateway.connect().login({ platform: 'huobi', access_key: 'key-number-two' })).toBeDefined()
  })
  it.each([
    [undefined, ['SUBMITTED', 'SUBMITTED', 'FILLED', 'FILLED']],
    ['cancel-taker', ['SUBMITTED', 'SUBMITTED', 'CANCELED']],
  ] as const)('trade with themselves as the option selfTrade says: %s', (selfTrade, statuses) => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler)
    const options = { market: 'none', scheduler, clock, ...(selfTrade === undefined ? {} : { selfTrade }) } as const
    const client = new VirtualGateway(paperPlatforms(options), {}, scheduler).connect()
    const token = client.login({ platform: 'huobi' })
    for (const action of ['BUY', 'SELL'])
      client.ask({ op: 'place_order', token, symbol: 'BTC/USDT', action, price: 100, quantity: 1, order_type: 'LIMIT' })
    expect(client.frames.flatMap(({ topic, data }) => (topic === 'order' ? [data.status] : []))).toEqual(statuses)
  })

  it('have at most 1,000 open orders, which each login receives', () => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler)
    const platforms = paperPlatforms({ market: 'none', startBalances: { USDT: 1e9 }, scheduler, clock })
    const gateway = new VirtualGateway(platforms, { messagesPerSecond: Infinity }, scheduler)
    const client = gateway.connect()
    const token = client.login({ platform: 'huobi' })
    const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' }
    const place = () => client.ask({ op: 'place_order', token, ...order })[0]
    for (let i = 0; i < 1_000; i++) place()
    expect(place()).toMatchObject({ result: false, error_message: expect.stringContaining('1000 orders are open') })
    client.connection.close()
    gateway.advance(0)
    const again = gateway.connect()
    again.login({ platform: 'huobi' })
    gateway.advance(900)
    expect(again.frames.filter(({ topic }) => topic === 'order')).toHaveLength(1_000)
    expect(again.closed).toBeUndefined()
  })
})
