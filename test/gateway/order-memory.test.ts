import { beforeEach, describe, expect, it } from '@jest/globals'
import { Subject, throwError } from 'rxjs'
import { OutcomeUnknown, IdempotencyStore, paperPlatforms, AdapterRefused } from '../../src/gateway/index.js'
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
  let memory: IdempotencyStore

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
    memory = new IdempotencyStore()
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

  it('stays refused once it was refused: its client may have placed another', () => {
    session.onPlace = () => throwError(() => new AdapterRefused('no money'))
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

  it('is placed by its first frame only, which stays an order when the question about it has come meanwhile', () => {
    const answer = new Subject<{ order_no: string }>()
    session.onPlace = () => answer
    expect(client.ask(place())).toEqual([])
    expect(client.ask(place({ valid_until: 1 }))).toEqual([])
    expect(client.during(() => answer.next({ order_no: '7' }))).toMatchObject([{ order_no: '7' }, { order_no: '7' }])
    expect(session.placed).toHaveLength(1)
  })

  it('is never placed once a question about it was refused, whatever frame of it comes later', () => {
    const refused = client.ask(place({ valid_until: 1 }))
    expect(refused).toMatchObject([{ result: false, unknown: false, error_message: 'valid_until has passed' }])
    expect(client.ask(place({ valid_until: gateway.clock.wall() + 60_000 }))).toEqual(refused)
    expect(client.ask(place())).toEqual(refused)
    comeBack()
    client.during(() => [connected, ready].forEach((event) => session.event.next(event)))
    expect(client.ask(place())).toEqual(refused)
    expect(session.placed).toEqual([])
  })

  it('is reported as unknown by a question when the memory is full: the cid may have been dropped to make room', () => {
    memory = new IdempotencyStore({ most: 2 })
    Object.assign(session, { memory })
    for (const cid of ['p', 'q', 'r']) client.ask(place({ cid }))
    expect(client.ask(place({ valid_until: 1 }))).toMatchObject([{ result: false, unknown: true }])
    expect(client.ask(place())).toMatchObject([{ result: false, unknown: true }])
    expect(session.placed).toHaveLength(3)
  })

  it('is given the truth once the exchange has answered after the deadline', () => {
    const late = new Subject<{ order_no: string }>()
    session.onPlace = () => late
    client.send(place())
    gateway.advance(9_000)
    expect(client.ask(place())).toMatchObject([{ result: false, unknown: true }])
    late.next({ order_no: '7' })
    expect(client.ask(place({ valid_until: 1 }))).toMatchObject([{ result: true, order_no: '7' }])
    expect(session.placed).toHaveLength(1)
  })

  it('is given the refusal once the exchange has refused after the deadline', () => {
    const late = new Subject<{ order_no: string }>()
    session.onPlace = () => late
    client.send(place())
    gateway.advance(9_000)
    late.error(new AdapterRefused('no money'))
    expect(client.ask(place())).toMatchObject([{ result: false, unknown: false, error_message: 'no money' }])
  })

  it('is given what the adapter has learned since it said unknown', () => {
    session.onPlace = () => throwError(() => new OutcomeUnknown('the exchange hung up'))
    expect(client.ask(place())).toMatchObject([{ unknown: true }])
    expect(memory.correct('p', { order_no: '7' })).toBe(true)
    expect(client.ask(place())).toMatchObject([{ result: true, order_no: '7' }])
    // Definite by now.
    expect(memory.correct('p', { refused: 'no money' })).toBe(false)
    expect(memory.correct('never seen', { order_no: '8' })).toBe(false)
    expect(client.ask(place())).toMatchObject([{ result: true, order_no: '7' }])
  })

  it('is given what the adapter has learned before it said unknown', () => {
    const answer = new Subject<{ order_no: string }>()
    session.onPlace = () => answer
    client.ask(place())
    expect(memory.correct('p', { refused: 'no money' })).toBe(true)
    expect(client.during(() => answer.error(new OutcomeUnknown('the exchange hung up')))).toMatchObject([
      { result: false, unknown: false, error_message: 'no money' },
    ])
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
  const put = (memory: IdempotencyStore, cid: string, now: number, answer?: Subject<Reply>) => {
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

  it('keeps an order for 24 hours by a wall clock that may be set forward as much, and lets it go after', () => {
    const memory = new IdempotencyStore()
    put(memory, 'a', 0)
    put(memory, 'b', 172_800_000)
    put(memory, 'a', 172_800_000)
    expect(asked).toEqual(['a', 'b'])
    put(memory, 'c', 172_800_001)
    put(memory, 'a', 172_800_001)
    expect(asked).toEqual(['a', 'b', 'c', 'a'])
  })

  it('holds so many, of which the oldest go', () => {
    const memory = new IdempotencyStore({ most: 3 })
    for (const cid of ['a', 'b', 'c', 'd']) put(memory, cid, 0)
    expect(memory.size).toBe(3)
    for (const cid of ['b', 'c', 'd']) put(memory, cid, 0)
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
  })

  it('does not let go of one that is in flight', () => {
    const memory = new IdempotencyStore({ most: 1 })
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

describe('a login that does not name feature cid', () => {
  const rest = { op: 'place_order', cid: '1', ...order, price: 50_000, quantity: 0.01 }
  const plain = { platform: 'huobi', features: undefined }

  const open = () => {
    const scheduler = new VirtualScheduler()
    const platforms = paperPlatforms({ market: 'none', scheduler, clock: virtualClock(scheduler) })
    return new VirtualGateway(platforms, {}, scheduler)
  }

  it.each([undefined, [], ['resume', 'CID', 'constructor']])('does not receive it (features: %j)', (features) => {
    const client = open().connect()
    client.login({ ...plain, features })
    expect(client.frames[0]!.features).not.toContain('cid')
    expect(client.frames[0]!.features).toContain('resume')
  })

  it('makes an order of each request, whatever its cid: within a login, over logins and with other terms', () => {
    const gateway = open()
    const numbers: unknown[] = []
    for (let nth = 0; nth < 2; nth++) {
      const client = gateway.connect()
      const token = client.login(plain)
      for (const fields of [{}, {}, { price: 49_000 }]) {
        const [reply] = client.ask({ ...rest, ...fields, token })
        expect(reply).toMatchObject({ cid: '1', result: true })
        numbers.push(reply!.order_no)
      }
      client.connection.abandon()
      gateway.advance(1)
    }
    expect(new Set(numbers).size).toBe(6)
  })

  it('leaves no trace in the memory: a login that names it later starts with an empty one, and the other way round', () => {
    const gateway = open()
    const numbers = [plain, { platform: 'huobi' }, plain, { platform: 'huobi' }].map((fields) => {
      const client = gateway.connect()
      const [reply, notice] = client.ask({ ...rest, token: client.login(fields) })
      if (fields === plain) expect(notice!.data.cid).toBe(undefined)
      client.connection.abandon()
      gateway.advance(1)
      return reply!.order_no
    })
    expect(numbers[1]).toBe(numbers[3])
    expect(new Set(numbers).size).toBe(3)
  })

  it('hands no cid to the exchange, which might refuse a constant one as a duplicate', () => {
    const exchange = new FakeExchange()
    const client = new VirtualGateway(new Map([['fake', exchange]])).connect()
    const token = client.login({ features: undefined })
    client.during(() => [connected, ready].forEach((event) => exchange.last.event.next(event)))
    expect(client.ask({ ...rest, token })).toMatchObject([{ cid: '1', result: true }])
    expect(exchange.last.placed).toMatchObject([{ cid: '' }])
  })

  it('is refused in words when its features are no list of strings', () => {
    const client = open().connect()
    expect(() => client.login({ ...plain, features: 'cid' })).toThrow('features')
    expect(() => client.login({ ...plain, features: [1] })).toThrow('features')
  })
})
