import type { EndStatus } from '../orders/index.js'
import type { Fill, CancelResult, Order } from '../protocol/index.js'
import type { CancelOrder, CancelAllOrders, Intent, PlaceOrder } from './intent.js'

/** What became of an intent. One order may have several: Placed, Filled, Filled, Ended. */
export type IntentOutcome =
  /** The server took the order. */
  | { readonly _tag: 'Placed'; readonly intent: PlaceOrder; readonly order_no: string; readonly cid: string }
  /** A trade of an order that was placed here. */
  | { readonly _tag: 'Filled'; readonly intent: PlaceOrder; readonly order_no: string; readonly fill: Fill }
  /** The order is over: FILLED, CANCELED or FAILED. A CANCELED one may yet turn out FILLED, and is then told again. */
  | {
      readonly _tag: 'Ended'
      readonly intent: PlaceOrder
      readonly order_no: string
      readonly status: EndStatus
      readonly order: Order
    }
  /**
   * The order is over, and it went while notices were missed: what it has filled beyond what was told is not known. What is heard of it later is told all
   * the same.
   */
  | { readonly _tag: 'Lost'; readonly intent: PlaceOrder; readonly order_no: string; readonly words: string }
  /** The server answered the cancel; each order has its own result. */
  | {
      readonly _tag: 'Canceled'
      readonly intent: CancelOrder | CancelAllOrders
      readonly results: readonly CancelResult[]
    }
  /** The server said no, and meant it. */
  | { readonly _tag: 'Rejected'; readonly intent: Intent; readonly words: string; readonly error: unknown }
  /** The risk gate said no: nothing was sent. */
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
  /** It was sent and may have happened. It is never sent again from here. */
  | {
      readonly _tag: 'Unknown'
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

/** The outcome that a command's error stands for. An error of no known kind counts as Unknown: it may have been sent. */
export const outcomeOfError = (intent: Intent, error: unknown): IntentOutcome => {
  const words = error instanceof Error ? error.message : String(error)
  if (isTagged(error)) {
    if (error._tag === 'Rejected') return { _tag: 'Rejected', intent, words, error }
    if (error._tag === 'NotSent') return { _tag: 'NotSent', intent, reason: text(error.reason), words, error }
    if (error._tag === 'RiskRefused') return { _tag: 'Refused', intent, code: text(error.code), words, error }
    if (error._tag === 'Unknown' && typeof error.cid === 'string')
      return { _tag: 'Unknown', intent, cid: error.cid, words, error }
  }
  return { _tag: 'Unknown', intent, cid: undefined, words, error }
}
