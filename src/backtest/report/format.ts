const MINUS = '−'
const NONE = '–'

const formats = Array.from(
  { length: 13 },
  (_, decimals) => new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
)

function grouped(value: number, decimals: number): string {
  const text = formats[decimals]?.format(value) ?? String(value)
  return /^-[0,.]*$/.test(text) ? text.slice(1) : text.replace('-', MINUS)
}

/** A number with groups of three and so many decimals; – for undefined. */
export const fixed = (value: number | undefined, decimals = 2): string =>
  value === undefined ? NONE : grouped(value, decimals)

/** A number with some four significant digits: prices, quantities. */
export function significant(value: number | undefined, digits = 5): string {
  if (value === undefined) return NONE
  const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  const text = grouped(value, Math.min(12, Math.max(0, digits - 1 - size)))
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** A fraction as per cent. */
export const percent = (value: number | undefined, decimals = 2): string =>
  value === undefined ? NONE : `${grouped(100 * value, decimals)} %`

/** An amount of money: two decimals, more below 1. */
export const money = (value: number | undefined): string =>
  value === undefined ? NONE : Math.abs(value) >= 1 || value === 0 ? grouped(value, 2) : significant(value, 3)

/** Date and minute in UTC. */
export const minuteOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A duration in its largest unit. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return NONE
  const [unit, size] = units.find(([, length]) => ms >= length) ?? ['ms', 1]
  const value = ms / size
  return `${grouped(value, unit === 'ms' || value >= 100 ? 0 : 1)} ${unit}`
}

/** A plain value as text: strings as they are, everything else as JSON. */
export const plain = (value: unknown): string =>
  value === undefined ? NONE : typeof value === 'string' ? value : JSON.stringify(value)
