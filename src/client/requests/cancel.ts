import { defer, filter, map, type Observable, scan, tap } from 'rxjs'
import type { CancelResult, Order } from '../../protocol/index.js'
import { isEnd } from '../../orders/index.js'
import type { CancelRequest } from '../command.js'

/**
 * Form of a cancel's answer: the number of each order with its result, or an empty list, which is
 * also the answer where no order was left to cancel.
 */
export type CancelAnswer = 'numbers' | 'empty'

const resultOf = ({ order_no, status }: Order): CancelResult => {
  const canceled = status === 'CANCELED'
  return { order_no, result: canceled, error_message: canceled ? '' : `the order has ended as ${status}` }
}

/**
 * An early or missing answer to a cancel of all orders of a symbol, read from the notices of their
 * ends.
 */
export interface CancelAllEvidence {
  /**
   * Emits once every order that was open when the cancel was sent is over, at least one of them
   * CANCELED: then the server has carried the cancel out. Without a CANCELED it may still be on its
   * way.
   */
  readonly over$: Observable<readonly CancelResult[]>
  /** The results where the server lists no open order any more; undefined where it lists one. */
  readonly absent: (listed: readonly Order[]) => readonly CancelResult[] | undefined
}

/**
 * Collects the evidence of one cancel-all, from the subscription to `over$` on. `open`: the orders
 * known to be open now.
 */
export const cancelAllEvidence = (
  symbol: string,
  open: () => readonly string[],
  order$: Observable<Order>,
): CancelAllEvidence => {
  let asked: readonly string[] = []
  let heard: ReadonlyMap<string, CancelResult> = new Map()
  const over$ = defer(() => {
    asked = open()
    return order$.pipe(
      filter((order) => order.symbol === symbol && isEnd(order.status)),
      tap((order) => (heard = new Map(heard).set(order.order_no, resultOf(order)))),
      filter(
        () =>
          asked.every((order_no) => heard.has(order_no)) &&
          asked.some((order_no) => heard.get(order_no)?.result === true),
      ),
      map(() => [...heard.values()]),
    )
  })
  return {
    over$,
    absent: (listed) =>
      listed.length > 0
        ? undefined
        : [...new Set([...asked, ...heard.keys()])].map(
            (order_no) => heard.get(order_no) ?? { order_no, result: true, error_message: '' },
          ),
  }
}

/**
 * A cancel's answer, read from the orders' own notices: deployed servers never reply to the
 * successful cancel of exactly one order. Emits once notices have ended every one of the orders.
 */
export const canceledByNotices = (
  { symbol, order_nos }: CancelRequest,
  order$: Observable<Order>,
): Observable<readonly CancelResult[]> => {
  const asked = new Set(order_nos)
  return order$.pipe(
    filter((order) => order.symbol === symbol && asked.has(order.order_no) && isEnd(order.status)),
    scan((results, order) => new Map(results).set(order.order_no, resultOf(order)), new Map<string, CancelResult>()),
    filter((results) => results.size === asked.size),
    map((results) => order_nos.map((order_no) => results.get(order_no) as CancelResult)),
  )
}
