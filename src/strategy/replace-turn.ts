import Big from 'big.js'
import { concat, concatAll, concatMap, defaultIfEmpty, defer, map, type Observable, of, take } from 'rxjs'
import type { OrderState } from '../client/index.js'
import type { Order } from '../protocol/index.js'
import { cancel, type CancelOrder, faultOf, type PlaceOrder, type ReplaceOrder } from './intent.js'
import { isEnd, reportedFilled } from '../orders/index.js'
import type { IntentOutcome } from './outcome.js'
import type { OwnOrders } from './own-orders.js'
import { isForMoney } from './sizing/index.js'

/** What it takes to replace an order. */
export interface ReplaceTurn {
  readonly cancel: (old: CancelOrder) => Observable<IntentOutcome>
  /** Places the new order, or what is left of it. */
  readonly place: (by: PlaceOrder) => Observable<IntentOutcome>
  /** How the old one ends, if that is heard in time; for one that was not placed here. */
  readonly ended$: Observable<OrderState>
  /** Completes when `done`, or after as long as one waits for that. */
  readonly until: (done: () => boolean) => Observable<never>
  /** Tells that the new order was not sent. */
  readonly notSent: (reason: string, words: string) => Observable<IntentOutcome>
}

/** What is to be placed of an order in place of one that was filled in part; otherwise why not. */
const restOf = (
  by: PlaceOrder,
  old: Pick<Order, 'action' | 'order_type' | 'offset'>,
  filled: Big,
): PlaceOrder | { readonly reason: string; readonly words: string } => {
  if (filled.lte(0)) return by
  if (old.action !== by.action || old.offset !== by.offset || isForMoney(old) !== isForMoney(by))
    return {
      reason: 'partly-filled',
      words: `${filled.toString()} was filled, which is nothing of the kind that the new one is for`,
    }
  const rest = new Big(by.quantity).minus(filled)
  if (rest.gt(0)) return { ...by, quantity: rest.toNumber() }
  return {
    reason: 'filled',
    words: `${filled.toString()} was filled in the meantime, and the new one was for ${by.quantity}`,
  }
}

/** What an order of others has filled, by its fills and by its end: either may be told alone. */
const filledOf = (order: OrderState): Big => {
  const said = new Big(reportedFilled(order))
  return said.gt(order.filled) ? said : new Big(order.filled)
}

/**
 * An order's turn that takes the place of another: that one is cancelled, and heard to be gone, before the new one is placed; never both. What the old one
 * has filled counts towards the new one, whose quantity is the whole: so it is with FIX's cancel/replace, and no more is traded than was wished for.
 */
export const replaceTurn = (
  { symbol, order_no, by }: ReplaceOrder,
  own: Pick<OwnOrders, 'open' | 'status' | 'intent' | 'filled'>,
  { cancel: runCancel, place, ended$, until, notSent }: ReplaceTurn,
): Observable<IntentOutcome> => {
  const status = () => own.status(symbol, order_no)
  const gone = () => !own.open().some((order) => order.symbol === symbol && order.order_no === order_no)
  const fault = faultOf(by)
  if (fault !== undefined) return notSent('invalid', fault)
  if (status() === 'FILLED') return notSent('filled', `${order_no} was filled before it could be replaced`)

  const unheard = () => notSent('not-canceled', `${order_no} was not heard to be gone in time`)
  const placeAfter = (old: Parameters<typeof restOf>[1], how: string, filled: Big) => {
    if (how === 'FILLED') return notSent('filled', `${order_no} was filled in the meantime`)
    if (!isEnd(how)) return notSent('not-canceled', `${order_no} went, and nobody said how much of it was filled`)
    const rest = restOf(by, old, filled)
    return '_tag' in rest ? place(rest) : notSent(rest.reason, rest.words)
  }
  const placeOnceGone$ = defer(() => {
    const old = own.intent(symbol, order_no)
    if (old !== undefined)
      return gone() ? placeAfter(old, status() ?? '', own.filled(symbol, order_no) ?? new Big(0)) : unheard()
    return ended$.pipe(
      take(1),
      map((order) => placeAfter(order, order.gone ? '' : order.status, filledOf(order))),
      defaultIfEmpty(defer(unheard)),
      concatAll(),
    )
  })
  return runCancel(cancel(symbol, order_no)).pipe(
    concatMap((outcome): Observable<IntentOutcome> => {
      const canceled = outcome._tag === 'Canceled' && outcome.results.some((each) => each.result)
      // An order that was over before (CANCELED) is as good as cancelled now; anything else may still be in the book.
      if (!canceled && status() !== 'CANCELED' && status() !== 'FAILED')
        return concat(of(outcome), notSent('not-canceled', `${order_no} could not be cancelled`))
      return concat(of(outcome), until(gone), placeOnceGone$)
    }),
  )
}
