import { describe, expect, it, jest } from '@jest/globals'
import { createExchange, type ExchangeCommand } from '../../src/exchange/index.js'
import { marketNotices, type MarketNotice } from '../../src/gateway/paper/market-notices.js'
import { PaperVenue } from '../../src/gateway/paper/paper-venue.js'
import type { MarketTopic } from '../../src/protocol/index.js'
import { virtualClock, VirtualScheduler } from '../../src/time/index.js'

const symbol = 'BTC/USDT'

const venueOf = () => {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler, { startMs: 60_000 })
  const exchange = createExchange({ platform: 'huobi' })
  const venue = new PaperVenue(exchange, clock)
  venue.submit({ type: 'open-account', account: 'house', house: true })
  const notices = marketNotices(venue, { scheduler })
  const house = (command: Partial<ExchangeCommand>) =>
    venue.submit({ account: 'house', symbol, ...command } as ExchangeCommand)
  return { scheduler, exchange, notices, house }
}

const quote = (bid: number) => ({ type: 'quote', bids: [[bid, 1]], asks: [[bid + 1, 1]] }) as const
const trade = (price: number) => ({ type: 'trade', action: 'BUY', price, quantity: 0.1 }) as const

/** Subscribes to topics, and returns the notices with their instants. */
const heardOf = ({ notices, scheduler }: ReturnType<typeof venueOf>, ...topics: MarketTopic[]) => {
  const heard: [atMs: number, notice: MarketNotice][] = []
  const leaving = notices.of(new Set(topics)).subscribe((notice) => heard.push([scheduler.now(), notice]))
  return { heard, leave: () => leaving.unsubscribe() }
}

/** Something at several instants of several intervals. */
const play = ({ scheduler, house }: ReturnType<typeof venueOf>) => {
  for (let step = 0; step < 40; step++) {
    scheduler.advanceTo(17 * step + 1)
    house(quote(60_000 + (step % 7)))
    if (step % 3 === 0) house(trade(60_003 + (step % 5)))
  }
  scheduler.advanceBy(1_000)
}

describe('market notices', () => {
  it.each<MarketTopic>(['trade', 'ticker', 'orderbook', 'kline'])(
    'of %s alone are those of a subscriber to every topic, at the same instants',
    (topic) => {
      const [alone, all] = [venueOf(), venueOf()]
      const one = heardOf(alone, topic)
      const every = heardOf(all, 'trade', 'ticker', 'orderbook', 'kline')
      play(alone)
      play(all)
      expect(one.heard.length).toBeGreaterThan(3)
      expect(one.heard).toEqual(every.heard.filter(([, notice]) => notice.topic === topic))
    },
  )

  it('read no order book where no subscriber has asked for one', () => {
    const world = venueOf()
    const depth = jest.spyOn(world.exchange, 'depth')
    heardOf(world, 'ticker', 'kline', 'trade')
    play(world)
    expect(world.notices.presentOf(symbol, new Set<MarketTopic>(['ticker'])).map(({ topic }) => topic)).toEqual([
      'ticker',
    ])
    expect(depth).not.toHaveBeenCalled()
  })

  it('schedule nothing where no topic is wanted, or trades alone', () => {
    for (const topics of [[], ['trade']] as MarketTopic[][]) {
      const world = venueOf()
      if (topics.length > 0) heardOf(world, ...topics)
      world.house(quote(60_000))
      world.house(trade(60_001))
      expect(world.scheduler.pending).toBe(0)
    }
  })

  it('stop for a subscriber that has left, and begin anew for the next one', () => {
    const world = venueOf()
    const first = heardOf(world, 'ticker')
    world.house(quote(60_000))
    first.leave()
    world.scheduler.advanceBy(1_000)
    expect(first.heard).toEqual([])
    expect(world.scheduler.pending).toBe(0)
    const second = heardOf(world, 'ticker')
    world.house(quote(60_005))
    world.scheduler.advanceBy(1_000)
    expect(second.heard.map(([atMs]) => atMs)).toEqual([1_100])
  })

  it('give away candles that do not change afterwards', () => {
    const world = venueOf()
    const { heard } = heardOf(world, 'kline')
    world.house(quote(60_000))
    world.house(trade(60_001))
    world.scheduler.advanceBy(150)
    world.house(trade(60_004))
    world.scheduler.advanceBy(150)
    expect(heard.map(([, { data }]) => 'close' in data && data.close)).toEqual([60_001, 60_004])
  })
})
