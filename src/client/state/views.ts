import { concat, defer, finalize, ignoreElements, type Observable, share } from 'rxjs'
import type { LiveTable, View } from './stores/index.js'

/**
 * A table as a live view: its first emission waits for the first snapshot, which all subscribers
 * share, and every change follows. Where the server does not answer, the view begins all the same,
 * and says that it is stale.
 */
export const createViews = (): (<V>(table: LiveTable<V>, snapshot$: Observable<unknown>) => Observable<View<V>>) => {
  const hasStood = new WeakSet<object>()
  const underWay = new Map<object, Observable<never>>()

  return (table, snapshot$) =>
    defer(() => {
      if (!table.stale) hasStood.add(table)
      if (hasStood.has(table)) return table.view$
      const first$ =
        underWay.get(table) ??
        snapshot$.pipe(
          ignoreElements(),
          finalize(() => underWay.delete(table)),
          share(),
        )
      underWay.set(table, first$)
      return concat(first$, table.view$)
    })
}
