import { defer, finalize, mergeMap, NEVER, type Observable, Subject, take, takeUntil, tap } from 'rxjs'
import type { Account, OrderRequest, OrderUpdate } from '../../client/index.js'
import { adopt } from '../adopt.js'
import type { GateEvent } from './gate.js'

const tagOf = (error: unknown): unknown => (error instanceof Error && '_tag' in error ? error._tag : undefined)

/** Only these two say for certain that there is no order. */
const wasNotDone = (error: unknown): boolean => tagOf(error) === 'NotSent' || tagOf(error) === 'Rejected'

const cidOf = (error: unknown): string | undefined =>
  error instanceof Error && 'cid' in error && typeof error.cid === 'string' ? error.cid : undefined

/** Tells a gate of the orders that are sent, and of what becomes of them. */
export interface Counting {
  /**
   * The life of an order, as `account.track` tells it; the gate counts it from when it is subscribed to until its fate is known. While it
   * cannot have been written yet, the first error that `takeBack$` gives ends it.
   */
  readonly counted: (
    order: OrderRequest,
    life$: Observable<OrderUpdate>,
    takeBack$?: Observable<Observable<never>>,
  ) => Observable<OrderUpdate>
  /** A number for an order that was sent by somebody else. */
  readonly nextId: () => number
}

export const countingFor = (
  account: Pick<Account, 'tradable$' | 'unsettled$'>,
  dispatch: (event: GateEvent) => void,
  now: () => number,
): Counting => {
  let orders = 0
  let tradable = false
  /** Orders that cannot have been written: the account has not been tradable since. */
  const queued = new Set<number>()
  /** From now on they may have been. */
  const opened$ = new Subject<void>()
  /** The cids of the orders whose fate is not known. */
  let unsettled: ReadonlySet<string> = new Set()
  /* eslint-disable rxjs-x/no-ignored-subscription -- they end with the account, whose errors the gate hears of itself */
  account.unsettled$.subscribe({
    next: (list) => (unsettled = new Set(list.map((each) => each.unknown.cid))),
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
  const nextId = () => (orders += 1)

  const counted: Counting['counted'] = (order, life$, takeBack$ = NEVER) =>
    defer(() => {
      const { symbol } = order
      const id = nextId()
      let fate: 'none yet' | 'unknown' | 'known' = 'none yet'
      let doubted: string | undefined
      if (!tradable) queued.add(id)
      dispatch({ _tag: 'Sent', id, order, at: now() })
      const gone = () => {
        fate = 'known'
        dispatch({ _tag: 'Gone', id, symbol })
      }
      const unknown = (cid: string | undefined) => {
        fate = 'unknown'
        doubted = cid
        dispatch({ _tag: 'Unknown', id, symbol, cid })
      }
      const told$ = life$.pipe(
        tap({
          next: (update) => {
            if (update._tag === 'Unknown') unknown(update.unknown.cid)
            if (update._tag !== 'Placed') return
            fate = 'known'
            dispatch({ _tag: 'Placed', id, symbol, order_no: update.placed.order_no })
          },
          error: (error: unknown) => (wasNotDone(error) ? gone() : unknown(cidOf(error))),
          complete: () => {
            // Settled, and not by an order: its caller has closed the matter. What is not settled when the login ends stays so.
            if (fate === 'unknown' && doubted !== undefined && !unsettled.has(doubted)) gone()
          },
        }),
      )
      const takenBack$ = takeBack$.pipe(
        take(1),
        mergeMap((refused$) => refused$),
        takeUntil(opened$),
      )
      // Its fate is listened for though nobody else does any more: until then it counts.
      const keep = () => fate === 'unknown' || (fate === 'none yet' && !queued.has(id))
      return adopt(told$, { keep, orphan: () => undefined }).pipe(
        takeUntil(queued.has(id) ? takenBack$ : NEVER),
        finalize(() => {
          if (fate === 'none yet') {
            // Left before its reply: it may have been written, and then it counts as open.
            if (queued.has(id)) gone()
            else unknown(undefined)
          }
          queued.delete(id)
        }),
      )
    })

  return { counted, nextId }
}
