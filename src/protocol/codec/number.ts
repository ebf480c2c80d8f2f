import * as t from 'io-ts'

/**
 * True for what may cross the wire as a number: finite, and not a negative zero (which prints as
 * `0` but compares oddly).
 */
export const isPlainNumber = (u: unknown): u is number =>
  typeof u === 'number' && Number.isFinite(u) && !Object.is(u, -0)

export const isPlainNumberOrNull = (u: unknown): u is number | null => u === null || isPlainNumber(u)

/**
 * A finite number. `1e400` parses to Infinity and NaN prints as `null`, so neither may pass in
 * either direction; a -0 is no plain number either, but decodes (see decode.ts, which makes it 0).
 */
export const FiniteNumber = new t.Type<number, number, unknown>(
  'a finite number',
  isPlainNumber,
  (u, context) => (typeof u === 'number' && Number.isFinite(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/**
 * A finite number, or null where deployed servers send null (limits they do not know, prices of
 * market orders …).
 */
export const NullableNumber = new t.Type<number | null, number | null, unknown>(
  'a finite number or null',
  isPlainNumberOrNull,
  (u, context) => (u === null ? t.success(null) : FiniteNumber.validate(u, context)),
  t.identity,
)
