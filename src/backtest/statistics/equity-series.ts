export const DAY_MS = 86_400_000
const datePattern = /^\d{4}-\d{2}-\d{2}$/

/** Equity of an account, one value a day. */
export interface EquitySeries {
  /** Days, `YYYY-MM-DD`, ascending. The value of a day is that at its end in UTC. */
  readonly dates: readonly string[]
  /**
   * Equity in quote currency, one for each date. The first is the starting balance, before the
   * first return.
   */
  readonly equity: readonly number[]
}

/** Days since 1970 of `YYYY-MM-DD`; undefined where it is no day of the calendar. */
export function dayNumber(date: string): number | undefined {
  const ms = datePattern.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN
  // Date.parse reads 2023-02-30 as March 2.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(date) ? undefined : ms / DAY_MS
}

/** Day of an instant, `YYYY-MM-DD` in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Calendar days from one date to another. */
export const daysBetween = (from: string, to: string): number => (dayNumber(to) ?? NaN) - (dayNumber(from) ?? NaN)

function checkValues(name: string, values: readonly number[], length: number): void {
  if (values.length !== length) {
    throw new RangeError(`${name} has ${values.length} values and dates has ${length}: expected one for each date`)
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) throw new RangeError(`${name}[${wrong}] is ${String(values[wrong])}: expected a finite number`)
}

/** Throws a RangeError that names the first wrong date or value. */
export function checkSeries({ dates, equity }: EquitySeries, benchmark?: readonly number[]): void {
  let last = -Infinity
  for (const [index, date] of dates.entries()) {
    const day = dayNumber(date)
    if (day === undefined) throw new RangeError(`dates[${index}] is "${date}": expected a day as YYYY-MM-DD`)
    if (day <= last)
      throw new RangeError(`dates[${index}] is ${date}: expected a day after ${String(dates[index - 1])}`)
    last = day
  }
  checkValues('equity', equity, dates.length)
  if (benchmark !== undefined) checkValues('benchmark', benchmark, dates.length)
}

/**
 * Simple return `to / from - 1`; undefined where `from` is 0 or less, since nothing can be gained
 * on nothing.
 */
export const simpleReturn = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined || from <= 0 ? undefined : to / from - 1

/** Simple returns from each value to the next, one fewer than there are values. */
export const returnsOf = (equity: readonly number[]): readonly (number | undefined)[] =>
  equity.slice(1).map((value, index) => simpleReturn(equity[index], value))

/**
 * Returns of months (`length` 7) or years (`length` 4), by the first characters of the date on
 * which they end. A first or last part of a month counts from the starting balance and to the last
 * value.
 */
export function returnsByPeriod({ dates, equity }: EquitySeries, length: 4 | 7): Record<string, number | undefined> {
  const ends = new Map<string, number | undefined>()
  for (const [index, date] of dates.entries()) if (index > 0) ends.set(date.slice(0, length), equity[index])
  let before = equity[0]
  return Object.fromEntries(
    [...ends].map(([period, end]) => {
      const change = simpleReturn(before, end)
      before = end
      return [period, change]
    }),
  )
}
