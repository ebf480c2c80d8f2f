import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { drawdowns, equityStatistics, type EquityStatistics, rollingSharpe } from 'rxquant/backtest'
import { expectClose } from './expect-close.js'

const datesFrom = (start: string, count: number): string[] =>
  Array.from({ length: count }, (_, day) =>
    new Date(Date.parse(`${start}T00:00:00Z`) + day * 86_400_000).toISOString().slice(0, 10),
  )
const statisticsOf = (...equity: number[]): EquityStatistics =>
  equityStatistics({ dates: datesFrom('2024-01-30', equity.length), equity })

describe('statistics of daily equity', () => {
  it('leaves what needs a deviation or a loss undefined where equity never moves', () => {
    expectClose(statisticsOf(100, 100, 100, 100, 100), {
      periods: 4,
      days: 4,
      totalReturn: 0,
      cagr: 0,
      meanDaily: 0,
      volatilityDaily: 0,
      volatilityAnnual: 0,
      sharpe: null,
      downsideDeviationAnnual: 0,
      sortino: null,
      maxDrawdown: 0,
      maxDrawdownPeakDate: null,
      maxDrawdownTroughDate: null,
      maxDrawdownRecoveryDate: null,
      longestDrawdownDays: 0,
      drawdownCount: 0,
      averageDrawdown: null,
      averageDrawdownDays: null,
      calmar: null,
      recoveryFactor: null,
      ulcerIndex: 0,
      ulcerPerformanceIndex: null,
      omega: null,
      gainToPain: null,
      skew: null,
      kurtosisExcess: null,
      var95Historical: 0,
      cvar95Historical: 0,
      var95Gaussian: 0,
      cvar95Gaussian: 0,
      tailRatio: null,
      bestDay: 0,
      worstDay: 0,
      bestDayDate: '2024-01-31',
      worstDayDate: '2024-01-31',
      daysUp: 0,
      daysDown: 0,
      daysFlat: 4,
      longestRunUp: 0,
      longestRunDown: 0,
      probabilisticSharpe0: null,
      rollingSharpe30Last: null,
      monthly: { '2024-01': 0, '2024-02': 0 },
      yearly: { '2024': 0 },
    })
  })

  it('computes of one day what needs one return, and no deviation', () => {
    expectClose(statisticsOf(1000, 990), {
      periods: 1,
      days: 1,
      totalReturn: -0.01,
      cagr: 0.99 ** 365 - 1,
      meanDaily: -0.01,
      volatilityDaily: null,
      sharpe: null,
      downsideDeviationAnnual: 0.01 * Math.sqrt(365),
      maxDrawdown: -0.01,
      maxDrawdownRecoveryDate: null,
      var95Historical: -0.01,
      cvar95Historical: -0.01,
      var95Gaussian: null,
      skew: null,
      omega: 0,
      gainToPain: -1,
      probabilisticSharpe0: null,
      monthly: { '2024-01': -0.01 },
    })
  })

  it('has no returns of a starting balance alone, nor of nothing', () => {
    expectClose(statisticsOf(1000), { periods: 0, days: 0, totalReturn: 0, cagr: null, meanDaily: null, sharpe: null })
    expectClose(statisticsOf(1000), { maxDrawdown: 0, bestDay: null, ulcerIndex: null, daysUp: 0, monthly: {} })
    expectClose(statisticsOf(), { periods: 0, days: 0, totalReturn: null, maxDrawdown: null, drawdownCount: 0 })
  })

  it('leaves ratios to a loss undefined where equity never falls', () => {
    expectClose(statisticsOf(100, 110, 110, 132), {
      totalReturn: 0.32,
      maxDrawdown: 0,
      calmar: null,
      sortino: null,
      omega: null,
      gainToPain: null,
      recoveryFactor: null,
      longestRunUp: 1,
      daysFlat: 1,
      // Returns 0.1, 0, 0.2: mean 0.1, deviation 0.1.
      sharpe: Math.sqrt(365),
      volatilityDaily: 0.1,
      skew: 0,
      kurtosisExcess: null,
    })
  })

  it('finds no deviation in growth by the same rate each day, whatever the rounding', () => {
    const equity = datesFrom('2024-01-01', 400).map((_, day) => 137.31 * 1.0007 ** day)
    const { sharpe, skew, probabilisticSharpe0, volatilityDaily } = statisticsOf(...equity)
    expect({ sharpe, skew, probabilisticSharpe0, volatilityDaily }).toEqual({ volatilityDaily: 0 })
  })

  it('finds no excess in growth by exactly the rate without risk', () => {
    const equity = datesFrom('2024-01-01', 400).map((_, day) => 100 * 1.05 ** (day / 365))
    const input = { dates: datesFrom('2024-01-01', 400), equity, riskFreeAnnual: 0.05 }
    expect(equityStatistics(input).sortino).toBeUndefined()
    expect(equityStatistics(input).omega).toBeUndefined()
  })

  it('counts a total loss as one of 100 %', () => {
    expectClose(statisticsOf(100, 50, 0), {
      totalReturn: -1,
      cagr: -1,
      maxDrawdown: -1,
      maxDrawdownPeakDate: '2024-01-30',
      maxDrawdownTroughDate: '2024-02-01',
      calmar: -1,
      recoveryFactor: -1,
      meanDaily: -0.75,
      worstDay: -1,
      monthly: { '2024-01': -0.5, '2024-02': -1 },
    })
  })

  it('has no return of a day that begins with nothing', () => {
    expectClose(statisticsOf(100, 0, 0, 0), { periods: 3, totalReturn: -1, worstDay: -1, daysDown: 1, daysFlat: 0 })
    expectClose(statisticsOf(100, 0, 0, 0), { meanDaily: null, sharpe: null, maxDrawdown: -1, longestDrawdownDays: 3 })
    expectClose(statisticsOf(0, 100), { totalReturn: null, cagr: null, bestDay: null, maxDrawdown: 0 })
  })

  it('lets a drawdown without recovery last to the end', () => {
    expectClose(statisticsOf(100, 120, 90, 96, 119), {
      maxDrawdown: -0.25,
      maxDrawdownPeakDate: '2024-01-31',
      maxDrawdownTroughDate: '2024-02-01',
      maxDrawdownRecoveryDate: null,
      longestDrawdownDays: 3,
      drawdownCount: 1,
      averageDrawdownDays: 3,
      // Distances: 0, -1/4, -1/5, -1/120.
      ulcerIndex: Math.sqrt((1 / 16 + 1 / 25 + 1 / 14400) / 4),
    })
  })

  it('ends a drawdown where equity touches its peak, and takes the last day there as the next peak', () => {
    const equity = [100, 100, 80, 100, 80, 80, 90, 101]
    expect(drawdowns({ dates: datesFrom('2024-03-01', 8), equity })).toEqual([
      {
        depth: expect.closeTo(-0.2, 12),
        peakDate: '2024-03-02',
        troughDate: '2024-03-03',
        recoveryDate: '2024-03-04',
        days: 2,
      },
      {
        depth: expect.closeTo(-0.2, 12),
        peakDate: '2024-03-04',
        troughDate: '2024-03-05',
        recoveryDate: '2024-03-08',
        days: 4,
      },
    ])
    expect(equityStatistics({ dates: datesFrom('2024-03-01', 8), equity }).maxDrawdownPeakDate).toBe('2024-03-02')
  })

  it('takes the first of equally good and equally bad days', () => {
    expectClose(statisticsOf(100, 150, 75, 112.5, 56.25), { bestDayDate: '2024-01-31', worstDayDate: '2024-02-01' })
  })

  it('interpolates quantiles of returns and averages those at or below', () => {
    // Returns -0.20, -0.19, … 0: the 5 % quantile of 21 is the second smallest, exactly.
    const equity = [1e6]
    for (let k = 20; k >= 0; k--) equity.push((equity.at(-1) ?? 0) * (1 - k / 100))
    expectClose(statisticsOf(...equity), { var95Historical: -0.19, cvar95Historical: -0.195, tailRatio: 0.01 / 0.19 })
  })

  it('compares a series with a benchmark twice as lively', () => {
    const returns = [0.01, -0.02, 0.03, 0.005]
    const path = (scale: number) => returns.reduce((all, r) => [...all, (all.at(-1) ?? 0) * (1 + scale * r)], [100])
    const own = path(1)
    const benchmark = path(2)
    expectClose(equityStatistics({ dates: datesFrom('2024-01-01', 5), equity: own, benchmark }), {
      beta: 0.5,
      correlation: 1,
      rSquared: 1,
      alphaAnnualArithmetic: 0,
      alphaAnnualCompounded: 0,
      benchmarkTotalReturn: 1.02 * 0.96 * 1.06 * 1.01 - 1,
      excessReturn: 1.01 * 0.98 * 1.03 * 1.005 - 1.02 * 0.96 * 1.06 * 1.01,
    })
  })

  it('leaves beta undefined against a benchmark that does not move, and the information ratio against itself', () => {
    const dates = datesFrom('2024-01-01', 4)
    const equity = [100, 110, 105, 120]
    expectClose(equityStatistics({ dates, equity, benchmark: [5, 5, 5, 5] }), {
      beta: null,
      correlation: null,
      alphaAnnualArithmetic: null,
      benchmarkTotalReturn: 0,
      excessReturn: 0.2,
    })
    expectClose(equityStatistics({ dates, equity, benchmark: equity }), {
      beta: 1,
      trackingErrorAnnual: 0,
      informationRatio: null,
    })
    expectClose(equityStatistics({ dates, equity, benchmark: null }), { beta: null, benchmarkTotalReturn: null })
  })

  it('measures years in calendar days where days are missing', () => {
    const input = { dates: ['2023-01-01', '2023-07-01', '2024-01-01'], equity: [100, 90, 121] }
    expectClose(equityStatistics(input), { periods: 2, days: 365, cagr: 0.21, longestDrawdownDays: 365 })
    expectClose(equityStatistics(input), { monthly: { '2023-07': -0.1, '2024-01': 121 / 90 - 1 } })
  })

  it('begins the rolling Sharpe ratio when the window is full', () => {
    expect(rollingSharpe([0, 0.1, 0.2, 0.2, 0.2], 3)).toEqual([
      undefined,
      undefined,
      expect.closeTo(Math.sqrt(365), 9),
      expect.any(Number),
      undefined,
    ])
  })

  it.each([
    [{ dates: ['2024-01-01'], equity: [] }, 'equity has 0 values and dates has 1'],
    [{ dates: ['2024-01-01'], equity: [NaN] }, 'equity[0] is NaN'],
    [{ dates: ['2024-02-30'], equity: [1] }, 'dates[0] is "2024-02-30"'],
    [
      { dates: ['2024-01-02', '2024-01-02'], equity: [1, 1] },
      'dates[1] is 2024-01-02: expected a day after 2024-01-02',
    ],
    [{ dates: ['2024-01-02'], equity: [1], benchmark: [Infinity] }, 'benchmark[0] is Infinity'],
    [{ dates: ['2024-01-02'], equity: [1], riskFreeAnnual: NaN }, 'riskFreeAnnual is NaN'],
  ])('refuses a series that is wrong, naming the place: %j', (input, message) => {
    expect(() => equityStatistics(input)).toThrow(message)
    expect(() => equityStatistics(input)).toThrow(RangeError)
  })
})

describe('statistics of any equity', () => {
  const series = fc.array(fc.double({ min: 1, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 60 })
  const withZeros = fc.array(
    fc.oneof(
      fc.integer({ min: -1e6, max: 2 ** 31 - 1 }).map((n) => n / 1e8),
      fc.nat().map((n) => n * 1e3),
      fc.constant(0),
    ),
    {
      maxLength: 60,
    },
  )
  const numbersIn = (value: object): number[] =>
    Object.values(value).flatMap((each: unknown) =>
      typeof each === 'number' ? [each] : typeof each === 'object' && each !== null ? numbersIn(each) : [],
    )

  it('do not depend on the unit of money', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: -20, max: 20 }), (equity, power) => {
        expect(statisticsOf(...equity.map((value) => value * 2 ** power))).toEqual(statisticsOf(...equity))
      }),
    )
  })

  it('are finite numbers or undefined', () => {
    fc.assert(
      fc.property(withZeros, (equity) => {
        const dates = datesFrom('2023-12-20', equity.length)
        const result = equityStatistics({ dates, equity, benchmark: [...equity].reverse(), riskFreeAnnual: 0.03 })
        expect(numbersIn(result).filter((value) => !Number.isFinite(value))).toEqual([])
      }),
    )
  })

  it('agree with each other', () => {
    fc.assert(
      fc.property(series, (equity) => {
        const all = statisticsOf(...equity)
        const product = (values: (number | undefined)[]) =>
          values.reduce<number>((total, r) => total * (1 + (r ?? NaN)), 1)
        expectClose(product(Object.values(all.monthly)), 1 + (all.totalReturn ?? NaN))
        expectClose(product(Object.values(all.yearly)), 1 + (all.totalReturn ?? NaN))
        expect(all.daysUp + all.daysDown + all.daysFlat).toBe(all.periods)
        expect(all.maxDrawdown).toBeLessThanOrEqual(0)
        expect(all.maxDrawdown).toBeGreaterThanOrEqual(-1)
        const list = drawdowns({ dates: datesFrom('2024-01-30', equity.length), equity })
        expect(list).toHaveLength(all.drawdownCount)
        expect(list.every(({ depth, days }) => depth < 0 && depth >= (all.maxDrawdown ?? 0) && days > 0)).toBe(true)
        expect(list.slice(0, -1).every(({ recoveryDate }) => recoveryDate !== undefined)).toBe(true)
        if (all.cvar95Historical !== undefined && all.var95Historical !== undefined) {
          expect(all.cvar95Historical).toBeLessThanOrEqual(
            all.var95Historical + 1e-9 * (1 + Math.abs(all.var95Historical)),
          )
        }
        if (all.probabilisticSharpe0 !== undefined) {
          expect(all.probabilisticSharpe0 >= 0 && all.probabilisticSharpe0 <= 1).toBe(true)
        }
      }),
    )
  })
})
