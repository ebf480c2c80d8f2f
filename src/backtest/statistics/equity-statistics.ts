import { againstBenchmark, type BenchmarkStatistics } from './against-benchmark.js'
import {
  gaussianTail,
  historicalTail,
  probabilisticSharpe,
  sampleKurtosis,
  sampleSkew,
  tailRatio,
} from './distribution.js'
import { drawdowns, underwater } from './drawdowns.js'
import {
  checkSeries,
  daysBetween,
  type EquitySeries,
  returnsByPeriod,
  returnsOf,
  simpleReturn,
} from './equity-series.js'
import { above, deviation, finite, largestBy, longestRun, mapped, mean, ratio, sum } from './numbers.js'
import { annualVolatility, PERIODS_PER_YEAR, rollingSharpe, rollingVolatility, sharpeOf } from './sharpe.js'

/** Input of `equityStatistics`. */
export interface EquityStatisticsInput extends EquitySeries {
  /**
   * Equity of a benchmark, one value for each date: for example the balances of the start, held.
   */
  readonly benchmark?: readonly number[] | null | undefined
  /** Rate of a year without risk, as a fraction; a day's is (1+rate)^(1/365) − 1. @default 0 */
  readonly riskFreeAnnual?: number | undefined
}

/**
 * Statistics of daily equity. Returns are simple (r = end/start − 1), a year has 365 days,
 * deviations are of a sample (n−1), fractions are not per cent. What a formula does not define is
 * undefined: never 0, infinite or a magic number.
 */
export interface EquityStatistics extends BenchmarkStatistics {
  /** Number of returns: values minus 1. */
  readonly periods: number
  /** Calendar days from the first date to the last. */
  readonly days: number
  /** End over start, minus 1. */
  readonly totalReturn: number | undefined
  /** Compound annual growth rate, (end/start)^(365/days) − 1. Means little below 30 days. */
  readonly cagr: number | undefined
  /** Arithmetic mean of the daily returns. */
  readonly meanDaily: number | undefined
  /** Sample deviation of the daily returns. */
  readonly volatilityDaily: number | undefined
  /** volatilityDaily · √365. */
  readonly volatilityAnnual: number | undefined
  /** mean(r−rf) / deviation(r) · √365 (Sharpe, 1994). */
  readonly sharpe: number | undefined
  /** √mean(min(r−rf, 0)²) · √365, over all days, not only those with a loss. */
  readonly downsideDeviationAnnual: number | undefined
  /** mean(r−rf) · 365 / downsideDeviationAnnual (Sortino and Price, 1994). */
  readonly sortino: number | undefined
  /**
   * Lowest value relative to the highest before it, minus 1; 0 where equity never falls. The start
   * is a peak too.
   */
  readonly maxDrawdown: number | undefined
  /** Last day at the peak before the deepest drawdown; the first of equally deep ones. */
  readonly maxDrawdownPeakDate: string | undefined
  /** Day of the lowest value of the deepest drawdown. */
  readonly maxDrawdownTroughDate: string | undefined
  /** First day at or above the peak again; undefined where that never happens. */
  readonly maxDrawdownRecoveryDate: string | undefined
  /** Calendar days of the longest drawdown, from peak to recovery or to the end. */
  readonly longestDrawdownDays: number
  /** Number of drawdowns, one that has not ended included. */
  readonly drawdownCount: number
  /** Mean of the depths of all drawdowns. */
  readonly averageDrawdown: number | undefined
  /** Mean of the calendar days of all drawdowns. */
  readonly averageDrawdownDays: number | undefined
  /** cagr / |maxDrawdown| (Young, 1991), over the whole series. */
  readonly calmar: number | undefined
  /** totalReturn / |maxDrawdown|. */
  readonly recoveryFactor: number | undefined
  /**
   * √mean(distance from the peak²) over all days after the start (Martin and McCann, 1989), as a
   * fraction.
   */
  readonly ulcerIndex: number | undefined
  /** cagr / ulcerIndex. */
  readonly ulcerPerformanceIndex: number | undefined
  /** Σ max(r−rf, 0) / Σ max(rf−r, 0) (Keating and Shadwick, 2002). */
  readonly omega: number | undefined
  /** Σ (r−rf) / Σ max(rf−r, 0) (Schwager, 2012, on daily returns): omega − 1. */
  readonly gainToPain: number | undefined
  /** Skewness of the daily returns, bias removed as in pandas. */
  readonly skew: number | undefined
  /** Kurtosis of the daily returns, 0 for a normal distribution, bias removed as in pandas. */
  readonly kurtosisExcess: number | undefined
  /**
   * Value at risk: 5 % quantile of the daily returns, linear interpolation. Negative for a loss.
   */
  readonly var95Historical: number | undefined
  /**
   * Expected shortfall: mean of the daily returns at or below var95Historical (Rockafellar and
   * Uryasev, 2000).
   */
  readonly cvar95Historical: number | undefined
  /** mean + z·deviation with z = Φ⁻¹(0.05). */
  readonly var95Gaussian: number | undefined
  /** mean − φ(z)/0.05·deviation. */
  readonly cvar95Gaussian: number | undefined
  /** |95 % quantile| / |5 % quantile| of the daily returns. */
  readonly tailRatio: number | undefined
  /** Largest daily return. */
  readonly bestDay: number | undefined
  /** Smallest daily return. */
  readonly worstDay: number | undefined
  /** Date on which the best day ends; the first of equals. */
  readonly bestDayDate: string | undefined
  /** Date on which the worst day ends; the first of equals. */
  readonly worstDayDate: string | undefined
  /** Days with a return above 0. */
  readonly daysUp: number
  /** Days with a return below 0. */
  readonly daysDown: number
  /** Days with a return of 0. */
  readonly daysFlat: number
  /** Largest number of days up in a row. */
  readonly longestRunUp: number
  /** Largest number of days down in a row. */
  readonly longestRunDown: number
  /**
   * Probability that the true Sharpe ratio is above 0 (Bailey and López de Prado, 2012); no
   * risk-free rate.
   */
  readonly probabilisticSharpe0: number | undefined
  /**
   * Annual Sharpe ratio of the last 30 returns, no risk-free rate; undefined where there are fewer.
   */
  readonly rollingSharpe30Last: number | undefined
  /** Annual volatility of the last 30 returns; undefined where there are fewer. */
  readonly rollingVolatility30Last: number | undefined
  /** Return of each month, `YYYY-MM`, by the date on which a day ends. */
  readonly monthly: Readonly<Record<string, number | undefined>>
  /** Return of each year, `YYYY`. */
  readonly yearly: Readonly<Record<string, number | undefined>>
}

function drawdownStatistics(series: EquitySeries) {
  const all = drawdowns(series)
  const deepest = largestBy(all, ({ depth }) => -depth)
  const depths = underwater(series.equity).filter((depth) => depth !== undefined)
  return {
    maxDrawdown: deepest?.depth ?? (depths.length > 0 ? 0 : undefined),
    maxDrawdownPeakDate: deepest?.peakDate,
    maxDrawdownTroughDate: deepest?.troughDate,
    maxDrawdownRecoveryDate: deepest?.recoveryDate,
    longestDrawdownDays: Math.max(0, ...all.map(({ days }) => days)),
    drawdownCount: all.length,
    averageDrawdown: mean(all.map(({ depth }) => depth)),
    averageDrawdownDays: mean(all.map(({ days }) => days)),
    ulcerIndex: mapped(mean(depths.slice(1).map((depth) => depth ** 2)), Math.sqrt),
  }
}

function dayStatistics(dates: readonly string[], returns: readonly (number | undefined)[]) {
  const days = returns.flatMap((value, index) => (value === undefined ? [] : [{ value, date: dates[index + 1] }]))
  const values = days.map(({ value }) => value)
  const best = largestBy(days, ({ value }) => value)
  const worst = largestBy(days, ({ value }) => -value)
  return {
    bestDay: best?.value,
    worstDay: worst?.value,
    bestDayDate: best?.date,
    worstDayDate: worst?.date,
    daysUp: values.filter((value) => value > 0).length,
    daysDown: values.filter((value) => value < 0).length,
    daysFlat: values.filter((value) => value === 0).length,
    longestRunUp: longestRun(values, (value) => value > 0),
    longestRunDown: longestRun(values, (value) => value < 0),
  }
}

/** Statistics that need every return. */
function returnStatistics(returns: readonly number[], riskFree: number) {
  const excess = returns.map((value) => above(value, riskFree))
  const losses = sum(excess.map((value) => Math.max(-value, 0)))
  const downside = mapped(mean(excess.map((value) => Math.min(value, 0) ** 2)), Math.sqrt)
  const historical = historicalTail(returns)
  const gaussian = gaussianTail(returns)
  return {
    meanDaily: mean(returns),
    volatilityDaily: deviation(returns),
    volatilityAnnual: annualVolatility(returns),
    sharpe: sharpeOf(excess),
    downsideDeviationAnnual: mapped(downside, (daily) => daily * Math.sqrt(PERIODS_PER_YEAR)),
    sortino: mapped(ratio(mean(excess), downside), (daily) => daily * Math.sqrt(PERIODS_PER_YEAR)),
    omega: ratio(sum(excess.map((value) => Math.max(value, 0))), losses),
    gainToPain: ratio(sum(excess), losses),
    skew: sampleSkew(returns),
    kurtosisExcess: sampleKurtosis(returns),
    var95Historical: historical.at,
    cvar95Historical: historical.within,
    var95Gaussian: gaussian.at,
    cvar95Gaussian: gaussian.within,
    tailRatio: tailRatio(returns),
    probabilisticSharpe0: probabilisticSharpe(returns),
    rollingSharpe30Last: rollingSharpe(returns).at(-1),
    rollingVolatility30Last: rollingVolatility(returns).at(-1),
  }
}

/**
 * Computes the statistics of a daily equity series. Pure; the conventions are those of
 * `EquityStatistics`.
 *
 * A day that begins with 0 or less has no return; the statistics that need every return are then
 * undefined.
 *
 * @throws RangeError that names the first date or value that is wrong.
 *
 * @example
 * const dates = ['2024-01-01', '2024-01-02', '2024-01-03']
 * equityStatistics({ dates, equity: [100, 110, 99] }).maxDrawdown // -0.1
 *
 * @see drawdowns, rollingSharpe
 */
export function equityStatistics(input: EquityStatisticsInput): EquityStatistics {
  const { dates, equity, riskFreeAnnual = 0 } = input
  const benchmark = input.benchmark ?? undefined
  if (!(riskFreeAnnual > -1 && riskFreeAnnual < Infinity)) {
    throw new RangeError(`riskFreeAnnual is ${riskFreeAnnual}: expected a fraction above -1`)
  }
  checkSeries(input, benchmark)
  const [firstDate, lastDate] = [dates[0], dates.at(-1)]
  const days = firstDate === undefined || lastDate === undefined ? 0 : daysBetween(firstDate, lastDate)
  const riskFree = (1 + riskFreeAnnual) ** (1 / PERIODS_PER_YEAR) - 1
  const returns = returnsOf(equity)
  const every = returns.filter((value) => value !== undefined)
  const isComplete = every.length === returns.length
  const totalReturn = simpleReturn(equity[0], equity.at(-1))
  const cagr =
    totalReturn === undefined || days === 0 ? undefined : finite((1 + totalReturn) ** (PERIODS_PER_YEAR / days) - 1)
  const fall = drawdownStatistics(input)
  const depth = mapped(fall.maxDrawdown, Math.abs)
  return {
    periods: returns.length,
    days,
    totalReturn,
    cagr,
    ...returnStatistics(isComplete ? every : [], riskFree),
    ...fall,
    calmar: ratio(cagr, depth),
    recoveryFactor: ratio(totalReturn, depth),
    ulcerPerformanceIndex: ratio(cagr, fall.ulcerIndex),
    ...dayStatistics(dates, returns),
    monthly: returnsByPeriod(input, 7),
    yearly: returnsByPeriod(input, 4),
    ...againstBenchmark(equity, isComplete ? every : undefined, benchmark, riskFree),
  }
}
