import type { EndStatus } from '../orders/index.js'
import type { Fill, CancelResult, Order } from '../protocol/index.js'
import type { CancelOrder, CancelAllOrders, Intent, PlaceOrder } from './intent.js'

/** Outcome of an intent. One order may have several: Placed, Filled, Filled, Ended. */
export type IntentOutcome =
  /** The server accepted the order. */
  | { readonly _tag: 'Placed'; readonly intent: PlaceOrder; readonly order_no: string; readonly cid: string }
  /** A fill of an order of this `execute`. */
  | { readonly _tag: 'Filled'; readonly intent: PlaceOrder; readonly order_no: string; readonly fill: Fill }
  /** The order has ended. FILLED may follow CANCELED or FAILED: then Ended is emitted again. */
  | {
      readonly _tag: 'Ended'
      readonly intent: PlaceOrder
      readonly order_no: string
      readonly status: EndStatus
      readonly order: Order
    }
  /**
   * The order ended during a gap: it may have filled more than its fills add up to. Later events of
   * it are emitted all the same.
   */
  | { readonly _tag: 'Lost'; readonly intent: PlaceOrder; readonly order_no: string; readonly words: string }
  /** The server answered the cancel; each order has its own result. */
  | {
      readonly _tag: 'Canceled'
      readonly intent: CancelOrder | CancelAllOrders
      readonly results: readonly CancelResult[]
    }
  /** The server rejected it. */
  | { readonly _tag: 'Rejected'; readonly intent: Intent; readonly words: string; readonly error: unknown }
  /** The risk engine denied it: nothing was sent. */
  | {
      readonly _tag: 'Refused'
      readonly intent: Intent
      readonly code: string
      readonly words: string
      readonly error: unknown
    }
  /** Nothing was sent: it is safe to try again. */
  | {
      readonly _tag: 'NotSent'
      readonly intent: Intent
      readonly reason: string
      readonly words: string
      readonly error?: unknown
    }
  /** It was sent, and its outcome is not known. It is never sent again. */
  | {
      readonly _tag: 'Unresolved'
      readonly intent: Intent
      readonly cid: string | undefined
      readonly words: string
      readonly error: unknown
    }

interface Tagged {
  readonly _tag: unknown
  readonly message: string
  readonly reason?: unknown
  readonly code?: unknown
  readonly cid?: unknown
}

const isTagged = (error: unknown): error is Tagged => error instanceof Error && '_tag' in error

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Converts the error of a command to an outcome. An unknown error counts as Unresolved. */
export const outcomeOfError = (intent: Intent, error: unknown): IntentOutcome => {
  const words = error instanceof Error ? error.message : String(error)
  if (isTagged(error)) {
    if (error._tag === 'Rejected') return { _tag: 'Rejected', intent, words, error }
    if (error._tag === 'NotSent') return { _tag: 'NotSent', intent, reason: text(error.reason), words, error }
    if (error._tag === 'OrderDenied') return { _tag: 'Refused', intent, code: text(error.code), words, error }
    if (error._tag === 'Unresolved' && typeof error.cid === 'string')
      return { _tag: 'Unresolved', intent, cid: error.cid, words, error }
  }
  return { _tag: 'Unresolved', intent, cid: undefined, words, error }
}
