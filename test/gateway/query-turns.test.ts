import { describe, expect, it } from '@jest/globals'
import { map, NEVER, of, Subject, timer } from 'rxjs'
import { type Limits, paperPlatforms } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { connected, FakeExchange, ready } from './fake-exchange.js'
import type { Frame } from './plain-client.js'
import { type VirtualClient, VirtualGateway } from './virtual-gateway.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' }
const limits: Partial<Limits> = { messagesPerSecond: Infinity, deadAfterMs: 1e9 }

/** A paper gateway in virtual time, and whose reply came when: all in one list. */
const paperWorld = () => {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler)
  const platforms = paperPlatforms({ market: 'none', startBalances: { USDT: 1e9 }, scheduler, clock, seed: 1 })
  const gateway = new VirtualGateway(platforms, limits, scheduler)
  const replies: { readonly name: string; readonly frame: Frame }[] = []
  const client = (name: string, openOrders: number) => {
    const made = gateway.connect()
    const token = made.login({ platform: 'huobi', access_key: `key-number-${name}` })
    for (let i = 0; i < openOrders; i++) made.ask({ op: 'place_order', token, cid: `o${i}`, ...order })
    const { push } = made.frames
    made.frames.push = (...frames) => {
      for (const frame of frames) if (frame.cid !== undefined) replies.push({ name, frame })
      return push.apply(made.frames, frames)
    }
    return { made, token, name }
  }
  const asks = (who: ReturnType<typeof client>, op: string, count: number) => {
    const { made, token } = who
    for (let i = 0; i < count; i++)
      made.connection.send(JSON.stringify({ op, token, cid: `${op}${i}`, symbol: 'BTC/USDT' }))
  }
  return { scheduler, gateway, replies, client, asks }
}

describe('a polite client with hundreds of queries under way', () => {
  it.each([1, 5])('(%i of them, 1,000 open orders each) makes no order of another wait for its answers', (many) => {
    const { scheduler, replies, client, asks } = paperWorld()
    const greedy = Array.from({ length: many }, (_, i) => client(`greedy-${i}`, 1_000))
    const other = client('other', 0)
    for (const each of greedy) asks(each, 'open_orders', 200)
    const { made, token } = other
    made.connection.send(JSON.stringify({ op: 'place_order', token, cid: 'mine', ...order }))
    made.connection.send(JSON.stringify({ op: 'open_orders', token, cid: 'query', symbol: 'BTC/USDT' }))
    scheduler.advanceBy(0)
    const placed = replies.findIndex(({ frame }) => frame.cid === 'mine')
    const queried = replies.findIndex(({ frame }) => frame.cid === 'query')
    // A turn is over after one long answer.
    expect(replies.slice(0, placed).length).toBeLessThanOrEqual(2)
    // And no connection has a second one before all have had one.
    expect(replies.slice(0, queried).length).toBeLessThanOrEqual(2 * many + 2)
    expect(replies.length).toBe(200 * many + 2)
    for (const { name, made } of greedy) {
      const mine = replies.flatMap(({ name: whose, frame }) => (whose === name ? [frame] : []))
      expect(mine.map(({ cid }) => cid)).toEqual(Array.from({ length: 200 }, (_, i) => `open_orders${i}`))
      expect(mine.every(({ result, data }) => result === true && data.length === 1_000)).toBe(true)
      expect(made.closed).toBeUndefined()
    }
  })

  it.each(['asset', 'position', 'symbol_info'])('makes no order wait for 250 answers to %s either', (op) => {
    const { scheduler, replies, client, asks } = paperWorld()
    const greedy = client('greedy', 0)
    const other = client('other', 0)
    asks(greedy, op, 250)
    other.made.connection.send(JSON.stringify({ op: 'place_order', token: other.token, cid: 'mine', ...order }))
    scheduler.advanceBy(0)
    expect(replies.findIndex(({ frame }) => frame.cid === 'mine')).toBeLessThanOrEqual(64)
    expect(replies.length).toBe(251)
  })

  it('is answered with what is open by then, never with what was', () => {
    const { scheduler, replies, client, asks } = paperWorld()
    const greedy = client('greedy', 500)
    asks(greedy, 'open_orders', 5)
    greedy.made.connection.send(
      JSON.stringify({ op: 'cancel_order', token: greedy.token, cid: 'c', symbol: 'BTC/USDT', order_nos: [] }),
    )
    // The notices of the cancel fill the way out for some milliseconds.
    scheduler.advanceBy(1_000)
    const sizes = replies.flatMap(({ frame }) => {
      if (frame.op === 'notify') return []
      return frame.op === 'open_orders' ? frame.data.length : 'cancelled'
    })
    const at = sizes.indexOf('cancelled')
    expect(sizes.slice(0, at).every((size) => size === 500)).toBe(true)
    expect(sizes.slice(at + 1).every((size) => size === 0)).toBe(true)
    expect(sizes).toHaveLength(6)
  })
})

describe('a query', () => {
  const fake = (more: Partial<Limits> = {}) => {
    const exchange = new FakeExchange()
    const gateway = new VirtualGateway(new Map([['fake', exchange]]), { ...limits, ...more })
    const client = gateway.connect()
    const token = client.login()
    exchange.last.event.next(connected)
    exchange.last.event.next(ready)
    gateway.advance(0)
    return { exchange, gateway, client, token }
  }
  const ask = (client: VirtualClient, token: string, count: number) => {
    for (let i = 0; i < count; i++) client.connection.send(JSON.stringify({ op: 'asset', token, cid: `${i}` }))
  }
  const assets = { USDT: { free: 1, locked: 0, total: 1 } }

  it('reaches an exchange that takes its time beside 15 others of its connection, and each is answered', () => {
    const { exchange, gateway, client, token } = fake()
    let asked = 0
    let most = 0
    exchange.last.onAsset = () => {
      most = Math.max(most, ++asked)
      return timer(100, gateway.scheduler).pipe(
        map(() => {
          asked--
          return assets
        }),
      )
    }
    const from = client.frames.length
    ask(client, token, 100)
    gateway.advance(10_000)
    expect(most).toBe(16)
    expect(client.frames.slice(from).map(({ cid }) => cid)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`))
  })

  it('that had no turn in time is refused, and says why', () => {
    const { exchange, gateway, client, token } = fake({ answerWithinMs: 1_000 })
    exchange.last.onAsset = () => NEVER
    const from = client.frames.length
    ask(client, token, 20)
    gateway.advance(1_000)
    const answers = client.frames.slice(from)
    expect(answers).toHaveLength(20)
    const words = answers.map(({ result, error_message }) => `${result} ${error_message}`)
    expect(words.filter((each) => each === 'false the exchange gave no answer within 1000 ms')).toHaveLength(16)
    expect(words.filter((each) => each === 'false the gateway is busy: no turn came within 1000 ms')).toHaveLength(4)
  })

  it('that still waits when its connection ends is given up, and the account may log in again', () => {
    const { exchange, gateway, client, token } = fake()
    const answer$ = new Subject<typeof assets>()
    exchange.last.onAsset = () => answer$
    ask(client, token, 100)
    gateway.advance(0)
    client.connection.close()
    gateway.advance(0)
    answer$.next(assets)
    answer$.complete()
    gateway.advance(0)
    expect(exchange.last.unsubscriptions).toBe(1)
    expect(gateway.connect().login()).toBeDefined()
  })

  it('is answered at once where nothing else waits', () => {
    const { exchange, client, token } = fake()
    exchange.last.onAsset = () => of(assets)
    for (let i = 0; i < 500; i++) expect(client.ask({ op: 'asset', token, cid: `${i}` })).toHaveLength(1)
  })
})
