import type { either } from 'fp-ts'
import type * as t from 'io-ts'
import { DecodeFailure, inWords, legible } from './failure.js'

/** Either what was decoded (`right`) or why not (`left`). Test `_tag === 'Right'`; no fp-ts is needed to use it. */
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
 * Decodes `value` with an io-ts codec; `what` names it in the words of a failure.
 *
 * The guard goes first: it allocates nothing, and nearly every frame passes it. The slow path says what is wrong, or
 * mends what may be mended (a -0).
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
    ? right(result.right)
    : left(new DecodeFailure('shape', inWords(what, result.left), legible(frame)))
}
