import { describe, expect, it } from '@jest/globals'
import {
  type AdapterEvent,
  type AdapterSession,
  type Latency,
  paperPlatforms,
  Secret,
  withLatency,
} from '../../src/gateway/index.js'
import { seededEntropy, VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { connected, FakeSession, ready } from './fake-exchange.js'
import { PaperWorld } from './paper-world.js'

const bid = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT', cid: '' } as const
const ask = { ...bid, action: 'SELL' } as const

/** A paper exchange in virtual time, and sessions that reach it from near or from afar. */
class Venue {
  readonly scheduler = new VirtualScheduler()
  readonly clock = virtualClock(this.scheduler, { startMs: 0 })
  readonly #platform
  constructor(latency?: Latency, seed = 1) {
    const { scheduler, clock } = this
    const options = { market: 'none', scheduler, clock, seed, ...(latency === undefined ? {} : { latency }) }
    this.#platform = paperPlatforms(options).get('huobi')!
  }

  session(name: string, latency?: Latency): AdapterSession & { heard: [number, AdapterEvent][] } {
    const { clock, scheduler } = this
    const login = { symbols: ['BTC/USDT'], accessKey: new Secret(name), secretKey: new Secret('secret'), market: [] }
    const near = this.#platform.open(login)
    const entropy = seededEntropy(1)
    const session = latency === undefined ? near : withLatency(near, { ...latency, entropy, clock, scheduler })
    const heard: [number, AdapterEvent][] = []
    session.event$.subscribe((event) => heard.push([scheduler.now(), event]))
    return { ...session, heard }
  }

  at(ms: number): void {
    this.scheduler.advanceBy(ms - this.scheduler.now())
  }
}

const topics = (heard: readonly [number, AdapterEvent][]): string[] =>
  heard.map(([at, event]) => `${at} ${event._tag === 'state' ? event.code : event.topic}`)

describe('latency', () => {
  it('lets a command arrive later, and what the exchange tells come later still', () => {
    const venue = new Venue({ inMs: 30, outMs: 20 })
    const anna = venue.session('anna')
    venue.at(100)
    anna.heard.length = 0
    const replies: number[] = []
    anna.placeOrder(bid).subscribe(() => replies.push(venue.scheduler.now()))
    venue.at(200)
    expect(replies).toEqual([150])
    expect(topics(anna.heard)).toEqual(['150 order', '150 asset'])
    expect(anna.heard[0]![1]).toMatchObject({ data: { ctime: 130, utime: 130 } })
  })

  it('delays a login’s states and snapshots as well: it is READY when READY has arrived', () => {
    const venue = new Venue({ outMs: 20 })
    const anna = venue.session('anna')
    venue.at(100)
    expect(topics(anna.heard)).toEqual(['20 2', '20 asset', '20 6'])
  })

  it('gives the place in the queue to whose order arrives first, not to who sent it first', () => {
    const venue = new Venue()
    const far = venue.session('anna', { inMs: 50 })
    const near = venue.session('bert')
    const seller = venue.session('carl')
    far.placeOrder(bid).subscribe()
    venue.at(10)
    near.placeOrder(bid).subscribe()
    venue.at(100)
    seller.placeOrder({ ...ask, quantity: 0.01 }).subscribe()
    expect(near.heard.map(([, event]) => event)).toContainEqual(expect.objectContaining({ topic: 'fill' }))
    expect(far.heard.map(([, event]) => event)).not.toContainEqual(expect.objectContaining({ topic: 'fill' }))
  })

  it('lets an order be filled that a cancel is on its way to', () => {
    const venue = new Venue()
    const far = venue.session('anna', { inMs: 50 })
    const seller = venue.session('carl')
    let order_no = ''
    far.placeOrder(bid).subscribe((placed) => (order_no = placed.order_no))
    venue.at(100)
    const cancelled: boolean[] = []
    far
      .cancelOrder({ symbol: 'BTC/USDT', order_nos: [order_no] })
      .subscribe((results) => cancelled.push(...results.map(({ result }) => result)))
    venue.at(120)
    seller.placeOrder(ask).subscribe()
    venue.at(200)
    expect(cancelled).toEqual([false])
    expect(topics(far.heard)).toContain('120 fill')
  })

  it('refuses an order whose valid_until has passed on the way', () => {
    const venue = new Venue({ inMs: 50 })
    const refused: string[] = []
    const anna = venue.session('anna')
    anna.placeOrder({ ...bid, valid_until: 40 }).subscribe({ error: (error: unknown) => refused.push(String(error)) })
    venue.at(100)
    expect(refused).toEqual(['AdapterRefused: the order was valid until 40 and reached the exchange at 50'])
  })

  it('lets an order arrive whose sender has stopped waiting', () => {
    const venue = new Venue({ inMs: 50 })
    const anna = venue.session('anna')
    anna.placeOrder(bid).subscribe().unsubscribe()
    venue.at(100)
    expect(topics(anna.heard)).toContain('50 order')
  })

  it('lets nothing of one login overtake, however the jitter falls', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const venue = new Venue({ inMs: 5, outMs: 5, jitterMs: 100 }, seed)
      const anna = venue.session('anna')
      const order_nos: string[] = []
      for (let nth = 0; nth < 10; nth++) {
        venue.at(nth * 3)
        anna.placeOrder({ ...bid, price: 1_000 + nth }).subscribe(({ order_no }) => {
          order_nos.push(order_no)
          // The reply comes before the order's notice.
          expect(anna.heard.at(-1)![1]).not.toMatchObject({ data: { order_no } })
        })
      }
      venue.at(2_000)
      const prices = anna.heard.flatMap(([, event]) =>
        event._tag === 'notice' && event.topic === 'order' ? [event.data.price] : [],
      )
      expect(prices).toEqual([1_000, 1_001, 1_002, 1_003, 1_004, 1_005, 1_006, 1_007, 1_008, 1_009])
      expect(order_nos).toHaveLength(10)
    }
  })

  it('holds up what is behind a slow message, and does not hurry that', () => {
    const scheduler = new VirtualScheduler()
    const jitters = [1, 0]
    const exchange = new FakeSession({ symbols: [], accessKey: new Secret(''), secretKey: new Secret(''), market: [] })
    const session = withLatency(exchange, {
      ...{ outMs: 10, jitterMs: 100, entropy: { uniform: () => jitters.shift() ?? 0 } },
      ...{ scheduler, clock: virtualClock(scheduler) },
    })
    const heard: number[] = []
    session.event$.subscribe(() => heard.push(scheduler.now()))
    exchange.event.next(connected)
    exchange.event.next(ready)
    scheduler.advanceBy(1_000)
    expect(heard).toEqual([110, 110])
  })

  it('jitters as its seed says: the same each time, and otherwise with another', () => {
    const timesWith = (seed: number) => {
      const venue = new Venue({ inMs: 5, outMs: 5, jitterMs: 100 }, seed)
      const anna = venue.session('anna')
      for (let nth = 0; nth < 5; nth++) {
        venue.at(nth * 500)
        anna.placeOrder(bid).subscribe()
      }
      venue.at(5_000)
      return topics(anna.heard)
    }
    expect(timesWith(7)).toEqual(timesWith(7))
    expect(timesWith(7)).not.toEqual(timesWith(8))
  })

  it('is not held up by a wall clock that is set back', () => {
    const venue = new Venue({ outMs: 20 })
    const anna = venue.session('anna')
    venue.at(100)
    venue.clock.jumpWall(-3_600_000)
    anna.heard.length = 0
    anna.placeOrder(bid).subscribe()
    venue.at(200)
    expect(topics(anna.heard)).toEqual(['120 order', '120 asset'])
  })

  it('passes refusals and what an adapter throws on, at their time', () => {
    const scheduler = new VirtualScheduler()
    const broken = new FakeSession({ symbols: [], accessKey: new Secret(''), secretKey: new Secret(''), market: [] })
    broken.onPlace = () => {
      throw new Error('thrown')
    }
    const session = withLatency(broken, {
      ...{ inMs: 10, outMs: 10, entropy: { uniform: () => 0 } },
      ...{ scheduler, clock: virtualClock(scheduler) },
    })
    const errors: string[] = []
    session.placeOrder(bid).subscribe({ error: (error: unknown) => errors.push(`${scheduler.now()} ${String(error)}`) })
    scheduler.advanceBy(100)
    expect(errors).toEqual(['20 Error: thrown'])
  })

  it('is refused in words when a duration is none', () => {
    expect(() => new Venue({ inMs: -1 })).toThrow('latency: inMs must be 0 or more, not -1')
  })

  it('is what our client waits for: its order reply takes there and back', () => {
    const world = new PaperWorld({ latency: { inMs: 100, outMs: 50 } })
    const anna = world.login('the-key-of-anna')
    world.scheduler.advanceBy(1_000)
    const from = world.scheduler.now()
    let at = 0
    anna.placeOrder({ ...bid }).subscribe(() => (at = world.scheduler.now()))
    world.scheduler.advanceBy(1_000)
    // And 1 ms each way between the client and the gateway.
    expect(at - from).toBe(152)
  })
})
