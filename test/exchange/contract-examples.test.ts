import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Contract } from '../../src/exchange/contracts/contract.js'
import { type ContractSpec, createExchange, liquidationPrice, type LiquidationTerms } from '../../src/exchange/index.js'

const spec = (kind: 'linear' | 'inverse', faceValue: string, leverage: number, priceTick = '0.1'): ContractSpec => ({
  symbol: 'BTC/X',
  kind,
  base: 'BTC',
  quote: 'X',
  priceTick,
  faceValue,
  sizeLimit: '1',
  makerFee: '0',
  takerFee: '0',
  leverage,
  marginMode: 'crossed',
  adjustmentFactor: '0.1',
  liquidationFee: '0',
  fundingRate: '0',
})
const make = (...args: Parameters<typeof spec>) => {
  const settled = args[0] === 'linear' ? 'X' : 'BTC'
  return new Contract(spec(...args), new Map([[settled, 12]]))
}
const ticks = (contract: Contract, price: number) => contract.price.steps(price)!
const money = (units: bigint) => Number(units) / 1e12

describe('worked examples that exchanges have published', () => {
  // HTX, "Margin of Perpetual Swap" (as republished 2021-01-25).
  it.each([
    ['10 BTC contracts of 100 USD at 5,000, ten times', '100', 10, 5000, 10, 0.02],
    ['10 EOS contracts of 10 USD at 5, ten times', '10', 10, 5, 10, 2],
  ])('HTX, margin of an inverse swap: %s', (_what, face, lots, price, leverage, margin) => {
    const contract = make('inverse', face, leverage)
    expect(money(contract.margin(contract.value(ticks(contract, price), lots)))).toBe(margin)
  })

  // HTX, "What is calculation rule for closing profit after settlement?" (support 900000728106).
  it('HTX, unrealised profit of an inverse swap: 1,000 contracts long from 6,000 to 6,150', () => {
    const contract = make('inverse', '100', 10)
    const value = (price: number) => contract.value(ticks(contract, price), 1000)
    expect(money(contract.profit(true, value(6000), value(6150)))).toBeCloseTo(0.4065, 4)
    expect(money(contract.profit(false, value(6000), value(6150)))).toBeCloseTo(-0.4065, 4)
  })

  // FUTX, "Assets and profit/loss calculation for a perpetual futures contract" (articles 63205).
  it('FUTX, a linear contract: 10 BTC at 10,000 and 10 at 12,000 average 11,000; 10 from 10,000 to 12,000 win 20,000', () => {
    const contract = make('linear', '1', 10)
    const value = (price: number, lots: number) => contract.value(ticks(contract, price), lots)
    expect(contract.averagePrice(20, value(10_000, 10) + value(12_000, 10))).toBe(11_000)
    expect(money(contract.profit(true, value(10_000, 10), value(12_000, 10)))).toBe(20_000)
    expect(money(contract.profit(false, value(10_000, 10), value(12_000, 10)))).toBe(-20_000)
  })

  // Coinlocally, "Margin and Profit/Loss Calculations" of coin-margined perpetuals.
  it('Coinlocally, average price of an inverse contract: 1,000 at 5,000 and 2,000 at 6,000 are 3,000 at 5,625', () => {
    const contract = make('inverse', '1', 10)
    const value = (price: number, lots: number) => contract.value(ticks(contract, price), lots)
    expect(contract.averagePrice(3000, value(5000, 1000) + value(6000, 2000))).toBeCloseTo(5625, 6)
    expect(money(contract.profit(true, value(5000, 1000), value(5500, 1000)))).toBeCloseTo(0.01818, 5)
    expect(money(contract.profit(false, value(5000, 1000), value(4500, 1000)))).toBeCloseTo(0.02222, 5)
  })

  const flat = { long: 0, short: 0, longCost: 0, shortCost: 0, maintenanceRate: 0 }
  const linear = { ...flat, linear: true }
  const inverse = { ...flat, linear: false }
  it.each<[string, LiquidationTerms, number, number]>([
    // Bybit, "Liquidation Price (USDT Contract)": maintenance by the entry price, so that it comes off the margin.
    [
      'Bybit, linear, fixed, long: 1 BTC at 20,000, 50 times, 0.5 %',
      { ...linear, long: 1, longCost: 20_000, backing: 400 - 100 },
      19_700,
      6,
    ],
    [
      'Bybit, linear, fixed, long: 1 BTC at 10,000, 50 times, 0.5 %',
      { ...linear, long: 1, longCost: 10_000, backing: 200 - 50 },
      9850,
      6,
    ],
    [
      'Bybit, linear, fixed, short: 1 BTC at 8,000, 40 times, 0.5 %',
      { ...linear, short: 1, shortCost: 8000, backing: 200 - 40 },
      8160,
      6,
    ],
    // MoonXBT, "Liquidation Price" (5532119155343), after Bybit: available 2,000, initial margin 200, maintenance 100.
    [
      'MoonXBT, linear, crossed, long: 1 BTC at 20,000',
      { ...linear, long: 1, longCost: 20_000, backing: 2000 + 200 - 100 },
      17_900,
      6,
    ],
    // Phemex, "Est. Liq Price for USDT-M": 500 at 0.4, five times, 1 %, taker fee 0.06 %.
    [
      'Phemex, linear, fixed, long: 500 at 0.4',
      { ...linear, long: 500, longCost: 200, backing: 40.096, maintenanceRate: 0.01 + 0.0006 },
      0.3232,
      4,
    ],
    // KuCoin, "Liquidation Price in Cross Margin Mode": 1,000 USDT behind 620 USDT of BTC long and 3,800 USDT of ETH short, shared by value.
    [
      'KuCoin, linear, crossed, short: 1 ETH, mark 3,800',
      { ...linear, short: 1, shortCost: 3800, backing: (3800 * 1000) / 4420, maintenanceRate: 0.01 + 0.0006 },
      4610.7,
      0,
    ],
    // MCS, "Isolated Margin": 10 times at 2,000, 0.5 % of the entry value.
    [
      'MCS, inverse, fixed, long: 2,000, ten times',
      { ...inverse, long: 2000, longCost: 1, backing: 0.1 - 0.005 },
      1826.48,
      2,
    ],
    [
      'MCS, inverse, fixed, short: 2,000, ten times',
      { ...inverse, short: 2000, shortCost: 1, backing: 0.1 - 0.005 },
      2209.94,
      2,
    ],
    // Bybit, "How to calculate Liquidation Price (Inverse Contract)": the bankruptcy price, closing fee 0.075 % included.
    [
      'Bybit, inverse, crossed, long: 10,000 at 8,000 with 0.5 BTC',
      { ...inverse, long: 10_000, longCost: 1.25, backing: 0.5, maintenanceRate: 0.00075 },
      5718.57,
      2,
    ],
  ])('liquidation price: %s', (_what, terms, price, digits) => {
    expect(liquidationPrice(terms)).toBeCloseTo(price, digits)
  })

  // HTX, "Coin-Margined Swaps Now Support Locked Margin Optimization" (2020-10-14).
  it('HTX, margin of both sides: 1,000 long and 800 short of 100 USD at 9,500, 20 times, need 0.5263 BTC', () => {
    const exchange = createExchange({ platform: 'test', symbols: [spec('inverse', '100', 20)] })
    exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
    exchange.apply({ type: 'open-account', account: 'tom', deposits: { BTC: 10 } }, 0)
    const level = [9500, 100] as const
    exchange.apply({ type: 'quote', account: 'house', symbol: 'BTC/X', asks: [level] }, 1)
    const order = { type: 'place', account: 'tom', symbol: 'BTC/X', price: 9500, order_type: 'LIMIT' } as const
    exchange.apply({ ...order, action: 'BUY', quantity: 1000 }, 2)
    exchange.apply({ type: 'quote', account: 'house', symbol: 'BTC/X', bids: [level], asks: [] }, 3)
    exchange.apply({ ...order, action: 'SELL', quantity: -800 }, 4)
    const { long_margin, short_margin } = exchange.position('tom', 'BTC/X')!
    expect(long_margin + short_margin).toBeCloseTo(0.9473, 3)
    expect(exchange.assets('tom')['BTC']!.locked).toBeCloseTo(0.5263, 4)
    expect(exchange.audit()).toEqual([])
  })
})

describe('margin and what must stand behind it', () => {
  it('are rounded up, so that no position is too small to need any', () => {
    const contract = make('linear', '1', 10)
    expect([contract.margin(11n), contract.margin(20n), contract.maintenance(11n)]).toEqual([2n, 2n, 2n])
  })
})

describe('a liquidation price', () => {
  it('is where what stands behind a position equals what must, on either kind and side', () => {
    const size = fc.double({ min: 0.01, max: 100, noNaN: true })
    fc.assert(
      fc.property(
        fc.boolean(),
        size,
        fc.oneof(fc.constant(0), size),
        fc.boolean(),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        (isLinear, big, small, longer, backing, maintenanceRate) => {
          const [long, short] = longer ? [big, small] : [small, big]
          const entry = 100
          const cost = (of: number) => (isLinear ? of * entry : of / entry)
          const terms = {
            linear: isLinear,
            long,
            short,
            longCost: cost(long),
            shortCost: cost(short),
            backing,
            maintenanceRate,
          }
          const price = liquidationPrice(terms)
          fc.pre(price > 1e-6 && price < 1e9)
          const value = (of: number) => (isLinear ? of * price : of / price)
          const profit = (value(long) - cost(long) - (value(short) - cost(short))) * (isLinear ? 1 : -1)
          const scale = Math.max(backing, value(long), value(short), cost(long), cost(short))
          expect(Math.abs(backing + profit - maintenanceRate * Math.max(value(long), value(short)))).toBeLessThan(
            1e-9 * scale,
          )
        },
      ),
    )
  })
})
