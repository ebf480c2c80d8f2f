import { beforeEach, describe, expect, it } from '@jest/globals'
import { connected, FakeExchange, ready } from './fake-exchange.js'
import { VirtualGateway, type VirtualClient } from './virtual-gateway.js'

let exchange: FakeExchange
let gateway: VirtualGateway
let client: VirtualClient

beforeEach(() => {
  exchange = new FakeExchange()
  gateway = new VirtualGateway(new Map([['fake', exchange]]))
  client = gateway.connect()
})

describe('the 15 s rule (fault 3)', () => {
  it('closes a connection of which nothing was heard for 15 s: not before, and not at the next look', () => {
    client.login()
    gateway.advance(14_999)
    expect(client.closed).toBeUndefined()
    gateway.advance(1)
    expect(client.closed).toEqual({ code: 4408, reason: 'nothing was heard for 15000 ms' })
  })

  it('ends its logins, so that the key may log in again', () => {
    client.login()
    gateway.advance(15_000)
    expect(exchange.last.unsubscriptions).toBe(1)
    expect(gateway.connect().login()).toBeDefined()
  })

  it.each([
    ['a ping', '{"op":"ping","ts":1}'],
    ['a request', '{"op":"asset","token":"x"}'],
    ['a frame that is no JSON', '{'],
  ])('takes %s for life, and counts from then on', (_, text) => {
    client.login()
    gateway.advance(14_000)
    client.sendText(text)
    gateway.advance(14_999)
    expect(client.closed).toBeUndefined()
    gateway.advance(1)
    expect(client.closed?.code).toBe(4408)
  })

  it('does not take what it sends itself for life', () => {
    client.login()
    gateway.advance(10_000)
    exchange.last.event.next(connected)
    exchange.last.event.next(ready)
    gateway.advance(5_000)
    expect(client.closed?.code).toBe(4408)
  })

  it('reads what has arrived during a stall of its own before it calls a client dead', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]))
    // Sent in the very instant in which the timer is due: it lies unread when the timer fires.
    gateway.scheduler.schedule(() => client.connection.send('{"op":"ping","ts":1}'), 15_000)
    client = gateway.connect()
    client.login()
    gateway.advance(15_000)
    expect(client.closed).toBeUndefined()
    gateway.advance(14_999)
    expect(client.closed).toBeUndefined()
  })

  it('is not moved by a wall clock that jumps', () => {
    client.login()
    gateway.clock.jumpWall(3_600_000)
    gateway.advance(14_999)
    expect(client.closed).toBeUndefined()
    gateway.clock.jumpWall(-7_200_000)
    gateway.advance(1)
    expect(client.closed?.code).toBe(4408)
  })
})

/** Pings as a client should, for so long. */
const pingFor = (ms: number) => {
  for (let passed = 0; passed < ms; passed += 5_000) {
    client.send({ op: 'ping', ts: passed })
    gateway.advance(5_000)
  }
}

describe('a socket that never logs in (fault 30)', () => {
  it('is closed after 30 s, pings or not', () => {
    pingFor(30_000)
    expect(client.closed).toEqual({ code: 4401, reason: 'no login within 30000 ms' })
  })

  it('is not closed when it has asked, even in vain: it may be waiting for its key to be free', () => {
    expect(() => client.login({ platform: 'nowhere' })).toThrow('not known here')
    pingFor(60_000)
    expect(client.closed).toBeUndefined()
  })
})

describe('one connection too many', () => {
  it('is closed with 1013, the others stay, and there is room again when one has left', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { connections: 2 })
    const first = gateway.connect()
    const second = gateway.connect()
    expect(gateway.connect().closed?.code).toBe(1013)
    first.connection.close()
    gateway.advance(0)
    expect(gateway.connect().closed).toBeUndefined()
    expect(second.closed).toBeUndefined()
  })
})

describe('a flood of messages', () => {
  it('closes its own connection with 4429, and no other', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { messagesPerSecond: 10 })
    client = gateway.connect()
    const other = gateway.connect()
    for (let i = 0; i < 10; i++) client.send({ op: 'ping', ts: i })
    gateway.advance(1_000)
    for (let i = 0; i < 10; i++) client.send({ op: 'ping', ts: i })
    expect(client.closed).toBeUndefined()
    client.send({ op: 'ping', ts: 11 })
    expect(client.closed?.code).toBe(4429)
    expect(other.ask({ op: 'ping', ts: 5 })).toEqual([{ op: 'pong', ts: 5 }])
  })

  it('counts a long one as the requests that it could hold, because reading it takes as long', () => {
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { messagesPerSecond: 10 })
    client = gateway.connect()
    const ofLength = (length: number) => client.sendText('{"op":"ping","ts":1}'.padEnd(length))
    for (let i = 0; i < 8; i++) ofLength(512)
    ofLength(513)
    expect(client.closed).toBeUndefined()
    ofLength(1)
    expect(client.closed?.code).toBe(4429)
  })
})
