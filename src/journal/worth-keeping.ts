import type { OrderJournalEntry } from '../client/index.js'

type Sent = Extract<OrderJournalEntry, { kind: 'sent' }>

/**
 * Orders whose times are this close may be taken for one another, whatever the clocks and a server
 * that is stuck.
 */
const keepMs = 600_000

/**
 * Key of the fields that notices carry and no exchange rounds: two orders of the same key may match
 * each other.
 */
const looksOf = ({ order: { symbol, action, order_type } }: Sent): string =>
  JSON.stringify([symbol, action, order_type])

/**
 * Returns the entries that a restarted process may need: those of unresolved orders; of every order
 * that may match one of these, since it may still be open and would be mistaken for it; and of
 * orders sent in the last ten minutes of the journal.
 */
export const worthKeeping = (entries: readonly OrderJournalEntry[]): readonly OrderJournalEntry[] => {
  const sent = new Map<string, Sent>()
  const settled = new Set<string>()
  let latest = -Infinity
  for (const entry of entries) {
    if (entry.kind === 'settled') settled.add(entry.cid)
    else {
      sent.set(entry.cid, entry)
      latest = Math.max(latest, entry.sentAt)
    }
  }

  /** By looks: when the oldest that is not settled was sent. */
  const openSince = new Map<string, number>()
  for (const each of sent.values()) {
    const looks = looksOf(each)
    if (!settled.has(each.cid)) openSince.set(looks, Math.min(each.sentAt, openSince.get(looks) ?? Infinity))
  }

  return entries.filter(({ cid }) => {
    const its = sent.get(cid)
    if (its === undefined) return !settled.has(cid)
    return !settled.has(cid) || its.sentAt >= Math.min(latest, openSince.get(looksOf(its)) ?? latest) - keepMs
  })
}
