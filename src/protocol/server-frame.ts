import * as t from 'io-ts'
import { type Decoded, decodeWith, left, right } from './codec/decode.js'
import { DecodeFailure, legible, quote } from './codec/failure.js'
import { Pong } from './heartbeat.js'
import { parseFrame } from './codec/json.js'
import { type Notice, NoticeEnvelope, noticeCodecs } from './notice.js'
import { FailureReply, type Reply, replyCodecs } from './reply.js'
import type { RequestOp } from './request.js'
import { keepSeqDigits } from './seq.js'
import { StateNotice } from './state.js'
import { Text } from './codec/text.js'

/** Answers a frame that the server could not process. It has no cid, so it ends no request. */
export const ErrorNotice = t.type({ op: t.literal('error'), error_message: Text }, 'ErrorNotice')
export interface ErrorNotice extends t.TypeOf<typeof ErrorNotice> {}

/** Everything that a server may send. */
export type ServerFrame = Reply | Notice | StateNotice | Pong | ErrorNotice

type AnyDecoder = (frame: Record<string, unknown>) => Decoded<ServerFrame>

const replyDecoder =
  (op: RequestOp): AnyDecoder =>
  (frame) =>
    frame.result === false
      ? (decodeWith(FailureReply, frame, `reply to ${op}`, frame) as Decoded<Reply>)
      : decodeWith<Reply>(replyCodecs[op] as t.Type<Reply, unknown, unknown>, frame, `reply to ${op}`, frame)

/** A Map: it is asked with each notice, and a peer may send `constructor` as its topic. */
const codecsByTopic = new Map(Object.entries(noticeCodecs) as [string, t.Type<unknown, unknown, unknown>][])

const noticeDecoder: AnyDecoder = (frame) => {
  // No field of an envelope can be mended, so this is a failure.
  if (!NoticeEnvelope.is(frame)) return decodeWith(NoticeEnvelope, frame, 'notice', frame)
  const { topic, token, data } = frame
  const codec = codecsByTopic.get(topic)
  if (codec === undefined || codec.is(data)) return right(frame as unknown as Notice)
  const decoded = decodeWith(codec, data, `data of ${topic} notice`, frame)
  return decoded._tag === 'Left' ? decoded : right({ op: 'notify', topic, token, data: decoded.right })
}

/** A Map, not an object: a peer may send `constructor` as its op. */
const decoders: ReadonlyMap<string, AnyDecoder> = new Map<string, AnyDecoder>([
  ...(Object.keys(replyCodecs) as RequestOp[]).map((op) => [op, replyDecoder(op)] as const),
  ['notify', noticeDecoder],
  ['state', (frame) => decodeWith(StateNotice, frame, 'state notice', frame)],
  ['pong', (frame) => decodeWith(Pong, frame, 'pong', frame)],
  ['error', (frame) => decodeWith(ErrorNotice, frame, 'error notice', frame)],
])

/**
 * Decodes a frame that a server sent. Never throws. Fields and enumeration words that this version
 * does not know pass; an op it does not know is a failure with reason `op`.
 *
 * @example
 * ```ts
 * const frame = decodeFrame('{"op":"pong","ts":1530604762311}');
 * if (frame._tag === 'Right') frame.right; // => { op: 'pong', ts: 1530604762311 }
 * ```
 */
export const decodeFrame = (data: unknown): Decoded<ServerFrame> => {
  const frame = parseFrame(data)
  if (frame instanceof DecodeFailure) return left(frame)
  const op = frame.op
  // Nearly every frame is a notice; a comparison is cheaper than a look into the Map, which has to
  // hash the word first.
  if (op === 'notify') {
    const notice = noticeDecoder(frame)
    if (notice._tag === 'Right') keepSeqDigits((notice.right as Notice).data, data as string)
    return notice
  }
  if (typeof op !== 'string') return left(new DecodeFailure('shape', 'a frame has no op', legible(frame)))
  const decoder = decoders.get(op)
  if (decoder === undefined) {
    return left(new DecodeFailure('op', `op ${quote(op)} is not known to this version of the client`, legible(frame)))
  }
  const decoded = decoder(frame)
  if (op === 'login' && decoded._tag === 'Right') keepSeqDigits(decoded.right, data as string)
  return decoded
}

/**
 * Encodes a frame of a server. Throws a DecodeFailure when it is not of the protocol: what a server
 * of ours says is its own doing, and must not reach a client as `null` or half a message.
 */
export const encodeFrame = (frame: ServerFrame): string => {
  const decoder = decoders.get(frame.op)
  const checked = decoder?.(frame as unknown as Record<string, unknown>)
  if (checked === undefined || checked._tag === 'Left') {
    throw checked?.left ?? new DecodeFailure('op', `op ${quote(frame.op)} is not of the protocol`)
  }
  return JSON.stringify(checked.right)
}
