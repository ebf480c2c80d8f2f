import { EMPTY, filter, map, type Observable, scan } from 'rxjs'
import type { CancelResult, Order } from '../../protocol/index.js'
import type { CancelRequest } from '../command.js'

const ended: ReadonlySet<string> = new Set(['CANCELED', 'FILLED', 'FAILED'])

const resultOf = ({ order_no, status }: Order): CancelResult => {
  const canceled = status === 'CANCELED'
  return { order_no, result: canceled, error_message: canceled ? '' : `the order has ended as ${status}` }
}

/**
 * A cancel's answer, read from the orders' own notices: deployed servers never reply to the successful cancel of
 * exactly one order. Emits once every one of the orders has been told to have ended.
 */
export const canceledByNotices = (
  { symbol, order_nos }: CancelRequest,
  order$: Observable<Order>,
): Observable<readonly CancelResult[]> => {
  if (order_nos.length === 0) return EMPTY
  const asked = new Set(order_nos)
  return order$.pipe(
    filter((order) => order.symbol === symbol && asked.has(order.order_no) && ended.has(order.status)),
    scan((results, order) => new Map(results).set(order.order_no, resultOf(order)), new Map<string, CancelResult>()),
    filter((results) => results.size === asked.size),
    map((results) => order_nos.map((order_no) => results.get(order_no) as CancelResult)),
  )
}
