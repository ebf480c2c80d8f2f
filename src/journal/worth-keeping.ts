import type { IntentEntry } from '../client/index.js'

/** A settled order is of use for as long as one of its time may be unsettled, and look like it. */
const keepMs = 600_000

/** The entries that a successor may need: those of orders that are not settled, and of such as were sent in the last ten minutes of the journal. */
export const worthKeeping = (entries: readonly IntentEntry[]): readonly IntentEntry[] => {
  const settled = new Set<string>()
  const sentAt = new Map<string, number>()
  let latest = -Infinity
  for (const entry of entries) {
    if (entry.kind === 'settled') settled.add(entry.cid)
    else {
      sentAt.set(entry.cid, entry.sentAt)
      latest = Math.max(latest, entry.sentAt)
    }
  }
  return entries.filter(({ cid }) => !settled.has(cid) || (sentAt.get(cid) ?? -Infinity) >= latest - keepMs)
}
