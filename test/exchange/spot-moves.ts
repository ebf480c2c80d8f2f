import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  type ExchangeCommand,
  createExchange,
  type Exchange,
  type ExchangeEvent,
  type ExchangeState,
  type SelfTrade,
  type SpotSpec,
} from '../../src/exchange/index.js'

/** Odd on purpose: steps that are no powers of ten, a currency that is base here and quote there, fees that never come out even, a rebate. */
export const symbols: SpotSpec[] = [
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
export const names = ['alice', 'bob', 'carol']

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
  .map(({ ticks, lots, ...rest }): ExchangeCommand => {
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
  .map(({ symbol, bids, asks, shift }): ExchangeCommand => {
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
/** 0 among the quantities: no more of a level. */
const someRows = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 0, max: 4 })), { maxLength: 4 })
const levels = fc
  .record({ symbol, bids: someRows, asks: someRows, shift: fc.integer({ min: 0, max: 14 }) })
  .map(({ symbol, bids, asks, shift }): ExchangeCommand => {
    const rowsOf = (from: typeof bids, up: number) =>
      from.map(([ticks, lots]) => [step('price', ticks + up, symbol), step('size', lots * 900, symbol)] as const)
    return {
      type: 'levels',
      account: 'house',
      symbol,
      bids: rowsOf(bids, Math.max(0, shift - 7)),
      asks: rowsOf(asks, shift + 10),
    }
  })
const take = fc
  .record({ symbol, action, ticks: fc.integer({ min: 1, max: 30 }), lots: fc.integer({ min: 1, max: 4000 }) })
  .map(
    ({ symbol, action, ticks, lots }): ExchangeCommand => ({
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
  .map(({ account, currency, cents }): ExchangeCommand => ({ type: 'deposit', account, currency, amount: cents / 100 }))

export const commands = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: place },
    { weight: 3, arbitrary: cancel },
    { weight: 2, arbitrary: quote },
    { weight: 2, arbitrary: levels },
    { weight: 2, arbitrary: take },
    { weight: 1, arbitrary: deposit },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)
export const selfTrade = fc.constantFrom<SelfTrade>('allow', 'cancel-maker', 'cancel-taker', 'cancel-both')
export type Move = typeof commands extends fc.Arbitrary<(infer Each)[]> ? Each : never

const opening: ExchangeCommand[] = [
  { type: 'open-account', account: 'house', house: true },
  ...names.map(
    (name): ExchangeCommand => ({
      type: 'open-account',
      account: name,
      deposits: { BTC: '3', ETH: 500, USDT: '5000' },
    }),
  ),
]

export const spotExchange = (rule: SelfTrade, state?: ExchangeState): Exchange =>
  createExchange({ platform: 'test', symbols, idPrefix: 'x', selfTrade: rule, ...(state && { state }) })

/**
 * Applies the moves one by one, telling each step's command and events.
 *
 * @param successor - may put another exchange in the place of the present one, before each step
 */
export function run(
  moves: readonly Move[],
  each: (command: ExchangeCommand, events: readonly ExchangeEvent[], exchange: Exchange) => void = () => {},
  rule: SelfTrade = 'allow',
  successor: (exchange: Exchange) => Exchange = (exchange) => exchange,
): { exchange: Exchange; log: string } {
  let exchange = spotExchange(rule)
  const hash = createHash('sha256')
  const accepted: string[] = []
  let now = 1_700_000_000_000
  for (const move of [...opening, ...moves]) {
    const command: ExchangeCommand =
      move.type === 'cancel-back'
        ? {
            type: 'cancel',
            account: move.account,
            symbol: move.symbol,
            order_nos: move.back.map((back) => accepted.at(-1 - back) ?? 'none'),
          }
        : move
    exchange = successor(exchange)
    const events = exchange.apply(command, (now += 7))
    for (const event of events) if (event.type === 'accepted') accepted.push(event.order_no)
    hash.update(JSON.stringify(events))
    each(command, events, exchange)
  }
  return { exchange, log: hash.digest('hex') }
}
