import type * as t from 'io-ts'
import { isAccountTopic } from '../notice.js'

/** Reason why a frame could not be decoded. */
export type DecodeReason = 'binary' | 'json' | 'depth' | 'op' | 'shape'

/**
 * A frame that could not be read, in words. It tells which field of which message was expected to
 * be what, and never what a string or a long number held: any of a frame may be a key or a token.
 */
export class DecodeFailure extends Error {
  readonly _tag = 'DecodeFailure'
  override readonly name = 'DecodeFailure'
  readonly reason: DecodeReason
  /** The frame's op, topic and cid where they could be read. */
  readonly op: string | undefined
  readonly topic: string | undefined
  readonly cid: string | undefined
  /** Private, so that no log or inspector prints it; {@link tokenOf} reads it. */
  readonly #token: string | undefined

  constructor(reason: DecodeReason, message: string, legible: LegibleFields = {}) {
    super(message)
    this.reason = reason
    this.op = legible.op
    this.topic = legible.topic
    this.cid = legible.cid
    this.#token = legible.token
  }

  static tokenOf(failure: DecodeFailure): string | undefined {
    return failure.#token
  }
}

/** The parts of a frame that can be read even where the whole cannot. */
export interface LegibleFields {
  readonly op?: string | undefined
  readonly topic?: string | undefined
  readonly cid?: string | undefined
  readonly token?: string | undefined
}

/** The token of the login that an unreadable frame was for, where it could be read. */
export const tokenOf = (failure: DecodeFailure): string | undefined => DecodeFailure.tokenOf(failure)

const ownText = (frame: object, key: string): string | undefined => {
  const value: unknown = Object.hasOwn(frame, key) ? (frame as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : undefined
}

/** Reads the fields of a frame that are legible, although others may be wrong. */
export const legible = (frame: object): LegibleFields => ({
  op: ownText(frame, 'op'),
  topic: ownText(frame, 'topic'),
  cid: ownText(frame, 'cid'),
  // A failed login has the token "", which names no login.
  token: ownText(frame, 'token') || undefined,
})

/**
 * True for an undecodable frame that is certainly a reply: its cid is legible and it is no notice.
 * It ends the request of that cid.
 */
export const isReplyFailure = ({ op, topic, cid }: DecodeFailure): boolean =>
  cid !== undefined && (op === undefined ? topic === undefined && cid !== '' : op !== 'notify' && op !== 'state')

/**
 * True for an undecodable frame that may have held a notice of an order, fill, position or balance,
 * or a state of the exchange interface. A frame with another legible op holds none, and neither
 * does a notice of another topic.
 */
export const mayHoldNotice = (failure: DecodeFailure): boolean => {
  const { op, topic } = failure
  if (op === 'state') return true
  if (op !== undefined && op !== 'notify') return false
  return topic === undefined ? !isReplyFailure(failure) : isAccountTopic(topic)
}

/** A peer's word, made safe to print: short, and with nothing that moves a terminal. */
export const quote = (word: string): string => JSON.stringify(word.length > 32 ? `${word.slice(0, 32)}…` : word)

const describe = (value: unknown): string => {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is null'
  // Not the digits of a long one: a key or a token may have been given as a number.
  if (typeof value === 'number')
    return Number.isFinite(value) && String(value).length > 3 ? 'is a number' : `is ${value}`
  if (typeof value === 'boolean') return `is ${value}`
  if (typeof value === 'string') return 'is a string'
  return Array.isArray(value) ? 'is a list' : 'is an object'
}

/**
 * Intersections put the index of their part into the path; a reader of the message has no use for
 * it.
 */
const pathOf = (context: t.Context): string => {
  let path = ''
  context.forEach((entry, i) => {
    const parent = context[i - 1]
    if (parent === undefined) return
    const tag = (parent.type as { readonly _tag?: string })._tag
    if (tag === 'IntersectionType' || tag === 'UnionType') return
    path += path === '' ? entry.key : `.${entry.key}`
  })
  return path
}

const maxComplaints = 3

const expectation = (type: t.Context[number]['type']): string =>
  (type as { readonly _tag?: string })._tag === 'InterfaceType' ? 'an object' : type.name

/**
 * io-ts's errors as one sentence, e.g.
 * `order notice: data.price should be a finite number or null, but is a string`.
 */
export const inWords = (what: string, errors: t.Errors): string => {
  const complaints = new Set<string>()
  for (const { context, value } of errors) {
    const last = context[context.length - 1]
    if (last === undefined) continue
    complaints.add(`${pathOf(context) || 'it'} should be ${expectation(last.type)}, but ${describe(value)}`)
  }
  const shown = [...complaints].slice(0, maxComplaints).join('; ')
  const more = complaints.size - maxComplaints
  return `${what}: ${shown}${more > 0 ? `; and ${more} more` : ''}`
}
