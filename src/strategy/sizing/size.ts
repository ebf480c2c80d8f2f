import Big from 'big.js'
import { finite } from './finite.js'

/**
 * Computes the quantity that `amount` of quote currency buys at `price`. 0 if either is 0, negative
 * or NaN (an indicator may give NaN at first). The result is not rounded to the lot: see
 * `roundToIncrements`.
 *
 * @throws RangeError if either is Infinity
 */
export const notionalSize = (amount: number, price: number): number =>
  amount > 0 && price > 0 ? new Big(finite('the amount', amount)).div(finite('the price', price)).toNumber() : 0

/** Input of `riskBasedSize`. */
export interface RiskBudget {
  /** Value of the account, in quote currency. */
  readonly equity: number
  /** Fraction of `equity` to lose if the stop is hit: 0.01 is one percent. */
  readonly fraction: number
  /** Entry price. */
  readonly entry: number
  /** Stop price. */
  readonly stop: number
}

/**
 * Computes the size that loses exactly `fraction` of `equity` between `entry` and `stop`, without
 * fees and slippage. 0 if the prices are equal or `equity` is not above 0.
 *
 * ```ts
 * riskBasedSize({ equity: 10_000, fraction: 0.01, entry: 100, stop: 98 })   // 50
 * ```
 *
 * @throws RangeError if an argument is not a finite number, or `fraction` is negative
 */
export const riskBasedSize = ({ equity, fraction, entry, stop }: RiskBudget): number => {
  const distance = new Big(finite('entry', entry)).minus(finite('stop', stop)).abs()
  const budget = new Big(finite('equity', equity)).times(finite('fraction', fraction))
  if (fraction < 0) throw new RangeError(`fraction should be 0 or more, but is ${fraction}`)
  return distance.eq(0) || budget.lte(0) ? 0 : budget.div(distance).toNumber()
}
