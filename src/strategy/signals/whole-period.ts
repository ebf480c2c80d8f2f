/**
 * Checks the period of an indicator.
 * @throws RangeError unless it is a whole number of at least 1
 */
export const wholePeriod = (name: string, period: number): number => {
  if (Number.isSafeInteger(period) && period >= 1) return period
  throw new RangeError(`${name}: the period must be a whole number of at least 1, not ${period}`)
}
