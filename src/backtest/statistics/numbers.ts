/** Rounding error of a simple return computed from two doubles; a smaller spread is none. */
const NOISE = 1e-15

/** The value, or undefined where it is NaN or infinite. */
export const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)

/**
 * `numerator / denominator`; undefined where either is, where the denominator is 0 or the result is
 * not finite.
 */
export const ratio = (numerator: number | undefined, denominator: number | undefined): number | undefined =>
  numerator === undefined || denominator === undefined || denominator === 0
    ? undefined
    : finite(numerator / denominator)

/**
 * Applies a function to a value that may be undefined; a result that is not finite is undefined.
 */
export const mapped = (value: number | undefined, change: (value: number) => number): number | undefined =>
  value === undefined ? undefined : finite(change(value))

/** `value - level`, where a difference within rounding error is 0. */
export const above = (value: number, level: number): number =>
  Math.abs(value - level) <= NOISE * (1 + Math.abs(value)) ? 0 : value - level

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Arithmetic mean; undefined of no values. */
export const mean = (values: readonly number[]): number | undefined => ratio(sum(values), values.length)

/** The largest by a measure, the first of equals; undefined of no values. */
export const largestBy = <T>(values: readonly T[], measure: (value: T) => number): T | undefined =>
  values.reduce<T | undefined>(
    (best, value) => (best === undefined || measure(value) > measure(best) ? value : best),
    undefined,
  )

/**
 * Sum of a power of the differences from the mean; 0 where the values differ by rounding error
 * only.
 *
 * @param offset size of the numbers that the values are differences of: 1 for returns
 */
export function centralSum(values: readonly number[], power: number, offset = 1): number {
  const centre = mean(values)
  if (centre === undefined) return 0
  const noise = NOISE * (offset + Math.abs(centre))
  const differs = values.some((value) => Math.abs(value - centre) > noise)
  return differs ? sum(values.map((value) => (value - centre) ** power)) : 0
}

/** Standard deviation of a sample, √(Σ(x−mean)²/(n−1)); undefined of less than two values. */
export const deviation = (values: readonly number[], offset = 1): number | undefined =>
  values.length < 2 ? undefined : finite(Math.sqrt(centralSum(values, 2, offset) / (values.length - 1)))

/**
 * Quantile with linear interpolation between neighbours: type 7 of Hyndman and Fan (1996), the
 * default of numpy and R. Undefined of no values.
 */
export function quantile(values: readonly number[], probability: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const index = (sorted.length - 1) * probability
  const low = sorted[Math.floor(index)]
  const high = sorted[Math.ceil(index)]
  if (low === undefined || high === undefined) return undefined
  const part = index - Math.floor(index)
  // From the nearer end, as numpy does: the result is then exact at both.
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part)
}

/** Density of the standard normal distribution. */
export const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)

/**
 * Share of the standard normal distribution below `x`, by the series of Marsaglia (2004), to about
 * 1e-15.
 */
export function normalShareBelow(x: number): number {
  if (x < -8.5) return 0
  if (x > 8.5) return 1
  let term = x
  let total = x
  for (let n = 3; Math.abs(term) > Math.abs(total) * Number.EPSILON; n += 2) {
    term *= (x * x) / n
    total += term
  }
  return 0.5 + normalDensity(x) * total
}

/** Length of the longest row of values that are in. */
export function longestRun(values: readonly number[], isIn: (value: number) => boolean): number {
  let longest = 0
  let length = 0
  for (const value of values) {
    length = isIn(value) ? length + 1 : 0
    longest = Math.max(longest, length)
  }
  return longest
}
