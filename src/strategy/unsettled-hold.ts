import type { Unknown } from '../client/index.js'

/** How many cids of notices are remembered: an order's notice comes close to its reply. */
const REMEMBERED = 1_000

/** Which symbols have an order whose fate is not known, by the account's own list and by what was seen here. */
export interface UnsettledHold {
  /** An order ended Unknown here; without a cid nothing can ever settle it. */
  add(symbol: string, cid: string | undefined): void
  /** The account's list of what is not settled now. */
  listed(unknowns: readonly Pick<Unknown, 'op' | 'cid' | 'request'>[]): void
  /** Evidence: an order of this cid was seen. */
  settled(cid: string): void
  has(symbol: string): boolean
}

export const unsettledHold = (): UnsettledHold => {
  const held = new Map<string, { readonly symbol: string; listed: boolean }>()
  const forever = new Set<string>()
  /** Cids that notices have carried: evidence, whatever the list says. Most are of orders that were never in doubt. */
  const seen = new Set<string>()
  let list: ReadonlyMap<string, string> = new Map()

  return {
    add: (symbol, cid) => {
      if (cid === undefined) forever.add(symbol)
      else if (!seen.has(cid)) held.set(cid, { symbol, listed: list.has(cid) })
    },
    listed: (unknowns) => {
      list = new Map(
        unknowns.flatMap(({ op, cid, request }) =>
          op === 'place_order' && typeof request['symbol'] === 'string' ? [[cid, request['symbol']] as const] : [],
        ),
      )
      for (const [cid, entry] of held) {
        // Only what was on the list can leave it: an entry not listed yet is not settled.
        if (list.has(cid)) entry.listed = true
        else if (entry.listed) held.delete(cid)
      }
    },
    settled: (cid) => {
      held.delete(cid)
      seen.add(cid)
      for (const oldest of seen) {
        if (seen.size <= REMEMBERED) break
        seen.delete(oldest)
      }
    },
    has: (symbol) =>
      forever.has(symbol) ||
      [...held.values()].some((entry) => entry.symbol === symbol) ||
      [...list].some(([cid, listed]) => listed === symbol && !seen.has(cid)),
  }
}
