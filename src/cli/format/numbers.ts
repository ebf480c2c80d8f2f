const formats = new Map<string, Intl.NumberFormat>()
/** One for each number of decimals: to make one takes longer than to use it a hundred times. */
const formatted = (value: number, least: number, most: number): string => {
  const key = `${least} ${most}`
  const format =
    formats.get(key) ?? new Intl.NumberFormat('en', { minimumFractionDigits: least, maximumFractionDigits: most })
  formats.set(key, format)
  const text = format.format(value)
  // A minus of a digit's width lets columns stand; and -0 is 0.
  return /[1-9∞N]/.test(text) ? text.replace('-', '−') : text.replace('-', '')
}

/** A number for people: thousands apart, and no more decimals than it takes. */
export const number = (value: number, decimals = 8): string => formatted(value, 0, decimals)

/** So many of something. */
export const counted = (count: number, what: string): string => `${number(count)} ${what}${count === 1 ? '' : 's'}`

/** An amount of money: two decimals. */
export const money = (value: number): string => formatted(value, 2, 2)

/** A price with as many decimals as its tick has: prices below each other line up. */
export const price = (value: number, tick: number | undefined): string => {
  if (tick === undefined || !(tick > 0)) return number(value)
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(tick) - 1e-9)))
  return formatted(value, decimals, decimals)
}

/** An amount of money that was won or lost. */
export const signed = (value: number): string => {
  const text = money(value)
  return text.startsWith('−') || text === '0.00' ? text : `+${text}`
}
