import { DecodeFailure } from '../../protocol/index.js'
import { parseFrame } from '../../protocol/internal.js'
import type { Message } from '../../transport/index.js'

/** A frame of which no more is known than that it has an op. */
export interface WireFrame {
  readonly op: string
  readonly [field: string]: unknown
}

/**
 * The frame in a message; undefined where there is none, or one that nests so deep that
 * JSON.stringify would throw.
 */
export const readFrame = (message: Message): WireFrame | undefined => {
  const frame = parseFrame(message)
  return frame instanceof DecodeFailure || typeof frame.op !== 'string' ? undefined : (frame as WireFrame)
}

type Fields = Readonly<Record<string, unknown>>

/** An object's own fields; none of anything else. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** The same without these fields. */
export const without = (value: unknown, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fieldsOf(value)).filter(([name]) => !names.includes(name)))

/** Name of a frame in events: the topic of a notice, else the op. */
export const nameOf = (frame: WireFrame): string =>
  frame.op === 'notify' && typeof frame.topic === 'string' ? frame.topic : frame.op
