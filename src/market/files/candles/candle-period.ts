/** Length of candles: fixed, in ms, or a number of calendar months. */
export type CandlePeriod = { readonly ms: number } | { readonly months: number }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const UNITS = { s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const

/**
 * Reads a period such as 1s, 15m, 4h, 1d, 1w or 1mo (calendar months).
 * @throws RangeError when it is none
 */
export const parsePeriod = (text: string): CandlePeriod => {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,8})(s|m|h|d|w|mo|M)$/.exec(text) ?? []
  const count = Number(digits)
  if (unit === 'mo' || unit === 'M') return { months: count }
  const ms = UNITS[unit as keyof typeof UNITS] as number | undefined
  if (ms !== undefined) return { ms: count * ms }
  throw new RangeError(`a period is a number and s, m, h, d, w or mo, such as 1m or 4h, not ${JSON.stringify(text)}`)
}

/** Name of a period, such as 1m, 90m or 1mo. */
export const periodInWords = (period: CandlePeriod): string => {
  if ('months' in period) return `${period.months}mo`
  const fitting = Object.entries(UNITS).findLast(([, ms]) => period.ms % ms === 0)
  return fitting === undefined ? `${period.ms}ms` : `${period.ms / fitting[1]}${fitting[0]}`
}

/**
 * Distance from UTC at which a time is the first instant of a month, in ms; undefined if it is none
 * in any time zone.
 */
const monthOffset = (time: number): number | undefined => {
  const { year, month } = yearAndMonth(time + 15 * HOUR_MS)
  const offset = Date.UTC(year, month) - time
  return offset >= -12 * HOUR_MS && offset <= 14 * HOUR_MS && offset % (30 * MINUTE_MS) === 0 ? offset : undefined
}

const yearAndMonth = (time: number): { readonly year: number; readonly month: number } => {
  const date = new Date(time)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() }
}

/** Adds calendar months to the first instant of a month, in the time zone in which it is one. */
const addMonths = (time: number, count: number): number => {
  const offset = monthOffset(time) ?? 0
  const { year, month } = yearAndMonth(time + offset)
  return Date.UTC(year, month + count) - offset
}

const monthsBetween = (early: number, late: number): number => {
  const [a, b] = [early, late].map((time) => yearAndMonth(time + (monthOffset(time) ?? 0)))
  return a === undefined || b === undefined ? 0 : 12 * (b.year - a.year) + b.month - a.month
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/**
 * Finds the period of candles by their times: the most common distance (the shorter of two), or
 * calendar months where all times begin a month in some time zone. Undefined for fewer than two.
 */
export const detectPeriod = (times: readonly number[]): CandlePeriod | undefined => {
  const counts = new Map<number, number>()
  let months = 0
  for (const [index, time] of times.entries()) {
    const before = times[index - 1]
    if (before === undefined || time <= before) continue
    counts.set(time - before, (counts.get(time - before) ?? 0) + 1)
    months = divisor(monthsBetween(before, time), months)
  }
  const [[ms] = []] = [...counts].sort(([a, n], [b, m]) => m - n || a - b)
  if (ms === undefined) return undefined
  const isMonthly = Math.min(...counts.keys()) >= 28 * DAY_MS - HOUR_MS
  return isMonthly && months > 0 && times.every((time) => monthOffset(time) !== undefined) ? { months } : { ms }
}

/** Time from a candle to the next whose beginning it shares, or its period before a hole. */
export interface CandleSpan {
  readonly startMs: number
  readonly endMs: number
  /** Candles that are missing between it and its neighbour. */
  readonly missing: number
}

const end = (start: number, period: CandlePeriod): number =>
  'ms' in period ? start + period.ms : addMonths(start, period.months)

const begin = (over: number, period: CandlePeriod): number =>
  'ms' in period ? over - period.ms : addMonths(over, -period.months)

/** Days and months may be an hour longer or shorter where clocks are changed. */
const slackOf = (period: CandlePeriod): number => ('months' in period || period.ms % DAY_MS === 0 ? HOUR_MS : 0)

const missingIn = (gapMs: number, nominalMs: number): number => Math.max(0, Math.round(gapMs / nominalMs) - 1)

/**
 * Span of a candle that is stamped with its beginning. It ends with its period, or where the next
 * one begins if that is earlier, or (days and months) up to an hour later.
 */
export const spanFrom = (startMs: number, nextMs: number | undefined, period: CandlePeriod): CandleSpan => {
  const endMs = end(startMs, period)
  if (nextMs === undefined) return { startMs, endMs, missing: 0 }
  if (nextMs <= endMs + slackOf(period)) return { startMs, endMs: nextMs, missing: 0 }
  return { startMs, endMs, missing: missingIn(nextMs - startMs, endMs - startMs) }
}

/** Span of a candle that is stamped with its end; see {@link spanFrom}. */
export const spanUntil = (endMs: number, previousMs: number | undefined, period: CandlePeriod): CandleSpan => {
  const startMs = begin(endMs, period)
  if (previousMs === undefined) return { startMs, endMs, missing: 0 }
  if (previousMs >= startMs - slackOf(period)) return { startMs: previousMs, endMs, missing: 0 }
  return { startMs, endMs, missing: missingIn(endMs - previousMs, endMs - startMs) }
}
