import { describe, expect, it } from '@jest/globals'
import { Subject } from 'rxjs'
import { paperPlatforms, type ChaosFault, serve } from '../../src/gateway/index.js'
import type { MarketEvent } from '../../src/market/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { type Connection, memoryPair } from '../../src/transport/index.js'
import { WatchedScheduler } from '../support/retained-actions.js'
import { FakeExchange } from './fake-exchange.js'

/** A gateway whose every action is watched, with one connection whose client never falls silent. */
const world = (quirks: readonly ChaosFault[] = []) => {
  const scheduler = new WatchedScheduler(new VirtualScheduler())
  const clock = virtualClock(scheduler.inner)
  const market$ = new Subject<MarketEvent>()
  const platforms = paperPlatforms({ market: () => market$, seed: 7, scheduler, clock })
  const connection$ = new Subject<Connection>()
  serve(connection$, { platforms, scheduler, clock, chaos: { seed: 1, quirks } }).subscribe()
  const [mine, theirs] = memoryPair({ scheduler: scheduler.inner })
  let received = 0
  mine.message$.subscribe({ next: () => received++, error: () => undefined })
  connection$.next(theirs)
  mine.send(
    JSON.stringify({
      ...{ op: 'login', cid: 'l', platform: 'huobi', symbols: ['BTC/USDT'], access_key: 'key', secret_key: 's' },
      market: ['trade', 'ticker', 'orderbook', 'kline'],
    }),
  )
  const run = (times: number, everyMs: number, act: (i: number) => void) => {
    for (let i = 0; i < times; i++) {
      act(i)
      if (i % 10 === 0) mine.send('{"op":"ping","ts":1}')
      scheduler.inner.advanceBy(everyMs)
    }
  }
  return { scheduler, market$, mine, theirs, run, received: () => received }
}
const quote = (i: number): MarketEvent => ({
  ...{ type: 'quote', symbol: 'BTC/USDT', bids: [[100 + (i % 2), 1]], asks: [[102 + (i % 2), 1]], timestamp: i },
})

describe('what runs for months keeps no finished action', () => {
  it('of the market notices', async () => {
    const { scheduler, market$, run, received } = world()
    run(3_000, 1_000, (i) => market$.next(quote(i)))
    expect(received()).toBeGreaterThan(6_000)
    expect(await scheduler.retained()).toBeLessThan(20)
  })

  it('of the chaos on one connection: frames that come late, that others overtake, and mutes that end', async () => {
    const { scheduler, market$, run, received } = world([
      { quirk: 'reply-late', afterMs: 50 },
      { quirk: 'notice-late', topic: 'orderbook', afterMs: 50 },
      { quirk: 'connection-mute', direction: 'out', forMs: 10, rate: 0.1 },
      { quirk: 'notice-overtaken', topic: 'ticker', withinMs: 20 },
    ])
    run(2_000, 1_000, (i) => market$.next(quote(i)))
    expect(received()).toBeGreaterThan(1_000)
    expect(scheduler.scheduled).toBeGreaterThan(5_000)
    expect(await scheduler.retained()).toBeLessThan(20)
  })

  it('of the outbox of a reader that falls behind and catches up again', async () => {
    const { scheduler, market$, theirs, run } = world()
    let behind = 0
    Object.defineProperty(theirs, 'bufferedAmount', { get: () => behind })
    run(2_000, 1_000, (i) => {
      behind = 70_000
      market$.next(quote(i))
      scheduler.inner.advanceBy(300)
      behind = 0
    })
    expect(scheduler.scheduled).toBeGreaterThan(10_000)
    expect(await scheduler.retained()).toBeLessThan(20)
  })

  it('of a login whose exchange fails each time that it is opened again', async () => {
    const scheduler = new WatchedScheduler(new VirtualScheduler())
    const clock = virtualClock(scheduler.inner)
    const exchange = new FakeExchange()
    const connection$ = new Subject<Connection>()
    const limits = { deadAfterMs: 1e9 }
    serve(connection$, { platforms: new Map([['fake', exchange]]), limits, scheduler, clock }).subscribe()
    const [mine, theirs] = memoryPair({ scheduler: scheduler.inner })
    mine.message$.subscribe()
    connection$.next(theirs)
    mine.send('{"op":"login","platform":"fake","symbols":["BTC/USDT"],"access_key":"a","secret_key":"s"}')
    scheduler.inner.advanceBy(0)
    exchange.last.event.error(new Error('down for a day'))
    scheduler.inner.advanceBy(86_400_000)
    expect(exchange.last.subscriptions).toBeGreaterThan(17_000)
    expect(await scheduler.retained()).toBeLessThan(20)
  })
})
