import type { BalanceCompared, OrdersCompared, OrderState, PositionCompared } from './stores/index.js'

/** Reason why notices may have been missed. */
export type GapCause =
  /** The socket fell. */
  | 'connection-lost'
  /** The server lost its exchange: what happened there meanwhile is never told. */
  | 'interface-lost'
  /** A notice came that could not be read. */
  | 'undecodable-notice'

/** A time in which notices may have been missed, and what a new snapshot shows of it. */
export interface Gap {
  readonly cause: GapCause
  /** From when, in ms since 1970: whatever the server sent before has been received. */
  readonly from: number
  /** Until when: as the snapshots were asked for. */
  readonly to: number
  /**
   * True where the server has sent every notice that was missed (feature `resume`): then nothing
   * was lost.
   */
  readonly recovered: boolean
  /**
   * Orders that are missing: they were open, or the server had taken them and told nothing of them
   * yet, and the snapshot holds them no more. Whether they were filled or cancelled is not known.
   */
  readonly missing: readonly OrderState[]
  /** Open orders that we did not know of. */
  readonly appeared: readonly OrderState[]
  /** Open orders of which more is filled than we knew. */
  readonly changed: readonly OrderState[]
  readonly positions: readonly PositionCompared[]
  readonly balances: readonly BalanceCompared[]
  /**
   * The snapshots that had not come in time: their part of the comparison is missing, and their
   * views stay stale.
   */
  readonly unanswered: readonly string[]
}

/** A reconciliation of the account with the server after a gap. */
export interface Reconciled extends Pick<Gap, 'cause' | 'from' | 'to' | 'recovered'> {
  /**
   * Snapshots that did not come within `resyncWithinMs`: their part was not compared, and is when
   * they come.
   */
  readonly unanswered: readonly string[]
}

/** Known part of a gap when it begins to be closed. */
export type GapSpan = Pick<Gap, 'cause' | 'from' | 'to' | 'recovered'>

/** Differences from what was known when the gap began. */
export type Difference = Pick<Gap, 'appeared' | 'changed' | 'missing' | 'positions' | 'balances'>

const distinct = (orders: readonly OrderState[]): readonly OrderState[] => [
  ...new Map(orders.map((order) => [JSON.stringify([order.symbol, order.order_no]), order])).values(),
]

/**
 * A gap as the snapshots show it.
 *
 * @param difference - from before the gap, and not from before the snapshots: a server that tells
 * the state of things as notices, before READY, would leave nothing for a snapshot to bring to
 * light
 */
export const gapOf = (
  span: GapSpan,
  snapshots: readonly OrdersCompared[],
  difference: Difference,
  unanswered: readonly string[],
): Gap => ({
  ...span,
  ...difference,
  // What a notice that was missed and is sent again has told is no surprise.
  ...(span.recovered
    ? {
        appeared: snapshots.flatMap(({ appeared }) => appeared),
        changed: snapshots.flatMap(({ changed }) => changed),
      }
    : {}),
  // By whichever answer: a question of the caller's may have been answered before ours.
  missing: distinct([...snapshots.flatMap(({ missing }) => missing), ...difference.missing]),
  unanswered,
})
