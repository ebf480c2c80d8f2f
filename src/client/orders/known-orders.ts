import type { OrderJournalEntry } from './order-journal.js'
import type { OrderState } from '../state/stores/index.js'
import { countIndistinguishable } from '../../orders/index.js'
import type { SentOrder } from './order-reconciler.js'
import { BoundedMap } from '../bounded-map.js'

/** Resolved orders: none of them may be taken for an unresolved order that it looks like. */
export interface KnownOrders {
  /** It has a number. */
  placed(symbol: string, order_no: string): void
  /** It may exist, under an unknown number: its caller has closed it. */
  placedWithoutNumber(cid: string, past: KnownOrder): void
  isKnown(order: OrderState): boolean
  /** Number of nameless orders that an order which looks like `intent` might as well be. */
  ambiguousMatches(sent: SentOrder): number
}

/**
 * Time after sending in which a stuck server may still make an order, which then looks like one
 * that was sent later.
 */
const mayBeLateMs = 300_000

type KnownOrder = Pick<SentOrder, 'order' | 'sentAt'>

const keyOf = (symbol: string, order_no: string): string => JSON.stringify([symbol, order_no])

/** @param entries - what a predecessor has written down */
export function createKnownOrders(entries: readonly OrderJournalEntry[]): KnownOrders {
  const placed = new BoundedMap<true>()
  /**
   * All that a predecessor wrote down, however many: the journal holds them because one may be
   * taken for an unresolved order.
   */
  const inherited = new Set<string>()
  const nameless = new BoundedMap<KnownOrder>()

  const knownOrders: KnownOrders = {
    placed: (symbol, order_no) => void placed.set(keyOf(symbol, order_no), true),
    placedWithoutNumber: (cid, { order, sentAt }) => void nameless.set(cid, { order, sentAt }),
    isKnown: ({ symbol, order_no }) => {
      const key = keyOf(symbol, order_no)
      if (inherited.has(key)) return true
      if (!placed.has(key)) return false
      // Set again: what is still asked about must not be the next to be forgotten.
      placed.delete(key)
      placed.set(key, true)
      return true
    },
    ambiguousMatches: (sent) =>
      countIndistinguishable(
        sent,
        [...nameless.values()].filter(({ sentAt }) => sent.sentAt - sentAt <= mayBeLateMs),
      ),
  }

  const sent = new Map<string, KnownOrder>()
  for (const entry of entries) {
    const { cid } = entry
    if (entry.kind === 'sent') {
      sent.set(cid, entry)
      continue
    }
    const its = sent.get(cid)
    sent.delete(cid)
    if (its === undefined) continue
    if (entry.order_no !== undefined) inherited.add(keyOf(its.order.symbol, entry.order_no))
    else if (entry.fate === 'placed' || entry.fate === 'closed-by-caller') knownOrders.placedWithoutNumber(cid, its)
  }
  return knownOrders
}
