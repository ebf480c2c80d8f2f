import type { Position } from '../../../protocol/index.js'
import { createLiveTable, type LiveTable } from './live-table.js'
import { createSnapshotOrdering, type SnapshotOrdering } from './snapshot-ordering.js'

/** A position before and after; undefined where there was none. */
export interface PositionCompared {
  readonly symbol: string
  readonly before: Position | undefined
  readonly after: Position
}

/** The positions of an Account. */
export interface PositionStore {
  /**
   * False when it is older than what is known: it was slow, or the server's clock was set back.
   * Only a snapshot tells.
   */
  notice(position: Position): boolean
  /**
   * To be called as the snapshot is asked for; the result takes it when it has come. False when
   * only another tells whether it is the newest.
   */
  snapshot(symbol: string): (position: Position) => boolean
  /**
   * Remembers the positions as they are known now; the result compares those that are known then.
   */
  baseline(): () => readonly PositionCompared[]
  of(symbol: string): LiveTable<Position>
  /** The symbols of which a position has been seen or asked for. */
  readonly symbols: readonly string[]
  setStale(): void
  complete(): void
}

interface Entry {
  readonly table: LiveTable<Position>
  /** Count of its last notice, over the book. */
  touched: number
  /** The utime of the last notice. Snapshots have another clock. */
  noticed: number
  readonly questions: SnapshotOrdering
}

const sameApartFromTime = (a: Position, b: Position): boolean =>
  JSON.stringify({ ...a, utime: 0 }) === JSON.stringify({ ...b, utime: 0 })

export function createPositionStore(): PositionStore {
  const entries = new Map<string, Entry>()
  let clock = 0

  const entryOf = (symbol: string): Entry => {
    const known = entries.get(symbol)
    if (known !== undefined) return known
    const entry: Entry = {
      table: createLiveTable<Position>(),
      questions: createSnapshotOrdering(),
      touched: 0,
      noticed: -Infinity,
    }
    entries.set(symbol, entry)
    return entry
  }

  return {
    notice(position) {
      const entry = entryOf(position.symbol)
      entry.touched = ++clock
      // A flat position has no utime on some platforms: then only the order of arrival is left.
      if (position.utime !== null && position.utime < entry.noticed) return false
      entry.noticed = position.utime ?? entry.noticed
      entry.table.change((rows) => rows.set(position.symbol, position))
      return true
    },
    snapshot(symbol) {
      const asked = clock
      const entry = entryOf(symbol)
      const answered = entry.questions.ask()
      const stands = entry.table.asking()
      return (position) => {
        const rank = answered()
        if (rank === 'older') return true
        const { table, touched } = entry
        // Snapshots have another clock: what comes after it is newer.
        if (touched <= asked) entry.noticed = -Infinity
        const before = table.rows.get(symbol)
        // mutant: position-touched-since
        const differs = touched <= asked && (before === undefined || !sameApartFromTime(before, position))
        if (differs) table.change((rows) => rows.set(symbol, position))
        stands()
        return !(differs && rank === 'unsure')
      }
    },
    baseline() {
      const known = new Map(Array.from(entries, ([symbol, { table }]) => [symbol, table.rows.get(symbol)]))
      return () =>
        Array.from(entries).flatMap(([symbol, { table }]) => {
          const before = known.get(symbol)
          const after = table.rows.get(symbol)
          if (after === undefined || (before !== undefined && sameApartFromTime(before, after))) return []
          return [{ symbol, before, after }]
        })
    },
    of: (symbol) => entryOf(symbol).table,
    get symbols() {
      return [...entries.keys()]
    },
    setStale: () => entries.forEach(({ table }) => table.setStale()),
    complete: () => entries.forEach(({ table }) => table.complete()),
  }
}
