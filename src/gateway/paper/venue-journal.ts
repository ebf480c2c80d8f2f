import type { ExchangeCommand, ExchangeState } from '../../exchange/index.js'
import type { NoticeLogState } from '../adapter/notice-log.js'
import type { RememberedOrder } from '../adapter/idempotency-store.js'
import type { EventLogMark } from './event-log-hash.js'

/** Parameters of a paper exchange: together with its commands they determine its state. */
export interface VenueLife {
  readonly epoch: string
  readonly idPrefix: string
  readonly historyBase: number
  /**
   * Names what is traded and how: another exchange would make something else of the same commands.
   */
  readonly traded: string
}

/** Entry of a journal, in order; a snapshot begins with the remaining state of earlier entries. */
export type VenueEntry =
  | {
      readonly kind: 'command'
      /** By the wall clock. */
      readonly at: number
      /** In market time, where that is another. */
      readonly marketAt?: number
      readonly command: ExchangeCommand
    }
  /**
   * Reply to an order that does not follow from its command: refused before it reached the
   * exchange, or long ago.
   */
  | { readonly kind: 'reply'; readonly account: string; readonly order: RememberedOrder }
  /**
   * Orders of these symbols are to be cancelled if the process dies before it says otherwise: none,
   * from then on.
   */
  | { readonly kind: 'if-killed'; readonly account: string; readonly cancel: readonly string[] }
  | { readonly kind: 'history'; readonly account: string; readonly history: NoticeLogState }

/** All that a venue is, between two commands. */
export interface VenueSnapshot {
  readonly exchange: ExchangeState
  readonly eventLog: EventLogMark
  /** Replies and histories. */
  readonly entries: Iterable<VenueEntry>
}

/** Write-ahead journal of the commands of a paper exchange. */
export interface VenueJournal {
  readonly life: VenueLife
  /** State of the exchange and its log at the last snapshot; undefined without one. */
  readonly begins: Pick<VenueSnapshot, 'exchange' | 'eventLog'> | undefined
  /** Entries since the snapshot, oldest first. */
  entries(): Iterable<VenueEntry>
  /** Throws when the entry is not written; then nothing of it is. */
  write(entry: VenueEntry): void
  /** Throws, in words, where its files are no longer in their place. */
  check(): void
  /** So much was written since the last snapshot that another is due. */
  readonly isDue: boolean
  /**
   * Puts a snapshot in the place of all that was written so far. Does not throw: where it cannot,
   * all stays as it was, and it is due later.
   */
  compact(snapshot: VenueSnapshot): void
  close(): void
}

/** A journal has unexpected content, or another process writes to it. */
export class JournalUnusable extends Error {
  readonly _tag = 'JournalUnusable'
  override readonly name = 'JournalUnusable'
}
