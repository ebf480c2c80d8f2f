import { BehaviorSubject, defer, distinctUntilChanged, map, type Observable, of, Subject, takeUntil } from 'rxjs'
import type { Unknown } from '../errors.js'
import type { IntentJournal } from './intent-journal.js'

/** An order whose fate is not known yet. Only evidence, or the caller, closes it. */
export interface Unsettled {
  readonly unknown: Unknown
  /**
   * Closes the entry after the caller has found out otherwise: the entry is closed, and its order
   * may be subscribed to again. Throws what the intent journal throws when it cannot be written;
   * the entry then stays, for a successor would still look for the order. Where another login has
   * the journal by now, its entry is closed as well.
   */
  close(): void
}

/**
 * The orders whose fate is not known. Only evidence or the caller closes an entry, never a timer.
 */
export interface UnsettledOrders {
  readonly unsettled$: Observable<readonly Unsettled[]>
  /** `onClose` is called when the caller closes the entry; if it throws, the entry stays. */
  add(unknown: Unknown, onClose: () => void): void
  /** As the entry's own `close`; nothing where there is none. */
  close(cid: string): void
  /** Evidence has come: the entry goes. */
  settle(cid: string): void
  has(cid: string): boolean
  /** Ends the search for evidence. What is listed stays, and its caller may still close it. */
  end(): void
}

/** Owner of a journal's orders: the login that was given it last. */
const heirs = new WeakMap<IntentJournal, UnsettledOrders>()

export const createUnsettledOrders = (journal?: IntentJournal): UnsettledOrders => {
  const unsettled$ = new BehaviorSubject<readonly Unsettled[]>([])
  // Re-read the value per subscriber: one may close an entry when it sees the list, and later
  // subscribers must then not end with that list.
  const present$ = unsettled$.pipe(
    map(() => unsettled$.value),
    distinctUntilChanged(),
  )
  const end$ = new Subject<void>()
  let isOver = false
  const has = (cid: string): boolean => unsettled$.value.some((entry) => entry.unknown.cid === cid)
  const settle = (cid: string): void => {
    if (has(cid)) {
      unsettled$.next(unsettled$.value.filter((entry) => entry.unknown.cid !== cid))
    }
  }
  const orders: UnsettledOrders = {
    unsettled$: defer(() => (isOver ? of(unsettled$.value) : present$.pipe(takeUntil(end$)))),
    add(unknown, onClose) {
      const close = (): void => {
        if (!has(unknown.cid)) return
        const heir = journal === undefined ? orders : heirs.get(journal)
        // It may be about to send the order again, and it is the heir who writes the journal.
        if (heir === orders) onClose()
        else heir?.close(unknown.cid)
        settle(unknown.cid)
      }
      unsettled$.next([...unsettled$.value, { unknown, close }])
    },
    close: (cid) => unsettled$.value.find(({ unknown }) => unknown.cid === cid)?.close(),
    settle,
    has,
    end() {
      isOver = true
      end$.next()
    },
  }
  if (journal !== undefined) heirs.set(journal, orders)
  return orders
}
