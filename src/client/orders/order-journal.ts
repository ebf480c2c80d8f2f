import type { OrderRequest } from '../../orders/index.js'

/** One line of an order journal. */
export type OrderJournalEntry =
  | {
      readonly kind: 'sent'
      readonly cid: string
      readonly order: OrderRequest
      /** In ms since 1970. */
      readonly sentAt: number
      /** Feature `cid`: until when the server may still take it. */
      readonly validUntil?: number
      /** The server's memory that it was sent to. */
      readonly epoch?: string
    }
  | {
      readonly kind: 'settled'
      readonly cid: string
      readonly fate: 'placed' | 'rejected' | 'unsent' | 'closed-by-caller'
      /**
       * Of one that was placed: so that a successor does not take it for another of the same shape.
       */
      readonly order_no?: string
    }

/**
 * Record that a process leaves for its successor: the orders that it was about to send, and their
 * outcomes. One journal belongs to one login. `fileOrderJournal` of `rxquant/journal` keeps one in
 * a file.
 */
export interface OrderJournal {
  /**
   * Writes one entry, before it returns. If it throws, nothing of the entry is there to read; an
   * order is then refused (NotSent, journal-failed).
   */
  write(entry: OrderJournalEntry): void
  /** Every entry so far, the oldest first. */
  read(): readonly OrderJournalEntry[]
}

/** The orders of a journal whose outcome is not written in it. */
export const openEntries = (
  entries: readonly OrderJournalEntry[],
): readonly Extract<OrderJournalEntry, { kind: 'sent' }>[] => {
  const open = new Map<string, Extract<OrderJournalEntry, { kind: 'sent' }>>()
  for (const entry of entries) {
    if (entry.kind === 'sent') open.set(entry.cid, entry)
    else open.delete(entry.cid)
  }
  return [...open.values()]
}
