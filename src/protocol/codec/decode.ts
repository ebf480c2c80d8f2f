import type { either } from 'fp-ts'
import type * as t from 'io-ts'
import { DecodeFailure, inWords, legible } from './failure.js'

/**
 * Either what was decoded (`right`) or why not (`left`). Test `_tag === 'Right'`; no fp-ts is
 * needed to use it.
 */
export type Decoded<A> = either.Either<DecodeFailure, A>

export const right = <A>(value: A): Decoded<A> => ({
  _tag: 'Right',
  right: value,
})
export const left = (failure: DecodeFailure): Decoded<never> => ({
  _tag: 'Left',
  left: failure,
})

/**
 * Codecs cannot mend a -0 by themselves: io-ts keeps the old object where the new value is `===` to
 * the old one, and -0 is. `Object.fromEntries` defines, so that a key called `__proto__` stays a
 * key.
 */
const withoutNegativeZeros = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(withoutNegativeZeros)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutNegativeZeros(each)]))
}

/**
 * Decodes `value` with an io-ts codec; `what` names it in the words of a failure.
 *
 * The guard goes first: it allocates nothing, and nearly every frame passes it. The slow path says
 * what is wrong, or mends the one thing that may be mended, a -0.
 */
export const decodeWith = <A>(
  codec: t.Type<A, unknown, unknown>,
  value: unknown,
  what: string,
  frame: object = {},
): Decoded<A> => {
  if (codec.is(value)) return right(value)
  const result = codec.decode(value)
  return result._tag === 'Right'
    ? right(withoutNegativeZeros(result.right) as A)
    : left(new DecodeFailure('shape', inWords(what, result.left), legible(frame)))
}
