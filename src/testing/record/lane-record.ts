import type { EventKind } from '../notation/lane.js'

/** Something that happened on a lane. */
export interface LaneRecord {
  /** Virtual ms since the run began. */
  readonly atMs: number
  readonly kind: EventKind
  /** The value of a `next`, the error of an `error`; undefined otherwise. */
  readonly value: unknown
  /** As a lane would write it, where that is known. */
  readonly text?: string
}

/** True for what a lane says, false for `^` and `!`. */
export const isEvent = ({ kind }: Pick<LaneRecord, 'kind'>): boolean => kind !== 'subscribe' && kind !== 'unsubscribe'
