import Big from 'big.js'
import { finite } from './finite.js'

/**
 * Quantity that `amount` of quote currency buys at `price`; 0 where either is 0, negative or not a number (an indicator may give NaN at first). Not on lot yet: see
 * `roundToIncrements`. `RangeError` when either is Infinity.
 */
export const notionalSize = (amount: number, price: number): number =>
  amount > 0 && price > 0 ? new Big(finite('the amount', amount)).div(finite('the price', price)).toNumber() : 0

/** What `riskBasedSize` goes by. */
export interface RiskBudget {
  /** What the account is worth, in quote currency. */
  readonly equity: number
  /** How much of it may be lost if the stop is hit: 0.01 is one percent. */
  readonly fraction: number
  /** Where it is bought or sold. */
  readonly entry: number
  /** Where the loss is taken. */
  readonly stop: number
}

/**
 * The size with which exactly `fraction` of `equity` is lost between `entry` and `stop`, fees and slippage aside; 0 when there is no distance
 * between the two, or no equity. `RangeError` when an argument is not a finite number, or `fraction` is negative.
 *
 * ```ts
 * riskBasedSize({ equity: 10_000, fraction: 0.01, entry: 100, stop: 98 })   // 50
 * ```
 */
export const riskBasedSize = ({ equity, fraction, entry, stop }: RiskBudget): number => {
  const distance = new Big(finite('entry', entry)).minus(finite('stop', stop)).abs()
  const budget = new Big(finite('equity', equity)).times(finite('fraction', fraction))
  if (fraction < 0) throw new RangeError(`fraction should be 0 or more, but is ${fraction}`)
  return distance.eq(0) || budget.lte(0) ? 0 : budget.div(distance).toNumber()
}
