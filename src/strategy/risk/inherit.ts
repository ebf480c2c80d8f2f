import {
  endWith,
  ignoreElements,
  mergeMap,
  type Observable,
  retry,
  type SchedulerLike,
  takeUntil,
  tap,
  timer,
} from 'rxjs'
import type { Account, OrderRequest, Unknown } from '../../client/index.js'
import type { GateEvent } from './gate.js'

/** Pause before a question that failed is asked again, in ms. */
const ASK_AGAIN_MS = 1_000

/** What an unsettled order asked for, where that can be read. */
const orderIn = ({ symbol, action, price, quantity, order_type }: Unknown['request']): OrderRequest | undefined =>
  typeof symbol === 'string' &&
  (action === 'BUY' || action === 'SELL') &&
  typeof price === 'number' &&
  typeof quantity === 'number' &&
  (order_type === 'LIMIT' || order_type === 'MARKET' || order_type === 'IOC')
    ? { symbol, action, price, quantity, order_type }
    : undefined

/**
 * Counts the orders of unknown fate that an earlier process has left, or that are from before the gate, until they are settled. What one of them
 * became nobody says; so before it stops counting, what is open of its symbol is asked for, and counted: it may be among that.
 */
export const inheritUnsettled = (
  account: Pick<Account, 'unsettled$' | 'openOrders' | 'order$'>,
  dispatch: (event: GateEvent) => void,
  nextId: () => number,
  scheduler: SchedulerLike,
): Observable<never> => {
  const inherited = new Map<string, { readonly id: number; readonly symbol: string }>()

  const settled = ([cid, { id, symbol }]: readonly [string, { readonly id: number; readonly symbol: string }]) => {
    inherited.delete(cid)
    return account.openOrders(symbol).pipe(
      retry({ delay: () => timer(ASK_AGAIN_MS, scheduler) }),
      tap((open) => {
        for (const order of open) dispatch({ _tag: 'Order', order })
        dispatch({ _tag: 'Gone', id, symbol })
      }),
      ignoreElements(),
    )
  }

  return account.unsettled$.pipe(
    mergeMap((list, index) => {
      // The list as it stood before any order of ours; it replays, so this is done at once.
      if (index === 0) {
        for (const { unknown } of list) {
          const order = unknown.op === 'place_order' ? orderIn(unknown.request) : undefined
          if (order === undefined) continue
          const id = nextId()
          inherited.set(unknown.cid, { id, symbol: order.symbol })
          dispatch({ _tag: 'Inherited', id, order, cid: unknown.cid })
        }
      }
      return [...inherited].filter(([cid]) => list.every((each) => each.unknown.cid !== cid))
    }),
    mergeMap(settled),
    takeUntil(account.order$.pipe(ignoreElements(), endWith(undefined))),
  )
}
