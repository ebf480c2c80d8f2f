import { type FrameQuirk, isNotice, isReply, type Passing } from './frame-quirk.js'
import type { ChaosFault } from './settings.js'
import {
  assetHint,
  canceledFirst,
  cancelSilent,
  garbage,
  negativeZeros,
  noticeOld,
  nulls,
  openOrdersCtime,
  plain,
  replyUnsure,
  stateUnknown,
} from './value-quirks.js'

type Fate = 'lost' | 'late' | 'twice' | 'overtaken'
type ReplyQuirk = ChaosFault<`reply-${Fate}`>
type NoticeQuirk = ChaosFault<`notice-${Fate}`>

/** Longer than our client waits for a reply. */
const lateMs = 12_000
const overtakenMs = 1_000

const fate = (quirk: ReplyQuirk | NoticeQuirk): ((passing: Passing) => readonly Passing[]) => {
  switch (quirk.quirk) {
    case 'reply-lost':
    case 'notice-lost':
      return () => []
    case 'reply-late':
    case 'notice-late':
      return (passing) => [later(passing, quirk.afterMs ?? lateMs)]
    case 'reply-twice':
    case 'notice-twice':
      return (passing) => [passing, later(passing, quirk.afterMs ?? 0)]
    case 'reply-overtaken':
    case 'notice-overtaken':
      return (passing) => [{ ...passing, overtakenWithinMs: quirk.withinMs ?? overtakenMs }]
  }
}

const later = (passing: Passing, ms: number): Passing => ({ ...passing, afterMs: passing.afterMs + ms })

const isOfReplies = (quirk: ReplyQuirk | NoticeQuirk): quirk is ReplyQuirk => quirk.quirk.startsWith('reply-')

/** Replies and notices that are lost, late, there twice, or overtaken. */
const deliveryQuirk = (quirk: ReplyQuirk | NoticeQuirk): FrameQuirk => ({
  fits: (frame) => (isOfReplies(quirk) ? isReply(frame, quirk.op) : isNotice(frame, quirk.topic)),
  strike: fate(quirk),
})

/** Returns the transformation of sent frames of a quirk; undefined for a quirk of another kind. */
export const frameQuirk = (quirk: ChaosFault): FrameQuirk | undefined => {
  switch (quirk.quirk) {
    case 'reply-lost':
    case 'reply-late':
    case 'reply-twice':
    case 'reply-overtaken':
    case 'notice-lost':
    case 'notice-late':
    case 'notice-twice':
    case 'notice-overtaken':
      return deliveryQuirk(quirk)
    case 'reply-unsure':
      return replyUnsure(quirk.words)
    case 'cancel-silent':
      return cancelSilent
    case 'notice-old':
      return noticeOld()
    case 'canceled-first':
      return canceledFirst
    case 'asset-hint':
      return assetHint
    case 'nulls':
      return nulls
    case 'negative-zeros':
      return negativeZeros
    case 'open-orders-ctime':
      return openOrdersCtime
    case 'state-unknown':
      return stateUnknown(quirk.code)
    case 'garbage':
      return garbage()
    case 'plain':
      return plain
    default:
      return undefined
  }
}
