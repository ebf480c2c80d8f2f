import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createExchange, type Exchange, type ExchangeCommand, type QuoteCommand } from '../../src/exchange/index.js'
import { makeLadder } from '../../src/market/synthetic/ladder.js'

const symbol = 'BTC/USDT'
const START_MS = 1_700_000_000_000

const exchangeOf = (platform: string): Exchange => {
  const exchange = createExchange({ platform })
  exchange.apply({ type: 'open-account', account: 'house', house: true }, START_MS)
  for (const account of ['alice', 'bob'])
    exchange.apply({ type: 'open-account', account, deposits: { USDT: 1_000_000, BTC: 10 } }, START_MS)
  return exchange
}

/** A step of a market that mostly quotes, as candles and trades are played, with orders in between. */
type Step =
  | { readonly kind: 'quote'; readonly move: number; readonly sides: 'bids' | 'asks' | 'both'; readonly size: number }
  | {
      readonly kind: 'odd'
      readonly rows: readonly (readonly [number, number])[]
      readonly sides: 'bids' | 'asks' | 'both'
    }
  | { readonly kind: 'trade' | 'take' | 'levels'; readonly buys: boolean; readonly away: number; readonly size: number }
  | {
      readonly kind: 'place'
      readonly account: string
      readonly buys: boolean
      readonly away: number
      readonly lots: number
      readonly type: 'LIMIT' | 'IOC' | 'MARKET'
    }
  | { readonly kind: 'cancel'; readonly account: string }

const sides = fc.constantFrom('bids' as const, 'asks' as const, 'both' as const, 'both' as const)
const quote = fc.record({
  kind: fc.constant('quote' as const),
  move: fc.integer({ min: -60, max: 60 }),
  sides,
  size: fc.integer({ min: 0, max: 3 }),
})
const odd = fc.record({
  kind: fc.constant('odd' as const),
  rows: fc.array(
    fc.tuple(
      fc.integer({ min: -30, max: 30 }).map((at) => 60_000 + at / 20),
      fc.constantFrom(0, 0.001, 0.5, 1, -1, NaN),
    ),
    { maxLength: 5 },
  ),
  sides,
})
const market = fc.record({
  kind: fc.constantFrom('trade' as const, 'trade' as const, 'take' as const, 'levels' as const),
  buys: fc.boolean(),
  away: fc.integer({ min: -20, max: 20 }),
  size: fc.integer({ min: 1, max: 40 }),
})
const place = fc.record({
  kind: fc.constant('place' as const),
  account: fc.constantFrom('alice', 'bob'),
  buys: fc.boolean(),
  away: fc.integer({ min: -80, max: 80 }),
  lots: fc.integer({ min: 1, max: 500 }),
  type: fc.constantFrom('LIMIT' as const, 'IOC' as const, 'MARKET' as const),
})
const cancel = fc.record({ kind: fc.constant('cancel' as const), account: fc.constantFrom('alice', 'bob') })
const steps = fc.array(
  fc.oneof(
    { weight: 14, arbitrary: quote },
    { weight: 4, arbitrary: market },
    { weight: 1, arbitrary: odd },
    { weight: 1, arbitrary: place },
    { weight: 1, arbitrary: cancel },
  ),
  { minLength: 20, maxLength: 120 },
)

/** The commands of the steps. Rows of a quote are shared with those before it, as a ladder shares them. */
const commandsOf = (all: readonly Step[], isSpot: boolean): ExchangeCommand[] => {
  const ladder = makeLadder({ levels: 6 })
  let mid = 60_000
  const house = { account: 'house', symbol } as const
  return all.map((step): ExchangeCommand => {
    switch (step.kind) {
      case 'quote': {
        mid = Math.round((mid + step.move / 10) * 10) / 10
        const [bids, asks] = [ladder('bids', mid - 0.1), ladder('asks', mid)]
        const [first] = asks
        if (first !== undefined && step.size > 0) asks[0] = [first[0], first[1] * step.size]
        return {
          ...{ type: 'quote', ...house },
          ...(step.sides === 'asks' ? {} : { bids }),
          ...(step.sides === 'bids' ? {} : { asks }),
        } satisfies QuoteCommand
      }
      case 'odd': {
        const asks = step.rows.map(([price, quantity]) => [price + 4, quantity] as const)
        return {
          ...{ type: 'quote', ...house },
          ...(step.sides === 'asks' ? {} : { bids: step.rows }),
          ...(step.sides === 'bids' ? {} : { asks }),
        } satisfies QuoteCommand
      }
      case 'trade':
      case 'take':
        return {
          ...{ type: step.kind, ...house, action: step.buys ? 'BUY' : 'SELL' },
          ...{ price: mid + step.away / 20, quantity: step.size / 100 },
        }
      case 'levels': {
        const row = [mid + (step.buys ? -1 : 1) * (1 + Math.abs(step.away)), step.size / 10] as const
        return { type: 'levels', ...house, bids: step.buys ? [row] : [], asks: step.buys ? [] : [row] }
      }
      case 'place':
        return {
          ...{ type: 'place', account: step.account, symbol, action: step.buys ? 'BUY' : 'SELL' },
          ...{ order_type: step.type, price: step.type === 'MARKET' ? 0 : mid + step.away / 10 },
          quantity: isSpot ? (step.type === 'MARKET' && step.buys ? step.lots * 10 : step.lots / 1_000) : step.lots,
        }
      case 'cancel':
        return { type: 'cancel', account: step.account, symbol, order_nos: [] }
    }
  })
}

describe('quotes that are kept beside the order book', () => {
  it.each(['huobi', 'huobi_future'])(
    'give the same events, tickers, depth and state as in the book, to the byte: %s',
    (platform) => {
      let beside = 0
      fc.assert(
        fc.property(steps, (all) => {
          const [lazy, eager] = [exchangeOf(platform), exchangeOf(platform)]
          commandsOf(all, platform === 'huobi').forEach((command, index) => {
            const at = START_MS + index * 700
            const events = JSON.stringify(lazy.apply(command, at))
            expect(events).toBe(JSON.stringify(eager.apply(command, at)))
            const seen = (exchange: Exchange) => [exchange.ticker(symbol), exchange.depth(symbol, 20)]
            expect(seen(lazy)).toEqual(seen(eager))
            // The account's orders are in the book, so all quotes are put into it.
            eager.openOrders('house', symbol)
            if (index % 37 === 36) expect(lazy.openOrders('house', symbol)).toEqual(eager.openOrders('house', symbol))
            beside += command.type === 'quote' && events !== '[]' ? 1 : 0
          })
          expect(lazy.audit()).toEqual([])
          expect(lazy.state()).toEqual(eager.state())
          expect(lazy.exactBalances()).toEqual(eager.exactBalances())
        }),
        { numRuns: Number(process.env['QUOTE_RUNS'] ?? 60) },
      )
      expect(beside).toBeGreaterThan(100)
    },
  )

  it('are put into the book in the order of their numbers when an order comes', () => {
    const exchange = exchangeOf('huobi')
    const level = (price: number, quantity: number) => [price, quantity] as const
    for (const size of [1, 2, 3, 4, 5, 6, 2])
      exchange.apply(
        { type: 'quote', account: 'house', symbol, bids: [level(59_999, size)], asks: [level(60_000, size)] },
        START_MS,
      )
    const order = { type: 'place', account: 'alice', symbol, order_type: 'IOC' } as const
    const events = exchange.apply({ ...order, action: 'BUY', price: 60_000, quantity: 2.5 }, START_MS)
    // Each enlargement stands behind what was there before it, and the newest go first.
    expect(events.flatMap((event) => (event.type === 'fill' ? [event.data.quantity] : []))).toEqual([1, 1])
  })
})
