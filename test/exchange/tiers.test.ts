import { describe, expect, it } from '@jest/globals'
import { Contract } from '../../src/exchange/contracts/contract.js'
import { type ExchangeCommand, type ContractSpec, createExchange, PLATFORMS } from '../../src/exchange/index.js'
import { Position } from '../../src/exchange/contracts/position.js'

const symbol = 'BTC/USDT'
/** 0.001 BTC a contract, ten times. */
const [btc] = PLATFORMS.get('huobi_future') as readonly ContractSpec[]
const withTiers = (tiers: ContractSpec['tiers'], marginMode: 'crossed' | 'fixed' = 'crossed'): ContractSpec => ({
  ...btc!,
  marginMode,
  ...(tiers && { tiers }),
})
const two = [{ above: 100, adjustmentFactor: '0.5' }]

/** Somebody with 1,000 USDT who holds so many contracts long from 60,001 on. */
function holding(contracts: number, spec: ContractSpec, deposit = 1_000) {
  const exchange = createExchange({ platform: 'huobi_future', symbols: [spec] })
  let now = 1_700_000_000_000
  const tell = (command: ExchangeCommand) => {
    const events = exchange.apply(command, ++now)
    expect(exchange.audit()).toEqual([])
    return events
  }
  const market = (price: number) =>
    tell({ type: 'quote', account: 'house', symbol, bids: [[price - 1, 1000]], asks: [[price + 1, 1000]] })
  tell({ type: 'open-account', account: 'me', deposits: { USDT: deposit } })
  tell({ type: 'open-account', account: 'house', house: true })
  market(60_000)
  const order = { type: 'place', account: 'me', symbol, action: 'BUY', price: 0, order_type: 'MARKET' } as const
  tell({ ...order, quantity: contracts })
  const insured = () => Number(exchange.exactBalances().find(({ account }) => account === 'insurance')?.free ?? 0)
  const free = () => Number(exchange.exactBalances().find(({ account }) => account === 'me')!.free)
  return {
    ...{ exchange, tell, insured, free },
    held: () => exchange.position('me', symbol)!.long_quantity,
    liquidPrice: () => exchange.position('me', symbol)!.long_liquid_price!,
    liquidations: (price: number) => market(price).filter(({ type }) => type === 'liquidation').length,
  }
}

describe('tiers of the adjustment factor', () => {
  // HTX, "Tiered Adjustment Factor of USDⓈ-Margined Contracts" (support 900001326606); the table itself is a picture, its limits here are ours.
  it('HTX: 12,000 long and 30,000 short are 18,000 net, and the factor is 12.5 %', () => {
    const contract = new Contract(
      withTiers([
        { above: 10_000, adjustmentFactor: '0.125' },
        { above: 25_000, adjustmentFactor: '0.2' },
      ]),
      new Map([['USDT', 8]]),
    )
    const position = new Position()
    position.long.lots = 12_000
    position.short.lots = 30_000
    expect(position.net).toBe(18_000)
    expect(contract.adjustment(position.net)).toBe(12_500_000n)
    expect(contract.maintenance(1_000n, position.net)).toBe(125n)
  })

  it('begin above their limit, not at it', () => {
    const contract = new Contract(withTiers(two), new Map([['USDT', 8]]))
    expect([contract.adjustment(100), contract.adjustment(101)]).toEqual([10_000_000n, 50_000_000n])
    expect([contract.limitBelow(100), contract.limitBelow(101)]).toEqual([undefined, 100])
  })

  it.each([
    [[{ above: 0, adjustmentFactor: '0.5' }]],
    [[...two, { above: 100, adjustmentFactor: '0.6' }]],
    [[{ above: 1.5, adjustmentFactor: '0.5' }]],
  ])('are refused where their limits do not rise: %j', (tiers) => {
    expect(() => createExchange({ platform: 'x', symbols: [withTiers(tiers)] })).toThrow(
      'tiers begin above whole numbers',
    )
  })
})

// HTX, "Partial Liquidation" (support 900001325083): reduced to the upper limit of a lower tier, and closed only if that is not enough.
describe('a liquidation above the first tier', () => {
  it('comes at the price that the position tells, takes it down to the limit of the tier below, and charges nothing', () => {
    const { held, liquidPrice, liquidations, insured } = holding(150, withTiers(two))
    const price = liquidPrice()
    // Balance 996.4 less the loss is 5 % of the value: half of the margin.
    expect(price).toBeCloseTo((9000.15 - (1000 - 3.60006)) / (0.15 * 0.95), 2)
    expect(liquidations(Math.ceil(price))).toBe(0)
    expect(liquidations(Math.floor(price) - 1)).toBe(1)
    expect(held()).toBe(100)
    expect(insured()).toBe(0)
    // What is left is in the first tier, and carries on to its own price.
    expect(liquidPrice()).toBeLessThan(price)
    expect(liquidations(Math.ceil(liquidPrice()))).toBe(0)
    expect(held()).toBe(100)
  })

  it('comes later without tiers', () => {
    expect(holding(150, withTiers(undefined)).liquidPrice()).toBeLessThan(holding(150, withTiers(two)).liquidPrice())
  })

  it('goes down as many tiers as it must, and no further', () => {
    const tiers = [
      { above: 50, adjustmentFactor: '0.3' },
      { above: 100, adjustmentFactor: '0.5' },
      { above: 120, adjustmentFactor: '0.52' },
    ]
    const { held, liquidPrice, liquidations } = holding(150, withTiers(tiers))
    const price = liquidPrice()
    expect(liquidations(Math.floor(price) - 1)).toBe(1)
    expect(held()).toBe(120)
    const gap = holding(150, withTiers(tiers))
    // So far below that 120 and 100 are still under, and 50 are not.
    expect(gap.liquidations(54_300)).toBe(1)
    expect(gap.held()).toBe(50)
  })

  it('closes everything if no tier is enough, and the other side bears the loss', () => {
    const { exchange, held, liquidations, insured } = holding(150, withTiers(two))
    expect(liquidations(50_000)).toBe(1)
    expect(held()).toBe(0)
    expect(exchange.assets('me')['USDT']!.total).toBe(0)
    expect(insured()).toBe(0)
  })

  it('of a fixed position goes by its own side, and leaves the rest of it its share of the margin', () => {
    const { held, liquidPrice, liquidations, insured } = holding(150, withTiers(two, 'fixed'))
    const price = liquidPrice()
    expect(price).toBeCloseTo((9000.15 - 900.015) / (0.15 * 0.95), 2)
    expect(liquidations(Math.ceil(price))).toBe(0)
    expect(liquidations(Math.floor(price) - 1)).toBe(1)
    expect(held()).toBe(100)
    expect(insured()).toBe(0)
  })

  it('of a fixed position that a gap has brought far below takes no more than its margin', () => {
    const { free, held, liquidations, insured } = holding(150, withTiers(two, 'fixed'))
    const before = free()
    expect(liquidations(50_000)).toBe(1)
    expect(held()).toBe(0)
    expect(free()).toBe(before)
    expect(insured()).toBe(0)
  })

  it('stops where the book ends, and goes on with the next command', () => {
    const { held, tell } = holding(150, withTiers(two))
    tell({ type: 'quote', account: 'house', symbol, bids: [], asks: [[56_000, 1]] })
    expect(held()).toBe(150)
    tell({ type: 'quote', account: 'house', symbol, bids: [[55_999, 1]], asks: [[56_000, 1]] })
    expect(held()).toBe(100)
  })
})
