import * as t from 'io-ts'
import { Assets } from './data/asset.js'
import { Fill } from './data/fill.js'
import { Order } from './data/order.js'
import { Position } from './data/position.js'
import { quick } from './codec/quick.js'
import { isText, Text } from './codec/text.js'

/** Anything but nothing: to io-ts a field that is missing is as good as one that is undefined. */
const Present = new t.Type<unknown, unknown, unknown>(
  'any value',
  (u): u is unknown => u !== undefined,
  (u, context) => (u === undefined ? t.failure(u, context) : t.success(u)),
  t.identity,
)

/** The envelope that every notice has. The data of a topic we do not know stays as it came. */
export const NoticeEnvelope = quick(
  t.type({ op: t.literal('notify'), topic: Text, token: Text, data: Present }, 'notice'),
  (u) => u.op === 'notify' && isText(u.topic) && isText(u.token) && u.data !== undefined,
)

/** Codec of the data of each account topic. */
export const noticeCodecs = {
  order: Order,
  fill: Fill,
  position: Position,
  asset: Assets,
} as const

/** Topic of a notice about an account. */
export type AccountTopic = 'order' | 'fill' | 'position' | 'asset'

/** A notice of one of the four account topics, its data decoded. */
export type AccountNotice = {
  readonly [Topic in AccountTopic]: {
    readonly op: 'notify'
    readonly topic: Topic
    readonly token: string
    readonly data: { order: Order; fill: Fill; position: Position; asset: Assets }[Topic]
  }
}[AccountTopic]

/** A notice of any other topic: the subscriber of the topic decodes its data. */
export interface OtherNotice {
  readonly op: 'notify'
  readonly topic: string & {}
  readonly token: string
  readonly data: unknown
}

export type Notice = AccountNotice | OtherNotice

const accountTopics: ReadonlySet<string> = new Set(Object.keys(noticeCodecs))

export const isAccountTopic = (topic: string): topic is AccountTopic => accountTopics.has(topic)

export const isAccountNotice = (notice: Notice): notice is AccountNotice => isAccountTopic(notice.topic)
