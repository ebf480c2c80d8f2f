import { beforeEach, describe, expect, it } from '@jest/globals'
import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs'
import { OutcomeUnknown, AdapterRefused } from '../../src/gateway/index.js'
import { anOrder, connected, FakeExchange, type FakeSession, orderNotice, ready, state } from './fake-exchange.js'
import { VirtualGateway, type VirtualClient } from './virtual-gateway.js'

let exchange: FakeExchange
let gateway: VirtualGateway
let client: VirtualClient
let session: FakeSession
let token: string

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }
const place = (fields = {}) => ({ op: 'place_order', cid: 'p', token, ...order, ...fields })

const tell = (...events: Parameters<FakeSession['event']['next']>[0][]) =>
  client.during(() => {
    for (const event of events) session.event.next(event)
  })

beforeEach(() => {
  exchange = new FakeExchange()
  gateway = new VirtualGateway(new Map([['fake', exchange]]))
  client = gateway.connect()
  token = client.login()
  session = exchange.last
})

describe('commands before READY', () => {
  it('are refused, and never reach the exchange', () => {
    expect(client.ask(place())).toEqual([
      {
        op: 'place_order',
        cid: 'p',
        result: false,
        error_message: 'not ready: wait for state 6 READY',
        unknown: false,
      },
    ])
    expect(session.placed).toEqual([])
  })

  it.each([1, 3, 4, 5])('are refused again after state %i', (code) => {
    tell(connected, ready, state(code))
    expect(client.ask(place())[0]).toMatchObject({ result: false, error_message: expect.stringContaining(`${code} `) })
    expect(session.placed).toEqual([])
  })

  it.each([2, 7, 8, 9])('are let through after state %i, which changes nothing', (code) => {
    tell(connected, ready, state(code))
    expect(client.ask(place())[0]).toMatchObject({ result: true })
  })
})

describe('a command', () => {
  beforeEach(() => {
    tell(connected, ready)
  })

  it('receives the result of the exchange', () => {
    expect(client.ask(place())).toEqual([
      { op: 'place_order', cid: 'p', result: true, error_message: '', order_no: '1' },
    ])
    expect(session.placed).toEqual([{ ...order, cid: 'p' }])
  })

  it('is refused in the words of the exchange', () => {
    session.onPlace = () => throwError(() => new AdapterRefused('too small'))
    expect(client.ask(place())).toEqual([
      { op: 'place_order', cid: 'p', result: false, error_message: 'too small', unknown: false },
    ])
  })

  it.each([
    ['whose answer was lost', () => throwError(() => new OutcomeUnknown('the venue gave status 502'))],
    ['that an adapter failed on', () => throwError(() => new TypeError('x is not a function'))],
    ['that ended without a result', () => EMPTY],
    [
      'that threw at once',
      () => {
        throw new Error('boom')
      },
    ],
  ])('for an order %s is answered as unknown, never as failed', (_, onPlace) => {
    session.onPlace = onPlace
    const [reply] = client.ask(place())
    expect(reply).toMatchObject({ op: 'place_order', cid: 'p', result: false, unknown: true })
    expect(reply?.error_message).not.toContain('function')
  })

  it('that the exchange never answers is answered as unknown in time for a client that waits 10 s', () => {
    session.onPlace = () => NEVER
    expect(client.ask(place())).toEqual([])
    client.send({ op: 'ping', ts: 1 })
    gateway.advance(9_000)
    expect(client.frames.at(-1)).toMatchObject({ op: 'place_order', cid: 'p', result: false, unknown: true })
  })

  it('is answered once, even if the exchange answers twice', () => {
    session.onPlace = () => of({ order_no: '1' }, { order_no: '2' })
    expect(client.ask(place())).toHaveLength(1)
  })

  it('whose result cannot be said in the protocol is answered as unknown: the order may exist', () => {
    session.onPlace = () => of({ order_no: null as unknown as string })
    expect(client.ask(place())[0]).toMatchObject({ result: false, unknown: true })
  })

  it('that only asks is answered with words when the exchange fails, not with a doubt', () => {
    session.onAsset = () => throwError(() => new Error('no'))
    const [reply] = client.ask({ op: 'asset', cid: 'a', token })
    expect(reply).toEqual({ op: 'asset', cid: 'a', result: false, error_message: 'the exchange interface failed' })
  })

  it('overtakes another: replies come as the exchange answers, each with its own cid', () => {
    const first = new Subject<{ order_no: string }>()
    const second = new Subject<{ order_no: string }>()
    const answers = [first, second]
    session.onPlace = () => answers.shift()!
    const replies = client.during(() => {
      client.send(place({ cid: 'a' }))
      client.send(place({ cid: 'b' }))
      second.next({ order_no: '2' })
      first.next({ order_no: '1' })
    })
    expect(replies.map(({ cid, order_no }) => [cid, order_no])).toEqual([
      ['b', '2'],
      ['a', '1'],
    ])
  })

  it.each([
    [{ quantity: 0 }, 'quantity must not be 0: its sign says which side is operated on'],
    [{ order_type: 'MARKET', price: 5 }, 'the price of a MARKET order must be 0, not 5: use IOC to limit what is paid'],
    [{ price: 0 }, 'price must be above 0, not 0'],
    [{ price: -1, order_type: 'IOC' }, 'price must be above 0, not -1'],
    [{ valid_until: 5 }, 'valid_until has passed'],
    [{ symbol: '__proto__' }, 'symbol "__proto__" was not named at login'],
  ])('with %j is refused before the exchange is asked', (fields, error_message) => {
    expect(client.ask(place(fields))[0]).toMatchObject({ result: false, error_message })
    expect(session.placed).toEqual([])
  })

  it('is refused when too many are in flight already', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { inFlightPerConnection: 2 })
    client = gateway.connect()
    token = client.login()
    session = exchange.last
    tell(connected, ready)
    session.onPlace = () => NEVER
    client.send(place({ cid: '1' }))
    client.send(place({ cid: '2' }))
    expect(client.ask(place({ cid: '3' }))[0]).toMatchObject({ cid: '3', result: false })
    expect(session.placed).toHaveLength(2)
    client.send({ op: 'ping', ts: 1 })
    gateway.advance(9_000)
    expect(client.frames.slice(-2).map(({ cid }) => cid)).toEqual(['1', '2'])
    session.onPlace = () => of({ order_no: '3' })
    expect(client.ask(place({ cid: '4' }))[0]).toMatchObject({ cid: '4', result: true })
  })
})

describe('notices', () => {
  it('carry the login’s token, in the order of the exchange', () => {
    const told = tell(connected, orderNotice(), orderNotice({ status: 'FILLED', remain: 0 }), ready)
    expect(told.map(({ op, code, data }) => code ?? data?.status ?? op)).toEqual([2, 'SUBMITTED', 'FILLED', 6])
    expect(told.every((frame) => frame.token === token)).toBe(true)
  })

  it('of symbols that the login did not name are not passed on', () => {
    expect(tell(orderNotice({ symbol: 'ETH/USDT' }))).toEqual([])
  })

  it('that hold an invalid number are not sent as null: the client learns that it missed one', () => {
    const told = tell(orderNotice({ price: Number.NaN }))
    expect(told).toEqual([
      { op: 'state', token, code: 7, msg: expect.stringContaining('a notice of topic "order" could not be sent') },
    ])
  })

  it('show a zero without a sign', () => {
    expect(tell(orderNotice({ remain: -0 }))[0]?.data).toEqual({ ...anOrder, remain: 0 })
  })

  it('stop with the logout, and the exchange is let go of', () => {
    tell(connected, ready)
    client.send({ op: 'logout', cid: 'l', token })
    expect(session.unsubscriptions).toBe(1)
    expect(tell(orderNotice())).toEqual([])
  })
})

describe('an adapter whose events end', () => {
  it.each([
    ['by an error', () => session.event.error(new Error('boom'))],
    ['by completing', () => session.event.complete()],
  ])('%s is connected again after 5 s, and the client hears of each step', (_, end) => {
    tell(connected, ready)
    const told = client.during(() => {
      end()
      gateway.advance(4_999)
    })
    expect(told.map(({ code }) => code)).toEqual([7, 4])
    expect(client.ask(place())[0]).toMatchObject({ result: false })
    expect(
      client
        .during(() => gateway.advance(1))
        .map(({ code }) => code)
        .at(0),
    ).toBe(5)
    expect(session.subscriptions).toBeGreaterThan(1)
  })
})

describe('a login', () => {
  it('is refused when the adapter refuses it, and its key may try again', () => {
    exchange.onOpen = () => {
      throw new AdapterRefused('DOGE/USDT is not traded here')
    }
    const other = gateway.connect()
    expect(() => other.login({ access_key: 'another-key' })).toThrow('DOGE/USDT is not traded here')
    exchange.onOpen = () => {}
    expect(other.login({ access_key: 'another-key' })).toBeDefined()
  })

  it('is refused without the adapter’s words when the adapter fails', () => {
    exchange.onOpen = () => {
      throw new Error('cannot read another-key')
    }
    const other = gateway.connect()
    expect(() => other.login({ access_key: 'another-key' })).toThrow('the exchange interface could not be started')
    expect(JSON.stringify(gateway.events)).not.toContain('another-key')
  })

  it('does not show its keys, whatever an adapter says of them', () => {
    session.onPlace = () => throwError(() => new AdapterRefused('bad signature for an-access-key with a-secret-key'))
    tell({ _tag: 'state', code: 7, msg: 'key an-access-key is unknown' }, connected, ready)
    client.send(place())
    const said = JSON.stringify([client.frames, gateway.events])
    expect(said).not.toContain('an-access-key')
    expect(said).not.toContain('a-secret-key')
    expect(said).toContain('key *** is unknown')
  })

  it('that names a symbol twice has named it', () => {
    const other = gateway.connect()
    other.login({ access_key: 'another-key', symbols: ['BTC/USDT', 'BTC/USDT'] })
    expect(exchange.last.login.symbols).toEqual(['BTC/USDT'])
  })

  it('leaves no word of its client in the events', () => {
    const other = gateway.connect()
    expect(() => other.login({ platform: 'a-key-in-the-wrong-field' })).toThrow('not known here')
    other.sendText('{"op":"a-key-in-the-wrong-field"}')
    other.connection.close(1000, 'a-key-in-the-wrong-field')
    gateway.advance(0)
    expect(gateway.events.map(({ type }) => type)).toContain('disconnected')
    expect(JSON.stringify(gateway.events)).not.toContain('a-key')
  })

  it('is refused on a connection that has as many as it may', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { loginsPerConnection: 2 })
    client = gateway.connect()
    client.login({ access_key: 'key-1' })
    client.login({ access_key: 'key-2' })
    expect(() => client.login({ access_key: 'key-3' })).toThrow('2 logins')
  })

  it('ends with its socket: the key may log in again at once, and its open orders stay', () => {
    tell(connected, ready)
    client.connection.abandon()
    gateway.advance(0)
    expect(session.unsubscriptions).toBe(1)
    expect(session.cancelled).toEqual([])
    expect(gateway.connect().login()).toBeDefined()
  })

  it('with cancel_on_disconnect has its orders cancelled when its socket ends, those still on their way too', () => {
    client.send({ op: 'logout', token })
    token = client.login({ cancel_on_disconnect: true, symbols: ['BTC/USDT', 'ETH/USDT'] })
    session = exchange.last
    tell(connected, ready)
    const underway = new Subject<{ order_no: string }>()
    session.onPlace = () => underway
    client.send(place())
    client.connection.abandon()
    gateway.advance(0)
    expect(session.cancelled).toEqual([])
    expect(session.unsubscriptions).toBe(0)
    expect(() => gateway.connect().login()).toThrow('Do not log in repeat')

    session.onCancel = () => {
      // An adapter that has been let go of could not cancel any more.
      expect(session.unsubscriptions).toBe(0)
      return of([])
    }
    underway.next({ order_no: '1' })
    expect(session.unsubscriptions).toBe(1)
    expect(session.cancelled).toEqual([
      { symbol: 'BTC/USDT', order_nos: [] },
      { symbol: 'ETH/USDT', order_nos: [] },
    ])
    expect(gateway.connect().login()).toBeDefined()
  })

  it('with cancel_on_disconnect keeps its orders when it logs out', () => {
    client.send({ op: 'logout', token })
    token = client.login({ cancel_on_disconnect: true })
    session = exchange.last
    tell(connected, ready)
    client.send({ op: 'logout', token })
    client.connection.close()
    gateway.advance(0)
    expect(session.cancelled).toEqual([])
  })

  it('that logs out with an order in flight still gets that order’s reply', () => {
    tell(connected, ready)
    const underway = new Subject<{ order_no: string }>()
    session.onPlace = () => underway
    client.send(place())
    const replies = client.during(() => {
      client.send({ op: 'logout', cid: 'l', token })
      expect(session.unsubscriptions).toBe(0)
      session.event.next(orderNotice())
      underway.next({ order_no: '1' })
      expect(session.unsubscriptions).toBe(1)
    })
    expect(replies.map(({ op, result }) => [op, result])).toEqual([
      ['logout', true],
      ['place_order', true],
    ])
  })
})

describe('the token of a login (fault 29)', () => {
  const asset = (of: string) => ({ op: 'asset', cid: 'a', token: of })
  const invalid = [{ op: 'asset', cid: 'a', result: false, error_message: 'Invalid token' }]

  beforeEach(() => {
    tell(connected, ready)
  })

  it('is worth nothing on another socket', () => {
    expect(gateway.connect().ask(asset(token))).toEqual(invalid)
  })

  it('is worth nothing after its logout', () => {
    client.send({ op: 'logout', token })
    expect(client.ask(asset(token))).toEqual(invalid)
    expect(client.ask({ op: 'logout', cid: 'l', token })[0]).toMatchObject({
      result: false,
      error_message: 'Invalid token',
    })
  })

  it('is worth nothing after its socket has closed', () => {
    client.connection.close()
    gateway.advance(0)
    expect(gateway.connect().ask(asset(token))).toEqual(invalid)
  })

  it.each(['', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%j is none', (word) => {
    expect(client.ask(asset(word))).toEqual(invalid)
  })
})

describe('two logins on one socket', () => {
  it('have their own tokens, notices and readiness', () => {
    const other = client.login({ access_key: 'another-key' })
    const otherSession = exchange.last
    tell(connected, ready)
    const told = client.during(() => otherSession.event.next(orderNotice()))
    expect(told).toMatchObject([{ topic: 'order', token: other }])
    expect(client.ask(place())[0]).toMatchObject({ result: true })
    expect(client.ask(place({ token: other }))[0]).toMatchObject({ result: false })
  })
})

describe('a cancel', () => {
  it('of more orders than it may name is refused, and none is cancelled', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { ordersPerCancel: 2 })
    client = gateway.connect()
    token = client.login()
    session = exchange.last
    tell(connected, ready)
    const cancel = (...order_nos: string[]) =>
      client.ask({ op: 'cancel_order', cid: 'c', token, symbol: 'BTC/USDT', order_nos })[0]
    expect(cancel('1', '2', '3')).toMatchObject({
      result: false,
      unknown: false,
      error_message: 'a cancel may name at most 2 orders',
    })
    expect(session.cancelled).toEqual([])
    cancel('1', '2')
    expect(session.cancelled).toHaveLength(1)
  })
})

describe('stopping the gateway', () => {
  it('closes every connection with 1001 and releases the exchange', () => {
    const other = gateway.connect()
    gateway.stop()
    expect([client.closed?.code, other.closed?.code]).toEqual([1001, 1001])
    expect(session.unsubscriptions).toBe(1)
    gateway.scheduler.flush({ untilMs: 1_000_000 })
  })
})
