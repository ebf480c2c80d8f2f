/**
 * Checks a bound that a caller gives: a NaN, from a variable that is not set, would lift it rather
 * than set it.
 *
 * @throws RangeError unless it is a number from `least` to Infinity
 */
export const checkBound = (name: string, value: number, least = 0): void => {
  if (!(typeof value === 'number' && value >= least))
    throw new RangeError(`${name} should be a number from ${least} on, but is ${String(value)}`)
}
