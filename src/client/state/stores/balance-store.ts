import type { Assets, Balance } from '../../../protocol/index.js'
import { createLiveTable, type LiveTable } from './live-table.js'
import { createSnapshotOrdering } from './snapshot-ordering.js'

/** A balance before and after; undefined where there was, or is, none. */
export interface BalanceCompared {
  readonly currency: string
  readonly before: Balance | undefined
  readonly after: Balance | undefined
}

/**
 * The balances of an Account. Only replies count: a notice may hold some currencies only, or zeros.
 */
export interface BalanceStore {
  readonly table: LiveTable<Balance>
  /**
   * To be called as the question goes out; the result takes the answer when it has come. False when
   * only another tells whether it is the newest.
   */
  snapshot(): (assets: Assets) => boolean
  /**
   * Remembers the balances as they are known now; the result compares those that are known then.
   */
  baseline(): () => readonly BalanceCompared[]
}

const same = (a: Balance, b: Balance): boolean => a.free === b.free && a.locked === b.locked && a.total === b.total

export function createBalanceStore(): BalanceStore {
  const table = createLiveTable<Balance>()
  const questions = createSnapshotOrdering()

  /** Returns true if anything changed. */
  const take = (assets: Assets): boolean => {
    const now = new Map(Object.entries(assets))
    const gone = [...table.rows.keys()].filter((currency) => !now.has(currency))
    const news = [...now].filter(([currency, after]) => {
      const before = table.rows.get(currency)
      return before === undefined || !same(before, after)
    })
    table.change((rows) => {
      for (const currency of gone) rows.delete(currency)
      for (const [currency, after] of news) rows.set(currency, after)
    })
    return gone.length + news.length > 0
  }

  return {
    table,
    snapshot() {
      const answered = questions.ask()
      const stands = table.asking()
      return (assets) => {
        const rank = answered()
        if (rank === 'older') return true
        const isNews = take(assets)
        stands()
        return !(isNews && rank === 'unsure')
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
