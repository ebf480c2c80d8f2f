import { DecodeFailure, type FailureReply } from '../../protocol/index.js'
import type { Placed } from '../command.js'
import { type Evidence, Rejected, type UnresolvedCause } from '../errors/errors.js'
import type { Redactor } from '../errors/redact.js'
import { saysInvalidToken, type ReplyOrFailure } from '../connection/protocol-connection.js'

/** State of an order after a reply: its end, or the reason why that is not known. */
export type ReplyClass =
  | { readonly _tag: 'Placed'; readonly placed: Placed }
  | { readonly _tag: 'Rejected'; readonly error: Rejected }
  | { readonly _tag: 'Unsure'; readonly cause: UnresolvedCause; readonly evidence: readonly Evidence[] }

/** True for a reply that decides the outcome. */
export const isFinal = (reply: ReplyClass): reply is Exclude<ReplyClass, { _tag: 'Unsure' }> => reply._tag !== 'Unsure'

const unsure = (cause: UnresolvedCause, message: string): ReplyClass => ({
  _tag: 'Unsure',
  cause,
  evidence: [{ kind: 'server-said', message }],
})

/** The caller's own test may fail: then the order does not count as refused. */
const saysDefinitely = (reply: FailureReply, isDefiniteRefusal: (reply: FailureReply) => boolean): boolean => {
  try {
    return isDefiniteRefusal(reply)
  } catch {
    return false
  }
}

/** Reads a reply to a place_order. */
export const classifyReply = (
  cid: string,
  reply: ReplyOrFailure,
  isDefiniteRefusal: (reply: FailureReply) => boolean,
  redactor: Redactor,
): ReplyClass => {
  if (reply instanceof DecodeFailure) return unsure('undecodable', reply.message)
  if (reply.result) {
    return reply.op === 'place_order'
      ? { _tag: 'Placed', placed: { order_no: reply.order_no, cid } }
      : unsure('undecodable', `it replied to ${reply.op} instead`)
  }
  const words = redactor.redact(reply.error_message)
  return (saysInvalidToken(reply) && reply.unknown !== true) || saysDefinitely(reply, isDefiniteRefusal)
    ? { _tag: 'Rejected', error: new Rejected('place_order', words) }
    : unsure('server-unsure', words)
}

/**
 * Class of a refusal that the journal could not hold: a restarted client would take the order for
 * open.
 */
export const unrecordedRefusal = ({ serverMessage }: Rejected): ReplyClass => ({
  _tag: 'Unsure',
  cause: 'journal-failed',
  evidence: [{ kind: 'server-said', message: serverMessage }],
})
