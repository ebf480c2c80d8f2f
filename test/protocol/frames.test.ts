import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type ClientFrame,
  decodeClientFrame,
  decodeFrame,
  encodeClientFrame,
  encodeFrame,
  type ServerFrame,
} from '../../src/protocol/index.js'
import { tokenOf } from '../../src/protocol/internal.js'

const right = (text: string): ServerFrame => {
  const decoded = decodeFrame(text)
  if (decoded._tag === 'Left') throw decoded.left
  return decoded.right
}

const failure = (frame: unknown) => {
  const decoded = decodeFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))
  if (decoded._tag === 'Right') throw new Error('it decoded')
  return decoded.left
}

const clientFailure = (frame: object) => {
  const encoded = encodeClientFrame(frame as ClientFrame)
  if (encoded._tag === 'Right') throw new Error('it encoded')
  return encoded.left
}

const position = {
  margin_mode: 'crossed',
  ...Object.fromEntries(
    ['long', 'short'].flatMap((side) =>
      ['quantity', 'avail_qty', 'open_price', 'hold_price', 'liquid_price', 'unrealised_pnl', 'leverage', 'margin'].map(
        (field) => [`${side}_${field}`, 0],
      ),
    ),
  ),
  utime: 1530604762311,
}

const openOrder = {
  order_no: '2510832677225473',
  action: 'BUY',
  price: 2289.6,
  quantity: 23,
  remain: 11,
  status: 'PARTIAL-FILLED',
  order_type: 'LIMIT',
  ctime: 1530604762277,
  utime: 1530604762278,
}

const fill = {
  symbol: 'ETH/USDT',
  order_no: '2510832677225474',
  fill_no: '9302836',
  price: 2189.6,
  quantity: 24.6,
  side: 'SELL',
  liquidity: 'TAKER',
  ctime: 1530604762311,
}

const symbolInfo = {
  price_tick: 0.01,
  size_tick: 1,
  size_limit: 10,
  value_tick: 1,
  value_limit: 10,
  base_currency: 'ETH',
  quote_currency: 'USDT',
  settlement_currency: 'USDT',
}

const reply = (op: string, fields: object = {}) => ({ op, cid: 'c', result: true, error_message: '', ...fields })
const notice = (topic: string, data: unknown) => ({ op: 'notify', topic, token: 'secret-token', data })
const assets = { BTC: { free: 1.1, locked: 2.2, total: 3.3 } }

describe('the examples of the protocol text', () => {
  it.each<[string, object]>([
    ['pong', { op: 'pong', ts: 1530604762311 }],
    ['login reply', reply('login', { token: 'x' })],
    ['place_order reply', reply('place_order', { order_no: 'x' })],
    ['cancel_order reply', reply('cancel_order', { data: [{ result: true, error_message: '', order_no: '1' }] })],
    [
      'open_orders reply',
      reply('open_orders', { data: [openOrder, { ...openOrder, remain: 0, status: 'SUBMITTED' }] }),
    ],
    ['asset reply', reply('asset', { data: assets })],
    ['position reply', reply('position', { data: position })],
    ['symbol_info reply', reply('symbol_info', { data: symbolInfo })],
    ['logout reply', reply('logout')],
    ['order notice', notice('order', { symbol: 'ETH/USDT', ...openOrder })],
    ['fill notice', notice('fill', fill)],
    ['position notice', notice('position', { symbol: 'ETH/USDT', ...position })],
    ['asset notice', notice('asset', assets)],
    ['state notice', { op: 'state', token: 'x', code: 5, msg: 'xxxxxx' }],
    ['error notice', { op: 'error', error_message: "'symbol'" }],
  ])('%s decodes to what was sent, and encodes again', (_, frame) => {
    expect(right(JSON.stringify(frame))).toEqual(frame)
    expect(JSON.parse(encodeFrame(frame as ServerFrame))).toEqual(frame)
  })

  it.each<[string, object]>([
    ['ping', { op: 'ping', ts: 1530604762311 }],
    [
      'login',
      { op: 'login', cid: 'c', platform: 'huobi_future', symbols: ['BTC/USDT'], access_key: 'a', secret_key: 's' },
    ],
    [
      'place_order',
      {
        op: 'place_order',
        cid: 'c',
        token: 't',
        symbol: 'ETH/USDT',
        action: 'SELL',
        price: 219.24,
        quantity: -5.6,
        order_type: 'LIMIT',
      },
    ],
    ['cancel_order', { op: 'cancel_order', cid: 'c', token: 't', symbol: 'ETH/USDT', order_nos: ['1', '2'] }],
    ['open_orders', { op: 'open_orders', cid: 'c', token: 't', symbol: 'ETH/USDT' }],
    ['asset', { op: 'asset', cid: 'c', token: 't' }],
    ['position', { op: 'position', cid: 'c', token: 't', symbol: 'ETH/USDT' }],
    ['symbol_info', { op: 'symbol_info', cid: 'c', token: 't', symbol: 'ETH/USDT' }],
    ['logout without a cid', { op: 'logout', token: 't' }],
  ])('%s encodes, and decodes at the server', (_, frame) => {
    const encoded = encodeClientFrame(frame as ClientFrame)
    expect(encoded._tag).toBe('Right')
    expect(decodeClientFrame(JSON.stringify(frame))).toEqual({ _tag: 'Right', right: frame })
  })
})

describe('what deployed servers do beyond the text', () => {
  it.each<[string, object]>([
    ['a failed reply without its other fields', { op: 'place_order', cid: 'c', result: false, error_message: 'no' }],
    ['a failed login with an empty token', { op: 'login', cid: '', result: false, error_message: 'no', token: '' }],
    ['a reply without a cid', { op: 'logout', result: true, error_message: '' }],
    [
      'null limits',
      reply('symbol_info', { data: { ...symbolInfo, value_tick: null, value_limit: null, size_limit: null } }),
    ],
    [
      'a flat position',
      notice('position', { symbol: 'x', ...position, margin_mode: null, utime: null, long_liquid_price: null }),
    ],
    ['a market order without a price', notice('order', { symbol: 'x', ...openOrder, price: null })],
    ['a fill without liquidity', notice('fill', { ...fill, liquidity: null })],
    ['words that we do not know', notice('order', { symbol: 'x', ...openOrder, status: 'RESTING', order_type: 'FOK' })],
    ['fields that we do not know', notice('fill', { ...fill, fee: 1 })],
    ['topics that we do not know', notice('funding', { rate: 1 })],
    ['state codes that we do not know', { op: 'state', token: 'x', code: 9, msg: '' }],
    [
      'our extensions',
      reply('login', { token: 'x', features: ['cid', 'new'], epoch: 'e', seq: 7, resume: 'complete' }),
    ],
    [
      'an admission that it does not know',
      { op: 'place_order', cid: 'c', result: false, error_message: '', unknown: true },
    ],
  ])('%s decodes', (_, frame) => {
    expect(right(JSON.stringify(frame))).toEqual(frame)
  })

  it('makes a -0 a 0, wherever it stands', () => {
    const text = JSON.stringify(notice('asset', { BTC: { free: 7, locked: 7, total: 7 } })).replaceAll('7', '-0')
    expect(right(text)).toEqual(notice('asset', { BTC: { free: 0, locked: 0, total: 0 } }))
  })
})

describe('a frame that is wrong', () => {
  it.each<[string, unknown, string]>([
    [
      'a wrong type',
      notice('order', { symbol: 'x', ...openOrder, price: '1' }),
      'data of order notice: price should be a finite number or null, but is a string',
    ],
    ['a missing field', reply('place_order'), 'reply to place_order: order_no should be a string, but is missing'],
    [
      'a list for a number',
      notice('fill', { ...fill, quantity: [1] }),
      'data of fill notice: quantity should be a finite number, but is a list',
    ],
    [
      'true for a number',
      { op: 'state', token: 'x', code: true, msg: '' },
      'state notice: code should be a finite number, but is true',
    ],
    [
      'null for a string',
      { op: 'state', token: 'x', code: 6, msg: null },
      'state notice: msg should be a string, but is null',
    ],
    [
      'a wrong item',
      reply('open_orders', { data: [openOrder, { ...openOrder, utime: '1' }] }),
      'reply to open_orders: data.1.utime should be a finite number, but is a string',
    ],
    [
      'a wrong balance',
      notice('asset', { BTC: { free: 1, locked: 'x', total: 1 } }),
      'data of asset notice: BTC.locked should be a finite number, but is a string',
    ],
  ])('%s: is told in words', (_, frame, words) => {
    expect(failure(frame).message).toBe(words)
  })

  it('counts what it does not tell', () => {
    expect(failure(notice('fill', {})).message).toMatch(/; and 5 more$/)
  })

  it('tells op, topic and cid where they can be read, and keeps the token to itself', () => {
    const failed = failure({ ...notice('order', 7), cid: 'c' })
    expect(failed).toMatchObject({ reason: 'shape', op: 'notify', topic: 'order', cid: 'c' })
    expect(tokenOf(failed)).toBe('secret-token')
    expect(JSON.stringify(failed) + Object.values(failed).join()).not.toContain('secret-token')
  })

  it('never repeats what a string held: it may be a key', () => {
    const secret = 'AKIA-very-secret'
    for (const frame of [
      reply('place_order', { order_no: [secret] }),
      { op: secret.repeat(3) },
      `{"op":"${secret}`,
      [secret],
    ]) {
      const { message } = failure(frame)
      expect(message.replaceAll('"', '').length).toBeLessThan(200)
      if (typeof frame === 'string' || Array.isArray(frame) || frame.op === 'place_order')
        expect(message).not.toContain(secret)
    }
  })

  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 6 }), fc.uint8Array()), (data) => {
        expect(['Left', 'Right']).toContain(decodeFrame(data)._tag)
        expect(['Left', 'Right']).toContain(decodeClientFrame(data)._tag)
      }),
      { numRuns: 2_000 },
    )
  })

  it('decodes to nothing that is not finite, wherever a number is broken', () => {
    const frames = [
      notice('order', { symbol: 'x', ...openOrder }),
      notice('fill', fill),
      notice('asset', assets),
      reply('position', { data: position }),
    ]
    const broken = fc.constantFrom('1e400', '-1e400', '"1"', 'true', '[1]', '{}')
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.nat(), broken, (frame, n, value) => {
        const text = JSON.stringify(frame)
        const numbers = [...text.matchAll(/(?<=:)-?\d[\d.e+-]*/g)]
        const at = numbers[n % numbers.length]!
        const mutated = text.slice(0, at.index) + value + text.slice(at.index + at[0].length)
        expect(decodeFrame(mutated)._tag).toBe('Left')
      }),
    )
  })
})

describe('what a client may send', () => {
  const order = {
    op: 'place_order',
    token: 't',
    symbol: 'x',
    action: 'BUY',
    price: 1,
    quantity: 1,
    order_type: 'LIMIT',
  }

  it.each([Number.NaN, Infinity, -Infinity])('never holds %p', (price) => {
    expect(clientFailure({ ...order, price }).message).toContain('price should be a finite number')
  })

  it.each([
    ['an action', { ...order, action: 'HOLD' }, 'action should be one of BUY, SELL, but is a string'],
    [
      'an order type',
      { ...order, order_type: 'FOK' },
      'order_type should be one of LIMIT, MARKET, IOC, but is a string',
    ],
    ['an op', { op: '__proto__' }, 'op "__proto__" is not known'],
  ])('holds no %s outside the protocol', (_, frame, words) => {
    expect(clientFailure(frame).message).toContain(words)
  })

  it('is told of the first item of a list that is wrong, and no other: there may be 30,000', () => {
    const login = { op: 'login', platform: 'p', access_key: 'a', secret_key: 's' }
    const { message } = clientFailure({
      ...login,
      symbols: ['x', 1, ...Array(30_000).fill(2)],
      market: ['trade', 'news'],
    })
    expect(message).toBe(
      'login: symbols.1 should be a string, but is 1; market.1 should be one of trade, ticker, orderbook, kline, but is a string',
    )
  })

  it('sends a -0 as 0', () => {
    const encoded = encodeClientFrame({ ...order, price: -0 } as ClientFrame)
    expect(encoded._tag === 'Right' && encoded.right).toContain('"price":0')
  })

  it('round-trips every order that is finite', () => {
    const orders = fc.record({
      op: fc.constant('place_order' as const),
      token: fc.string(),
      cid: fc.string(),
      symbol: fc.string(),
      action: fc.constantFrom('BUY' as const, 'SELL' as const),
      price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      quantity: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      order_type: fc.constantFrom('LIMIT' as const, 'MARKET' as const, 'IOC' as const),
    })
    fc.assert(
      fc.property(orders, (each) => {
        const encoded = encodeClientFrame(each)
        expect(encoded._tag === 'Right' && decodeClientFrame(encoded.right)).toEqual({ _tag: 'Right', right: each })
      }),
    )
  })
})

describe('what our server may send', () => {
  it.each([
    ['a NaN balance', notice('asset', { BTC: { free: Number.NaN, locked: 0, total: 0 } })],
    ['a reply without its fields', reply('login')],
    ['an op outside the protocol', { op: 'constructor' }],
  ])('is never %s', (_, frame) => {
    expect(() => encodeFrame(frame as ServerFrame)).toThrow()
  })
})
