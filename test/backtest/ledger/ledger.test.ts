import { describe, expect, it } from '@jest/globals'
import {
  costStatistics,
  dailyEquityOf,
  durationStatistics,
  equityStatistics,
  excursionOf,
  executionStatistics,
  type LedgerOrder,
  type PriceBar,
  spotLedger,
  type SpotRun,
  tradeFillsOf,
  tradesOf,
} from 'rxquant/backtest'

const HOUR = 3_600_000
const START = Date.UTC(2024, 0, 30)
const bar = (hour: number, open: number, close: number): PriceBar => ({
  atMs: START + hour * HOUR,
  open,
  high: Math.max(open, close) + 1,
  low: Math.min(open, close) - 1,
  close,
})
const hours = (closes: readonly number[]): PriceBar[] =>
  closes.map((close, hour) => bar(hour, closes[hour - 1] ?? close, close))

// Two days and an hour: 100, then 110 from noon of the first day, 121 on the second.
const closes = Array.from({ length: 49 }, (_, hour) => (hour < 12 ? 100 : hour < 24 ? 110 : 121))
const run: SpotRun = {
  platform: 'huobi',
  quote: 'USDT',
  balances: { USDT: 1000, BTC: 1 },
  bars: { 'BTC/USDT': hours(closes) },
  barMs: HOUR,
  fills: [
    {
      atMs: START + HOUR,
      symbol: 'BTC/USDT',
      orderNo: '1',
      side: 'BUY',
      price: 100,
      quantity: 2,
      liquidity: 'TAKER',
      fee: 0.004,
      feeCurrency: 'BTC',
      midWhenSent: 99.9,
    },
    {
      atMs: START + 30 * HOUR,
      symbol: 'BTC/USDT',
      orderNo: '2',
      side: 'SELL',
      price: 121,
      quantity: 1.996,
      liquidity: 'MAKER',
      fee: -0.1,
      feeCurrency: 'USDT',
    },
  ],
}

describe('a ledger of a spot run', () => {
  const ledger = spotLedger(run)

  it('has the equity at the end of each bar, fees in base taken off the coins', () => {
    expect(ledger.equity).toHaveLength(49)
    expect(ledger.equity[0]).toEqual({ atMs: START + HOUR, equity: 1100, exposure: 100, benchmark: 1100 })
    expect(ledger.equity[1]?.equity).toBeCloseTo(800 + 2.996 * 100, 9)
    expect(ledger.equity.at(-1)).toMatchObject({ exposure: 121, benchmark: 1121 })
    expect(ledger.equity.at(-1)?.equity).toBeCloseTo(800 + 1.996 * 121 + 0.1 + 121, 9)
  })

  it('counts whole days only, from the starting balance', () => {
    expect(ledger.daily.map(({ atMs }) => (atMs - START) / HOUR)).toEqual([0, 24, 48])
    const input = dailyEquityOf(ledger)
    expect(input.dates).toEqual(['2024-01-29', '2024-01-30', '2024-01-31'])
    expect(input.benchmark).toEqual([1100, 1110, 1121])
    expect(Object.keys(equityStatistics(input).monthly)).toEqual(['2024-01'])
    const late = dailyEquityOf({
      daily: ledger.daily.map((each, index) => (index === 0 ? { ...each, atMs: START + 5 } : each)),
    })
    expect(late.dates).toEqual(input.dates)
  })

  it('has the profit of its trades in its equity', () => {
    const [trade] = tradesOf(tradeFillsOf(ledger.fills))
    expect(trade).toMatchObject({ symbol: 'huobi BTC/USDT', quantity: 1.996 })
    const held = 1 * (121 - 100)
    expect((ledger.daily.at(-1)?.equity ?? 0) - 1100).toBeCloseTo((trade?.net ?? 0) + held, 9)
  })

  it('sums up costs by currency, by liquidity and against the mid', () => {
    const costs = costStatistics(ledger)
    expect(costs).toMatchObject({ makerFills: 1, takerFills: 1, funding: 0, liquidations: 0, timeInMarket: 1 })
    expect(costs.feesByCurrency).toEqual({ BTC: 0.004, USDT: -0.1 })
    expect(costs.fees).toBeCloseTo(0.4 - 0.1, 9)
    expect(costs.volume).toBeCloseTo(200 + 1.996 * 121, 9)
    expect(costs.makerShare).toBeCloseTo((1.996 * 121) / (200 + 1.996 * 121), 9)
    expect(costs.slippage).toBeCloseTo(0.2, 9)
    expect(costs.slippageRate).toBeCloseTo(0.001, 9)
    const mean = ledger.equity.reduce((sum, { equity }) => sum + equity, 0) / 49
    expect(costs.turnover).toBeCloseTo(costs.volume / mean, 9)
    const shares = ledger.equity.map(({ exposure = 0, equity }) => exposure / equity)
    expect(costs.exposure).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0) / 49, 9)
  })

  it('closes a day whose midnight lies in a hole of the bars, and keeps fills after the last bar', () => {
    const holed = hours(closes).filter((_, hour) => hour < 20 || hour > 26)
    const late = { ...run.fills[0]!, atMs: START + 60 * HOUR }
    const { daily, fills, endMs } = spotLedger({ ...run, bars: { 'BTC/USDT': holed }, fills: [...run.fills, late] })
    expect(daily.map(({ atMs }) => (atMs - START) / HOUR)).toEqual([0, 24, 48])
    expect(daily[1]?.benchmark).toBe(1110)
    expect(fills).toHaveLength(3)
    expect(endMs).toBe(START + 49 * HOUR)
  })

  it('does not know the worth of a fee in a currency without a price', () => {
    const fills = run.fills.map((fill) => ({ ...fill, feeCurrency: 'HT' }))
    expect(costStatistics(spotLedger({ ...run, fills })).fees).toBeUndefined()
    expect(costStatistics(spotLedger({ ...run, fills: [] })).slippage).toBeUndefined()
  })

  it('is empty without bars', () => {
    const { equity, daily } = spotLedger({ ...run, bars: {} })
    expect([equity, daily]).toEqual([[], []])
    expect(costStatistics(spotLedger({ ...run, bars: {}, fills: [] }))).toMatchObject({
      turnover: undefined,
      exposure: undefined,
    })
  })
})

describe('statistics of execution', () => {
  const order = (outcome: LedgerOrder['outcome'], more: Partial<LedgerOrder> = {}): LedgerOrder => ({
    platform: 'huobi',
    symbol: 'BTC/USDT',
    side: 'BUY',
    type: 'LIMIT',
    quantity: 2,
    filled: 0,
    outcome,
    sentMs: START,
    ...more,
  })

  it('count orders by outcome and refusals by code, most frequent first', () => {
    const orders = [
      order('filled', { filled: 2, acknowledgedMs: START + 10 }),
      order('canceled', { filled: 1, acknowledgedMs: START + 20 }),
      order('missed'),
      order('unknown'),
      order('denied', { code: 'rate' }),
      order('rejected', { code: 'balance' }),
      order('rejected', { code: 'balance' }),
      order('rejected'),
    ]
    const result = executionStatistics(orders)
    expect(result.outcomes).toEqual({ filled: 1, canceled: 1, missed: 1, rejected: 3, denied: 1, unknown: 1, open: 0 })
    expect(Object.entries(result.refusalsByCode)).toEqual([
      ['balance', 2],
      ['rate', 1],
      ['other', 1],
    ])
    expect(result.fillRate).toBeCloseTo((1 + 0.5) / 4, 12)
    expect(result.acknowledgedAfterMs).toBe(15)
  })

  it('are undefined of no orders', () => {
    expect(executionStatistics([])).toMatchObject({ orders: 0, fillRate: undefined, acknowledgedAfterMs: undefined })
  })
})

describe('excursions of a trade', () => {
  const bars = hours([100, 110, 90, 120])

  it('are the extremes of the periods that it touches, against its entry', () => {
    const trade = { entryPrice: 100, openTime: START + HOUR, closeTime: START + 2.5 * HOUR }
    const long = excursionOf({ ...trade, side: 'LONG' }, bars)
    // From 01:00 to 03:00: high 111, low 89.
    expect([long?.mae, long?.mfe]).toEqual([expect.closeTo(-0.11, 12), expect.closeTo(0.11, 12)])
    const short = excursionOf({ ...trade, side: 'SHORT', closeTime: START + 1.5 * HOUR }, bars)
    expect([short?.mae, short?.mfe]).toEqual([expect.closeTo(-0.11, 12), expect.closeTo(0.01, 12)])
  })

  it('are undefined before the first price, and where there is none', () => {
    const trade = { side: 'LONG', entryPrice: 100, openTime: 0, closeTime: 1 } as const
    expect(excursionOf(trade, bars)).toBeUndefined()
    expect(excursionOf(trade, [])).toBeUndefined()
  })

  it('have durations beside them', () => {
    expect(durationStatistics([{ durationMs: 1 }, { durationMs: 2 }, { durationMs: 6 }])).toEqual({
      shortestMs: 1,
      medianMs: 2,
      averageMs: 3,
      longestMs: 6,
    })
    expect(durationStatistics([]).averageMs).toBeUndefined()
  })
})
