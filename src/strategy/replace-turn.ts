import { concat, concatMap, defer, type Observable, of } from 'rxjs'
import { cancel, type Cancel, faultOf, type Replace } from './intent.js'
import type { Outcome } from './outcome.js'
import type { OwnOrders } from './own-orders.js'

/** What it takes to replace an order. */
export interface ReplaceTurn {
  readonly cancel: (old: Cancel) => Observable<Outcome>
  /** Places the new order. */
  readonly place: () => Observable<Outcome>
  /** Completes when `done`, or after as long as one waits for that. */
  readonly until: (done: () => boolean) => Observable<never>
  /** Tells that the new order was not sent. */
  readonly notSent: (reason: string, words: string) => Observable<Outcome>
}

/** An order's turn that takes the place of another: that one is cancelled, and heard to be gone, before the new one is placed; never both. */
export const replaceTurn = (
  { symbol, order_no, by }: Replace,
  own: Pick<OwnOrders, 'open' | 'status'>,
  { cancel: runCancel, place, until, notSent }: ReplaceTurn,
): Observable<Outcome> => {
  const status = () => own.status(symbol, order_no)
  const gone = () => !own.open().some((order) => order.symbol === symbol && order.order_no === order_no)
  const fault = faultOf(by)
  if (fault !== undefined) return notSent('invalid', fault)
  if (status() === 'FILLED') return notSent('filled', `${order_no} was filled before it could be replaced`)

  const placeOnceGone$ = defer(() => {
    if (!gone()) return notSent('not-canceled', `${order_no} was not heard to be gone in time`)
    if (status() === 'FILLED') return notSent('filled', `${order_no} was filled in the meantime`)
    return place()
  })
  return runCancel(cancel(symbol, order_no)).pipe(
    concatMap((outcome): Observable<Outcome> => {
      const canceled = outcome._tag === 'Canceled' && outcome.results.some((each) => each.result)
      // An order that was over before (CANCELED) is as good as cancelled now; anything else may still be in the book.
      if (!canceled && status() !== 'CANCELED' && status() !== 'FAILED')
        return concat(of(outcome), notSent('not-canceled', `${order_no} could not be cancelled`))
      return concat(of(outcome), until(gone), placeOnceGone$)
    }),
  )
}
