import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { openOf, type TradeFill, tradesOf, tradeStatistics } from 'rxquant/backtest'
import { expectClose } from './expect-close.js'

const MINUTE = 60_000
type Short = readonly [
  side: 'BUY' | 'SELL',
  quantity: number,
  price: number,
  fee?: number,
  feeCurrency?: 'quote' | 'base',
]
const fillsOf = (...fills: Short[]): TradeFill[] =>
  fills.map(([side, quantity, price, fee, feeCurrency], minute) => ({
    time: minute * MINUTE,
    side,
    quantity,
    price,
    fee,
    feeCurrency,
  }))

describe('trades derived from fills', () => {
  it('take a fee in base off the position, worth its price', () => {
    const fills = fillsOf(['BUY', 1, 100, 0.002, 'base'], ['SELL', 0.998, 110, 0.2, 'quote'])
    // Paid 100, received 109.78 less 0.2.
    const expected = [{ quantity: 0.998, entryPrice: 100, gross: 9.98, fees: 0.4, net: 9.58 }]
    for (const method of ['roundTrip', 'fifo', 'averageCost'] as const) {
      expectClose(tradesOf(fills, { method }), expected)
    }
    expect(openOf(fills)).toBeUndefined()
    expect(openOf(fills, { method: 'averageCost' })).toEqual({ position: 0, entryPrice: undefined })
  })

  it('take a fee in base of a sale off the position too', () => {
    const fills = fillsOf(['SELL', 1, 100, 0.002, 'base'], ['BUY', 1.002, 90])
    expectClose(tradesOf(fills), [{ side: 'SHORT', quantity: 1.002, gross: 10.02, fees: 0.2, net: 9.82 }])
  })

  it('leave dust open where a fee in base was not sold around', () => {
    const fills = fillsOf(['BUY', 1, 100, 0.002, 'base'], ['SELL', 1, 110])
    expectClose(tradesOf(fills), [{ side: 'LONG', quantity: 0.998, fills: 2, fees: 0.2 }])
    expectClose(openOf(fills), {
      side: 'SHORT',
      position: -0.002,
      entryPrice: 110,
      exitPrice: null,
      fills: 1,
      cashFlow: 0.22,
    })
  })

  it('see a flat position where binary fractions do not', () => {
    const fills = fillsOf(['BUY', 0.1, 10], ['BUY', 0.2, 10], ['SELL', 0.3, 11])
    expectClose(tradesOf(fills), [{ quantity: 0.3, largestPosition: 0.3, fills: 3, gross: 0.3, returnOnEntry: 0.1 }])
    expect(openOf(fills)).toBeUndefined()
    expect(openOf(fills, { method: 'fifo' })).toEqual([])
  })

  it('neither win nor lose where gross and fees are the same', () => {
    const trades = tradesOf(fillsOf(['BUY', 1, 100, 0.1], ['BUY', 1, 100, 0.2], ['SELL', 2, 100.15]))
    expect(trades[0]?.net).toBe(0)
    expect(tradeStatistics(trades)).toMatchObject({ trades: 1, wins: 0, losses: 0, winRate: 0 })
    const thirds = tradesOf(fillsOf(['BUY', 3, 100, 0.1], ['SELL', 1, 100, -0.1], ['SELL', 2, 100]), { method: 'fifo' })
    expectClose(
      thirds.map(({ fees }) => fees),
      [0.1 / 3 - 0.1, 0.2 / 3],
    )
  })

  it('split a fill that flips the position, and its fee, by quantity', () => {
    const fills = fillsOf(['SELL', 1, 100, 0.1], ['BUY', 4, 90, 0.4], ['SELL', 3, 95, 0.3])
    const expected = [
      { side: 'SHORT', quantity: 1, gross: 10, fees: 0.2, net: 9.8 },
      { side: 'LONG', quantity: 3, gross: 15, fees: 0.6, net: 14.4 },
    ]
    for (const method of ['roundTrip', 'fifo', 'averageCost'] as const) {
      expectClose(tradesOf(fills, { method }), expected)
    }
  })

  it('name the fills of each first-in-first-out pair, and keep what is left of a lot', () => {
    const fills = fillsOf(['BUY', 2, 10, 0.2], ['BUY', 2, 20, 0.4], ['SELL', 3, 30, 0.9])
    expectClose(tradesOf(fills, { method: 'fifo' }), [
      { entryFill: 0, exitFill: 2, quantity: 2, entryTime: 0, exitTime: 2 * MINUTE, gross: 40, fees: 0.2 + 0.6 },
      { entryFill: 1, exitFill: 2, quantity: 1, entryTime: MINUTE, exitTime: 2 * MINUTE, gross: 10, fees: 0.2 + 0.3 },
    ])
    expectClose(openOf(fills, { method: 'fifo' }), [
      { side: 'LONG', entryFill: 1, quantity: 1, entryPrice: 20, entryTime: MINUTE, fees: 0.2 },
    ])
    expectClose(openOf(fills, { method: 'averageCost' }), { position: 1, entryPrice: 15 })
    expectClose(tradesOf(fills, { method: 'averageCost' }), [
      { exitFill: 2, quantity: 3, entryPrice: 15, gross: 45, fees: 1.35 },
    ])
    expectClose(openOf(fills), {
      position: 1,
      quantity: 4,
      largestPosition: 4,
      fills: 3,
      entryPrice: 15,
      exitPrice: 30,
    })
  })

  it('take the fees of entries off by the share that is closed, at average cost', () => {
    const fills = fillsOf(['BUY', 4, 10, 0.4], ['SELL', 1, 10], ['BUY', 1, 10, 0.5], ['SELL', 2, 10], ['SELL', 2, 10])
    const fees = tradesOf(fills, { method: 'averageCost' }).map((each) => each.fees)
    expectClose(fees, [0.1, 0.4, 0.4])
  })

  it('have an empty list of no fills', () => {
    expect(tradesOf([])).toEqual([])
    expect(openOf([], { method: 'fifo' })).toEqual([])
    expectClose(tradeStatistics([]), { trades: 0, winRate: null, expectancy: null, netProfit: 0, kelly: null })
  })

  it('have an undefined payoff, Kelly share and profit factor where all is lost', () => {
    expectClose(tradeStatistics([{ net: -1 }, { net: -3 }]), {
      wins: 0,
      losses: 2,
      winRate: 0,
      profitFactor: 0,
      averageWin: null,
      averageLoss: 2,
      payoff: null,
      expectancy: -2,
      expectancyRatio: -1,
      sqn: -2,
      kelly: null,
      largestWin: null,
      largestLoss: -3,
      longestLosing: 2,
    })
  })

  it('have no quality number where all trades are alike', () => {
    expect(tradeStatistics([{ net: 0.1 }, { net: 0.1 }, { net: 0.1 }]).sqn).toBeUndefined()
    expect(tradeStatistics([{ net: 1e-9 }, { net: 2e-9 }, { net: 3e-9 }]).sqn).toBeCloseTo(2 * Math.sqrt(3), 9)
  })

  it.each([
    [{ quantity: 0 }, 'fills[1].quantity is 0'],
    [{ price: NaN }, 'fills[1].price is NaN'],
    [{ side: 'buy' }, 'fills[1].side is buy: expected BUY or SELL'],
    [{ fee: Infinity }, 'fills[1].fee is Infinity'],
    [{ feeCurrency: 'BNB' }, 'fills[1].feeCurrency is BNB: expected quote or base'],
    [{ time: -1 }, 'fills[1].time is -1, before fills[0]: expected the order of time'],
  ])('are refused of a fill that is wrong, naming it: %j', (change, message) => {
    const [first, second] = fillsOf(['BUY', 1, 1], ['BUY', 1, 1])
    expect(() => tradesOf([first, { ...second, ...change }] as TradeFill[])).toThrow(message)
  })

  it('are refused by a method of another name', () => {
    expect(() => tradesOf([], { method: 'lifo' as 'fifo' })).toThrow(
      'method is lifo: expected roundTrip, fifo, averageCost',
    )
  })
})

describe('trades of any fills', () => {
  const fill = fc.record({
    side: fc.constantFrom<'BUY' | 'SELL'>('BUY', 'SELL'),
    quantity: fc.integer({ min: 1, max: 30 }).map((n) => n / 10),
    price: fc.integer({ min: 5000, max: 15000 }).map((n) => n / 100),
    fee: fc.integer({ min: -2, max: 9 }).map((n) => n / 1000),
    feeCurrency: fc.constantFrom<'quote' | 'base'>('quote', 'base'),
  })
  const anyFills = fc
    .array(fill, { maxLength: 40 })
    .map((fills): TradeFill[] => fills.map((each, index) => ({ ...each, time: index * MINUTE })))
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
  const netOf = (trades: readonly { readonly net: number }[]): number => total(trades.map(({ net }) => net))
  const MARK = 123.45

  /** Money and coins moved, counted without any trade. */
  const moved = (fills: readonly TradeFill[]) => {
    const sign = ({ side }: TradeFill): number => (side === 'BUY' ? 1 : -1)
    const fees = (currency: string) => fills.map((each) => (each.feeCurrency === currency ? (each.fee ?? 0) : 0))
    return {
      cash: total(fills.map((each) => -sign(each) * each.quantity * each.price)) - total(fees('quote')),
      position: total(fills.map((each) => sign(each) * each.quantity)) - total(fees('base')),
    }
  }

  it('add up with what is open to the money and coins that were moved', () => {
    fc.assert(
      fc.property(anyFills, (fills) => {
        const { cash, position } = moved(fills)
        const profit = cash + position * MARK

        const trip = openOf(fills)
        expect(netOf(tradesOf(fills)) + (trip ? trip.cashFlow + trip.position * MARK : 0)).toBeCloseTo(profit, 8)

        const lots = openOf(fills, { method: 'fifo' }).map((lot) => {
          const gain = (MARK - lot.entryPrice) * lot.quantity
          return (lot.side === 'LONG' ? gain : -gain) - lot.fees
        })
        expect(netOf(tradesOf(fills, { method: 'fifo' })) + total(lots)).toBeCloseTo(profit, 8)

        const average = openOf(fills, { method: 'averageCost' })
        const rows = tradesOf(fills, { method: 'averageCost' })
        const worth = (each: TradeFill) => (each.fee ?? 0) * (each.feeCurrency === 'base' ? each.price : 1)
        const openFees = total(fills.map(worth)) - total(rows.map(({ fees }) => fees))
        const openGain = average.position * (MARK - (average.entryPrice ?? 0))
        expect(average.position).toBeCloseTo(position, 9)
        expect(netOf(rows) + openGain - openFees).toBeCloseTo(profit, 8)
        if (average.position === 0) expect(openFees).toBeCloseTo(0, 9)
      }),
    )
  })

  it('close the same quantity by each method', () => {
    fc.assert(
      fc.property(anyFills, (fills) => {
        const quantity = (trades: readonly { readonly quantity: number }[]) =>
          total(trades.map((each) => each.quantity))
        const fifo = quantity(tradesOf(fills, { method: 'fifo' }))
        expect(quantity(tradesOf(fills, { method: 'averageCost' }))).toBeCloseTo(fifo, 9)
        const trip = openOf(fills)
        const partly = trip === undefined ? 0 : trip.quantity - Math.abs(trip.position)
        expect(quantity(tradesOf(fills)) + partly).toBeCloseTo(fifo, 9)
      }),
    )
  })

  it('are those of each symbol by itself, in the order of their ends', () => {
    fc.assert(
      fc.property(anyFills, anyFills, (a, b) => {
        const named = (fills: readonly TradeFill[], symbol: string) => fills.map((each) => ({ ...each, symbol }))
        const all = [...named(a, 'BTC/USDT'), ...named(b, 'ETH/USDT')].sort((x, y) => x.time - y.time)
        const together = tradesOf(all)
        const of = (symbol: string) =>
          together.filter((each) => each.symbol === symbol).map(({ symbol: _, ...rest }) => rest)
        expect(of('BTC/USDT')).toEqual(tradesOf(a))
        expect(of('ETH/USDT')).toEqual(tradesOf(b))
        const ends = together.map(({ closeTime }) => closeTime)
        expect(ends).toEqual([...ends].sort((x, y) => x - y))
      }),
    )
  })

  it('do not change for a mirror of the market: bought for sold', () => {
    const mirror = { BUY: 'SELL', SELL: 'BUY' } as const
    const inQuote = anyFills.map((fills) => fills.map((each): TradeFill => ({ ...each, feeCurrency: 'quote' })))
    fc.assert(
      fc.property(inQuote, (fills) => {
        const gross = (list: readonly TradeFill[], sign: number) => tradesOf(list).map((each) => sign * each.gross + 0)
        expect(
          gross(
            fills.map((each) => ({ ...each, side: mirror[each.side] })),
            1,
          ),
        ).toEqual(gross(fills, -1))
      }),
    )
  })
})
