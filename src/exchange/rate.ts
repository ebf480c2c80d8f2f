import { requireUnits } from './decimal.js'

/** Rates are integers of this many decimals. */
const DECIMALS = 8
const ONE = 10n ** BigInt(DECIMALS)

/** A rate of a specification, such as '0.002', as an integer. */
export const rateOf = (text: string): bigint => requireUnits(text, DECIMALS)

/** `amount` times `rate`, rounded up to the unit (towards more: a rebate becomes smaller). */
export function shareUp(amount: bigint, rate: bigint): bigint {
  if (rate === 0n || amount === 0n) return 0n
  return divideUp(amount * rate, ONE)
}

/** `dividend` divided by a `divisor` above 0, rounded up. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  // Division truncates towards zero, which is already upwards below zero.
  return dividend > 0n && quotient * divisor !== dividend ? quotient + 1n : quotient
}
