import type { Assets, Balance } from '../../../protocol/index.js'
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
  snapshot(): (assets: Assets) => void
  /** Remembers the balances as they are known now; the result compares those that are known then. */
  baseline(): () => readonly BalanceCompared[]
}

const same = (a: Balance, b: Balance): boolean => a.free === b.free && a.locked === b.locked && a.total === b.total

export function createBalanceBook(): BalanceBook {
  const table = createLiveTable<Balance>()
  let asked = 0
  let taken = 0

  const take = (assets: Assets): void => {
    const now = new Map(Object.entries(assets))
    table.change((rows) => {
      for (const currency of [...table.rows.keys()]) if (!now.has(currency)) rows.delete(currency)
      for (const [currency, after] of now) {
        const before = table.rows.get(currency)
        if (before === undefined || !same(before, after)) rows.set(currency, after)
      }
    })
  }

  return {
    table,
    snapshot() {
      const nth = ++asked
      const stands = table.asking()
      return (assets) => {
        // Answers may overtake each other: the one to a later question is the newer truth.
        if (nth < taken) return
        taken = nth
        take(assets)
        stands()
      }
    },
    baseline() {
      const known = new Map(table.rows)
      return () =>
        [...new Set([...known.keys(), ...table.rows.keys()])].flatMap((currency) => {
          const before = known.get(currency)
          const after = table.rows.get(currency)
          return before !== undefined && after !== undefined && same(before, after) ? [] : [{ currency, before, after }]
        })
    },
  }
}
