import type { Unknown } from '../client/index.js'

/** How many cids of notices are remembered: an order's notice comes close to its reply. */
const REMEMBERED = 1_000

/** Which symbols have an order whose fate is not known, by the account's own list and by what was seen here. */
export interface UnsettledHold {
  /** An order ended Unknown here; without a cid nothing can ever settle it, only the release ends its hold. */
  add(symbol: string, cid: string | undefined): void
  /** The account's list of what is not settled now. */
  listed(unknowns: readonly Pick<Unknown, 'op' | 'cid' | 'request'>[]): void
  /** Evidence: an order of this cid was seen. */
  settled(cid: string): void
  has(symbol: string): boolean
}

/** Instant at which the hold of an order ends, though its outcome is not known. */
export interface Release {
  readonly afterMs: number
  readonly now: () => number
}

/** @param release - never, if left out */
export const unsettledHold = ({ afterMs, now }: Release = { afterMs: Infinity, now: () => 0 }): UnsettledHold => {
  const held = new Map<string, { readonly symbol: string; listed: boolean; readonly since: number }>()
  /** The latest order without a cid, by symbol. */
  const nameless = new Map<string, number>()
  /** Cids that notices have carried: evidence, whatever the list says. Most are of orders that were never in doubt. */
  const seen = new Set<string>()
  let list: ReadonlyMap<string, { readonly symbol: string; readonly since: number }> = new Map()
  const lasts = (since: number): boolean => !(now() - since >= afterMs)

  return {
    add: (symbol, cid) => {
      if (cid === undefined) nameless.set(symbol, now())
      else if (!seen.has(cid)) held.set(cid, { symbol, listed: list.has(cid), since: list.get(cid)?.since ?? now() })
    },
    listed: (unknowns) => {
      list = new Map(
        unknowns.flatMap(({ op, cid, request }) =>
          op === 'place_order' && typeof request['symbol'] === 'string'
            ? [
                [
                  cid,
                  { symbol: request['symbol'], since: list.get(cid)?.since ?? held.get(cid)?.since ?? now() },
                ] as const,
              ]
            : [],
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
    has: (symbol) => {
      const isHeld = (entry: { readonly symbol: string; readonly since: number }): boolean =>
        entry.symbol === symbol && lasts(entry.since)
      const since = nameless.get(symbol)
      return (
        (since !== undefined && lasts(since)) ||
        [...held.values()].some(isHeld) ||
        [...list].some(([cid, listed]) => isHeld(listed) && !seen.has(cid))
      )
    },
  }
}
