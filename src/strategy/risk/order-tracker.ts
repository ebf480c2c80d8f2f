import { defer, finalize, mergeMap, NEVER, type Observable, Subject, take, takeUntil, tap } from 'rxjs'
import type { Account, OrderRequest, OrderUpdate, Unresolved } from '../../client/index.js'
import { keepUntilReply } from '../execution/keep-until-reply.js'
import type { GateEvent } from './state/gate.js'

const tagOf = (error: unknown): unknown => (error instanceof Error && '_tag' in error ? error._tag : undefined)

const cidOf = (error: unknown): string | undefined =>
  error instanceof Error && 'cid' in error && typeof error.cid === 'string' ? error.cid : undefined

/** Terms of an unresolved order; undefined if they cannot be read. */
const orderIn = ({
  op,
  symbol,
  action,
  price,
  quantity,
  order_type,
}: Unresolved['request']): OrderRequest | undefined =>
  op === 'place_order' &&
  typeof symbol === 'string' &&
  (action === 'BUY' || action === 'SELL') &&
  typeof price === 'number' &&
  typeof quantity === 'number' &&
  (order_type === 'LIMIT' || order_type === 'MARKET' || order_type === 'IOC')
    ? { symbol, action, price, quantity, order_type }
    : undefined

/**
 * Counts an order from its subscription, given its updates from `account.track`. The first error
 * from `takeBack$` ends an order that cannot have been written.
 */
export type OrderTracker = (
  order: OrderRequest,
  updates$: Observable<OrderUpdate>,
  takeBack$?: Observable<Observable<never>>,
) => Observable<OrderUpdate>

/**
 * Reports sent orders, and orders unresolved from before, to the risk engine. Everything else comes
 * from the order events.
 */
export const trackOrders = (
  account: Pick<Account, 'tradable$' | 'unresolved$'>,
  dispatch: (event: GateEvent) => void,
  now: () => number,
): OrderTracker => {
  let orders = 0
  let tradable = false
  /** Orders that cannot have been written: the account has not been tradable since their start. */
  const queued = new Set<number>()
  /** Emits when queued orders may have been written. */
  const opened$ = new Subject<void>()
  const nextId = () => (orders += 1)
  /* eslint-disable rxjs-x/no-ignored-subscription -- they end with the account; its errors are handled by the risk engine */
  // Replays: orders of an earlier process, or from before `withRiskLimits`, count first.
  account.unresolved$.pipe(take(1)).subscribe({
    next: (list) => {
      for (const { error } of list) {
        const order = orderIn(error.request)
        if (order !== undefined) dispatch({ _tag: 'Inherited', id: nextId(), order, cid: error.cid })
      }
    },
    error: () => undefined,
  })
  account.tradable$.subscribe({
    next: (is) => {
      tradable = is
      if (!is) return
      queued.clear()
      opened$.next()
    },
    error: () => undefined,
  })
  /* eslint-enable rxjs-x/no-ignored-subscription */

  return (order, updates$, takeBack$ = NEVER) =>
    defer(() => {
      const { symbol } = order
      const id = nextId()
      let isAnswered = false
      if (!tradable) queued.add(id)
      dispatch({ _tag: 'Sent', id, order, at: now() })
      const answered = (event: GateEvent) => {
        isAnswered = true
        dispatch(event)
      }
      const unresolved = (cid: string | undefined) => answered({ _tag: 'Unresolved', id, symbol, cid })
      const counted$ = updates$.pipe(
        tap({
          next: (update) => {
            if (update._tag === 'Unresolved') unresolved(update.error.cid)
            if (update._tag !== 'Placed') return
            const { cid, order_no } = update.placed
            answered({ _tag: 'Placed', id, symbol, cid, order_no })
          },
          error: (error: unknown) => {
            const tag = tagOf(error)
            // Only these two prove that no order exists.
            if (tag === 'NotSent') answered({ _tag: tag, id, order })
            else if (tag === 'Rejected') answered({ _tag: tag, id, symbol })
            else unresolved(cidOf(error))
          },
        }),
      )
      const takenBack$ = takeBack$.pipe(
        take(1),
        mergeMap((denied$) => denied$),
        takeUntil(opened$),
      )
      // Wait for the reply even after unsubscription: until then the order counts.
      const keep = () => !isAnswered && !queued.has(id)
      return keepUntilReply(counted$, { shouldKeep: keep, onLateReply: () => undefined }).pipe(
        takeUntil(queued.has(id) ? takenBack$ : NEVER),
        finalize(() => {
          if (!isAnswered) {
            // Unsubscribed before the reply: an order that may have been written counts as open.
            if (queued.has(id)) answered({ _tag: 'NotSent', id, order })
            else unresolved(undefined)
          }
          queued.delete(id)
        }),
      )
    })
}
