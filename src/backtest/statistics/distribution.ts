import { centralSum, deviation, finite, mean, normalDensity, normalShareBelow, quantile, ratio } from './numbers.js'

const TAIL = 0.05
/** Quantile of the standard normal distribution at 5 %. */
const NORMAL_AT_TAIL = -1.6448536269514722

/**
 * Central moments divided by n, made free of unit: skewness, and kurtosis with 3 for a normal
 * distribution.
 */
function populationShape(values: readonly number[]): { skew: number | undefined; kurtosis: number | undefined } {
  const n = values.length
  const variance = centralSum(values, 2) / n
  return {
    skew: ratio(centralSum(values, 3) / n, variance ** 1.5),
    kurtosis: ratio(centralSum(values, 4) / n, variance ** 2),
  }
}

/**
 * Skewness with the bias of a sample removed (G1 of Joanes and Gill, 1998; pandas). Needs three
 * values that differ.
 */
export function sampleSkew(values: readonly number[]): number | undefined {
  const n = values.length
  const { skew } = populationShape(values)
  return n < 3 || skew === undefined ? undefined : (skew * Math.sqrt(n * (n - 1))) / (n - 2)
}

/**
 * Excess kurtosis with the bias removed (G2 of Joanes and Gill, 1998; pandas). Needs four values
 * that differ.
 */
export function sampleKurtosis(values: readonly number[]): number | undefined {
  const n = values.length
  const { kurtosis } = populationShape(values)
  if (n < 4 || kurtosis === undefined) return undefined
  return ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (kurtosis - 3) + 6)
}

/** Return that the worst 5 % of days reach or fall below, and the mean of these days. */
export function historicalTail(returns: readonly number[]): { at: number | undefined; within: number | undefined } {
  const at = quantile(returns, TAIL)
  return { at, within: at === undefined ? undefined : mean(returns.filter((value) => value <= at)) }
}

/** The same of a normal distribution with the mean and deviation of the returns. */
export function gaussianTail(returns: readonly number[]): { at: number | undefined; within: number | undefined } {
  const centre = mean(returns)
  const spread = deviation(returns)
  if (centre === undefined || spread === undefined) return { at: undefined, within: undefined }
  return {
    at: centre + spread * NORMAL_AT_TAIL,
    within: centre - (spread * normalDensity(NORMAL_AT_TAIL)) / TAIL,
  }
}

/** Size of the 95 % quantile in relation to that of the 5 % quantile. */
export function tailRatio(returns: readonly number[]): number | undefined {
  const [low, high] = [quantile(returns, TAIL), quantile(returns, 1 - TAIL)]
  return low === undefined || high === undefined ? undefined : ratio(Math.abs(high), Math.abs(low))
}

/**
 * Probability that the true Sharpe ratio is above 0: Φ(SR·√(n−1) / √(1 − γ₃·SR + (γ₄−1)/4·SR²))
 * with SR per period, not annual, and the moments γ of the population (Bailey and López de Prado,
 * 2012).
 */
export function probabilisticSharpe(returns: readonly number[]): number | undefined {
  const sharpe = ratio(mean(returns), deviation(returns))
  const { skew, kurtosis } = populationShape(returns)
  if (sharpe === undefined || skew === undefined || kurtosis === undefined) return undefined
  const variance = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2
  const z = variance > 0 ? finite((sharpe * Math.sqrt(returns.length - 1)) / Math.sqrt(variance)) : undefined
  return z === undefined ? undefined : normalShareBelow(z)
}
