import type { FailureReply } from '../../protocol/index.js'
import { namesReason, normalized, speaksOfDoubt } from './refusal-words.js'

/**
 * Says whether a refused order surely was not made: with `unknown: false`, or words that name a
 * business reason (balance, price, symbol, permission, rate limit …) and nothing of transport, a
 * server error or a duplicate. Words that are not recognised are not definite: an order that is
 * sent again after such a refusal may be the second one.
 *
 * ```ts
 * const failure = { op: 'place_order', cid: '1', result: false } as const
 * isDefiniteRefusal({ ...failure, error_message: 'insufficient balance' }) // => true
 * isDefiniteRefusal({ ...failure, error_message: 'Server disconnected' }) // => false
 * ```
 */
export const isDefiniteRefusal = (reply: FailureReply): boolean =>
  // mutant: definite-refusal
  reply.unknown === false ||
  /* mutant: unknown-beside-a-reason */ (reply.unknown !== true && saysReason(reply.error_message))

const saysReason = (words: string): boolean => {
  const text = normalized(words)
  // mutant: refusal-in-known-words
  return namesReason(text) && /* mutant: words-of-doubt */ !speaksOfDoubt(text)
}
