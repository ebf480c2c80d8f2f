import { deliveryQuirk } from './delivery-quirks.js'
import type { FrameQuirk } from './frame-quirk.js'
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
