import type { NotationArgument } from './literal.js'
import type { TextSpan } from './span.js'

/** Kind of an event of a lane. */
export type EventKind = 'next' | 'error' | 'complete' | 'subscribe' | 'unsubscribe'

/** An event as it is written: a name, with or without arguments, or a literal value. */
export interface LaneEvent {
  /** In ms from the lane's beginning. */
  readonly atMs: number
  readonly kind: EventKind
  /** As written, for people: `fill(o1, BUY 2 @ 101.5)`, `#timeout`, `|`. */
  readonly text: string
  readonly span: TextSpan
  /** The word, where the event is one; it is looked up in `values`, `words` or `errors`. */
  readonly name?: string
  /** Undefined where no parentheses were written. */
  readonly args?: readonly NotationArgument[]
  /** The value itself, where the event is a literal or comes from a classic string. */
  readonly literal?: { readonly value: unknown }
  /**
   * An unsubscription that goes before what else happens at its instant, as in RxJS's own marbles.
   */
  readonly goesFirst?: boolean
}

/** Comparison of a lane, or its role. */
export interface LaneQualifiers {
  /** `[within 50ms]`: events may be this early or late. */
  readonly withinMs?: number
  /** `[in order]`: only the order counts, not the times. */
  readonly inOrder?: boolean
  /** `[silent]`: no event is expected, and that is meant. */
  readonly silent?: boolean
  /** `[never subscribed]`: this input must not be subscribed to. */
  readonly neverSubscribed?: boolean
}

/** One lane, read but not yet given its values. */
export interface Lane {
  readonly name: string
  /** True for `word → events`: played at each frame of that word. */
  readonly isReply: boolean
  readonly qualifiers: LaneQualifiers
  readonly events: readonly LaneEvent[]
  /** End of the last gap of the lane, in ms. */
  readonly endMs: number
  /** The whole lane as written, its name taken off. */
  readonly text: string
  readonly span: TextSpan
}
