import { describe, expect, it } from '@jest/globals'
import {
  type ExchangeCommand,
  createExchange,
  type ExchangeEvent,
  type PlaceCommand,
} from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'

/** A huobi paper exchange (fees 0.2 %, ticks 0.01 and 0.000001) in which each account has 10 BTC and 100,000 USDT. */
function open(...accounts: string[]) {
  const exchange = createExchange({ platform: 'huobi' })
  const tell = (command: ExchangeCommand, timeMs = 1) => exchange.apply(command, timeMs)
  for (const account of accounts) tell({ type: 'open-account', account, deposits: { BTC: '10', USDT: '100000' } })
  tell({ type: 'open-account', account: 'house', house: true })
  const place = (
    account: string,
    action: 'BUY' | 'SELL',
    price: number,
    quantity: number,
    more: Partial<PlaceCommand> = {},
  ): readonly ExchangeEvent[] =>
    tell({ type: 'place', account, symbol, action, price, quantity, order_type: 'LIMIT', ...more })
  return { exchange, tell, place }
}

const orders = (events: readonly ExchangeEvent[], account: string) =>
  events.flatMap((event) =>
    event.type === 'order' && event.account === account ? [`${event.data.status} ${event.data.remain}`] : [],
  )
const fills = (events: readonly ExchangeEvent[], account: string) =>
  events.flatMap((event) =>
    event.type === 'fill' && event.account === account ? [`${event.data.quantity} @ ${event.data.price}`] : [],
  )
const refusal = (events: readonly ExchangeEvent[]) =>
  events.flatMap((event) => (event.type === 'refused' ? [event.message] : []))[0]

describe('a LIMIT order', () => {
  it('rests at its price with its lock, and trades there with later orders', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'BUY', 40_000, 1)
    expect(exchange.assets('maker')['USDT']).toEqual({ free: 60_000, locked: 40_000, total: 100_000 })
    expect(fills(place('taker', 'SELL', 39_000, 0.25), 'taker')).toEqual(['0.25 @ 40000'])
    expect(exchange.assets('maker')['USDT']).toEqual({ free: 60_000, locked: 30_000, total: 90_000 })
    expect(exchange.openOrders('maker', symbol)).toMatchObject([{ remain: 0.75, status: 'PARTIAL-FILLED' }])
  })

  it('gets the better price that is there, and what its limit had locked beyond it comes back', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 1)
    place('taker', 'BUY', 41_000, 1)
    expect(exchange.assets('taker')['USDT']).toEqual({ free: 60_000, locked: 0, total: 60_000 })
  })

  it('rests with its unfilled remainder', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 0.4)
    expect(orders(place('taker', 'BUY', 40_000, 1), 'taker')).toEqual(['SUBMITTED 1', 'PARTIAL-FILLED 0.6'])
    expect(exchange.depth(symbol, 5)).toMatchObject({ bids: [[40_000, 0.6]], asks: [] })
  })

  it('waits behind those that came earlier at its price and before those at a worse one', () => {
    const { place } = open('first', 'second', 'better', 'taker')
    place('first', 'SELL', 40_000, 0.1)
    place('second', 'SELL', 40_000, 0.1)
    place('better', 'SELL', 39_999.99, 0.1)
    const events = place('taker', 'BUY', 40_000, 0.25)
    const sellers = events.flatMap((event) =>
      event.type === 'fill' && event.data.side === 'SELL' ? [event.account] : [],
    )
    expect(sellers).toEqual(['better', 'first', 'second'])
    expect(fills(events, 'taker')).toEqual(['0.1 @ 39999.99', '0.1 @ 40000', '0.05 @ 40000'])
  })
})

describe('an IOC order', () => {
  it('takes what its price allows and ends CANCELED with the rest, nothing locked', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 0.3)
    place('maker', 'SELL', 40_001, 0.3)
    const events = place('taker', 'BUY', 40_000, 1, { order_type: 'IOC' })
    expect(fills(events, 'taker')).toEqual(['0.3 @ 40000'])
    expect(orders(events, 'taker')).toEqual(['SUBMITTED 1', 'CANCELED 0.7'])
    expect(exchange.assets('taker')['USDT']).toEqual({ free: 88_000, locked: 0, total: 88_000 })
    expect(exchange.openOrders('taker', symbol)).toEqual([])
  })

  it('ends FILLED when there was enough', () => {
    const { place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 1)
    expect(orders(place('taker', 'BUY', 40_000, 1, { order_type: 'IOC' }), 'taker')).toEqual([
      'SUBMITTED 1',
      'FILLED 0',
    ])
  })
})

describe('a MARKET SELL', () => {
  it('walks down the bids and ends CANCELED when they have run out', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'BUY', 40_000, 0.1)
    place('maker', 'BUY', 39_000, 0.1)
    const events = place('taker', 'SELL', 0, 0.5, { order_type: 'MARKET' })
    expect(fills(events, 'taker')).toEqual(['0.1 @ 40000', '0.1 @ 39000'])
    expect(orders(events, 'taker')).toEqual(['SUBMITTED 0.5', 'CANCELED 0.3'])
    expect(exchange.assets('taker')).toEqual({
      BTC: { free: 9.8, locked: 0, total: 9.8 },
      USDT: { free: 107_884.2, locked: 0, total: 107_884.2 },
    })
  })
})

describe('a MARKET BUY', () => {
  it('spends an amount of quote currency and is filled in base currency', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 0.1)
    place('maker', 'SELL', 50_000, 0.1)
    const events = place('taker', 'BUY', 0, 6_500, { order_type: 'MARKET' })
    expect(fills(events, 'taker')).toEqual(['0.1 @ 40000', '0.05 @ 50000'])
    expect(orders(events, 'taker')).toEqual(['SUBMITTED 6500', 'FILLED 0'])
    expect(exchange.assets('taker')).toEqual({
      BTC: { free: 10.1497, locked: 0, total: 10.1497 },
      USDT: { free: 93_500, locked: 0, total: 93_500 },
    })
  })

  it('is FILLED when what is left buys no whole lot, and the rest of the amount comes back', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 1)
    const events = place('taker', 'BUY', 0, 100.03, { order_type: 'MARKET' })
    expect(fills(events, 'taker')).toEqual(['0.0025 @ 40000'])
    expect(orders(events, 'taker')).toEqual(['SUBMITTED 100.03', 'FILLED 0.03'])
    expect(exchange.assets('taker')['USDT']).toEqual({ free: 99_900, locked: 0, total: 99_900 })
  })

  it('is CANCELED when the asks have run out, and the rest of the amount comes back', () => {
    const { exchange, place } = open('maker', 'taker')
    place('maker', 'SELL', 40_000, 0.1)
    expect(orders(place('taker', 'BUY', 0, 5_000, { order_type: 'MARKET' }), 'taker')).toEqual([
      'SUBMITTED 5000',
      'CANCELED 1000',
    ])
    expect(exchange.assets('taker')['USDT']).toEqual({ free: 96_000, locked: 0, total: 96_000 })
    expect(orders(place('taker', 'BUY', 0, 5_000, { order_type: 'MARKET' }), 'taker')).toEqual([
      'SUBMITTED 5000',
      'CANCELED 5000',
    ])
  })
})

describe('a MARKET BUY of too little', () => {
  it('is CANCELED, not FILLED, when its amount does not buy one lot', () => {
    const { exchange, tell, place } = open('maker', 'taker')
    tell({ type: 'quote', account: 'house', symbol, asks: [[20_000_000, 1]] })
    expect(orders(place('taker', 'BUY', 0, 19, { order_type: 'MARKET' }), 'taker')).toEqual([
      'SUBMITTED 19',
      'CANCELED 19',
    ])
    expect(exchange.assets('taker')['USDT']).toEqual({ free: 100_000, locked: 0, total: 100_000 })
  })
})

describe('a cancel', () => {
  it('gives back exactly what is locked, after a partial fill too', () => {
    const { exchange, tell, place } = open('maker', 'taker')
    place('maker', 'BUY', 33_333.33, 0.333333)
    place('taker', 'SELL', 33_333.33, 0.111111)
    const total = exchange.assets('maker')['USDT']!.total
    const events = tell({ type: 'cancel', account: 'maker', symbol, order_nos: ['1'], ref: 'r' }, 9)
    expect(orders(events, 'maker')).toEqual(['CANCELED 0.222222'])
    expect(events).toContainEqual({
      type: 'cancel-results',
      account: 'maker',
      ref: 'r',
      results: [{ order_no: '1', result: true, error_message: '' }],
    })
    expect(exchange.assets('maker')['USDT']).toEqual({ free: total, locked: 0, total })
  })

  it('of one order or many says for each what became of it', () => {
    const { tell, place } = open('maker', 'other')
    place('maker', 'BUY', 30_000, 0.1)
    place('other', 'BUY', 30_000, 0.1)
    place('maker', 'BUY', 30_000, 0.1)
    const events = tell({
      type: 'cancel',
      account: 'maker',
      symbol,
      order_nos: ['1', '2', '1', 'constructor', '03', ''],
    })
    const results = events.flatMap((event) => (event.type === 'cancel-results' ? event.results : []))
    expect(results.map(({ order_no, result }) => [order_no, result])).toEqual([
      ['1', true],
      ['2', false],
      ['1', false],
      ['constructor', false],
      ['03', false],
      ['', false],
    ])
    expect(results[1]!.error_message).toBe('no open order 2 of BTC/USDT: unknown, filled or cancelled')
  })

  it('that names none takes all of the symbol and leaves those of another', () => {
    const { exchange, tell, place } = open('maker')
    place('maker', 'BUY', 30_000, 0.1)
    place('maker', 'SELL', 60_000, 0.1)
    place('maker', 'BUY', 2_000, 1, { symbol: 'ETH/USDT' })
    tell({ type: 'cancel', account: 'maker', symbol, order_nos: [] })
    expect(exchange.openOrders('maker', symbol)).toEqual([])
    expect(exchange.openOrders('maker', 'ETH/USDT')).toHaveLength(1)
  })
})

describe('fees', () => {
  it('come off what is received, by the rate of maker and taker, rounded up to the unit', () => {
    const exchange = createExchange({ platform: 'okex' })
    for (const account of ['maker', 'taker']) {
      exchange.apply({ type: 'open-account', account, deposits: { BTC: '1', USDT: '100000' } }, 0)
    }
    const order = { type: 'place', symbol, price: 33_333.3, quantity: 0.00012345, order_type: 'LIMIT' } as const
    exchange.apply({ ...order, account: 'maker', action: 'SELL' }, 0)
    const events = exchange.apply({ ...order, account: 'taker', action: 'BUY' }, 0)
    // 4.114995885 USDT at 0.08 % is 0.003291996708; 0.00012345 BTC at 0.1 % is 0.00000012345.
    expect(
      events.flatMap((event) => (event.type === 'fill' ? [[event.account, event.fee, event.fee_currency]] : [])),
    ).toEqual([
      ['maker', 0.003291997, 'USDT'],
      ['taker', 0.00000013, 'BTC'],
    ])
    expect(exchange.exactBalances()).toContainEqual({
      account: 'taker',
      currency: 'BTC',
      free: '1.00012332',
      locked: '0',
    })
  })

  it('are the maker’s for a buyer who was there first, and the taker’s for the seller', () => {
    const exchange = createExchange({ platform: 'okex' })
    for (const account of ['maker', 'taker']) {
      exchange.apply({ type: 'open-account', account, deposits: { BTC: '1', USDT: '100000' } }, 0)
    }
    const order = { type: 'place', symbol, price: 40_000, quantity: 1, order_type: 'LIMIT' } as const
    exchange.apply({ ...order, account: 'maker', action: 'BUY' }, 0)
    const events = exchange.apply({ ...order, account: 'taker', action: 'SELL' }, 0)
    expect(
      events.flatMap((event) => (event.type === 'fill' ? [[event.account, event.fee, event.fee_currency]] : [])),
    ).toEqual([
      ['maker', 0.0008, 'BTC'],
      ['taker', 40, 'USDT'],
    ])
  })
})

describe('an order is refused, in words, and nothing changes', () => {
  it.each<[string, Partial<PlaceCommand>, string]>([
    ['an unknown symbol', { symbol: 'DOGE/USDT' }, 'unknown symbol "DOGE/USDT": huobi has BTC/USDT, ETH/USDT'],
    [
      'a symbol named like an inherited key',
      { symbol: 'constructor' },
      'unknown symbol "constructor": huobi has BTC/USDT, ETH/USDT',
    ],
    ['a symbol that is no text', { symbol: null as never }, 'unknown symbol "null": huobi has BTC/USDT, ETH/USDT'],
    ['an account that is not there', { account: '__proto__' }, 'no such account: __proto__'],
    ['a price between two ticks', { price: 40_000.005 }, 'price 40000.005 is not a multiple of the price tick 0.01'],
    ['a price of 0', { price: 0 }, 'price must be above 0, not 0'],
    ['a price below 0', { price: -1 }, 'price must be above 0, not -1'],
    ['no number as price', { price: NaN }, 'price must be a finite number, not NaN'],
    ['an infinite price', { price: Infinity }, 'price must be a finite number, not Infinity'],
    [
      'a price of a MARKET order',
      { order_type: 'MARKET' },
      'the price of a MARKET order must be 0, not 40000: use IOC to limit what is paid',
    ],
    ['a quantity of 0', { quantity: 0 }, 'quantity must be above 0, not 0'],
    ['a quantity of -0', { quantity: -0 }, 'quantity must be above 0, not 0'],
    ['a quantity below 0', { quantity: -1 }, 'quantity must be above 0, not -1'],
    ['no number as quantity', { quantity: NaN }, 'quantity must be a finite number, not NaN'],
    [
      'a quantity between two lots',
      { quantity: 0.1234567 },
      'quantity 0.1234567 is not a multiple of the size tick 0.000001',
    ],
    [
      'a quantity below the smallest',
      { quantity: 0.000009 },
      'quantity 0.000009 is below the smallest order, 0.00001 BTC',
    ],
    ['a quantity above the largest', { quantity: 1e300 }, 'quantity 1e+300 is above the largest order, 100000'],
    ['a value below the smallest', { quantity: 0.0001 }, "the order's value 4 is below the smallest, 10 USDT"],
    [
      'too little money',
      { quantity: 2.500001 },
      'insufficient balance: the order needs 100000.04 USDT, free is 100000 USDT',
    ],
    [
      'too few coins',
      { action: 'SELL', quantity: 10.000001 },
      'insufficient balance: the order needs 10.000001 BTC, free is 10 BTC',
    ],
    [
      'an amount between two units',
      { order_type: 'MARKET', price: 0, quantity: 100.000000001 },
      'quantity 100.000000001 of a MARKET BUY is an amount of USDT and not a multiple of the value tick 0.00000001',
    ],
    [
      'an amount below the smallest',
      { order_type: 'MARKET', price: 0, quantity: 9.99 },
      "the order's value 9.99 is below the smallest, 10 USDT",
    ],
    ['an action that is none', { action: 'HOLD' as 'BUY' }, 'action must be BUY or SELL, not "HOLD"'],
    ['a type that is none', { order_type: 'FOK' as 'IOC' }, 'order_type must be LIMIT, MARKET or IOC, not "FOK"'],
    ['a time that has passed', { valid_until: 0 }, 'the order was valid until 0 and reached the exchange at 1'],
  ])('with %s', (_what, wrong, words) => {
    const { exchange, tell } = open('me')
    const before = exchange.exactBalances()
    const events = tell({
      type: 'place',
      account: 'me',
      ref: 'mine',
      symbol,
      action: 'BUY',
      price: 40_000,
      quantity: 1,
      order_type: 'LIMIT',
      ...wrong,
    })
    expect(events).toEqual([{ type: 'refused', account: wrong.account ?? 'me', ref: 'mine', message: words }])
    expect(exchange.exactBalances()).toEqual(before)
    expect(exchange.depth(symbol, 1)).toMatchObject({ bids: [], asks: [] })
  })

  it('but not at the limits themselves: smallest size, smallest value, last free unit, last valid moment', () => {
    const { place } = open('me')
    expect(refusal(place('me', 'SELL', 1_000_000, 0.00001, { valid_until: 1 }))).toBeUndefined()
    expect(refusal(place('me', 'SELL', 1_000_000, 9.99999))).toBeUndefined()
    expect(refusal(place('me', 'BUY', 0, 10, { order_type: 'MARKET' }))).toBeUndefined()
  })

  it('but not because the clock was ahead once: it is valid by the time at which it comes', () => {
    const { tell } = open('me')
    tell({ type: 'quote', account: 'house', symbol, bids: [[1, 1]] }, 3_600_000)
    const order = { account: 'me', symbol, action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' } as const
    expect(refusal(tell({ type: 'place', ...order, valid_until: 1_000 }, 1_000))).toBeUndefined()
    expect(refusal(tell({ type: 'place', ...order, valid_until: 1_000 }, 1_001))).toContain(
      'reached the exchange at 1001',
    )
  })

  it('and the next order’s number shows no hole', () => {
    const { place } = open('me')
    place('me', 'BUY', 40_000, 99)
    expect(place('me', 'BUY', 40_000, 1)[0]).toEqual({ type: 'accepted', account: 'me', ref: undefined, order_no: '1' })
  })
})

describe('an account that has as many open orders as it may', () => {
  it('is refused another that could rest, on any symbol, until one is gone', () => {
    const exchange = createExchange({ platform: 'huobi', mostOpenOrders: 2 })
    exchange.apply({ type: 'open-account', account: 'me', deposits: { BTC: 10, USDT: 100_000 } }, 1)
    const order = {
      type: 'place',
      account: 'me',
      symbol,
      action: 'BUY',
      price: 100,
      quantity: 1,
      order_type: 'LIMIT',
    } as const
    const place = (more: Partial<PlaceCommand> = {}) => exchange.apply({ ...order, ...more }, 1)
    place()
    place({ symbol: 'ETH/USDT' })
    expect(refusal(place())).toBe('2 orders are open, and no more are allowed: cancel some')
    expect(refusal(place({ order_type: 'IOC' }))).toBeUndefined()
    exchange.apply({ type: 'cancel', account: 'me', symbol: 'ETH/USDT', order_nos: [] }, 1)
    expect(refusal(place())).toBeUndefined()
    expect(refusal(place())).toContain('2 orders')
    place({ action: 'SELL', quantity: 1, order_type: 'IOC' })
    expect(refusal(place())).toBeUndefined()
    const again = createExchange({ platform: 'huobi', mostOpenOrders: 2, state: exchange.state() })
    expect(refusal(again.apply(order, 1))).toContain('2 orders')
  })
})

describe('accounts', () => {
  it('are opened once, with deposits that are decimals of a known currency', () => {
    const { tell } = open('me')
    expect(refusal(tell({ type: 'open-account', account: 'me' }))).toBe('account me exists already')
    expect(refusal(tell({ type: 'open-account', account: 'fees' }))).toBe('account fees exists already')
    expect(refusal(tell({ type: 'open-account', account: 'you', deposits: { XRP: 1 } }))).toMatch(
      /^unknown currency "XRP"/,
    )
    expect(refusal(tell({ type: 'open-account', account: 'you', deposits: { BTC: '1.123456789' } }))).toMatch(
      /at most 8 places/,
    )
    expect(refusal(tell({ type: 'open-account', account: 'you', deposits: { BTC: '-1' } }))).toMatch(
      /must not be negative/,
    )
    expect(refusal(tell({ type: 'open-account', account: 'you' }))).toBeUndefined()
  })

  it('withdraw no more than is free', () => {
    const { exchange, tell, place } = open('me')
    place('me', 'BUY', 40_000, 1)
    expect(refusal(tell({ type: 'deposit', account: 'me', currency: 'USDT', amount: -60_000.01 }))).toBe(
      'insufficient balance: free is 60000 USDT',
    )
    tell({ type: 'deposit', account: 'me', currency: 'USDT', amount: -60_000 })
    expect(exchange.assets('me')['USDT']).toEqual({ free: 0, locked: 40_000, total: 40_000 })
  })
})

describe('the house', () => {
  it('quotes and takes without funds, tells nothing of its own affairs, and pays no fees', () => {
    const { exchange, tell, place } = open('me')
    const quoted = tell({ type: 'quote', account: 'house', symbol, bids: [[39_999.999, 1]], asks: [[40_000.001, 2]] })
    expect(quoted.map(({ type }) => type)).toEqual(['ticker', 'book'])
    expect(exchange.depth(symbol, 5)).toMatchObject({ bids: [[39_999.99, 1]], asks: [[40_000.01, 2]] })
    const events = place('me', 'BUY', 40_000.01, 0.5)
    expect(events.filter((event) => 'account' in event && event.account === 'house')).toEqual([])
    expect(exchange.exactBalances()).toContainEqual({
      account: 'house',
      currency: 'USDT',
      free: '20000.005',
      locked: '0',
    })
  })

  it('keeps its place in the queue at a price that it quotes again', () => {
    const { tell, place } = open('me', 'taker')
    tell({ type: 'quote', account: 'house', symbol, asks: [[40_000, 1]] })
    place('me', 'SELL', 40_000, 0.1)
    tell({ type: 'quote', account: 'house', symbol, asks: [[40_000, 0.5]] })
    expect(fills(place('taker', 'BUY', 40_000, 0.5), 'me')).toEqual([])
    tell({ type: 'quote', account: 'house', symbol, asks: [[40_000, 3]] })
    expect(fills(place('taker', 'BUY', 40_000, 0.5), 'me')).toEqual(['0.1 @ 40000'])
  })

  it('trades with an order that its quote crosses, and never with itself when it moves', () => {
    const { tell, place } = open('me')
    tell({ type: 'quote', account: 'house', symbol, bids: [[39_990, 1]], asks: [[40_000, 1]] })
    place('me', 'SELL', 39_995, 0.2)
    const events = tell({ type: 'quote', account: 'house', symbol, bids: [[40_010, 1]], asks: [[40_020, 1]] })
    expect(fills(events, 'me')).toEqual(['0.2 @ 39995'])
    expect(events.filter(({ type }) => type === 'trade')).toHaveLength(1)
    // Both below its own bids and at the best of them.
    for (const price of [40_010, 39_000]) {
      const moved = tell({ type: 'quote', account: 'house', symbol, asks: [[price, 1]] })
      expect(moved.map(({ type }) => type)).toEqual(['ticker', 'book'])
    }
  })

  it('may quote more prices than a function takes arguments', () => {
    const { exchange, tell } = open()
    const bids = Array.from({ length: 150_000 }, (_, i) => [1_501 - i / 100, 1] as const)
    tell({ type: 'quote', account: 'house', symbol, bids, asks: [[1_502, 1]] })
    expect(exchange.ticker(symbol)).toMatchObject({ bid: 1_501, ask: 1_502 })
  })

  it('is the only one that may', () => {
    const { tell } = open('me')
    expect(refusal(tell({ type: 'quote', account: 'me', symbol, bids: [[1, 1]] }))).toBe('me is no house account')
    expect(refusal(tell({ type: 'take', account: 'me', symbol, action: 'BUY', price: 1, quantity: 1 }))).toBe(
      'me is no house account',
    )
    expect(refusal(tell({ type: 'quote', account: 'house', symbol, bids: [[2, 1]], asks: [[1, 1]] }))).toBe(
      'the quote of BTC/USDT crosses itself: bid 2, ask 1',
    )
  })
})

describe('events', () => {
  it('names the cid of an order that had one, and numbers that are given in advance', () => {
    const exchange = createExchange({ platform: 'huobi', idPrefix: 'e7-' })
    exchange.apply({ type: 'open-account', account: 'me', deposits: { USDT: '100' } }, 0)
    const events = exchange.apply(
      {
        type: 'place',
        account: 'me',
        symbol,
        action: 'BUY',
        price: 10_000,
        quantity: 0.01,
        order_type: 'LIMIT',
        cid: 'c',
        ref: 'r',
      },
      5,
    )
    expect(events.slice(0, 2)).toEqual([
      { type: 'accepted', account: 'me', ref: 'r', order_no: 'e7-1' },
      {
        type: 'order',
        account: 'me',
        data: {
          symbol,
          order_no: 'e7-1',
          action: 'BUY',
          price: 10_000,
          quantity: 0.01,
          remain: 0.01,
          status: 'SUBMITTED',
          order_type: 'LIMIT',
          ctime: 5,
          utime: 5,
          cid: 'c',
        },
      },
    ])
  })

  it('has times that never go back', () => {
    const { tell, place } = open('me')
    tell({ type: 'deposit', account: 'me', currency: 'BTC', amount: 1 }, 1000)
    const [, order] = place('me', 'BUY', 40_000, 1)
    expect(order).toMatchObject({ data: { ctime: 1000 } })
  })

  it('is the ticker only when it has changed, and the book whenever it has', () => {
    const { place } = open('me')
    place('me', 'BUY', 40_000, 0.1)
    expect(place('me', 'BUY', 39_000, 0.1).map(({ type }) => type)).toEqual(['accepted', 'order', 'assets', 'book'])
  })
})
