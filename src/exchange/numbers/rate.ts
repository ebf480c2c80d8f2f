import { requireUnits } from './decimal.js'
import { times, type Units, unitsOf } from './units.js'

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
  // Division truncates towards zero, which is already upwards below zero.
  return (dividend > 0n ? dividend + divisor - 1n : dividend) / divisor
}

/**
 * A rate as a fraction in lowest terms: 0.002 is 1/500, and an amount times 1 stays small enough
 * for a number.
 */
export class Share {
  private readonly parts: number
  private readonly whole: number

  constructor(rate: bigint) {
    const common = greatestCommonDivisor(rate < 0n ? -rate : rate, ONE)
    this.parts = Number(rate / common)
    this.whole = Number(ONE / common)
  }

  /** Returns the same as {@link shareUp}. */
  up(amount: Units): Units {
    const { parts, whole } = this
    const dividend = times(amount, parts)
    if (typeof dividend === 'bigint') return unitsOf(divideUp(dividend, BigInt(whole)))
    // Below 2^53 no quotient that is not an integer is rounded to one: it is 1/whole away at least,
    // half a step between doubles is less. And -0 becomes 0.
    return Math.ceil(dividend / whole) + 0
  }
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestCommonDivisor(b, a % b))
