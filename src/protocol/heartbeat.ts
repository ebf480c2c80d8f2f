import * as t from 'io-ts'
import { FiniteNumber } from './codec/number.js'

/** Sent by the client every 5 s. `ts` is the client's own and comes back unchanged. */
export const Ping = t.type({ op: t.literal('ping'), ts: FiniteNumber }, 'Ping')
export interface Ping extends t.TypeOf<typeof Ping> {}

export const Pong = t.type({ op: t.literal('pong'), ts: FiniteNumber }, 'Pong')
export interface Pong extends t.TypeOf<typeof Pong> {}

/**
 * Significant digits and power of ten of a decimal number: equal for equal numbers, however they
 * are written.
 */
const decimalOf = (text: string): string | undefined => {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === '') return undefined
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(power) - fraction.length + digits.length - significant.length}`
}

/**
 * True if sending `ts` back gives the number that stands in the text of the ping. JSON.parse rounds
 * what a double cannot hold, such as whole numbers beyond 2^53.
 */
export const keepsDigits = (ping: unknown, ts: number): boolean => {
  const text = typeof ping === 'string' ? ping : ''
  const sent = Array.from(text.matchAll(/"ts"\s*:\s*(-?\d[\d.eE+-]*)/g), ([, literal = '']) => decimalOf(literal))
  // A key that is written with escapes is not found in the text.
  return sent.length === 0 ? Number.isSafeInteger(ts) : sent.includes(decimalOf(JSON.stringify(ts)))
}
