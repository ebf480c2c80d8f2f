import type * as t from 'io-ts'
import { type Decoded, decodeWith, left, right } from './codec/decode.js'
import { DecodeFailure, legible, quote } from './codec/failure.js'
import { Ping } from './heartbeat.js'
import { parseFrame } from './codec/json.js'
import { type Request, type RequestOp, requestCodecs } from './request.js'

/** Everything that a client may send. */
export type ClientFrame = Request | Ping

const codecs: ReadonlyMap<string, t.Type<ClientFrame, unknown, unknown>> = new Map([
  ...(Object.keys(requestCodecs) as RequestOp[]).map(
    (op) => [op, requestCodecs[op] as t.Type<ClientFrame, unknown, unknown>] as const,
  ),
  ['ping', Ping as t.Type<ClientFrame, unknown, unknown>],
])

const decodeObject = (frame: Record<string, unknown>): Decoded<ClientFrame> => {
  const op = frame.op
  if (typeof op !== 'string') return left(new DecodeFailure('shape', 'a frame has no op', legible(frame)))
  const codec = codecs.get(op)
  return codec === undefined
    ? left(new DecodeFailure('op', `op ${quote(op)} is not known`, legible(frame)))
    : decodeWith(codec, frame, op, frame)
}

/** Decodes a frame that a client sent. Never throws. */
export const decodeClientFrame = (data: unknown): Decoded<ClientFrame> => {
  const frame = parseFrame(data)
  return frame instanceof DecodeFailure ? left(frame) : decodeObject(frame)
}

/**
 * Checks a frame that a client is about to send, as {@link encodeClientFrame} does but without
 * making the text.
 */
export const checkClientFrame = (frame: ClientFrame): Decoded<ClientFrame> => decodeObject(frame)

/**
 * Encodes a frame of a client, or says in words what is wrong with it: NaN, Infinity and words
 * outside the protocol never get out. A -0 goes out as 0.
 *
 * @example
 * ```ts
 * encodeClientFrame({ op: 'ping', ts: NaN })._tag; // => 'Left'
 * ```
 */
export const encodeClientFrame = (frame: ClientFrame): Decoded<string> => {
  const checked = checkClientFrame(frame)
  return checked._tag === 'Left' ? checked : right(JSON.stringify(checked.right))
}
