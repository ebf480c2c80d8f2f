import type { IntentEntry } from '../client/index.js'

type Sent = Extract<IntentEntry, { kind: 'sent' }>

/** Orders whose times are this close may be taken for one another, whatever the clocks and a server that is stuck. */
const keepMs = 600_000

/** What notices tell of an order, and no exchange rounds: two that are one in it may look like each other. */
const looksOf = ({ order: { symbol, action, order_type } }: Sent): string =>
  JSON.stringify([symbol, action, order_type])

/**
 * The entries that a successor may need: those of orders that are not settled; of every other that may look like such a one, for it may
 * rest in the book still, and would be taken for it if nobody knew whose it is; and of such as were sent in the last ten minutes of the journal.
 */
export const worthKeeping = (entries: readonly IntentEntry[]): readonly IntentEntry[] => {
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
