import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  race,
  type SchedulerLike,
  take,
  timer,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import { execute } from '../execute.js'
import { cancelAll, closeLong, closeShort, marketBuyFor, marketSell, type Place } from '../intent.js'
import type { Outcome } from '../outcome.js'
import { fit } from '../sizing/index.js'
import { longOf } from './exposure.js'
import { exposureIn, type GateState } from './gate.js'
import type { Limits } from './limits.js'

/** Settings of `flatten`. */
export interface FlattenOptions {
  /** How long to wait for the cancelled orders to be heard to be over before closing what is held, in ms. @default 3000 */
  readonly cancelWithinMs?: number
  /** @default that of the gate */
  readonly scheduler?: SchedulerLike
}

/** What closes the position of a contract: asked of the server, for it may be older than we are. */
const closeContract = (account: Account, symbol: string): Observable<readonly Place[]> =>
  account
    .position(symbol)
    .pipe(
      map(({ long_avail_qty, short_avail_qty }) => [
        ...(long_avail_qty > 0 ? [closeLong(symbol, long_avail_qty)] : []),
        ...(short_avail_qty > 0 ? [closeShort(symbol, short_avail_qty)] : []),
      ]),
    )

/** What brings a netting position to zero: only what is held for certain, for selling more would open the other side. */
const closeNet = (account: Account, symbol: string, state: GateState): Observable<readonly Place[]> => {
  const { least, most } = longOf(exposureIn(state, symbol))
  const price = state.references.get(symbol)?.price
  const close = least.gt(0)
    ? marketSell(symbol, least.toNumber())
    : most.lt(0) && price !== undefined
      ? marketBuyFor(symbol, most.abs().times(price).toNumber())
      : undefined
  if (close === undefined) return of([])
  return account.symbolInfo(symbol).pipe(
    map((info) => fit(info, close, price)),
    // What is below the limits cannot be sold, and what is left of it is no position to speak of.
    map((fitted) => (fitted._tag === 'Fits' ? [fitted.intent] : [])),
  )
}

/** Cancels all orders, waits to hear that they are over, and closes what is held; past the gate, which is shut by then. */
export const flattenAccount = (
  account: Account,
  limits: Limits,
  state$: Observable<GateState>,
  { cancelWithinMs = 3_000, scheduler = asyncScheduler }: FlattenOptions = {},
): Observable<Outcome> => {
  const run = execute(account, { onEnd: 'leave', onUnknown: 'continue', scheduler })
  const over = (symbol: string) => (state: GateState) =>
    [...exposureIn(state, symbol).orders.values()].every(({ status }) => status === 'GONE')

  const flattenSymbol = (symbol: string): Observable<Outcome> => {
    const quiet$ = race(
      state$.pipe(filter(over(symbol)), take(1)),
      timer(cancelWithinMs, scheduler).pipe(mergeMap(() => state$.pipe(take(1)))),
    )
    const closing$ = quiet$.pipe(
      mergeMap((state) =>
        limits.contracts.includes(symbol) ? closeContract(account, symbol) : closeNet(account, symbol, state),
      ),
      // A query that fails leaves the position as it is; the cancels have been sent all the same.
      catchError(() => EMPTY),
      mergeMap((intents) => from(intents)),
    )
    return concat(of(cancelAll(symbol)).pipe(run), closing$.pipe(run))
  }
  return defer(() => from(limits.symbols).pipe(mergeMap(flattenSymbol)))
}
