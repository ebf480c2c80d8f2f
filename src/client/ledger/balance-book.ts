import type { Assets, Balance } from '../../protocol/index.js'
import { createLiveTable, type LiveTable } from './live-table.js'

/** A balance before and after; undefined where there was, or is, none. */
export interface BalanceCompared {
  readonly currency: string
  readonly before: Balance | undefined
  readonly after: Balance | undefined
}

/** The balances of an Account. Only replies count: a notice may hold some currencies only, or zeros. */
export interface BalanceBook {
  readonly table: LiveTable<Balance>
  /** To be called as the question goes out; the result takes the answer when it has come. */
  snapshot(): (assets: Assets) => readonly BalanceCompared[]
}

const same = (a: Balance, b: Balance): boolean => a.free === b.free && a.locked === b.locked && a.total === b.total

export function createBalanceBook(): BalanceBook {
  const table = createLiveTable<Balance>()
  let asked = 0
  let taken = 0

  const take = (assets: Assets): readonly BalanceCompared[] => {
    const now = new Map(Object.entries(assets))
    const compared: BalanceCompared[] = []
    table.change((rows) => {
      for (const [currency, before] of [...table.rows]) {
        if (now.has(currency)) continue
        rows.delete(currency)
        compared.push({ currency, before, after: undefined })
      }
      for (const [currency, after] of now) {
        const before = table.rows.get(currency)
        if (before !== undefined && same(before, after)) continue
        rows.set(currency, after)
        compared.push({ currency, before, after })
      }
    })
    table.setStale(false)
    return compared
  }

  return {
    table,
    snapshot() {
      const nth = ++asked
      return (assets) => {
        // Answers may overtake each other: the one to a later question is the newer truth.
        if (nth < taken) return []
        taken = nth
        return take(assets)
      }
    },
  }
}
