import { BehaviorSubject, type Observable } from 'rxjs'
import type { Unsettled } from './account.js'
import type { Unknown } from './errors.js'

/** The orders whose fate is not known. Only evidence or the caller closes an entry, never a timer. */
export interface UnsettledOrders {
  readonly unsettled$: Observable<readonly Unsettled[]>
  /** `onClose` is called when the caller closes the entry. */
  add(unknown: Unknown, onClose: () => void): void
  /** Evidence has come: the entry goes. */
  settle(cid: string): void
}

export const createUnsettledOrders = (): UnsettledOrders => {
  const unsettled$ = new BehaviorSubject<readonly Unsettled[]>([])
  const settle = (cid: string): void => {
    if (unsettled$.value.some((entry) => entry.unknown.cid === cid)) {
      unsettled$.next(unsettled$.value.filter((entry) => entry.unknown.cid !== cid))
    }
  }
  return {
    unsettled$: unsettled$.asObservable(),
    add(unknown, onClose) {
      const close = (): void => {
        settle(unknown.cid)
        onClose()
      }
      unsettled$.next([...unsettled$.value, { unknown, close }])
    },
    settle,
  }
}
