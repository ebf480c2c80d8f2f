import Big from 'big.js'

/** How much `amount` of quote currency buys at `price`. Not on lot yet: see `fit`. */
export const byNotional = (amount: number, price: number): number =>
  amount > 0 && price > 0 ? new Big(amount).div(price).toNumber() : 0

/** What `byRisk` goes by. */
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
 * between the two.
 *
 * ```ts
 * byRisk({ equity: 10_000, fraction: 0.01, entry: 100, stop: 98 })   // 50
 * ```
 */
export const byRisk = ({ equity, fraction, entry, stop }: RiskBudget): number => {
  const distance = new Big(entry).minus(stop).abs()
  return distance.eq(0) ? 0 : new Big(equity).times(fraction).div(distance).toNumber()
}
