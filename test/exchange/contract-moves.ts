import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  type ExchangeCommand,
  createExchange,
  type Exchange,
  type ExchangeEvent,
  type ExchangeState,
  PLATFORMS,
} from '../../src/exchange/index.js'

export const names = ['alice', 'bob', 'carol']
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
  .map(({ away, lots, closes, ...rest }): ExchangeCommand => {
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
  .map(({ symbol, percent, value }): ExchangeCommand => {
    const price = centre(symbol) * (1 + percent / 100)
    const levels = (side: 1 | -1) =>
      value === 0 ? [] : [1, 2, 5].map((rung) => [round(price * (1 + (side * rung) / 2000)), value / price] as const)
    return { type: 'quote', account: 'house', symbol, bids: levels(-1), asks: levels(1) }
  })
/** Some levels of the book change, and the rest stays. */
const levels = fc
  .record({
    symbol,
    rows: fc.array(
      fc.record({ rung: fc.constantFrom(-5, -2, -1, 1, 2, 5), value: fc.integer({ min: 0, max: 9_000 }) }),
      {
        maxLength: 4,
      },
    ),
  })
  .map(({ symbol, rows }): ExchangeCommand => {
    const side = (sign: 1 | -1) =>
      rows
        .filter(({ rung }) => rung * sign > 0)
        .map(({ rung, value }) => [round(centre(symbol) * (1 + rung / 2000)), value / centre(symbol)] as const)
    return { type: 'levels', account: 'house', symbol, bids: side(-1), asks: side(1) }
  })
export const commands = fc.array(
  fc.record({
    command: fc.oneof(
      { weight: 10, arbitrary: place },
      { weight: 1, arbitrary: cancel },
      { weight: 4, arbitrary: quote },
      { weight: 2, arbitrary: levels },
    ),
    hours: fc.oneof(
      { weight: 9, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
    ),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
)
export type Moves = typeof commands extends fc.Arbitrary<infer Each> ? Each : never

export const contractExchange = (marginMode: 'crossed' | 'fixed', state?: ExchangeState): Exchange => {
  const tiers = [
    { above: 40, adjustmentFactor: '0.25' },
    { above: 120, adjustmentFactor: '0.5' },
  ]
  const symbols = PLATFORMS.get('huobi_future')!.map((spec) =>
    spec.kind === 'spot' ? spec : { ...spec, marginMode, tiers },
  )
  return createExchange({ platform: 'huobi_future', symbols, ...(state && { state }) })
}

/**
 * Applies the moves one by one, telling each step's command and events.
 *
 * @param successor - may put another exchange in the place of the present one, before each step
 */
export function run(
  moves: Moves,
  mode: 'crossed' | 'fixed',
  each: (command: ExchangeCommand, events: readonly ExchangeEvent[], exchange: Exchange) => void = () => {},
  successor: (exchange: Exchange) => Exchange = (exchange) => exchange,
) {
  let exchange = contractExchange(mode)
  const hash = createHash('sha256')
  const opening: ExchangeCommand[] = [
    { type: 'open-account', account: 'house', house: true },
    ...names.map(
      (name): ExchangeCommand => ({ type: 'open-account', account: name, deposits: { BTC: '0.05', USDT: '1000' } }),
    ),
  ]
  let now = 1_700_000_000_000
  for (const { command, hours } of [...opening.map((command) => ({ command, hours: 0 })), ...moves]) {
    now += 1 + hours * 3_600_000
    exchange = successor(exchange)
    const events = exchange.apply(command, now)
    hash.update(JSON.stringify(events))
    each(command, events, exchange)
  }
  return { exchange, log: hash.digest('hex') }
}

export const mode = fc.constantFrom('crossed' as const, 'fixed' as const)
