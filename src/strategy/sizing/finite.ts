/**
 * Returns a finite number unchanged. `big.js` throws at NaN and Infinity without naming the number.
 *
 * @throws RangeError that names the number if it is not finite
 */
export const finite = (name: string, value: number): number => {
  if (!Number.isFinite(value)) throw new RangeError(`${name} should be a number, but is ${value}`)
  return value
}
