import { deviation, mapped, mean, ratio } from './numbers.js'

/** Days of a year: markets of this library do not close. */
export const PERIODS_PER_YEAR = 365
const ROLLING_DAYS = 30

/**
 * mean / sample deviation · √365 (Sharpe, 1994) of daily returns in excess of whatever they are
 * measured against.
 */
export const sharpeOf = (excess: readonly number[]): number | undefined =>
  mapped(ratio(mean(excess), deviation(excess)), (daily) => daily * Math.sqrt(PERIODS_PER_YEAR))

/** Sample deviation of daily returns · √365. */
export const annualVolatility = (returns: readonly number[]): number | undefined =>
  mapped(deviation(returns), (daily) => daily * Math.sqrt(PERIODS_PER_YEAR))

/** A measure of the returns up to a day, for each day; undefined until there are enough of them. */
const rolling =
  (measure: (returns: readonly number[]) => number | undefined) =>
  (returns: readonly number[], days = ROLLING_DAYS): readonly (number | undefined)[] =>
    returns.map((_, index) => (index + 1 < days ? undefined : measure(returns.slice(index + 1 - days, index + 1))))

/**
 * Annual Sharpe ratio of the last `days` daily returns, for each return; no risk-free rate is taken
 * off. Undefined for the first `days − 1` and where the returns do not differ.
 *
 * @param days length of the window. @default 30
 */
export const rollingSharpe = rolling(sharpeOf)

/**
 * Annual volatility of the last `days` daily returns, for each return. Undefined for the first
 * `days − 1`.
 *
 * @param days length of the window. @default 30
 */
export const rollingVolatility = rolling(annualVolatility)
