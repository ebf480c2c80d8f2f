import { asList } from './occasion.js'
import { fieldsOf, type WireFrame } from './wire-frame.js'

/** A frame on its way out, and what is to become of it. */
export interface Passing {
  readonly frame: WireFrame
  /** Delay, in ms. */
  readonly afterMs: number
  /** It leaves behind the next frame, or so many ms later. */
  readonly overtakenWithinMs?: number
  /** Its zeros leave as -0. */
  readonly negativeZeros?: boolean
  /** Sent instead. */
  readonly text?: string
}

/** Transforms the frames that a gateway sends. Pure except for its memory of earlier frames. */
export interface FrameQuirk {
  /** Returns true if the quirk applies to the frame; called for every frame. */
  fits(frame: WireFrame): boolean
  /** Returns the frames to send instead. */
  strike(passing: Passing): readonly Passing[]
}

const commandOps: ReadonlySet<unknown> = new Set([
  ...['place_order', 'cancel_order', 'open_orders', 'asset', 'position', 'symbol_info'],
])
const accountTopics: ReadonlySet<unknown> = new Set(['order', 'fill', 'position', 'asset'])

type Filter<A> = A | readonly A[] | undefined

/** True for a reply to one of these requests; to a command if none are named. */
export const isReply = (frame: WireFrame, op?: Filter<string>): boolean =>
  op === undefined ? commandOps.has(frame.op) : frame.op !== 'notify' && asList(op).includes(frame.op)

/** True for a notice of one of these topics; of the account's topics if none are named. */
export const isNotice = (frame: WireFrame, topic?: Filter<string>): boolean =>
  frame.op === 'notify' &&
  (topic === undefined ? accountTopics.has(frame.topic) : asList(topic).includes(String(frame.topic)))

export const isOrderNotice = (frame: WireFrame): boolean => isNotice(frame, 'order')

/** A notice with other data. */
export const withData = (frame: WireFrame, fields: object): WireFrame => ({
  ...frame,
  data: { ...fieldsOf(frame.data), ...fields },
})
