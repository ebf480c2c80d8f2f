import { concat, defer, map, type Observable, of, Subject } from 'rxjs'

/**
 * A view of something that lives at the server, as it is now and as it has just changed. Never
 * changed in place.
 */
export interface View<V> {
  readonly all: ReadonlyMap<string, V>
  /** Rows new since the last emission; to a new subscriber all of them. */
  readonly added: readonly V[]
  readonly changed: readonly V[]
  readonly removed: readonly V[]
  /**
   * True while the truth may be another: from a drop until the next snapshot, and before the first.
   */
  readonly stale: boolean
}

/** Rows by key, and their subscribers. Several changes made in one `change` are one emission. */
export interface LiveTable<V> {
  readonly rows: ReadonlyMap<string, V>
  readonly stale: boolean
  readonly view$: Observable<View<V>>
  change(work: (rows: RowWriter<V>) => void): void
  /** Something may have been missed. */
  setStale(): void
  /**
   * To be called as a snapshot is asked for: the result says that the view stands, if nothing may
   * have been missed since.
   */
  asking(): () => void
  complete(): void
}

/** Writes rows. */
export interface RowWriter<V> {
  set(key: string, value: V): void
  /** `last`: as it was when it went, where that is not as it was shown. */
  delete(key: string, last?: V): void
}

type Delta<V> = Pick<View<V>, 'added' | 'changed' | 'removed'>

export function createLiveTable<V>(): LiveTable<V> {
  const rows = new Map<string, V>()
  const delta$ = new Subject<Delta<V>>()
  const nothing: Delta<V> = { added: [], changed: [], removed: [] }
  let stale = true
  let losses = 0

  const viewOf = (delta: Delta<V>): View<V> => ({ all: new Map(rows), ...delta, stale })

  const set = (next: boolean): void => {
    if (next === stale) return
    stale = next
    delta$.next(nothing)
  }

  return {
    rows,
    get stale() {
      return stale
    },
    view$: defer(() => concat(of(viewOf({ ...nothing, added: [...rows.values()] })), delta$.pipe(map(viewOf)))),
    change(work) {
      if (!delta$.observed) {
        work({ set: (key, value) => void rows.set(key, value), delete: (key) => void rows.delete(key) })
        return
      }
      // By key, so that a row that is written twice is emitted once.
      const added = new Map<string, V>()
      const changed = new Map<string, V>()
      const removed = new Map<string, V>()
      work({
        set(key, value) {
          const isNew = !rows.has(key)
          rows.set(key, value)
          if (isNew && !removed.delete(key)) added.set(key, value)
          else if (added.has(key)) added.set(key, value)
          else changed.set(key, value)
        },
        delete(key, last) {
          const value = rows.get(key)
          if (value === undefined) return
          rows.delete(key)
          changed.delete(key)
          if (!added.delete(key)) removed.set(key, last ?? value)
        },
      })
      if (added.size + changed.size + removed.size === 0) return
      delta$.next({ added: [...added.values()], changed: [...changed.values()], removed: [...removed.values()] })
    },
    setStale() {
      losses += 1
      set(true)
    },
    asking() {
      const before = losses
      return () => {
        if (losses === before) set(false)
      }
    },
    complete: () => delta$.complete(),
  }
}
