import type { Command, ExchangeState } from '../../exchange/index.js'
import type { HistoryState } from '../notice-history.js'
import type { RememberedOrder } from '../order-memory.js'
import type { EventLogMark } from './event-log-hash.js'

/** What a paper exchange is made of, beside what it was told: with both, it comes out the same again. */
export interface VenueLife {
  readonly epoch: string
  readonly idPrefix: string
  readonly historyBase: number
  /** Names what is traded and how: another exchange would make something else of the same commands. */
  readonly traded: string
}

/** What happened, in its order; a snapshot begins with what is left of what happened before. */
export type VenueEntry =
  | {
      readonly kind: 'command'
      /** By the wall clock. */
      readonly at: number
      /** In market time, where that is another. */
      readonly marketAt?: number
      readonly command: Command
    }
  /** What was answered to an order where it does not follow from the command: it was refused before it reached the exchange, or long ago. */
  | { readonly kind: 'reply'; readonly account: string; readonly order: RememberedOrder }
  /** Orders of these symbols are to be cancelled if the process dies before it says otherwise: none, from then on. */
  | { readonly kind: 'if-killed'; readonly account: string; readonly cancel: readonly string[] }
  | { readonly kind: 'history'; readonly account: string; readonly history: HistoryState }

/** All that a venue is, between two commands. */
export interface VenueSnapshot {
  readonly exchange: ExchangeState
  readonly eventLog: EventLogMark
  /** Replies and histories. */
  readonly entries: Iterable<VenueEntry>
}

/** Where a paper exchange writes down what it is told, before it does it. */
export interface VenueJournal {
  readonly life: VenueLife
  /** What the exchange and its log were at the last snapshot; undefined where there is none. */
  readonly begins: Pick<VenueSnapshot, 'exchange' | 'eventLog'> | undefined
  /** What stands in it, oldest first, from the snapshot on. */
  entries(): Iterable<VenueEntry>
  /** Throws when the entry is not written; then nothing of it is. */
  write(entry: VenueEntry): void
  /** Throws, in words, where its files are no longer in their place. */
  check(): void
  /** So much was written since the last snapshot that another is due. */
  readonly isDue: boolean
  /** Puts a snapshot in the place of all that was written so far. Does not throw: where it cannot, all stays as it was, and it is due later. */
  compact(snapshot: VenueSnapshot): void
  close(): void
}

/** A journal holds something else than it should, or somebody else writes to it. */
export class JournalUnusable extends Error {
  readonly _tag = 'JournalUnusable'
  override readonly name = 'JournalUnusable'
}
