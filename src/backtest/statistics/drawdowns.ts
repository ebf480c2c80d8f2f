import { checkSeries, daysBetween, type EquitySeries } from './equity-series.js'

/** A fall of equity below its highest value so far, until it is reached again. */
export interface Drawdown {
  /** Lowest value relative to the peak, minus 1: -0.1 for a loss of 10 %. */
  readonly depth: number
  /** Last day at the peak. */
  readonly peakDate: string
  /** First day of the lowest value. */
  readonly troughDate: string
  /** First day at or above the peak; undefined where the series ends before. */
  readonly recoveryDate: string | undefined
  /** Calendar days from the peak to the recovery, or to the end of the series. */
  readonly days: number
}

/**
 * Relative distance of each value from the highest one so far, the starting balance included: 0 at
 * a peak, -0.1 for 10 % below. Undefined while nothing above 0 has been seen.
 */
export function underwater(equity: readonly number[]): readonly (number | undefined)[] {
  let peak = 0
  return equity.map((value) => {
    peak = Math.max(peak, value)
    return peak > 0 ? value / peak - 1 : undefined
  })
}

/**
 * Lists the drawdowns of an equity series in the order of time. Each lasts from its peak to the
 * first day at or above the peak; days on the peak belong to none.
 *
 * @throws RangeError where a date or value is wrong.
 */
export function drawdowns(series: EquitySeries): readonly Drawdown[] {
  checkSeries(series)
  const { dates, equity } = series
  const found: Drawdown[] = []
  let peak = { value: 0, date: dates[0] ?? '' }
  let trough: { depth: number; date: string } | undefined
  const end = (date: string, recoveryDate: string | undefined): void => {
    if (trough === undefined) return
    const days = daysBetween(peak.date, date)
    found.push({ depth: trough.depth, peakDate: peak.date, troughDate: trough.date, recoveryDate, days })
    trough = undefined
  }
  for (const [index, date] of dates.entries()) {
    const value = equity[index] ?? 0
    if (value >= peak.value) {
      end(date, date)
      peak = { value, date }
    } else if (peak.value > 0) {
      const depth = value / peak.value - 1
      if (trough === undefined || depth < trough.depth) trough = { depth, date }
    }
  }
  end(dates.at(-1) ?? '', undefined)
  return found
}
