import { returnsOf, simpleReturn } from './equity-series.js'
import { centralSum, deviation, mapped, mean, ratio, sum } from './numbers.js'
import { PERIODS_PER_YEAR, sharpeOf } from './sharpe.js'

/**
 * An equity series against a benchmark, such as holding the balances of the start. Undefined
 * without a benchmark.
 */
export interface BenchmarkStatistics {
  /** End over start of the benchmark, minus 1. */
  readonly benchmarkTotalReturn: number | undefined
  /** Sensitivity to the benchmark: cov(r, b) / var(b). */
  readonly beta: number | undefined
  /** Jensen's alpha (1968) by the year: (mean(r−rf) − β·mean(b−rf)) · 365. */
  readonly alphaAnnualArithmetic: number | undefined
  /** The alpha of a day compounded: (1 + α)^365 − 1. */
  readonly alphaAnnualCompounded: number | undefined
  /** Pearson's correlation of the daily returns. */
  readonly correlation: number | undefined
  /** Square of the correlation. */
  readonly rSquared: number | undefined
  /** Sample deviation of r − b, · √365. */
  readonly trackingErrorAnnual: number | undefined
  /** mean(r−b) / deviation(r−b) · √365 (Goodwin, 1998). */
  readonly informationRatio: number | undefined
  /** totalReturn − benchmarkTotalReturn. */
  readonly excessReturn: number | undefined
}

const none: BenchmarkStatistics = {
  benchmarkTotalReturn: undefined,
  beta: undefined,
  alphaAnnualArithmetic: undefined,
  alphaAnnualCompounded: undefined,
  correlation: undefined,
  rSquared: undefined,
  trackingErrorAnnual: undefined,
  informationRatio: undefined,
  excessReturn: undefined,
}

/** Sum of products of the differences from the two means. */
function productSum(xs: readonly number[], ys: readonly number[]): number {
  const [x0, y0] = [mean(xs) ?? 0, mean(ys) ?? 0]
  return sum(xs.map((x, index) => (x - x0) * ((ys[index] ?? 0) - y0)))
}

/**
 * @param returns of the account, undefined where one of them is
 * @param riskFree return of a day without risk
 */
export function againstBenchmark(
  equity: readonly number[],
  returns: readonly number[] | undefined,
  benchmark: readonly number[] | undefined,
  riskFree: number,
): BenchmarkStatistics {
  if (benchmark === undefined) return none
  const benchmarkTotalReturn = simpleReturn(benchmark[0], benchmark.at(-1))
  const totalReturn = simpleReturn(equity[0], equity.at(-1))
  const totals = {
    ...none,
    benchmarkTotalReturn,
    excessReturn:
      totalReturn === undefined || benchmarkTotalReturn === undefined ? undefined : totalReturn - benchmarkTotalReturn,
  }
  const others = returnsOf(benchmark).filter((value) => value !== undefined)
  if (returns === undefined || others.length !== returns.length || returns.length < 2) return totals
  const product = productSum(returns, others)
  const [squares, otherSquares] = [centralSum(returns, 2), centralSum(others, 2)]
  const beta = ratio(product, otherSquares)
  const correlation = ratio(product, Math.sqrt(squares) * Math.sqrt(otherSquares))
  const active = returns.map((value, index) => value - (others[index] ?? 0))
  const alpha = mapped(beta, (slope) => (mean(returns) ?? 0) - riskFree - slope * ((mean(others) ?? 0) - riskFree))
  return {
    ...totals,
    beta,
    alphaAnnualArithmetic: mapped(alpha, (daily) => daily * PERIODS_PER_YEAR),
    alphaAnnualCompounded: mapped(alpha, (daily) => (1 + daily) ** PERIODS_PER_YEAR - 1),
    correlation,
    rSquared: mapped(correlation, (value) => value ** 2),
    trackingErrorAnnual: mapped(deviation(active), (daily) => daily * Math.sqrt(PERIODS_PER_YEAR)),
    informationRatio: sharpeOf(active),
  }
}
