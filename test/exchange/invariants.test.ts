import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type Command,
  createExchange,
  type Exchange,
  type ExchangeEvent,
  type SelfTrade,
  type SpotSpec,
} from '../../src/exchange/index.js'
import { NaiveExchange } from './naive-exchange.js'

/** `RUNS=10000 npm test -- test/exchange/invariants` is the long version. */
const RUNS = Number(process.env['RUNS'] ?? 300)

/** Odd on purpose: steps that are no powers of ten, a currency that is base here and quote there, fees that never come out even, a rebate. */
const symbols: SpotSpec[] = [
  {
    symbol: 'ETH/BTC',
    kind: 'spot',
    base: 'ETH',
    quote: 'BTC',
    priceTick: '0.00005',
    sizeTick: '0.003',
    sizeLimit: '0.006',
    valueTick: '0.00000001',
    valueLimit: '0.00001',
    makerFee: '-0.00012345',
    takerFee: '0.00123457',
  },
  {
    symbol: 'BTC/USDT',
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    priceTick: '0.5',
    sizeTick: '0.000001',
    sizeLimit: '0.00001',
    valueTick: '0.01',
    valueLimit: '0.05',
    makerFee: '0.0007',
    takerFee: '0.002',
  },
]
const names = ['alice', 'bob', 'carol']

const symbol = fc.constantFrom('ETH/BTC', 'BTC/USDT', 'BTC/USDT')
const account = fc.constantFrom(...names)
const action = fc.constantFrom('BUY' as const, 'SELL' as const)
const step = (spec: string, count: number, name: string) => {
  const { priceTick, sizeTick } = symbols.find((each) => each.symbol === name)!
  const [, fraction = ''] = (spec === 'price' ? priceTick : sizeTick).split('.')
  const unit = Number((spec === 'price' ? priceTick : sizeTick).replace('.', ''))
  return (count * unit) / 10 ** fraction.length
}

const place = fc
  .record({
    account,
    symbol,
    action,
    order_type: fc.constantFrom(
      'LIMIT' as const,
      'LIMIT' as const,
      'LIMIT' as const,
      'IOC' as const,
      'MARKET' as const,
    ),
    ticks: fc.integer({ min: 1, max: 30 }),
    lots: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400_000 })),
  })
  .map(({ ticks, lots, ...rest }): Command => {
    const byAmount = rest.order_type === 'MARKET' && rest.action === 'BUY'
    return {
      type: 'place',
      ...rest,
      price: rest.order_type === 'MARKET' ? 0 : step('price', ticks, rest.symbol),
      quantity: byAmount ? lots / 100 : step('size', lots, rest.symbol),
    }
  })
/** Cancels name orders by how many back they were accepted, since their numbers are not known beforehand. */
const cancel = fc.record({
  type: fc.constant('cancel-back' as const),
  account,
  symbol,
  back: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
})
const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 5000 })), { maxLength: 4 })
const quote = fc
  .record({ symbol, bids: fc.option(rows), asks: fc.option(rows), shift: fc.integer({ min: 0, max: 14 }) })
  .map(({ symbol, bids, asks, shift }): Command => {
    const levels = (from: typeof bids, up: number) =>
      (from ?? []).map(([ticks, lots]) => [step('price', ticks + up, symbol), step('size', lots, symbol)] as const)
    return {
      type: 'quote',
      account: 'house',
      symbol,
      ...(bids === null ? {} : { bids: levels(bids, shift - 7 > 0 ? shift - 7 : 0) }),
      ...(asks === null ? {} : { asks: levels(asks, shift + 16) }),
    }
  })
const take = fc
  .record({ symbol, action, ticks: fc.integer({ min: 1, max: 30 }), lots: fc.integer({ min: 1, max: 4000 }) })
  .map(
    ({ symbol, action, ticks, lots }): Command => ({
      type: 'take',
      account: 'house',
      symbol,
      action,
      price: step('price', ticks, symbol),
      quantity: step('size', lots, symbol),
    }),
  )
const deposit = fc
  .record({
    account,
    currency: fc.constantFrom('BTC', 'ETH', 'USDT'),
    cents: fc.integer({ min: -100_000, max: 100_000 }),
  })
  .map(({ account, currency, cents }): Command => ({ type: 'deposit', account, currency, amount: cents / 100 }))

const commands = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: place },
    { weight: 3, arbitrary: cancel },
    { weight: 2, arbitrary: quote },
    { weight: 2, arbitrary: take },
    { weight: 1, arbitrary: deposit },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)
const selfTrade = fc.constantFrom<SelfTrade>('allow', 'cancel-maker', 'cancel-taker', 'cancel-both')
type Move = typeof commands extends fc.Arbitrary<(infer Each)[]> ? Each : never

const opening: Command[] = [
  { type: 'open-account', account: 'house', house: true },
  ...names.map(
    (name): Command => ({ type: 'open-account', account: name, deposits: { BTC: '3', ETH: 500, USDT: '5000' } }),
  ),
]

/** Applies the moves one by one, telling each step's command and events. */
function run(
  moves: readonly Move[],
  each: (command: Command, events: readonly ExchangeEvent[], exchange: Exchange) => void = () => {},
  rule: SelfTrade = 'allow',
): { exchange: Exchange; log: string } {
  const exchange = createExchange({ platform: 'test', symbols, idPrefix: 'x', selfTrade: rule })
  const hash = createHash('sha256')
  const accepted: string[] = []
  let now = 1_700_000_000_000
  for (const move of [...opening, ...moves]) {
    const command: Command =
      move.type === 'cancel-back'
        ? {
            type: 'cancel',
            account: move.account,
            symbol: move.symbol,
            order_nos: move.back.map((back) => accepted.at(-1 - back) ?? 'none'),
          }
        : move
    const events = exchange.apply(command, (now += 7))
    for (const event of events) if (event.type === 'accepted') accepted.push(event.order_no)
    hash.update(JSON.stringify(events))
    each(command, events, exchange)
  }
  return { exchange, log: hash.digest('hex') }
}

/** An exact decimal as an integer of 10^-18. */
const exact = (text: string | number): bigint => {
  const [whole = '0', fraction = ''] = String(text).split('.')
  return BigInt(whole + fraction.padEnd(18, '0'))
}

describe('whatever is ordered', () => {
  it('the exchange’s own audit finds nothing after any command', () => {
    fc.assert(
      fc.property(commands, selfTrade, (moves, rule) => {
        const check = (command: Command, _events: readonly ExchangeEvent[], exchange: Exchange) => {
          const faults = exchange.audit()
          if (faults.length > 0) throw new Error(`${JSON.stringify(command)}: ${faults.join('; ')}`)
        }
        run(moves, check, rule)
      }),
      { numRuns: RUNS },
    )
  })

  it('no money is made or lost: all balances, the house’s and the fees’ included, are what was deposited, to the last digit', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const deposited = new Map<string, bigint>()
        run(moves, (command, events, exchange) => {
          const refused = events.some(({ type }) => type === 'refused')
          const amounts =
            command.type === 'open-account'
              ? Object.entries(command.deposits ?? {})
              : command.type === 'deposit' && !refused
                ? [[command.currency, command.amount] as const]
                : []
          for (const [currency, amount] of amounts) {
            const negative = String(amount).startsWith('-')
            const units = exact(String(amount).replace('-', ''))
            deposited.set(currency, (deposited.get(currency) ?? 0n) + (negative ? -units : units))
          }
          const held = new Map<string, bigint>()
          for (const { currency, free, locked, account: owner } of exchange.exactBalances()) {
            const units = (text: string) => (text.startsWith('-') ? -exact(text.slice(1)) : exact(text))
            held.set(currency, (held.get(currency) ?? 0n) + units(free) + units(locked))
            // `expect` for each balance of each step would take most of the test's time.
            if (names.includes(owner) && (free.startsWith('-') || locked.startsWith('-'))) {
              throw new Error(`${owner} has ${free} free and ${locked} locked ${currency}`)
            }
          }
          for (const [currency, units] of deposited) {
            if (held.get(currency) !== units)
              throw new Error(`${units} ${currency} came in, ${held.get(currency)} are held`)
          }
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('what is locked is the sum over the open orders that a client would be shown', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const { exchange } = run(moves)
        for (const name of names) {
          const due = new Map<string, bigint>()
          for (const spec of symbols) {
            for (const order of exchange.openOrders(name, spec.symbol)) {
              const currency = order.action === 'BUY' ? spec.quote : spec.base
              const units =
                order.action === 'BUY' ? (exact(order.price!) * exact(order.remain)) / 10n ** 18n : exact(order.remain)
              due.set(currency, (due.get(currency) ?? 0n) + units)
            }
          }
          for (const { account: owner, currency, locked } of exchange.exactBalances()) {
            if (owner === name) expect(exact(locked)).toBe(due.get(currency) ?? 0n)
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('the trades are those of a simple exchange that sorts all orders anew each time', () => {
    let trades = 0
    fc.assert(
      fc.property(commands, selfTrade, (moves, rule) => {
        const naive = new NaiveExchange(symbols, rule)
        const compare = (command: Command, events: readonly ExchangeEvent[]) => {
          const expected = naive.apply(
            command,
            events.some(({ type }) => type === 'refused'),
          )
          const seen = events.flatMap((event) =>
            event.type === 'trade' ? [`${event.data.action} ${event.data.quantity} @ ${event.data.price}`] : [],
          )
          expect(seen).toEqual(expected)
          trades += seen.length
        }
        run(moves, compare, rule)
      }),
      { numRuns: RUNS },
    )
    expect(trades).toBeGreaterThan(RUNS)
  })

  it('each fill is told to both sides, and an order’s fills add up to what it lacks', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const filled = new Map<string, bigint>()
        run(moves, (_command, events) => {
          for (const event of events) {
            if (event.type === 'fill') {
              const { order_no, quantity } = event.data
              filled.set(order_no, (filled.get(order_no) ?? 0n) + exact(quantity))
            } else if (event.type === 'order' && !(event.data.order_type === 'MARKET' && event.data.action === 'BUY')) {
              const { order_no, quantity, remain, status } = event.data
              const done = filled.get(order_no) ?? 0n
              expect(exact(quantity) - exact(remain)).toBe(status === 'SUBMITTED' ? 0n : done)
              if (status === 'FILLED') expect(remain).toBe(0)
            }
          }
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('the same commands give the same events, byte for byte', () => {
    fc.assert(
      fc.property(commands, (moves) => run(moves).log === run(moves).log),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it('cancelling everything gives back everything that was locked', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const { exchange } = run(moves)
        const total = (name: string) =>
          exchange
            .exactBalances()
            .filter((balance) => balance.account === name)
            .map(({ currency, free, locked }) => [currency, exact(free) + exact(locked)])
        const before = names.map(total)
        for (const name of names) {
          for (const { symbol: each } of symbols) {
            exchange.apply({ type: 'cancel', account: name, symbol: each, order_nos: [] }, 0)
          }
        }
        expect(names.map(total)).toEqual(before)
        for (const { account: owner, locked } of exchange.exactBalances()) {
          if (names.includes(owner)) expect(locked).toBe('0')
        }
      }),
      { numRuns: RUNS },
    )
  })
})
