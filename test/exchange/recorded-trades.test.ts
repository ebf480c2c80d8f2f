import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type ExchangeCommand,
  createExchange,
  type Exchange,
  type ExchangeEvent,
  type ExchangeState,
  type SpotSpec,
} from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'
const spec: SpotSpec = {
  ...{ symbol, kind: 'spot', base: 'BTC', quote: 'USDT', priceTick: '1', sizeTick: '1', sizeLimit: '1' },
  ...{ valueTick: '1', valueLimit: '1', makerFee: '0.001', takerFee: '0.002' },
}
const make = (state?: ExchangeState): Exchange =>
  createExchange({ platform: 'x', symbols: [spec], ...(state && { state }) })
const NAMES = ['alice', 'bob'] as const
const opening: ExchangeCommand[] = [
  { type: 'open-account', account: 'house', house: true },
  ...NAMES.map((account): ExchangeCommand => ({ type: 'open-account', account, deposits: { BTC: 1e6, USDT: 1e8 } })),
]
type Side = 'BUY' | 'SELL'
type Rows = readonly (readonly [number, number])[]
const trade = (action: Side, price: number, quantity: number, timestamp = 5): ExchangeCommand => ({
  ...{ type: 'trade', account: 'house', symbol, action, price, quantity, timestamp },
})
const place = (account: string, action: Side, price: number, quantity: number, order_type: 'LIMIT' | 'IOC' = 'LIMIT') =>
  ({ type: 'place', account, symbol, action, price, quantity, order_type }) satisfies ExchangeCommand
const levels = (bids: Rows, asks: Rows): ExchangeCommand => ({
  type: 'levels',
  account: 'house',
  symbol,
  bids,
  asks,
  recorded: true,
})

const world = (exchange = make()) => {
  for (const command of opening) exchange.apply(command, 0)
  const apply = (command: ExchangeCommand) => exchange.apply(command, 9)
  const fills = (command: ExchangeCommand) =>
    apply(command).flatMap((event) =>
      event.type === 'fill'
        ? [`${event.account} ${event.data.quantity} @ ${event.data.price} ${event.data.liquidity}`]
        : [],
    )
  return {
    exchange,
    apply,
    fills,
    asks: () => exchange.depth(symbol, 9)?.asks,
    bids: () => exchange.depth(symbol, 9)?.bids,
  }
}
const told = (events: readonly ExchangeEvent[]) =>
  events.flatMap((event) => (event.type === 'trade' ? [event.data] : []))

describe('a recorded trade at the exchange', () => {
  it('is reported once and as recorded, whatever the book shows, and does not change the book', () => {
    const { apply, exchange, asks } = world()
    apply(levels([[99, 1]], [[101, 2]]))
    for (const recorded of [trade('BUY', 103.25, 7.5, 3), trade('SELL', 90, 1e7, 4), trade('BUY', 101, 0.125, 5)]) {
      const events = apply(recorded)
      const { type: _type, account: _account, ...data } = recorded as Extract<ExchangeCommand, { type: 'trade' }>
      expect(told(events)).toEqual([data])
      expect(events.map(({ type }) => type)).toEqual(['trade', 'ticker'])
      expect(exchange.ticker(symbol)?.last).toBe(data.price)
    }
    expect(asks()).toEqual([[101, 2]])
    expect(exchange.audit()).toEqual([])
  })

  it('fills better prices first, at their price, and then those at its price behind what stood before them', () => {
    const { apply, fills, asks } = world()
    apply(
      levels(
        [],
        [
          [101, 5],
          [102, 4],
        ],
      ),
    )
    apply(place('alice', 'SELL', 101, 2))
    apply(place('bob', 'SELL', 102, 3))
    apply(levels([], [[102, 9]]))
    expect(fills(trade('SELL', 101, 100))).toEqual([])
    expect(fills(trade('BUY', 100, 100))).toEqual([])
    expect(fills(trade('BUY', 101, 5))).toEqual([])
    expect(fills(trade('BUY', 102, 4))).toEqual(['alice 2 @ 101 MAKER'])
    expect(fills(trade('BUY', 102, 3))).toEqual(['bob 1 @ 102 MAKER'])
    expect(asks()).toEqual([
      [101, 5],
      [102, 11],
    ])
    expect(fills(trade('BUY', 102, 9))).toEqual(['bob 2 @ 102 MAKER'])
    expect(asks()).toEqual([
      [101, 5],
      [102, 9],
    ])
  })

  it('counts what leaves a level without a trade as behind an order, and what is traded as before it', () => {
    const { apply, fills } = world()
    apply(levels([[100, 8]], []))
    apply(place('alice', 'BUY', 100, 2))
    expect(fills(trade('SELL', 100, 5))).toEqual([])
    // Traded 5 of 8, and 4 more have come behind: three are before the order.
    apply(levels([[100, 7]], []))
    expect(fills(trade('SELL', 100, 2))).toEqual([])
    apply(levels([[100, 1]], []))
    expect(fills(trade('SELL', 100, 1))).toEqual([])
    expect(fills(trade('SELL', 100, 1))).toEqual(['alice 1 @ 100 MAKER'])
  })

  it('adds up fractions of a lot at one price for the orders there, and fills none with a fraction', () => {
    const { apply, fills } = world()
    apply(place('alice', 'BUY', 100, 3))
    expect(fills(trade('SELL', 100, 0.75))).toEqual([])
    expect(fills(trade('SELL', 100, 0.5))).toEqual(['alice 1 @ 100 MAKER'])
    expect(fills(trade('SELL', 100, 0.75))).toEqual(['alice 1 @ 100 MAKER'])
  })

  it('is reported in contracts of futures, and fills whole contracts', () => {
    const exchange = createExchange({ platform: 'huobi_future' })
    exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
    exchange.apply({ type: 'open-account', account: 'me', deposits: { USDT: 1e6, BTC: 10 } }, 0)
    for (const [name, quantity, contracts] of [
      ['BTC/USDT', 0.0125, 12.5],
      ['BTC/USD', 0.5, 300],
    ] as const) {
      const of = { symbol: name, action: 'BUY' as const, price: 60_000 }
      exchange.apply({ type: 'place', account: 'me', ...of, quantity: 5, order_type: 'LIMIT' }, 1)
      const events = exchange.apply({ type: 'trade', account: 'house', ...of, action: 'SELL', quantity }, 2)
      expect(told(events)).toEqual([{ ...of, action: 'SELL', quantity: contracts, timestamp: 2 }])
      expect(events.flatMap((event) => (event.type === 'fill' ? [event.data.quantity] : []))).toEqual([5])
    }
    expect(exchange.audit()).toEqual([])
  })

  it.each([
    [trade('BUY', 0, 1), 'price 0 is not a price'],
    [trade('SELL', NaN, 1), 'price NaN is not a price'],
    [trade('BUY', 100, -1), 'quantity -1 is not above 0'],
    [{ ...trade('BUY', 100, 1), account: 'alice' }, 'alice is no house account'],
  ])('is refused in words where it is none: %#', (command, message) => {
    expect(world().apply(command)).toEqual([expect.objectContaining({ type: 'refused', message })])
  })
})

describe('a recorded book', () => {
  it('is shown less what orders of accounts took, until the recording shows no more of the level', () => {
    const { apply, asks } = world()
    apply(
      levels(
        [],
        [
          [101, 5],
          [102, 6],
        ],
      ),
    )
    apply(place('alice', 'BUY', 102, 7, 'IOC'))
    expect(asks()).toEqual([[102, 4]])
    apply(
      levels(
        [],
        [
          [101, 6],
          [102, 6],
        ],
      ),
    )
    expect(asks()).toEqual([
      [101, 1],
      [102, 4],
    ])
    apply(levels([], [[101, 3]]))
    apply(levels([], [[101, 4]]))
    expect(asks()).toEqual([
      [101, 1],
      [102, 4],
    ])
    apply(levels([], [[101, 0]]))
    apply(levels([], [[101, 4]]))
    expect(asks()).toEqual([
      [101, 4],
      [102, 4],
    ])
    apply({ type: 'quote', account: 'house', symbol, asks: [[102, 6]], recorded: true })
    expect(asks()).toEqual([[102, 4]])
  })

  it('that crosses an order fills it without adding a public trade', () => {
    const { apply, asks, bids } = world()
    apply(trade('BUY', 101, 1))
    apply(place('alice', 'SELL', 105, 3))
    const events = apply(levels([[106, 5]], []))
    expect(told(events)).toEqual([])
    expect(events.flatMap((event) => (event.type === 'fill' ? [event.data.quantity] : []))).toEqual([3])
    expect([bids(), asks()]).toEqual([[[106, 2]], []])
  })
})

interface Waiting {
  readonly account: string
  readonly buys: boolean
  readonly price: number
  remain: number
  ahead: number
}

const side = fc.constantFrom<Side>('BUY', 'SELL')
const row = (min: number) =>
  fc.array(fc.tuple(fc.integer({ min, max: min + 6 }), fc.integer({ min: 0, max: 9 })), { maxLength: 4 })
const move: fc.Arbitrary<ExchangeCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(side, fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 12 }))
      .map((all) => trade(...all)),
  },
  { weight: 3, arbitrary: fc.tuple(row(1), row(8)).map((all) => levels(...all)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...NAMES),
        side,
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
      )
      .map(([account, action, price, quantity, rests]) =>
        place(account, action, price, quantity, rests ? 'LIMIT' : 'IOC'),
      ),
  },
)
const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most))

describe('recorded trades and books with orders of accounts among them, whatever they are', () => {
  it('tell the recorded trades and those of incoming orders, fill by price, time and place, and show the recorded book', () => {
    let [filled, queued] = [0, 0]
    fc.assert(
      fc.property(fc.array(move, { minLength: 10, maxLength: 60, size: 'max' }), fc.nat(40), (moves, restart) => {
        let exchange = make()
        for (const command of [...opening, trade('BUY', 7, 1)]) exchange.apply(command, 0)
        let waiting: Waiting[] = []
        let hasTaken = false
        const recorded = new Map<number, number>()
        const houseAt = (buys: boolean, price: number) => {
          const depth = exchange.depth(symbol, 99)
          const all = (buys ? depth?.bids : depth?.asks)?.find(([at]) => at === price)?.[1] ?? 0
          return (
            all - waiting.reduce((sum, each) => sum + (each.buys === buys && each.price === price ? each.remain : 0), 0)
          )
        }
        /** So much is traded at a price: fills by place, each of the orders that wait there. */
        const pass = (buys: boolean, price: number, lots: number) => {
          let before = 0
          return waiting
            .filter((each) => each.buys === buys && each.price === price)
            .map((each) => {
              if (each.ahead > 0) queued++
              const fill = clamp(lots - before - each.ahead, each.remain)
              each.ahead = Math.max(0, each.ahead - (lots - before))
              before += fill
              return [each, fill] as const
            })
        }
        for (const [index, command] of moves.entries()) {
          if (index === restart) exchange = make(JSON.parse(JSON.stringify(exchange.state())) as ExchangeState)
          const events = exchange.apply(command, index)
          const fills = events.flatMap((event) =>
            event.type === 'fill' ? [{ account: event.account, ...event.data }] : [],
          )
          const trades = told(events)
          if (command.type === 'trade') {
            const { action, price, quantity, timestamp } = command
            expect(trades).toEqual([{ symbol, action, price, quantity, timestamp }])
            const buys = action === 'SELL'
            const better = waiting
              .filter((each) => each.buys === buys && (buys ? each.price > price : each.price < price))
              .sort((a, b) => (buys ? b.price - a.price : a.price - b.price))
            let left = quantity
            const expected: [Waiting, number][] = better.map((each) => {
              const fill = Math.min(left, each.remain)
              left -= fill
              return [each, fill]
            })
            expected.push(...pass(buys, price, left).map(([each, fill]): [Waiting, number] => [each, fill]))
            const wanted = expected
              .filter(([, fill]) => fill > 0)
              .map(([each, fill]) => [each.account, each.price, fill])
            expect(fills.map((fill) => [fill.account, fill.price, fill.quantity])).toEqual(wanted)
            for (const [each, fill] of expected) each.remain -= fill
            filled += fills.length
          } else if (command.type === 'place') {
            const buys = command.action === 'BUY'
            const takes = fills.filter(({ liquidity }) => liquidity === 'TAKER')
            expect(trades.map(({ quantity, price }) => [quantity, price])).toEqual(
              takes.map(({ quantity, price }) => [quantity, price]),
            )
            const size = takes.reduce((sum, { quantity }) => sum + quantity, 0)
            if (size > 0) hasTaken = true
            for (const price of new Set(trades.map((each) => each.price))) {
              const lots = trades.reduce((sum, each) => sum + (each.price === price ? each.quantity : 0), 0)
              for (const [each, fill] of pass(!buys, price, lots)) each.remain -= fill
            }
            if (command.order_type === 'LIMIT' && size < command.quantity) {
              const mine = {
                account: command.account,
                buys,
                price: command.price,
                remain: command.quantity - size,
                ahead: 0,
              }
              waiting.push(mine)
              mine.ahead = houseAt(buys, command.price)
            }
          } else if (command.type === 'levels') {
            expect(trades).toEqual([])
            for (const rows of [command.bids, command.asks]) {
              const sums = new Map<number, number>()
              for (const [price, lots] of rows) sums.set(price, (sums.get(price) ?? 0) + lots)
              for (const [price, lots] of sums) recorded.set(price, lots)
            }
            for (const { account, price, side: action, quantity } of fills) {
              hasTaken = true
              let left = quantity
              for (const each of waiting) {
                if (each.account !== account || each.price !== price || each.buys !== (action === 'BUY')) continue
                const fill = Math.min(left, each.remain)
                each.remain -= fill
                left -= fill
              }
            }
            for (const each of waiting) each.ahead = Math.min(each.ahead, houseAt(each.buys, each.price))
          }
          waiting = waiting.filter(({ remain }) => remain > 0)
          expect(exchange.audit()).toEqual([])
          for (let price = 1; price <= 14; price++) {
            const shown = houseAt(price < 8, price)
            if (hasTaken) expect(shown).toBeLessThanOrEqual(recorded.get(price) ?? 0)
            else expect(shown).toBe(recorded.get(price) ?? 0)
          }
        }
      }),
      { numRuns: 200 },
    )
    // The cases that it is about have been there.
    expect(filled).toBeGreaterThan(100)
    expect(queued).toBeGreaterThan(20)
  })
})
