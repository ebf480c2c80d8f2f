import type { FailureReply } from '../../protocol/index.js'

/** Deployed servers say `false` as well when their own call to the exchange timed out or failed, each in the words of its own libraries. */
const unsure = new RegExp(
  [
    /time[d ]*[\s-]*out/,
    /(server|internal|system|unknown)[\s\-_]*(system[\s\-_]*)?error/,
    /bad[\s\-_]*gateway|unavailable|upstream|busy|overload/,
    /connection|network|hang up|econn|epipe|broken pipe|\beof\b|remote end|abort/,
    /deadline exceeded|retries exceeded/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)
/** A status of 5xx, told from an amount: "insufficient balance: 54002.5 USDT" is as definite as a refusal can be. */
const serverStatus =
  /^\W*5\d\d\b(?!\.\d)|\b(?:http|https|status|code|error|errno|response)\b\D{0,12}\b5\d\d\b(?!\.\d)|\b5\d\d\W{1,2}(?:internal|bad|service|gateway|server|error)/i

/**
 * Whether a refused order was surely not made. Whoever places it again where it was makes two of it, so in doubt it is not definite: the order
 * ends Unknown, and proof is looked for.
 */
export const isDefiniteRefusal = (reply: FailureReply): boolean =>
  // A server that says which it is need not be guessed at.
  reply.unknown === false ||
  (reply.unknown !== true &&
    reply.error_message.trim() !== '' &&
    !unsure.test(reply.error_message) &&
    !serverStatus.test(reply.error_message))
