import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createExchange, type Exchange, type ExchangeState, liquidationPrice } from '../../src/exchange/index.js'

const open = (state?: ExchangeState): Exchange => {
  const exchange = createExchange({ platform: 'huobi_future', ...(state && { state }) })
  if (state !== undefined) return exchange
  exchange.apply({ type: 'open-account', account: 'me', deposits: { BTC: 1_000, USDT: 1e9 } }, 0)
  exchange.apply({ type: 'open-account', account: 'other', deposits: { BTC: 1_000, USDT: 1e9 } }, 0)
  return exchange
}
/** `me` and `other` trade contracts with each other. */
const trade = (exchange: Exchange, symbol: string, price: number, quantity: number) => {
  for (const [account, action] of [
    ['other', 'SELL'],
    ['me', 'BUY'],
  ] as const) {
    const size = action === 'SELL' ? -quantity : quantity
    const place = { account, action, symbol, price, quantity: size, order_type: 'LIMIT' } as const
    for (const event of exchange.apply({ type: 'place', ...place }, 1))
      if (event.type === 'refused') throw new Error(event.message)
  }
}

describe('the average prices of a position', () => {
  it.each([
    ['BTC/USD', 60_000, 1],
    ['BTC/USD', 61_234.5, 3],
    ['BTC/USD', 99_999.9, 7],
    ['BTC/USDT', 60_000.1, 1],
  ])('are the price of its only trade: %s at %d, %d contracts', (symbol, price, quantity) => {
    const exchange = open()
    trade(exchange, symbol, price, quantity)
    for (const [account, side] of [
      ['me', 'long'],
      ['other', 'short'],
    ] as const) {
      const position: object = exchange.position(account, symbol) ?? {}
      expect(position).toMatchObject({ [`${side}_open_price`]: price, [`${side}_hold_price`]: price })
    }
    expect(exchange.audit()).toEqual([])
  })

  it('are those of all its openings, whatever has been closed since and however it is restored', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('BTC/USD', 'BTC/USDT'),
        fc.array(fc.tuple(fc.integer({ min: 500_000, max: 700_000 }), fc.integer({ min: 1, max: 50 })), {
          minLength: 1,
          maxLength: 12,
        }),
        (symbol, trades) => {
          let exchange = open()
          let [lots, sum] = [0, 0]
          for (const [ticks, quantity] of trades) {
            const price = ticks / 10
            trade(exchange, symbol, price, quantity)
            lots += quantity
            sum += symbol === 'BTC/USD' ? quantity / price : quantity * price
          }
          exchange = open(JSON.parse(JSON.stringify(exchange.state())) as ExchangeState)
          const average = symbol === 'BTC/USD' ? lots / sum : sum / lots
          const shown = () => exchange.position('me', symbol)?.long_open_price ?? 0
          expect(Math.abs(shown() / average - 1)).toBeLessThan(1e-13)
          if (lots === 1) return
          // Half of it closes at another price: what is left came in at the same average.
          const closing = { symbol, price: 60_000, quantity: Math.floor(lots / 2), order_type: 'LIMIT' } as const
          exchange.apply({ type: 'place', account: 'other', action: 'BUY', ...closing, quantity: -closing.quantity }, 2)
          exchange.apply({ type: 'place', account: 'me', action: 'SELL', ...closing }, 2)
          expect(exchange.position('me', symbol)?.long_quantity).toBe(lots - closing.quantity)
          expect(Math.abs(shown() / average - 1)).toBeLessThan(1e-13)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('are those of a state of an earlier version, which knows money only, to the digits that money has', () => {
    const exchange = open()
    trade(exchange, 'BTC/USD', 60_000, 1)
    const text = JSON.stringify(exchange.state(), (key, value: unknown) => (/^fine/.test(key) ? undefined : value))
    expect(text).not.toContain('fine')
    expect(open(JSON.parse(text) as ExchangeState).position('me', 'BTC/USD')?.long_open_price).toBeCloseTo(59_999.88, 2)
  })

  it('and the price of its liquidation do not lose digits to the rounding of money', () => {
    const exchange = open()
    trade(exchange, 'BTC/USD', 60_000, 1)
    const { total } = exchange.assets('other')['BTC'] ?? { total: 0 }
    const expected = liquidationPrice({
      ...{ linear: false, long: 0, short: 100, longCost: 0, shortCost: 100 / 60_000 },
      ...{ backing: total, maintenanceRate: 0.01 },
    })
    expect(exchange.position('other', 'BTC/USD')?.short_liquid_price).toBe(expected)
  })
})

describe('the currencies of a symbol', () => {
  const named = (base: string) => () =>
    createExchange({
      platform: 'x',
      symbols: [
        {
          ...{ symbol: `${base}/USDT`, kind: 'spot', base, quote: 'USDT', priceTick: '0.01', sizeTick: '0.1' },
          ...{ sizeLimit: '0.1', valueTick: '0.01', valueLimit: '1', makerFee: '0', takerFee: '0' },
        },
      ],
    })
  it.each(['币安人生', 'ΩMEGA', '1000CAT', 'é'])('may be letters and digits of any script: %s', (base) => {
    const exchange = named(base)()
    exchange.apply({ type: 'open-account', account: 'me', deposits: { [base]: 5 } }, 0)
    expect(exchange.assets('me')[base]?.free).toBe(5)
    expect(exchange.symbolInfo(`${base}/USDT`)?.base_currency).toBe(base)
  })
  it.each(['', '__proto__', 'A B', 'A/B', 'A-B', '😀'])('are nothing else: "%s"', (base) => {
    expect(named(base)).toThrow(/is not a currency: use letters and digits, of any script/)
  })
})
