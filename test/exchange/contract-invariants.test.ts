import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Command, createExchange, type Exchange, type ExchangeEvent, PLATFORMS } from '../../src/exchange/index.js'

/** `RUNS=10000 npm test -- test/exchange/contract-invariants` is the long version. */
const RUNS = Number(process.env['RUNS'] ?? 300)

const names = ['alice', 'bob', 'carol']
const account = fc.constantFrom(...names)
const symbol = fc.constantFrom('BTC/USDT', 'BTC/USDT', 'ETH/USDT', 'BTC/USD')
const centre = (of: string) => (of === 'ETH/USDT' ? 3000 : 60_000)
const round = (price: number) => Math.round(price * 10) / 10

const place = fc
  .record({
    account,
    symbol,
    action: fc.constantFrom('BUY' as const, 'SELL' as const),
    order_type: fc.constantFrom('LIMIT' as const, 'LIMIT' as const, 'IOC' as const, 'MARKET' as const),
    away: fc.integer({ min: -30, max: 30 }),
    lots: fc.integer({ min: 1, max: 150 }),
    closes: fc.boolean(),
  })
  .map(({ away, lots, closes, ...rest }): Command => {
    const long = (rest.action === 'BUY') !== closes
    return {
      type: 'place',
      ...rest,
      price: rest.order_type === 'MARKET' ? 0 : round(centre(rest.symbol) * (1 + away / 1000)),
      quantity: long ? lots : -lots,
    }
  })
const cancel = fc.record({ type: fc.constant('cancel' as const), account, symbol, order_nos: fc.constant([]) })
/** The market moves, far enough at times to bring somebody down. */
const quote = fc
  .record({ symbol, percent: fc.integer({ min: -25, max: 25 }), value: fc.integer({ min: 0, max: 20_000 }) })
  .map(({ symbol, percent, value }): Command => {
    const price = centre(symbol) * (1 + percent / 100)
    const levels = (side: 1 | -1) =>
      value === 0 ? [] : [1, 2, 5].map((rung) => [round(price * (1 + (side * rung) / 2000)), value / price] as const)
    return { type: 'quote', account: 'house', symbol, bids: levels(-1), asks: levels(1) }
  })
const commands = fc.array(
  fc.record({
    command: fc.oneof(
      { weight: 10, arbitrary: place },
      { weight: 1, arbitrary: cancel },
      { weight: 4, arbitrary: quote },
    ),
    hours: fc.oneof(
      { weight: 9, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
    ),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
)
type Moves = typeof commands extends fc.Arbitrary<infer Each> ? Each : never

function run(
  moves: Moves,
  mode: 'crossed' | 'fixed',
  each: (command: Command, events: readonly ExchangeEvent[], exchange: Exchange) => void = () => {},
) {
  const specs = PLATFORMS.get('huobi_future')!.map((spec) =>
    spec.kind === 'spot' ? spec : { ...spec, marginMode: mode },
  )
  const exchange = createExchange({ platform: 'huobi_future', symbols: specs })
  const hash = createHash('sha256')
  const opening: Command[] = [
    { type: 'open-account', account: 'house', house: true },
    ...names.map((name): Command => ({ type: 'open-account', account: name, deposits: { BTC: '0.05', USDT: '1000' } })),
  ]
  let now = 1_700_000_000_000
  for (const { command, hours } of [...opening.map((command) => ({ command, hours: 0 })), ...moves]) {
    now += 1 + hours * 3_600_000
    const events = exchange.apply(command, now)
    hash.update(JSON.stringify(events))
    each(command, events, exchange)
  }
  return { exchange, log: hash.digest('hex') }
}

const mode = fc.constantFrom('crossed' as const, 'fixed' as const)

describe('whatever is ordered of contracts', () => {
  it('the audit finds nothing after any command: money is conserved to the last digit through fills, fees, funding and liquidation', () => {
    const seen = { fills: 0, liquidations: 0, funding: 0 }
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        run(moves, marginMode, (command, events, exchange) => {
          for (const { type } of events) {
            if (type === 'fill') seen.fills++
            if (type === 'liquidation') seen.liquidations++
            if (type === 'funding') seen.funding++
          }
          const faults = exchange.audit()
          if (faults.length > 0) throw new Error(`${JSON.stringify(command)}: ${faults.join('; ')}`)
        })
      }),
      { numRuns: RUNS },
    )
    expect(seen.fills).toBeGreaterThan(RUNS)
    expect(seen.liquidations).toBeGreaterThan(RUNS / 20)
    expect(seen.funding).toBeGreaterThan(RUNS / 20)
  })

  it('avail_qty is what closing orders leave, and every number of a position is one', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        const { exchange } = run(moves, marginMode)
        for (const name of names) {
          for (const each of ['BTC/USDT', 'ETH/USDT', 'BTC/USD']) {
            const position = exchange.position(name, each)!
            const closing = (action: string) =>
              exchange
                .openOrders(name, each)
                .filter((order) => order.offset === 'close' && order.action === action)
                .reduce((sum, { remain }) => sum + remain, 0)
            expect(position.long_avail_qty).toBe(position.long_quantity - closing('SELL'))
            expect(position.short_avail_qty).toBe(position.short_quantity - closing('BUY'))
            for (const value of Object.values(position)) {
              if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
            }
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('a side’s quantity is what its fills opened less what they closed', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        const held = new Map<string, number>()
        const liquidated = new Set<string>()
        const { exchange } = run(moves, marginMode, (_command, events) => {
          for (const event of events) {
            // Long and short that are set off against each other have no fills.
            if (event.type === 'liquidation') liquidated.add(event.account)
            if (event.type !== 'fill') continue
            const { symbol: of, side, offset, quantity } = event.data
            const which = `${event.account} ${of} ${(side === 'BUY') === (offset === 'open') ? 'long' : 'short'}`
            held.set(which, (held.get(which) ?? 0) + (offset === 'open' ? quantity : -quantity))
          }
        })
        for (const name of names.filter((each) => !liquidated.has(each))) {
          for (const each of ['BTC/USDT', 'ETH/USDT', 'BTC/USD']) {
            const position = exchange.position(name, each)!
            expect(position.long_quantity).toBe(held.get(`${name} ${each} long`) ?? 0)
            expect(position.short_quantity).toBe(held.get(`${name} ${each} short`) ?? 0)
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('the same commands give the same events, byte for byte', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => run(moves, marginMode).log === run(moves, marginMode).log),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })
})
