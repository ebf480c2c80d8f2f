import { describe, expect, it } from '@jest/globals'
import {
  type ExchangeCommand,
  createExchange,
  type ExchangeEvent,
  PLATFORMS,
  type PlaceCommand,
  type SymbolSpec,
} from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'
const HOUR = 3_600_000

/** huobi_future (0.001 BTC a contract, ten times, fees 0.02 and 0.04 %), accounts with 1,000 USDT and 0.1 BTC each. */
function open(accounts: string[], symbols: readonly SymbolSpec[] = PLATFORMS.get('huobi_future')!) {
  const exchange = createExchange({ platform: 'huobi_future', symbols })
  let now = 1_700_000_000_000
  const tell = (command: ExchangeCommand, afterMs = 1) => {
    const events = exchange.apply(command, (now += afterMs))
    expect(exchange.audit()).toEqual([])
    return events
  }
  for (const account of accounts) tell({ type: 'open-account', account, deposits: { USDT: '1000', BTC: '0.1' } })
  tell({ type: 'open-account', account: 'house', house: true })
  const place = (
    account: string,
    action: 'BUY' | 'SELL',
    price: number,
    quantity: number,
    more: Partial<PlaceCommand> = {},
  ) =>
    tell({
      type: 'place',
      account,
      symbol,
      action,
      price,
      quantity,
      order_type: price === 0 ? 'MARKET' : 'LIMIT',
      ...more,
    })
  /** The house shows a large bid just below and a large ask just above. */
  const market = (price: number, of = symbol) =>
    tell({ type: 'quote', account: 'house', symbol: of, bids: [[price - 1, 1000]], asks: [[price + 1, 1000]] })
  return { exchange, tell, place, market }
}
const refusal = (events: readonly ExchangeEvent[]) =>
  events.flatMap((event) => (event.type === 'refused' ? [event.message] : []))[0]
const of = <Type extends ExchangeEvent['type']>(events: readonly ExchangeEvent[], type: Type) =>
  events.filter((event): event is Extract<ExchangeEvent, { type: Type }> => event.type === type)
const fixed = PLATFORMS.get('huobi_future')!.map((spec) =>
  spec.kind === 'spot' ? spec : { ...spec, marginMode: 'fixed' as const },
)

describe('the sign of a quantity', () => {
  it('says which side is operated on: + is long, - is short; notices are unsigned and tell the offset', () => {
    const { exchange, place, market } = open(['me'])
    market(60_000)
    const told = (events: readonly ExchangeEvent[]) => [
      ...of(events, 'order').map(({ data }) => [data.quantity, data.offset]),
      ...of(events, 'fill').map(({ data }) => [data.quantity, data.side, data.offset]),
    ]
    expect(told(place('me', 'BUY', 0, 5))).toEqual([
      [5, 'open'],
      [5, 'open'],
      [5, 'BUY', 'open'],
    ])
    place('me', 'SELL', 0, -3)
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 5, short_quantity: 3 })
    expect(told(place('me', 'SELL', 0, 2))).toEqual([
      [2, 'close'],
      [2, 'close'],
      [2, 'SELL', 'close'],
    ])
    place('me', 'BUY', 0, -1)
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 3, short_quantity: 2 })
  })

  it('may not be missing, and contracts are not divided', () => {
    const { place } = open(['me'])
    expect(refusal(place('me', 'BUY', 60_000, 0))).toBe(
      'quantity must not be 0: its sign says which side is operated on',
    )
    expect(refusal(place('me', 'BUY', 60_000, -0.5))).toBe('quantity 0.5 is not a multiple of the size tick 1')
  })
})

describe('a position', () => {
  it('is opened and closed at the trades’ prices; profit and fees are in the balance to the last digit', () => {
    const { exchange, place, market } = open(['me'])
    market(60_000)
    place('me', 'BUY', 0, 10)
    // 600.01 USDT of value, of which 0.04 % are 0.240004.
    expect(exchange.exactBalances()).toContainEqual({
      account: 'me',
      currency: 'USDT',
      free: '999.759996',
      locked: '0',
    })
    market(61_000)
    expect(exchange.position('me', symbol)).toMatchObject({
      margin_mode: 'crossed',
      long_quantity: 10,
      long_avail_qty: 10,
      long_open_price: 60_001,
      long_hold_price: 60_001,
      long_unrealised_pnl: 9.98,
      long_leverage: 10,
      long_margin: 60.999,
      short_quantity: 0,
      short_liquid_price: 0,
    })
    expect(exchange.assets('me')['USDT']).toEqual({ free: 938.760996, locked: 70.979, total: 1009.739996 })
    place('me', 'SELL', 0, 4)
    expect(exchange.position('me', symbol)).toMatchObject({
      long_quantity: 6,
      long_open_price: 60_001,
      long_hold_price: 60_001,
    })
    place('me', 'SELL', 0, 6)
    // 609.99 USDT of value: 9.98 won, fees of 0.0975984 and 0.1463976.
    expect(exchange.exactBalances()).toContainEqual({ account: 'me', currency: 'USDT', free: '1009.496', locked: '0' })
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 0, long_open_price: 0, long_margin: 0 })
  })

  it('is frozen by closing orders, and no more than is available can be closed', () => {
    const { exchange, tell, place, market } = open(['me'])
    market(60_000)
    place('me', 'SELL', 0, -10)
    const events = place('me', 'BUY', 50_000, -7)
    expect(of(events, 'position')).toMatchObject([{ data: { short_quantity: 10, short_avail_qty: 3 } }])
    expect(refusal(place('me', 'BUY', 50_000, -4))).toBe(
      'insufficient position: the order closes 4 contracts, 3 of 10 held short are available',
    )
    expect(refusal(place('me', 'SELL', 70_000, 1))).toBe(
      'insufficient position: the order closes 1 contracts, 0 of 0 held long are available',
    )
    tell({ type: 'cancel', account: 'me', symbol, order_nos: [] })
    expect(exchange.position('me', symbol)).toMatchObject({ short_avail_qty: 10 })
  })

  it('of an inverse contract wins and loses coins', () => {
    const { exchange, place, market } = open(['me'])
    const inverse = { symbol: 'BTC/USD' }
    market(50_000, 'BTC/USD')
    place('me', 'SELL', 0, -20, inverse)
    market(40_001, 'BTC/USD')
    place('me', 'BUY', 0, -20, inverse)
    // 2,000 USD: 0.04000080 BTC came in at 49,999, 0.04999750 go out at 40,002; fees 0.04 % of each.
    const profit = 2000 / 40_002 - 2000 / 49_999
    const fees = 0.0004 * (2000 / 40_002 + 2000 / 49_999)
    expect(exchange.assets('me')['BTC']!.total).toBeCloseTo(0.1 + profit - fees, 7)
  })
})

describe('margin', () => {
  it('of an opening order is locked at its limit with the taker fee, and comes back when it is cancelled', () => {
    const { exchange, tell, place } = open(['me'])
    place('me', 'BUY', 50_000, 100)
    expect(exchange.exactBalances()).toContainEqual({ account: 'me', currency: 'USDT', free: '498', locked: '502' })
    tell({ type: 'cancel', account: 'me', symbol, order_nos: [] })
    expect(exchange.exactBalances()).toContainEqual({ account: 'me', currency: 'USDT', free: '1000', locked: '0' })
  })

  it('must be there for the price at which an order would trade, not for a limit far from it', () => {
    const { place, market } = open(['me'])
    market(60_000)
    expect(refusal(place('me', 'SELL', 1, -200))).toMatch(
      /^insufficient margin: the order needs 1204.77\d* USDT, available is 1000 USDT/,
    )
    expect(refusal(place('me', 'SELL', 0, -200))).toMatch(/^insufficient margin/)
    expect(refusal(place('me', 'SELL', 1, -100))).toBeUndefined()
  })

  it('is lessened by losses that are not taken yet, not raised by such profits', () => {
    const { exchange, tell, place, market } = open(['me'])
    market(60_000)
    place('me', 'BUY', 0, 100)
    market(66_001)
    const { free } = exchange.assets('me')['USDT']!
    expect(free).toBeLessThan(1000 - 650)
    market(58_001)
    expect(exchange.assets('me')['USDT']!.free).toBeCloseTo(1000 - 2.4 - 580 - 200.1, 0)
    expect(refusal(tell({ type: 'deposit', account: 'me', currency: 'USDT', amount: -300 }))).toMatch(
      /^insufficient balance/,
    )
  })
})

describe('liquidation', () => {
  it('comes at the price that the position shows, through the book, and leaves the remainder less the fee', () => {
    const { exchange, place, market } = open(['me'])
    market(60_000)
    place('me', 'BUY', 0, 150)
    const { long_liquid_price } = exchange.position('me', symbol)!
    expect(long_liquid_price).toBeCloseTo((9000.15 - (1000 - 3.60006)) / (0.15 * 0.99), 2)
    expect(of(market(Math.ceil(long_liquid_price!)), 'liquidation')).toEqual([])
    const events = market(Math.floor(long_liquid_price!) - 1)
    expect(of(events, 'liquidation')).toMatchObject([{ account: 'me', currency: 'USDT', symbol: undefined }])
    expect(of(events, 'order').map(({ data }) => [data.order_type, data.action, data.status, data.offset])).toEqual([
      ['MARKET', 'SELL', 'SUBMITTED', 'close'],
      ['MARKET', 'SELL', 'FILLED', 'close'],
    ])
    expect(of(events, 'accepted')).toEqual([])
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 0 })
    const { total } = exchange.assets('me')['USDT']!
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThan(100)
    const insured = exchange.exactBalances().find(({ account }) => account === 'insurance')
    expect(Number(insured!.free)).toBeCloseTo(0.0025 * 0.15 * long_liquid_price!, 0)
  })

  it('of what a gap has left below 0 is paid by the insurance fund, as far as it goes', () => {
    const { exchange, place, market } = open(['rich', 'me'])
    market(60_000)
    place('rich', 'BUY', 0, 150)
    market(53_895)
    const insured = () => Number(exchange.exactBalances().find(({ account }) => account === 'insurance')!.free)
    const before = insured()
    expect(before).toBeGreaterThan(15)
    market(60_000)
    place('me', 'SELL', 0, -150)
    // 1,000 less the fee of 3.6 are used up at 66,642, and 20 of the fund at 66,776; closing costs a fee of 4.
    market(66_700)
    expect(exchange.assets('me')['USDT']).toEqual({ free: 0, locked: 0, total: 0 })
    expect(insured()).toBeGreaterThan(0)
    expect(insured()).toBeLessThan(before)
  })

  it('cancels the account’s orders first, of all contracts of that currency', () => {
    const { exchange, place, market } = open(['me'])
    market(60_000)
    place('me', 'BUY', 0, 140)
    place('me', 'BUY', 1_000, 10, { symbol: 'ETH/USDT' })
    place('me', 'SELL', 70_000, 5)
    place('me', 'BUY', 10, 1, { symbol: 'BTC/USD' })
    market(50_000)
    expect(exchange.openOrders('me', symbol)).toEqual([])
    expect(exchange.openOrders('me', 'ETH/USDT')).toEqual([])
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 0, long_avail_qty: 0 })
  })

  it('sets long and short off against each other first, and goes no further if that is enough', () => {
    const { exchange, tell, place, market } = open(['me'])
    tell({ type: 'deposit', account: 'me', currency: 'USDT', amount: 14_000 })
    market(60_000)
    place('me', 'BUY', 0, 990)
    place('me', 'SELL', 0, -1000)
    tell({ type: 'deposit', account: 'me', currency: 'USDT', amount: -8_900 })
    const events = market(600_000)
    expect(of(events, 'liquidation')).toHaveLength(1)
    expect(of(events, 'fill')).toEqual([])
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 0, short_quantity: 10 })
  })

  it('waits for a counterparty when the book is empty', () => {
    const { exchange, tell, place, market } = open(['me'])
    market(60_000)
    place('me', 'BUY', 0, 150)
    const events = tell({ type: 'quote', account: 'house', symbol, bids: [], asks: [[40_000, 1]] })
    expect(of(events, 'liquidation')).toHaveLength(1)
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 150 })
    tell({ type: 'quote', account: 'house', symbol, bids: [[39_000, 1]] })
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 0 })
  })

  it('of one brings down the next, whose price it has moved', () => {
    const { exchange, tell, place, market } = open(['first', 'second'])
    market(60_000)
    place('first', 'BUY', 0, 155)
    place('second', 'BUY', 0, 150)
    const events = tell({
      type: 'quote',
      account: 'house',
      symbol,
      bids: [
        [53_980, 0.1],
        [53_800, 10],
      ],
      asks: [[54_000, 10]],
    })
    expect(of(events, 'liquidation').map(({ account }) => account)).toEqual(['first', 'second'])
    expect(exchange.position('second', symbol)).toMatchObject({ long_quantity: 0 })
  })

  it('of a fixed position takes its own margin and nothing else', () => {
    const { exchange, place, market } = open(['me'], fixed)
    market(60_000)
    place('me', 'BUY', 0, 50)
    place('me', 'SELL', 0, -20)
    const { long_liquid_price, long_margin, margin_mode } = exchange.position('me', symbol)!
    expect([margin_mode, long_margin]).toEqual(['fixed', 300.005])
    expect(long_liquid_price).toBeCloseTo((3000.05 - 300.005) / (0.05 * 0.99), 4)
    const before = exchange.exactBalances().find(({ account, currency }) => account === 'me' && currency === 'USDT')!
    const events = market(54_300)
    expect(of(events, 'liquidation')).toMatchObject([{ account: 'me', symbol }])
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 0, short_quantity: 20 })
    const after = exchange.exactBalances().find(({ account, currency }) => account === 'me' && currency === 'USDT')!
    // 300.005 of margin less a loss of 285.1, the taker's fee of 1.08596 and the liquidation fee of 6.787375 (at the mark price).
    expect(Number(after.free) - Number(before.free)).toBeCloseTo(7.03, 2)
  })

  it('of a part of a fixed position, where the book ends, is paid by the insurance fund and not by the rest of the account', () => {
    const { exchange, tell, place, market } = open(['rich', 'me'], fixed)
    const free = (of: string) =>
      Number(exchange.exactBalances().find(({ account, currency }) => account === of && currency === 'USDT')!.free)
    market(60_000)
    place('rich', 'BUY', 0, 150)
    market(54_540)
    const insured = free('insurance')
    market(60_000)
    place('me', 'BUY', 0, 100)
    const before = free('me')
    tell({ type: 'quote', account: 'house', symbol, bids: [[53_900, 0.03]], asks: [[53_901, 1]] })
    expect(exchange.position('me', symbol)).toMatchObject({ long_quantity: 70 })
    // 183.03 lost and a fee of 0.6468, for which there was a margin of 180.003.
    expect(free('insurance')).toBeCloseTo(insured - 3.6738, 8)
    expect(free('me')).toBe(before)
  })
})

describe('funding', () => {
  it('is paid by longs to shorts every eight hours, and profits are settled into the balance at the same time', () => {
    const { exchange, tell, place } = open(['long', 'short'])
    place('long', 'BUY', 60_000, 10)
    place('short', 'SELL', 60_000, -10)
    tell({ type: 'quote', account: 'house', symbol, bids: [[61_000, 1]], asks: [[61_000.1, 1]] })
    const events = tell({ type: 'deposit', account: 'short', currency: 'BTC', amount: 1 }, 8 * HOUR)
    // 610 USDT of value at 0.01 %.
    expect(of(events, 'funding').map(({ account, amount, currency }) => [account, amount, currency])).toEqual([
      ['long', -0.061, 'USDT'],
      ['short', 0.061, 'USDT'],
    ])
    expect(exchange.position('long', symbol)).toMatchObject({
      long_open_price: 60_000,
      long_hold_price: 61_000,
      long_unrealised_pnl: 0,
    })
    // 1,000, the maker's fee of 0.12, 10 won, 0.061 paid.
    expect(exchange.exactBalances()).toContainEqual({
      account: 'long',
      currency: 'USDT',
      free: '1009.819',
      locked: '0',
    })
    expect(of(tell({ type: 'deposit', account: 'short', currency: 'BTC', amount: 1 }, HOUR), 'funding')).toEqual([])
  })

  it('of a fixed position comes off its own margin', () => {
    const { exchange, tell, place } = open(['long', 'short'], fixed)
    place('long', 'BUY', 60_000, 10)
    place('short', 'SELL', 60_000, -10)
    const before = exchange.exactBalances()
    tell({ type: 'deposit', account: 'house', currency: 'BTC', amount: 1 }, 8 * HOUR)
    expect(exchange.exactBalances().filter(({ currency }) => currency === 'USDT')).toEqual(
      before.filter(({ currency }) => currency === 'USDT'),
    )
    expect([exchange.position('long', symbol)!.long_margin, exchange.position('short', symbol)!.short_margin]).toEqual([
      59.94, 60.06,
    ])
  })

  it('liquidates the accounts that it leaves with too little margin', () => {
    const dear = PLATFORMS.get('huobi_future')!.map((spec) =>
      spec.kind === 'spot' ? spec : { ...spec, fundingRate: '0.5' },
    )
    const { exchange, tell, place, market } = open(['long', 'short'], dear)
    place('long', 'BUY', 60_000, 40)
    place('short', 'SELL', 60_000, -40)
    market(60_000)
    const events = tell({ type: 'cancel', account: 'short', symbol: 'ETH/USDT', order_nos: [] }, 8 * HOUR)
    expect(of(events, 'liquidation')).toMatchObject([{ account: 'long' }])
    expect(exchange.position('long', symbol)).toMatchObject({ long_quantity: 0 })
  })

  it('is due as often as eight hours have passed', () => {
    const { tell, place } = open(['long', 'short'])
    place('long', 'BUY', 60_000, 10)
    place('short', 'SELL', 60_000, -10)
    expect(
      of(tell({ type: 'deposit', account: 'short', currency: 'BTC', amount: 1 }, 24 * HOUR), 'funding'),
    ).toHaveLength(6)
  })
})

describe('contracts', () => {
  it('tell their steps, and quantities of the market are coins', () => {
    const { exchange, tell } = open([])
    expect(exchange.symbolInfo(symbol)).toEqual({
      price_tick: 0.1,
      size_tick: 1,
      size_limit: 1,
      value_tick: 0.00000001,
      value_limit: 0,
      base_currency: 'BTC',
      quote_currency: 'USDT',
      settlement_currency: 'USDT',
    })
    tell({ type: 'quote', account: 'house', symbol, bids: [[60_000, 0.3]] })
    expect(exchange.depth(symbol, 1)!.bids).toEqual([[60_000, 300]])
    tell({ type: 'quote', account: 'house', symbol: 'BTC/USD', bids: [[60_000, 0.3]] })
    expect(exchange.depth('BTC/USD', 1)!.bids).toEqual([[60_000, 180]])
  })

  it('are not traded beside spot pairs of the currency that they are settled in', () => {
    const both = [...PLATFORMS.get('huobi')!, { ...PLATFORMS.get('huobi_future')![0]!, symbol: 'BTC-SWAP' }]
    expect(() => createExchange({ platform: 'x', symbols: both })).toThrow(
      /^BTC\/USDT cannot be traded where contracts are settled in BTC or USDT/,
    )
  })
})
