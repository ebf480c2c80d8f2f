import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  filter,
  first,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  startWith,
  switchMap,
  take,
  takeWhile,
  throwError,
} from 'rxjs'
import type { Fill } from '../../protocol/index.js'
import { deadline } from '../../time/index.js'
import type { Placed } from '../command.js'
import { Rejected, Unresolved } from '../errors/errors.js'
import type { InFlightOrders } from './in-flight-order.js'
import { fillableQuantity, isOpen, isSameQuantity, reportedFilled, type OrderName } from '../../orders/index.js'
import type { OrderStore, OrderState } from '../state/stores/index.js'
import type { Settings } from '../options.js'
import type { OrderUpdate } from './order-update.js'

/** True where the fills seen add up to the filled quantity that the order reports. */
const addsUp = (order: OrderState): boolean => {
  const isComparable = !order.missing && fillableQuantity(order, order.signedQuantity) !== undefined
  return isComparable && isSameQuantity(order.filled, reportedFilled(order))
}

const filledBy = (fill: Fill): OrderUpdate => ({ _tag: 'Filled', fill })

const hasEnded = (order: OrderState): boolean => order.missing || !isOpen(order.status)

/** Follows an order that exists, from its present state to its end. */
export function followOrder(
  { symbol, order_no }: OrderName,
  orderStore: OrderStore,
  { resyncWithinMs, scheduler }: Settings,
): Observable<OrderUpdate> {
  const isIt = (each: OrderName): boolean => each.symbol === symbol && each.order_no === order_no

  const change$ = defer(() => {
    const known = orderStore.find(symbol, order_no)
    const later$ = orderStore.state$.pipe(filter((state) => isIt(state)))
    return known === undefined ? later$ : later$.pipe(startWith(known))
  })

  const loginEnds$ = orderStore.fill$.pipe(ignoreElements(), endWith(undefined))

  /**
   * Fills may come after the notice of the end, and a FILLED after a CANCELED: so the end waits,
   * for a while.
   */
  const ending = (order: OrderState): Observable<OrderUpdate> => {
    const changed: OrderUpdate = { _tag: order.missing ? 'Missing' : 'Changed', order }
    if (!hasEnded(order)) return of(changed)
    // A cancellation that is proven by evidence alone says nothing of what was filled.
    const isTold = order.status === 'FILLED' || !orderStore.isProven(symbol, order_no)
    const complete = isTold && addsUp(order)
    const ended: OrderUpdate = { _tag: 'Ended', order, complete }
    // Called cancelled with nothing left to cancel: its FILLED is on the way.
    const isSure = complete && (order.remain > 0 || order.status !== 'CANCELED')
    // Without the login nothing more comes.
    const late$ = merge(deadline(resyncWithinMs, scheduler), loginEnds$).pipe(take(1))
    return isSure ? of(changed, ended) : concat(of(changed), late$.pipe(map(() => ended)))
  }

  const fill$ = orderStore.fill$.pipe(
    filter((fill) => isIt(fill)),
    map(filledBy),
  )
  return merge(fill$, change$.pipe(switchMap(ending))).pipe(takeWhile((update) => update._tag !== 'Ended', true))
}

/**
 * An order's whole life: placed when subscribed to, followed to its end, through an unknown
 * outcome if need be.
 */
export function trackOrder(
  symbol: string,
  place$: Observable<Placed>,
  inFlightOrders: InFlightOrders,
  orderStore: OrderStore,
  settings: Settings,
): Observable<OrderUpdate> {
  const follow = (placed: Placed): Observable<OrderUpdate> =>
    concat(
      of<OrderUpdate>({ _tag: 'Placed', placed }),
      // Fills may come before the reply that names their order.
      defer(() => from(orderStore.fillsOf(symbol, placed.order_no))).pipe(map(filledBy)),
      followOrder({ symbol, order_no: placed.order_no }, orderStore, settings),
    )

  const onceSettled = (unknown: Unresolved): Observable<OrderUpdate> =>
    inFlightOrders.unresolved$.pipe(
      first((open) => open.every((each) => each.error.cid !== unknown.cid), undefined),
      concatMap((open) => {
        // The login has ended, and with it the search; or the caller has closed the matter.
        const settled = open === undefined ? undefined : inFlightOrders.resolutionOf(unknown.cid)
        if (settled?.outcome === 'rejected')
          return throwError(() => new Rejected('place_order', 'it was found to have been refused'))
        if (settled?.order_no === undefined) return EMPTY
        return follow({ order_no: settled.order_no, cid: unknown.cid })
      }),
    )

  return place$.pipe(
    concatMap(follow),
    catchError((error: unknown) =>
      error instanceof Unresolved
        ? concat(of<OrderUpdate>({ _tag: 'Unresolved', error: error }), onceSettled(error))
        : throwError(() => error),
    ),
  )
}
