/** Gives back a finite number. `RangeError` that names it otherwise: `big.js` throws at NaN and Infinity without saying which number that was. */
export const finite = (what: string, value: number): number => {
  if (!Number.isFinite(value)) throw new RangeError(`${what} should be a number, but is ${value}`)
  return value
}
