import { beforeEach, describe, expect, it } from '@jest/globals'
import { NEVER } from 'rxjs'
import { type MarketContext, type PaperPlatform, paperPlatforms } from '../../src/gateway/index.js'
import { FakeExchange } from './fake-exchange.js'
import { VirtualGateway, type VirtualClient } from './virtual-gateway.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'

/** Paper in virtual time, with a market that the test plays. */
class Stage {
  readonly gateway: VirtualGateway
  readonly platform: PaperPlatform

  constructor(market: (context: MarketContext) => typeof NEVER = () => NEVER) {
    const scheduler = new VirtualScheduler()
    const platforms = paperPlatforms({ market, scheduler, clock: virtualClock(scheduler, { startMs: 60_000 }) })
    this.gateway = new VirtualGateway(platforms, { deadAfterMs: 1e9, loginWithinMs: 1e9 }, scheduler)
    this.platform = platforms.get('huobi')!
  }

  client(market: string[], fields = {}): { client: VirtualClient; token: string } {
    const client = this.gateway.connect()
    const token = client.login({ platform: 'huobi', symbols: ['BTC/USDT'], market, ...fields })
    return { client, token }
  }
}

const order = { op: 'place_order', symbol: 'BTC/USDT', order_type: 'LIMIT' }
const topics = (client: VirtualClient) => client.frames.flatMap(({ topic }) => topic ?? [])

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})

describe('the extension market', () => {
  it('is named in the login reply', () => {
    const { client } = stage.client([])
    expect(client.frames[0]?.features).toContain('market')
  })

  it('is not named for an exchange that has none, nor is such an exchange asked for it', () => {
    const exchange = new FakeExchange()
    const client = new VirtualGateway(new Map([['fake', exchange]])).connect()
    client.login({ market: ['ticker'] })
    expect(client.frames[0]?.features).toEqual(['cancel_on_disconnect'])
    expect(exchange.last.login.market).toEqual([])
  })

  it('sends nothing that was not asked for', () => {
    const { client, token } = stage.client([])
    client.send({ ...order, token, action: 'BUY', price: 50_000, quantity: 0.01 })
    stage.gateway.advance(1_000)
    expect(topics(client)).toEqual(['asset', 'order', 'asset'])
  })

  it('tells all who listen of trades, best prices, the book and the candle', () => {
    const { client } = stage.client(['trade', 'ticker', 'orderbook', 'kline'])
    const { client: trader, token } = stage.client([], { access_key: 'a-key-that-trades' })
    trader.send({ ...order, token, action: 'SELL', price: 60_000, quantity: 0.02 })
    trader.send({ ...order, token, action: 'BUY', price: 50_000, quantity: 0.02 })
    trader.send({ ...order, token, action: 'BUY', price: 60_000, quantity: 0.01, order_type: 'IOC' })
    stage.gateway.advance(100)
    const about = client.frames.filter(({ topic }) => topic !== undefined && topic !== 'asset')
    expect(about.map(({ topic, data }) => [topic, data])).toEqual([
      ['trade', { symbol: 'BTC/USDT', action: 'BUY', price: 60_000, quantity: 0.01, timestamp: 60_000 }],
      ['ticker', { symbol: 'BTC/USDT', bid: 50_000, ask: 60_000, last: 60_000, timestamp: 60_000 }],
      ['orderbook', { symbol: 'BTC/USDT', bids: [[50_000, 0.02]], asks: [[60_000, 0.01]], timestamp: 60_000 }],
      [
        'kline',
        {
          symbol: 'BTC/USDT',
          period: '1m',
          open: 60_000,
          high: 60_000,
          low: 60_000,
          close: 60_000,
          volume: 0.01,
          timestamp: 60_000,
        },
      ],
    ])
  })

  it('tells a login the present state first, of its symbols and topics, while the market stands still', () => {
    const nothing = stage.client(['trade', 'ticker', 'orderbook', 'kline'])
    expect(topics(nothing.client)).toEqual(['asset'])
    const { client: trader, token } = stage.client([], { access_key: 'a-key-that-trades' })
    trader.send({ ...order, token, action: 'SELL', price: 60_000, quantity: 0.02 })
    stage.gateway.advance(1_000)
    const quoted = stage.client(['ticker', 'orderbook', 'kline'], { access_key: 'second' })
    expect(topics(quoted.client).slice(1)).toEqual(['ticker', 'orderbook'])
    trader.send({ ...order, token, action: 'BUY', price: 60_000, quantity: 0.01, order_type: 'IOC' })
    stage.gateway.advance(1_000)
    const { client } = stage.client(['trade', 'ticker', 'orderbook', 'kline'], { access_key: 'third' })
    const told = client.frames.filter(({ topic }) => topic !== undefined && topic !== 'asset')
    expect(told.map(({ topic, data }) => [topic, data])).toEqual([
      ['ticker', { symbol: 'BTC/USDT', bid: 0, ask: 60_000, last: 60_000, timestamp: 62_000 }],
      ['orderbook', { symbol: 'BTC/USDT', bids: [], asks: [[60_000, 0.01]], timestamp: 62_000 }],
      ['kline', expect.objectContaining({ symbol: 'BTC/USDT', close: 60_000, volume: 0.01 })],
    ])
    expect(client.frames.findLastIndex(({ topic }) => topic === 'kline')).toBeLessThan(
      client.frames.findIndex(({ op, code }) => op === 'state' && code === 6),
    )
    expect(topics(stage.client(['ticker'], { symbols: ['ETH/USDT'], access_key: 'fourth' }).client)).toEqual(['asset'])
    stage.gateway.advance(1_000)
    expect(topics(client).filter((topic) => topic === 'ticker')).toHaveLength(1)
  })

  it('tells of books and best prices ten times a second at most, however often they change', () => {
    const { client } = stage.client(['ticker', 'orderbook'])
    const { client: trader, token } = stage.client([], { access_key: 'a-key-that-trades' })
    for (let i = 0; i < 100; i++) {
      trader.send({ ...order, token, action: 'BUY', price: 50_000 + i, quantity: 0.001 })
      stage.gateway.advance(10)
    }
    expect(topics(client).filter((topic) => topic === 'orderbook').length).toBeLessThanOrEqual(10)
  })

  it('closes a candle with its last trade, then opens the next', () => {
    const { client } = stage.client(['kline'])
    const { client: trader, token } = stage.client([], { access_key: 'a-key-that-trades' })
    trader.send({ ...order, token, action: 'SELL', price: 60_000, quantity: 1 })
    const take = (quantity: number) =>
      trader.send({ ...order, token, action: 'BUY', price: 60_000, quantity, order_type: 'IOC' })
    take(0.1)
    take(0.2)
    stage.gateway.advance(60_000)
    take(0.4)
    const candles = client.frames
      .filter(({ topic }) => topic === 'kline')
      .map(({ data }) => [data.timestamp, data.volume])
    expect(candles.at(-1)).toEqual([60_000, 0.3])
    stage.gateway.advance(100)
    expect(client.frames.at(-1)?.data).toMatchObject({ timestamp: 120_000, volume: 0.4 })
  })

  it('tells the whole of a candle to who comes in the middle of it, or comes again', () => {
    const { client: trader, token } = stage.client([], { access_key: 'a-key-that-trades' })
    const trade = (price: number, quantity: number) => {
      trader.send({ ...order, token, action: 'SELL', price, quantity })
      trader.send({ ...order, token, action: 'BUY', price, quantity, order_type: 'IOC' })
    }
    trade(60_000, 0.1)
    for (const [price, candle] of [
      [60_100, { open: 60_000, high: 60_100, low: 60_000, close: 60_100, volume: 0.2 }],
      [59_900, { open: 60_000, high: 60_100, low: 59_900, close: 59_900, volume: 0.3 }],
    ] as const) {
      const { client } = stage.client(['kline'])
      trade(price, 0.1)
      stage.gateway.advance(100)
      expect(client.frames.at(-1)).toMatchObject({ topic: 'kline', data: candle })
      client.connection.close()
      stage.gateway.advance(100)
    }
  })
})

describe('a synthetic market', () => {
  const played = (seed: number) => {
    const scheduler = new VirtualScheduler()
    const platforms = paperPlatforms({ seed, scheduler, clock: virtualClock(scheduler) })
    const gateway = new VirtualGateway(platforms, { deadAfterMs: 1e9 }, scheduler)
    const client = gateway.connect()
    const token = client.login({ platform: 'okex', symbols: ['BTC/USDT', 'ETH/USDT'], market: ['trade', 'ticker'] })
    gateway.advance(1_000)
    client.send({ ...order, token, action: 'BUY', order_type: 'MARKET', price: 0, quantity: 1_000 })
    gateway.advance(9_000)
    gateway.stop()
    scheduler.flush()
    return client.frames
  }

  it('gives the books life: a market order trades', () => {
    const frames = played(7)
    expect(frames.filter(({ topic }) => topic === 'fill').length).toBeGreaterThan(0)
    expect(frames.filter(({ topic }) => topic === 'trade').length).toBeGreaterThan(5)
  })

  it('repeats with its seed, frame by frame, and is another with another seed', () => {
    expect(played(7)).toEqual(played(7))
    expect(played(8)).not.toEqual(played(7))
  })

  it('stops with the gateway', () => {
    // `played` flushes its scheduler after the stop: a market that went on would never let that end.
    expect(played(7).length).toBeGreaterThan(0)
  })
})
