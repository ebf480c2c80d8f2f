import { InvalidArgumentError } from 'commander'
import { PLATFORMS, type SymbolSpec } from '../../exchange/index.js'

/** Shares of the traded value. */
export interface Fees {
  readonly maker: number
  readonly taker: number
}

const share = (text: string): number => {
  const percent = text.trim().endsWith('%')
  const digits = percent ? text.trim().slice(0, -1) : text
  const value = digits.trim() === '' ? Number.NaN : Number(digits)
  return percent ? value / 100 : value
}

/** Reads `0.001`, `0.1%` or `maker,taker`. */
export const fees = (text: string): Fees => {
  const [maker = NaN, taker = maker, ...more] = text.split(',').map(share)
  const fits = [maker, taker].every((value) => value > -0.1 && value < 0.1)
  if (!fits || more.length > 0) {
    throw new InvalidArgumentError(
      'It must be shares of the value, maker,taker or one for both, such as 0.001 or 0.1%,0.2%.',
    )
  }
  return { maker, taker }
}

/** Reads `USDT=10000,BTC=0.5`; a number alone is an amount of the quote currency, here called ''. */
export const balances = (text: string): Readonly<Record<string, number>> => {
  const entries = text.split(',').map((part) => {
    const [left = '', right] = part.split('=').map((each) => each.trim())
    const [currency, amount] = right === undefined ? ['', left] : [left.toUpperCase(), right]
    return [currency, amount === '' ? Number.NaN : Number(amount)] as const
  })
  const names = entries.map(([currency]) => currency)
  const fits = entries.every(([, amount]) => amount >= 0 && amount < Infinity)
  if (
    !fits ||
    new Set(names).size < names.length ||
    names.some((name) => name !== '' && !/^[\p{L}\p{N}]+$/u.test(name))
  )
    throw new InvalidArgumentError('It must be amounts by currency, such as 10000 or USDT=10000,BTC=0.5.')
  return Object.fromEntries(entries)
}

/** Reads an instant: a date or time in ISO 8601 (UTC where it names no zone) or ms since 1970. */
export const instantOf = (text: string): number => {
  const trimmed = text.trim()
  const isIso = /^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/.test(trimmed)
  const withZone = /[T ]/.test(trimmed) && !/(Z|[+-]\d{2}:?\d{2})$/.test(trimmed) ? `${trimmed}Z` : trimmed
  const value = /^\d{9,}$/.test(trimmed) ? Number(trimmed) : isIso ? Date.parse(withZone.replace(' ', 'T')) : NaN
  if (!Number.isFinite(value))
    throw new InvalidArgumentError('It must be a date such as 2024-01-31 or 2024-01-31T12:00, in UTC.')
  return value
}

/** The platforms of a run with other fees or leverage. */
export const platformsWith = (
  names: readonly string[],
  settings: { readonly fees?: Fees | undefined; readonly leverage?: number | undefined },
): ReadonlyMap<string, readonly SymbolSpec[]> =>
  new Map(
    [...PLATFORMS]
      .filter(([name]) => names.includes(name))
      .map(([name, specs]) => [name, specs.map((spec) => changed(spec, settings))]),
  )

const decimal = (value: number): string => value.toFixed(8).replace(/\.?0+$/, '')

const changed = (
  spec: SymbolSpec,
  { fees: asked, leverage }: { readonly fees?: Fees | undefined; readonly leverage?: number | undefined },
): SymbolSpec => {
  const paid = asked === undefined ? {} : { makerFee: decimal(asked.maker), takerFee: decimal(asked.taker) }
  return spec.kind === 'spot'
    ? { ...spec, ...paid }
    : { ...spec, ...paid, ...(leverage === undefined ? {} : { leverage }) }
}
