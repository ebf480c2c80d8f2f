import type { Units } from './units.js'

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/**
 * Below this, decimals of one scale are far enough apart that no two share a double: the double
 * names its decimal.
 */
const FIFTEEN_DIGITS = 1e15

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** The power of ten as a double; exact, since scales are small. */
export const powerOfTen = (exponent: number): number => {
  const power = POWERS[exponent]
  if (power === undefined) throw new RangeError(`a scale of ${exponent} decimals is out of range: use 0 to 22`)
  return power
}

/**
 * Decimal text as an integer of 10^-decimals, exactly: `parseUnits('1.5', 8)` is `150000000n`.
 * Undefined when the text is no decimal number, or is finer than the scale.
 */
export function parseUnits(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent) - fraction.length + decimals
  // A hostile exponent must not make a number of a million digits.
  if (Math.abs(shift) > 400) return undefined
  let digits = whole + fraction
  if (shift < 0) {
    const tail = digits.slice(shift)
    if (/[1-9]/.test(tail)) return undefined
    digits = digits.slice(0, shift)
  } else {
    digits += '0'.repeat(shift)
  }
  const units = BigInt(digits === '' ? '0' : digits)
  return sign === '-' ? -units : units
}

/** Parses what a specification says, which is ours: it must be right. */
export function requireUnits(text: string, decimals: number): bigint {
  const units = parseUnits(text, decimals)
  if (units === undefined)
    throw new RangeError(`${JSON.stringify(text)} is not a decimal of at most ${decimals} places`)
  return units
}

/** The exact decimal text of an integer of 10^-decimals, without trailing zeros. */
export function formatUnits(units: Units, decimals: number): string {
  const negative = units < 0
  const digits = (negative ? -units : units).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The double nearest to an integer of 10^-decimals: what goes on the wire. */
export function unitsToNumber(units: Units, decimals: number): number {
  const integer = Number(units)
  // Both operands are exact here, so the quotient is the nearest double.
  if (Number.isSafeInteger(integer)) return integer / powerOfTen(decimals)
  return Number(formatUnits(units, decimals))
}

/** Number of decimal places of a text. */
export function decimalsOf(text: string): number {
  for (let decimals = 0; decimals <= 22; decimals++) if (parseUnits(text, decimals) !== undefined) return decimals
  throw new RangeError(`${JSON.stringify(text)} is not a decimal of at most 22 places`)
}

/**
 * A grid of steps such as a price tick or a lot: numbers of the wire on one side, integers of steps
 * on the other.
 *
 * A number is on the grid when it is the double nearest to some multiple of the step, which is the
 * same as to say that its shortest decimal text is such a multiple. There is no tolerance.
 */
export class Grid {
  readonly decimals: number
  readonly step: number
  private readonly power: number

  constructor(readonly text: string) {
    this.decimals = decimalsOf(text)
    this.step = Number(requireUnits(text, this.decimals))
    this.power = powerOfTen(this.decimals)
    if (!(this.step > 0)) throw new RangeError(`a step must be above 0, not ${text}`)
  }

  /**
   * The number of steps, or undefined when `value` lies between two of them (or has more digits
   * than a double names).
   */
  steps(value: number): number | undefined {
    const units = Math.round(value * this.power)
    if (!(Math.abs(units) < FIFTEEN_DIGITS) || units / this.power !== value) return undefined
    const steps = units / this.step
    return Number.isInteger(steps) ? steps : undefined
  }

  /** The nearest number of steps not above `value`; a value on the grid stays. */
  stepsDown(value: number): number {
    return this.steps(value) ?? Math.floor((value * this.power) / this.step)
  }

  /** The nearest number of steps not below `value`; a value on the grid stays. */
  stepsUp(value: number): number {
    return this.steps(value) ?? Math.ceil((value * this.power) / this.step)
  }

  /** Number of steps in a value, with their fraction. */
  stepsIn(value: number): number {
    return this.steps(value) ?? (value * this.power) / this.step
  }

  /** The double nearest to that many steps. */
  value(steps: number): number {
    return (steps * this.step) / this.power
  }
}
