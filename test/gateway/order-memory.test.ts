import { beforeEach, describe, expect, it } from '@jest/globals'
import { Subject, throwError } from 'rxjs'
import { OrderMemory, paperPlatforms, Refused } from '../../src/gateway/index.js'
import type { PlaceOrderRequest, Reply } from '../../src/protocol/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { connected, FakeExchange, type FakeSession, ready, state } from './fake-exchange.js'
import type { Frame } from './plain-client.js'
import { VirtualGateway, type VirtualClient } from './virtual-gateway.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' } as const

describe('a place_order whose cid was used before', () => {
  let exchange: FakeExchange
  let gateway: VirtualGateway
  let client: VirtualClient
  let session: FakeSession
  let token: string
  /** One for all sessions of the account, as an adapter keeps it. */
  let memory: OrderMemory

  const place = (fields: Frame = {}) => ({ op: 'place_order', cid: 'p', token, ...order, ...fields })
  const comeBack = () => {
    client.connection.abandon()
    gateway.advance(1)
    client = gateway.connect()
    token = client.login()
    session = exchange.last
    Object.assign(session, { memory })
  }

  beforeEach(() => {
    exchange = new FakeExchange()
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { inFlightPerConnection: 2 })
    memory = new OrderMemory()
    client = gateway.connect()
    token = client.login()
    session = exchange.last
    Object.assign(session, { memory })
    client.during(() => [connected, ready].forEach((event) => session.event.next(event)))
  })

  it('is given the reply of the first, and makes no second order', () => {
    const first = client.ask(place())
    expect(client.ask(place())).toEqual(first)
    expect(first).toMatchObject([{ cid: 'p', result: true, order_no: '1' }])
    expect(session.placed).toHaveLength(1)
  })

  it('joins the first while that is in flight', () => {
    const answer = new Subject<{ order_no: string }>()
    session.onPlace = () => answer
    expect(client.ask(place())).toEqual([])
    expect(client.ask(place())).toEqual([])
    expect(client.during(() => answer.next({ order_no: '7' }))).toMatchObject([{ order_no: '7' }, { order_no: '7' }])
    expect(session.placed).toHaveLength(1)
  })

  it('joins it from another socket, after the first has broken', () => {
    const answer = new Subject<{ order_no: string }>()
    const first = session
    first.onPlace = () => answer
    client.ask(place())
    comeBack()
    expect(client.ask(place())).toEqual([])
    expect(client.during(() => answer.next({ order_no: '7' }))).toMatchObject([{ order_no: '7', result: true }])
    expect([first, session].map(({ placed }) => placed.length)).toEqual([1, 0])
  })

  it('is given that reply before anything may refuse it: not ready, too late, too many in flight', () => {
    client.ask(place({ valid_until: gateway.clock.wall() + 10 }))
    session.onPlace = () => new Subject()
    client.ask(place({ cid: 'a' }))
    client.ask(place({ cid: 'b' }))
    expect(client.ask(place({ cid: 'c' }))).toMatchObject([{ error_message: expect.stringContaining('in flight') }])
    gateway.advance(20)
    client.during(() => session.event.next(state(4)))
    expect(client.ask(place({ valid_until: gateway.clock.wall() - 10 }))).toMatchObject([
      { result: true, order_no: '1' },
    ])
  })

  it.each([{ quantity: 3 }, { price: 101 }, { action: 'SELL' }, { order_type: 'IOC' }, { symbol: 'ETH/USDT' }])(
    'is refused in words if it is another order: %j',
    (fields) => {
      client.ask(place())
      expect(client.ask(place(fields))).toMatchObject([
        { result: false, unknown: false, error_message: expect.stringContaining('used before') },
      ])
      expect(client.ask(place())).toMatchObject([{ order_no: '1' }])
      expect(session.placed).toHaveLength(1)
    },
  )

  it('stays refused once it was refused: whoever was told so may have placed another', () => {
    session.onPlace = () => throwError(() => new Refused('no money'))
    const first = client.ask(place())
    session.onPlace = () => throwError(() => new Error('asked a second time'))
    expect(client.ask(place())).toEqual(first)
    expect(first).toMatchObject([{ result: false, unknown: false, error_message: 'no money' }])
  })

  it('stays unknown where the exchange did not answer: it is not asked again', () => {
    session.onPlace = () => new Subject()
    client.send(place())
    gateway.advance(9_000)
    expect(client.ask(place())).toMatchObject([{ result: false, unknown: true }])
    expect(session.placed).toHaveLength(1)
  })

  it('is a new order where it is empty or left out', () => {
    expect(client.ask(place({ cid: '' }))).toMatchObject([{ order_no: '1' }])
    expect(client.ask(place({ cid: '' }))).toMatchObject([{ order_no: '2' }])
    expect(client.ask(place({ cid: undefined }))).toMatchObject([{ order_no: '3' }])
  })
})

describe('a memory of orders', () => {
  const request = (cid: string): PlaceOrderRequest => ({ op: 'place_order', token: 't', cid, ...order })
  const reply = (cid: string): Reply => ({ op: 'place_order', cid, result: true, error_message: '', order_no: cid })
  let asked: string[]
  const put = (memory: OrderMemory, cid: string, now: number, answer?: Subject<Reply>) => {
    memory
      .answer(request(cid), now, () => {
        asked.push(cid)
        return answer ?? ([reply(cid)] as never)
      })
      .subscribe()
  }
  beforeEach(() => {
    asked = []
  })

  it('keeps an order for 24 hours, and lets it go after', () => {
    const memory = new OrderMemory()
    put(memory, 'a', 0)
    put(memory, 'b', 86_400_000)
    put(memory, 'a', 86_400_000)
    expect(asked).toEqual(['a', 'b'])
    put(memory, 'c', 86_400_001)
    put(memory, 'a', 86_400_001)
    expect(asked).toEqual(['a', 'b', 'c', 'a'])
  })

  it('holds so many, of which the oldest go', () => {
    const memory = new OrderMemory({ most: 3 })
    for (const cid of ['a', 'b', 'c', 'd']) put(memory, cid, 0)
    expect(memory.size).toBe(3)
    for (const cid of ['b', 'c', 'd']) put(memory, cid, 0)
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
  })

  it('does not let go of one that is in flight', () => {
    const memory = new OrderMemory({ most: 1 })
    const answer = new Subject<Reply>()
    put(memory, 'a', 0, answer)
    put(memory, 'b', 0)
    put(memory, 'a', 0)
    expect(asked).toEqual(['a', 'b'])
    answer.next(reply('a'))
    put(memory, 'c', 0)
    expect(memory.size).toBe(1)
  })
})

describe('the paper exchange', () => {
  const open = () => {
    const scheduler = new VirtualScheduler()
    const platforms = paperPlatforms({ market: 'none', scheduler, clock: virtualClock(scheduler) })
    return { gateway: new VirtualGateway(platforms, {}, scheduler), exchange: platforms.get('huobi')!.exchange }
  }
  const paper = { platform: 'huobi' }
  const rest = { op: 'place_order', cid: 'p', ...order, price: 50_000, quantity: 0.01 }

  it('says that it has the feature, and carries the cid in notices and open orders', () => {
    const client = open().gateway.connect()
    const token = client.login(paper)
    expect(client.frames[0]!.features).toContain('cid')
    const [, notice] = client.ask({ ...rest, token })
    expect(notice).toMatchObject({ topic: 'order', data: { cid: 'p' } })
    expect(client.ask({ op: 'open_orders', cid: 'o', token, symbol: 'BTC/USDT' })).toMatchObject([
      { data: [{ cid: 'p' }] },
    ])
  })

  it('remembers an account over its logins, and each account for itself', () => {
    const { gateway } = open()
    const [anna, bert] = [gateway.connect(), gateway.connect()]
    const reply = anna.ask({ ...rest, token: anna.login(paper) })[0]!
    anna.connection.abandon()
    gateway.advance(1)
    const again = gateway.connect()
    expect(again.ask({ ...rest, token: again.login(paper) })).toEqual([reply])
    const other = bert.ask({ ...rest, token: bert.login({ ...paper, access_key: 'the-key-of-bert' }) })[0]!
    expect(other.order_no).not.toBe(reply.order_no)
  })

  it('refuses what has passed its valid_until when its turn comes, though it had not on arrival', () => {
    const scheduler = new VirtualScheduler()
    const { wall, monotonic } = virtualClock(scheduler)
    const platforms = paperPlatforms({ market: 'none', scheduler, clock: { wall: () => wall() + 5, monotonic } })
    const gateway = new VirtualGateway(platforms, {}, scheduler)
    const client = gateway.connect()
    const token = client.login(paper)
    expect(client.ask({ ...rest, token, valid_until: wall() + 4 })).toMatchObject([
      { result: false, unknown: false, error_message: expect.stringContaining('was valid until') },
    ])
  })

  it('refuses what has passed its valid_until on arrival', () => {
    const { gateway } = open()
    const client = gateway.connect()
    const token = client.login(paper)
    const now = gateway.clock.wall()
    expect(client.ask({ ...rest, token, cid: 'a', valid_until: now - 1 })).toMatchObject([
      { result: false, unknown: false, error_message: expect.stringContaining('valid_until') },
    ])
    expect(client.ask({ ...rest, token, cid: 'b', valid_until: now })[0]).toMatchObject({ result: true })
  })
})
