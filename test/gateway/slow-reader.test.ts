import { beforeEach, describe, expect, it } from '@jest/globals'
import { Subject } from 'rxjs'
import type { AdapterEvent } from '../../src/gateway/index.js'
import type { Connection, Message } from '../../src/transport/index.js'
import { connected, FakeExchange, orderNotice, ready } from './fake-exchange.js'
import type { Frame } from './plain-client.js'
import { VirtualGateway } from './virtual-gateway.js'

/** The server's end of a connection whose other side reads as much as the test says. */
class Pipe implements Connection {
  readonly #message = new Subject<Message>()
  readonly message$ = this.#message.asObservable()
  readonly written: Frame[] = []
  bufferedAmount = 0
  reads = true
  closed: number | undefined

  send(text: string): boolean {
    this.written.push(JSON.parse(text))
    if (!this.reads) this.bufferedAmount += text.length
    return true
  }

  close(code?: number): void {
    this.closed = code
    this.#message.complete()
  }

  abandon(): void {
    this.#message.complete()
  }

  receive(frame: Frame): void {
    this.#message.next(JSON.stringify(frame))
  }
}

const order = { action: 'BUY', price: 1, quantity: 1, order_type: 'LIMIT' } as const
const ticker = (bid: number, symbol = 'BTC/USDT'): AdapterEvent => ({
  _tag: 'notice',
  topic: 'ticker',
  data: { symbol, bid, ask: bid + 1, last: bid, timestamp: 1 },
})
const trade = (price: number): AdapterEvent => ({
  _tag: 'notice',
  topic: 'trade',
  data: { symbol: 'BTC/USDT', action: 'BUY', price, quantity: 1, timestamp: 1 },
})
const kline = (timestamp: number, close: number): AdapterEvent => ({
  _tag: 'notice',
  topic: 'kline',
  data: { symbol: 'BTC/USDT', period: '1m', open: 1, high: 9, low: 1, close, volume: 1, timestamp },
})

let exchange: FakeExchange
let gateway: VirtualGateway
let pipe: Pipe
const tell = (...events: AdapterEvent[]) => {
  for (const event of events) exchange.last.event.next(event)
}
const noticesSince = (from: number) =>
  pipe.written.slice(from).map(({ topic, data }) => [topic, data.bid ?? data.price ?? data.close])

beforeEach(() => {
  exchange = new FakeExchange()
  exchange.features = ['market']
  const limits = { pendingBytes: 10_000, burstBytes: 100_000, conflateAboveBytes: 1_000, deadAfterMs: 1e9 }
  gateway = new VirtualGateway(new Map([['fake', exchange]]), limits)
  pipe = new Pipe()
  gateway.accept(pipe)
  pipe.receive({
    op: 'login',
    platform: 'fake',
    symbols: ['BTC/USDT', 'ETH/USDT'],
    access_key: 'a',
    secret_key: 'b',
    market: ['ticker'],
  })
  tell(connected, ready)
})

describe('a reader that is behind', () => {
  it('gets of each ticker and candle the newest only, once it has caught up', () => {
    pipe.bufferedAmount = 2_000
    const from = pipe.written.length
    tell(ticker(1), ticker(2), ticker(7, 'ETH/USDT'), kline(0, 4), kline(60_000, 5), kline(60_000, 6), ticker(3))
    gateway.advance(1_000)
    expect(noticesSince(from)).toEqual([])
    pipe.bufferedAmount = 0
    gateway.advance(25)
    expect(noticesSince(from)).toEqual([
      ['ticker', 3],
      ['ticker', 7],
      ['kline', 4],
      ['kline', 6],
    ])
  })

  it('gets every order, fill and trade, in order, once it has caught up', () => {
    pipe.bufferedAmount = 2_000
    const from = pipe.written.length
    tell(orderNotice({ price: 1 }), trade(2), orderNotice({ price: 3 }))
    gateway.advance(1_000)
    // They wait where they take least: not in the socket.
    expect(noticesSince(from)).toEqual([])
    pipe.bufferedAmount = 0
    tell(trade(4))
    gateway.advance(25)
    expect(noticesSince(from)).toEqual([
      ['order', 1],
      ['trade', 2],
      ['order', 3],
      ['trade', 4],
    ])
  })

  it('gets nothing that waited for a login that has logged out', () => {
    pipe.bufferedAmount = 2_000
    const { token } = pipe.written[0]!
    tell(ticker(1))
    pipe.receive({ op: 'logout', token })
    pipe.bufferedAmount = 0
    const from = pipe.written.length
    gateway.advance(1_000)
    expect(pipe.written.slice(from).map(({ op }) => op)).toEqual(['logout'])
  })
})

describe('a reader that stays behind (fault 5)', () => {
  const burst = () => {
    for (let i = 0; i < 60; i++) tell(orderNotice({ order_no: String(i) }))
  }

  it('is closed with 4413 after a second, and its login ends', () => {
    pipe.reads = false
    burst()
    // No more than the socket takes at once lies there.
    expect(pipe.bufferedAmount).toBeLessThan(2_000)
    gateway.advance(999)
    expect(pipe.closed).toBeUndefined()
    gateway.advance(1)
    expect(pipe.closed).toBe(4413)
    expect(exchange.last.unsubscriptions).toBe(1)
  })

  it('is not closed for a burst that it reads within the second', () => {
    pipe.reads = false
    const from = pipe.written.length
    burst()
    pipe.reads = true
    pipe.bufferedAmount = 0
    gateway.advance(10_000)
    expect(pipe.closed).toBeUndefined()
    expect(pipe.written.slice(from).map(({ data }) => data.order_no)).toEqual(
      Array.from({ length: 60 }, (_, i) => String(i)),
    )
  })

  it('is closed at once when its backlog is beyond all measure, and nothing more is written', () => {
    pipe.reads = false
    for (let i = 0; i < 2_000; i++) tell(orderNotice({ order_no: String(i) }))
    expect(pipe.closed).toBe(4413)
    expect(pipe.bufferedAmount).toBeLessThan(2_000)
  })

  it('has its requests refused meanwhile: an answer may be a thousand times as long as its question', () => {
    const { token } = pipe.written[0]!
    pipe.reads = false
    burst()
    const ask = () => pipe.receive({ op: 'place_order', token, cid: 'c', symbol: 'BTC/USDT', ...order })
    ask()
    expect(exchange.last.placed).toHaveLength(0)
    pipe.reads = true
    pipe.bufferedAmount = 0
    gateway.advance(25)
    expect(pipe.written.at(-1)).toMatchObject({
      ...{ op: 'place_order', cid: 'c', result: false, unknown: false },
      error_message: expect.stringContaining('not being read'),
    })
    ask()
    expect(exchange.last.placed).toHaveLength(1)
  })

  it('has its queries wait meanwhile, and each is answered when there is room', () => {
    const { token } = pipe.written[0]!
    pipe.bufferedAmount = 2_000
    const from = pipe.written.length
    for (let i = 0; i < 200; i++) pipe.receive({ op: 'asset', token, cid: `${i}` })
    gateway.advance(900)
    expect(pipe.written.slice(from)).toEqual([])
    pipe.bufferedAmount = 0
    gateway.advance(50)
    expect(pipe.written.slice(from).map(({ cid }) => cid)).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`))
  })

  it('is not closed where it reads all that is written, however often its backlog is full', () => {
    for (let second = 0; second < 20; second++) {
      // Full at every look, and read in between.
      pipe.reads = false
      burst()
      gateway.advance(960)
      pipe.reads = true
      pipe.bufferedAmount = 0
      gateway.advance(30)
    }
    expect(pipe.closed).toBeUndefined()
  })
})
