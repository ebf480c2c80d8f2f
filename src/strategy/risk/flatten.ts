import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  race,
  type SchedulerLike,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import { after } from '../after.js'
import { execute } from '../execute.js'
import { cancelAll, closeLong, closeShort, marketBuyFor, marketSell, type Place } from '../intent.js'
import type { Outcome } from '../outcome.js'
import { type Fit, fit } from '../sizing/index.js'
import { longOf } from './exposure.js'
import { exposureIn, type GateState } from './gate.js'
import type { Limits } from './limits.js'

/** Settings of `flatten`. */
export interface FlattenOptions {
  /** How long to wait for the cancelled orders to be heard to be over before closing what is held, in ms. @default 3000 */
  readonly cancelWithinMs?: number
  /** How long to wait for the closing orders of a symbol to be heard to be over, in ms. @default 10000 */
  readonly closeWithinMs?: number
  /** @default that of the gate */
  readonly scheduler?: SchedulerLike
}

/** Not everything was cancelled and closed, or nobody knows. What could be done was done, for every symbol. */
export class FlattenFailed extends Error {
  readonly _tag = 'FlattenFailed'
  override readonly name = 'FlattenFailed'
  /** What is left, in words, each with its symbol: look at the account. */
  readonly failures: readonly string[]

  constructor(failures: readonly string[]) {
    super(failures.join('; '))
    this.failures = failures
  }
}

/** How often orders are cancelled where the server does not say that they are. */
const CANCEL_TRIES = 2

type Fail = (words: string) => void

const fits = (intent: Place): Fit => ({ _tag: 'Fits', intent })

/** What closes the position of a contract: asked of the server, for it may be older than we are. */
const closeContract = (account: Account, symbol: string): Observable<readonly Fit[]> =>
  account
    .position(symbol)
    .pipe(
      map(({ long_avail_qty, short_avail_qty }) => [
        ...(long_avail_qty > 0 ? [fits(closeLong(symbol, long_avail_qty))] : []),
        ...(short_avail_qty > 0 ? [fits(closeShort(symbol, short_avail_qty))] : []),
      ]),
    )

/** What brings a netting position to zero: only what is held for certain, for selling more would open the other side. */
const closeNet = (account: Account, symbol: string, state: GateState, fail: Fail): Observable<readonly Fit[]> => {
  const { least, most } = longOf(exposureIn(state, symbol))
  const price = state.references.get(symbol)?.price
  if (!least.eq(most)) fail(`between ${least.toString()} and ${most.toString()} is held, and nobody knows how much`)
  if (least.lte(0) && most.gte(0)) return of([])
  if (most.lt(0) && price === undefined) {
    fail(`${most.toString()} is held, and without a reference price there is no telling what buying it takes`)
    return of([])
  }
  const close = least.gt(0)
    ? marketSell(symbol, least.toNumber())
    : marketBuyFor(
        symbol,
        most
          .abs()
          .times(price ?? 0)
          .toNumber(),
      )
  return account.symbolInfo(symbol).pipe(map((info) => [fit(info, close, price)]))
}

/** Whether an order that was to close something did not, or may not have. */
const failureIn = (outcome: Outcome): string | undefined => {
  switch (outcome._tag) {
    case 'Ended':
      return outcome.status === 'FILLED' ? undefined : `the closing order ${outcome.order_no} ended ${outcome.status}`
    case 'Placed':
    case 'Filled':
    case 'Canceled':
      return undefined
    default:
      return `the closing order: ${outcome._tag}: ${outcome.words}`
  }
}

/**
 * Cancels all orders, waits to hear that they are over, and closes what is held; past the gate, which is shut by then, but counted by it: `account` tells
 * it of orders. Errors with FlattenFailed, at the end, where that did not work. A rest below the symbol's limits is told as NotSent, and is no failure.
 */
export const flattenAccount = (
  account: Account,
  limits: Limits,
  state$: Observable<GateState>,
  { cancelWithinMs = 3_000, closeWithinMs = 10_000, scheduler = asyncScheduler }: FlattenOptions = {},
): Observable<Outcome> => {
  const open = (symbol: string, state: GateState) =>
    [...exposureIn(state, symbol).orders.values()].filter(({ status }) => status !== 'GONE').length

  const closing = (plan: readonly Fit[], fail: Fail): Observable<Outcome> => {
    const intents = plan.flatMap((each) => (each._tag === 'Fits' ? [each.intent] : []))
    // What is below the limits cannot be sold, and what is left of it is no position to speak of.
    const rests = plan.flatMap((each): readonly Outcome[] =>
      each._tag === 'Misfit' ? [{ _tag: 'NotSent', intent: each.intent, reason: each.reason, words: each.words }] : [],
    )
    const late$ = after(closeWithinMs, scheduler).pipe(
      tap(() => fail(`the closing orders were not heard to be over within ${closeWithinMs} ms`)),
    )
    return concat(
      from(rests),
      from(intents).pipe(
        execute(account, { onEnd: 'wait', onUnknown: 'continue', scheduler }),
        tap((outcome) => {
          const failure = failureIn(outcome)
          if (failure !== undefined) fail(failure)
        }),
        takeUntil(late$),
      ),
    )
  }

  /** Once more where it is not known to have worked and orders are listed still: they would open again what is closed. */
  const canceling = (symbol: string, tries: number, fail: Fail): Observable<Outcome> =>
    of(cancelAll(symbol)).pipe(
      execute(account, { onEnd: 'leave', scheduler }),
      concatMap((outcome) => {
        if (outcome._tag === 'Canceled') return of(outcome)
        const again$ = account.openOrders(symbol).pipe(
          catchError(() => of(undefined)),
          concatMap((left) => {
            if (left?.length === 0) return EMPTY
            if (tries > 1) return canceling(symbol, tries - 1, fail)
            fail(
              `${left === undefined ? 'orders may be' : `${left.length} orders are`} open still, cancelling them: ${outcome._tag}`,
            )
            return EMPTY
          }),
        )
        return concat(of(outcome), again$)
      }),
    )

  const flattenSymbol = (symbol: string, fail: Fail): Observable<Outcome> => {
    const quiet$ = race(
      state$.pipe(
        filter((state) => open(symbol, state) === 0),
        take(1),
      ),
      after(cancelWithinMs, scheduler).pipe(mergeMap(() => state$.pipe(take(1)))),
    )
    const close = (state: GateState) => {
      const isContract = limits.contracts.includes(symbol)
      const plan$ = defer(() => (isContract ? closeContract(account, symbol) : closeNet(account, symbol, state, fail)))
      return plan$.pipe(
        catchError((error: unknown) => {
          fail(`it could not be asked what is to be closed: ${String(error)}`)
          return EMPTY
        }),
        mergeMap((plan) => closing(plan, fail)),
      )
    }
    const closing$ = quiet$.pipe(
      mergeMap((state) => {
        const left = open(symbol, state)
        if (left === 0) return close(state)
        fail(`${left} orders were not heard to be over within ${cancelWithinMs} ms`)
        // Once more: they may have come after the first, on their way as it went or sent again by the client since.
        return merge(canceling(symbol, 1, fail), close(state))
      }),
    )
    return concat(canceling(symbol, CANCEL_TRIES, fail), closing$)
  }

  return defer(() => {
    const failures: string[] = []
    const all$ = from(limits.symbols).pipe(
      mergeMap((symbol) => flattenSymbol(symbol, (words) => failures.push(`${symbol}: ${words}`))),
    )
    const end$ = defer(() => (failures.length === 0 ? EMPTY : throwError(() => new FlattenFailed(failures))))
    return concat(all$, end$)
  })
}
