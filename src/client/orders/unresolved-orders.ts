import { BehaviorSubject, defer, distinctUntilChanged, map, type Observable, of, Subject, takeUntil } from 'rxjs'
import type { Unresolved } from '../errors/errors.js'
import type { OrderJournal } from './order-journal.js'

/** An order whose outcome is not known yet. Only evidence, or the caller, closes it. */
export interface UnresolvedOrder {
  readonly error: Unresolved
  /**
   * Closes the entry after the caller has found out otherwise: the entry is closed, and its order
   * may be subscribed to again. Throws what the order journal throws when it cannot be written;
   * the entry then stays, for a successor would still look for the order. Where another login has
   * the journal by now, its entry is closed as well.
   */
  close(): void
}

/**
 * The orders whose outcome is not known. Only evidence or the caller closes an entry, never a
 * timer.
 */
export interface UnresolvedOrders {
  readonly unresolved$: Observable<readonly UnresolvedOrder[]>
  /** `onClose` is called when the caller closes the entry; if it throws, the entry stays. */
  add(unknown: Unresolved, onClose: () => void): void
  /** As the entry's own `close`; nothing where there is none. */
  close(cid: string): void
  /** Evidence has come: the entry goes. */
  resolve(cid: string): void
  has(cid: string): boolean
  /** Ends the search for evidence. What is listed stays, and its caller may still close it. */
  end(): void
}

/** Owner of a journal's orders: the login that was given it last. */
const owners = new WeakMap<OrderJournal, UnresolvedOrders>()

export const createUnresolvedOrders = (journal?: OrderJournal): UnresolvedOrders => {
  const unresolved$ = new BehaviorSubject<readonly UnresolvedOrder[]>([])
  // Re-read the value per subscriber: one may close an entry when it sees the list, and later
  // subscribers must then not end with that list.
  const present$ = unresolved$.pipe(
    map(() => unresolved$.value),
    distinctUntilChanged(),
  )
  const end$ = new Subject<void>()
  let isOver = false
  const has = (cid: string): boolean => unresolved$.value.some((entry) => entry.error.cid === cid)
  const settle = (cid: string): void => {
    if (has(cid)) {
      unresolved$.next(unresolved$.value.filter((entry) => entry.error.cid !== cid))
    }
  }
  const orders: UnresolvedOrders = {
    unresolved$: defer(() => (isOver ? of(unresolved$.value) : present$.pipe(takeUntil(end$)))),
    add(unknown, onClose) {
      const close = (): void => {
        if (!has(unknown.cid)) return
        const heir = journal === undefined ? orders : owners.get(journal)
        // It may be about to send the order again, and it is the heir who writes the journal.
        if (heir === orders) onClose()
        else heir?.close(unknown.cid)
        settle(unknown.cid)
      }
      unresolved$.next([...unresolved$.value, { error: unknown, close }])
    },
    close: (cid) => unresolved$.value.find(({ error }) => error.cid === cid)?.close(),
    resolve: settle,
    has,
    end() {
      isOver = true
      end$.next()
    },
  }
  if (journal !== undefined) owners.set(journal, orders)
  return orders
}
