import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import * as t from 'io-ts'
import {
  AssetRequest,
  Assets,
  Balance,
  CancelOrderReply,
  decodeFrame,
  Fill,
  Kline,
  LogoutReply,
  OpenOrder,
  OpenOrdersRequest,
  Order,
  OrderBook,
  PlaceOrderReply,
  PlaceOrderRequest,
  Position,
  Ticker,
  Trade,
} from '../../src/protocol/index.js'
import { NoticeEnvelope } from '../../src/protocol/notice.js'

const text = fc.string()
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const level = fc.tuple(number, number)
const optional = { requiredKeys: [] as never[] }
const side = (name: string) =>
  Object.fromEntries(
    ['quantity', 'avail_qty', 'open_price', 'hold_price', 'liquid_price', 'unrealised_pnl', 'leverage', 'margin'].map(
      (field) => [`${name}_${field}`, /price/.test(field) ? fc.option(number) : number],
    ),
  )
const extended = (fields: Record<string, fc.Arbitrary<unknown>>, extensions: Record<string, fc.Arbitrary<unknown>>) =>
  fc.tuple(fc.record(fields), fc.record(extensions, optional)).map(([a, b]) => ({ ...a, ...b }))
const openOrder = {
  order_no: text,
  action: text,
  price: fc.option(number),
  quantity: number,
  remain: number,
  status: text,
  order_type: text,
  ctime: number,
  utime: number,
}
const ofOrders = { cid: text, seq: number, offset: text, news: fc.jsonValue() }

const messages: Record<string, readonly [t.Any, fc.Arbitrary<object>]> = {
  Order: [Order, extended({ symbol: text, ...openOrder }, ofOrders)],
  OpenOrder: [OpenOrder, extended(openOrder, ofOrders)],
  PlaceOrderRequest: [
    PlaceOrderRequest,
    extended(
      {
        op: fc.constant('place_order'),
        token: text,
        symbol: text,
        action: fc.constantFrom('BUY', 'SELL'),
        price: number,
        quantity: number,
        order_type: fc.constantFrom('LIMIT', 'MARKET', 'IOC'),
      },
      { cid: text, valid_until: number },
    ),
  ],
  AssetRequest: [AssetRequest, extended({ op: fc.constant('asset'), token: text }, { cid: text })],
  OpenOrdersRequest: [
    OpenOrdersRequest,
    extended({ op: fc.constant('open_orders'), token: text, symbol: text }, { cid: text }),
  ],
  PlaceOrderReply: [
    PlaceOrderReply,
    extended(
      { op: fc.constant('place_order'), result: fc.constant(true), error_message: text, order_no: text },
      { cid: text },
    ),
  ],
  CancelOrderReply: [
    CancelOrderReply,
    extended(
      {
        op: fc.constant('cancel_order'),
        result: fc.constant(true),
        error_message: text,
        data: fc.array(fc.record({ order_no: text, result: fc.boolean(), error_message: text })),
      },
      { cid: text },
    ),
  ],
  LogoutReply: [
    LogoutReply,
    extended({ op: fc.constant('logout'), result: fc.constant(true), error_message: text }, { cid: text }),
  ],
  Fill: [
    Fill,
    extended(
      {
        symbol: text,
        order_no: text,
        fill_no: text,
        price: number,
        quantity: number,
        side: text,
        liquidity: fc.option(text),
        ctime: number,
      },
      { seq: number, offset: text },
    ),
  ],
  Position: [
    Position,
    fc.record({
      symbol: text,
      margin_mode: fc.option(text),
      ...side('long'),
      ...side('short'),
      utime: fc.option(number),
    }),
  ],
  Balance: [Balance, fc.record({ free: number, locked: number, total: number })],
  NoticeEnvelope: [
    NoticeEnvelope,
    fc.record({ op: fc.constant('notify'), topic: text, token: text, data: fc.jsonValue() }),
  ],
  Trade: [Trade, fc.record({ symbol: text, action: text, price: number, quantity: number, timestamp: number })],
  Ticker: [Ticker, fc.record({ symbol: text, bid: number, ask: number, last: number, timestamp: number })],
  OrderBook: [OrderBook, fc.record({ symbol: text, bids: fc.array(level), asks: fc.array(level), timestamp: number })],
  Kline: [
    Kline,
    fc.record({
      symbol: text,
      period: text,
      open: number,
      high: number,
      low: number,
      close: number,
      volume: number,
      timestamp: number,
    }),
  ],
}

/** What the codec would say without its quick check: it is put together again from its parts. */
const plainCheck = (codec: t.Any): ((u: unknown) => boolean) => {
  const parts = codec as { readonly props?: t.Props; readonly types?: [t.Any, t.Any] }
  const plain = parts.props === undefined ? t.intersection(parts.types!) : t.type(parts.props)
  return (u) => plain.is(u)
}

/** What may stand where something else belongs. */
const intruder = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    undefined,
    null,
    -0,
    NaN,
    Infinity,
    '',
    [],
    {},
    [[1]],
    [[1, 2, 3]],
    [['1', 2]],
    [[1, -0]],
    true,
  ),
)

/** A message with some fields replaced, and some taken away. */
const broken = (message: object): fc.Arbitrary<Record<string, unknown>> => {
  const keys = Object.keys(message)
  return fc
    .tuple(
      fc.subarray(keys, { maxLength: 2 }),
      fc.array(intruder, { minLength: 2, maxLength: 2 }),
      fc.subarray(keys, { maxLength: 1 }),
    )
    .map(([replaced, by, without]) => {
      const copy: Record<string, unknown> = { ...message }
      replaced.forEach((key, i) => (copy[key] = by[i]))
      for (const key of without) Reflect.deleteProperty(copy, key)
      return copy
    })
}

describe.each(Object.entries(messages))('the quick check of %s', (_name, [codec, valid]) => {
  const plain = plainCheck(codec)

  it('takes every message that is right', () => {
    fc.assert(
      fc.property(valid, (message) => {
        expect(plain(message)).toBe(true)
        expect(codec.is(message)).toBe(true)
      }),
    )
  })

  it('says the same as the codec of one that is broken', () => {
    fc.assert(
      fc.property(valid.chain(broken), (message) => {
        expect(codec.is(message)).toBe(plain(message))
      }),
      { numRuns: 500 },
    )
  })

  it('says no, as the codec does, to what is no message at all', () => {
    for (const value of [null, undefined, 1, 'x', [], [[]], true, () => undefined]) {
      expect([value, codec.is(value), plain(value)]).toEqual([value, false, false])
    }
  })
})

describe('balances', () => {
  it('are checked one by one', () => {
    expect(Assets.is({ BTC: { free: 1, locked: 0, total: 1 }, USDT: { free: 1, locked: -0, total: 1 } })).toBe(false)
  })
})

describe('the depth of a frame', () => {
  const nested = (depth: number, brackets: number): string => {
    const open = Array.from({ length: depth }, (_, i) => ((brackets >> (i % 31)) & 1 ? '[' : '{"a":'))
    const close = open.map((bracket) => (bracket === '[' ? ']' : '}')).reverse()
    return `${open.join('')}0${close.join('')}`
  }

  it('is refused above 32 levels in a long frame, however they are made up', () => {
    const long = 'x'.repeat(512)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (depth, brackets) => {
        const decoded = decodeFrame(`{"op":"pong","ts":1,"deep":${nested(depth, brackets)},"long":"${long}"}`)
        // The frame itself is the first level.
        expect(decoded._tag === 'Left' ? decoded.left.reason : 'fine').toBe(depth + 1 > 32 ? 'depth' : 'fine')
      }),
    )
  })

  it('is not that of brackets side by side, or in a text', () => {
    for (const wide of [
      `[${'[],'.repeat(100)}[]]`,
      JSON.stringify('[{'.repeat(100)),
      JSON.stringify(['"[', '\\"{']),
      '0',
    ]) {
      expect(decodeFrame(`{"op":"pong","ts":1,"wide":${wide}}`)._tag).toBe('Right')
    }
  })

  it('is refused however deep it is', () => {
    const decoded = decodeFrame(`{"op":"pong","ts":1,"deep":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)
    expect(decoded).toMatchObject({ _tag: 'Left', left: { reason: 'depth' } })
  })
})
