import Big from 'big.js'
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs'
import type { Account, CommandOptions } from '../../client/index.js'
import type { Balance, SymbolInfo } from '../../protocol/index.js'
import { timerOrNever } from '../timer-or-never.js'
import { execute } from '../execution/execute.js'
import { closeLong, closeShort, marketBuyCost, marketSell, type PlaceOrder } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import { type RoundingResult, roundToIncrements } from '../sizing/index.js'
import { longOf, shortOf } from './state/exposure.js'
import { exposureIn, type GateEvent, type GateState } from './state/gate.js'

/** Context for closing the position of one symbol. */
export interface Closing {
  readonly account: Account
  readonly symbol: string
  readonly isContract: boolean
  readonly state: () => GateState
  readonly dispatch: (event: GateEvent) => void
  /** Options of queries: a query without an answer must not block the closing. */
  readonly queryOptions: CommandOptions
  readonly closeWithinMs: number
  readonly scheduler: SchedulerLike
  readonly fail: (words: string) => void
  /** Receives the steps and limits of the symbol. */
  readonly onInfo: (info: SymbolInfo) => void
}

/** Largest fraction of a position that fees explain. A larger difference needs a second query. */
const MAX_FEES = 0.02
/** Delay of the second query, in ms: a server may report a fill before its balance contains it. */
const SECOND_QUERY_MS = 500

const fits = (intent: PlaceOrder): RoundingResult => ({ _tag: 'Fits', intent })

const rest = (intent: PlaceOrder, reason: string, words: string): IntentOutcome => ({
  _tag: 'NotSent',
  intent,
  reason,
  words,
})

/**
 * Plans the orders that close a contract position. Queries the server, as the position may be older
 * than this process; falls back to the risk engine's own count if the query fails.
 */
const closeContract = ({
  account,
  symbol,
  queryOptions,
  state,
  fail,
}: Closing): Observable<readonly RoundingResult[]> => {
  const plan = (long: number, short: number) => [
    ...(long > 0 ? [fits(closeLong(symbol, long))] : []),
    ...(short > 0 ? [fits(closeShort(symbol, short))] : []),
  ]
  return account.position(symbol, queryOptions).pipe(
    map(({ long_avail_qty, short_avail_qty }) => plan(long_avail_qty, short_avail_qty)),
    catchError((error: unknown) => {
      fail(`the query of the position failed: ${String(error)}`)
      const exposure = exposureIn(state(), symbol)
      return of(plan(longOf(exposure).min.toNumber(), shortOf(exposure).min.toNumber()))
    }),
  )
}

const infoOf = ({ account, symbol, queryOptions, onInfo }: Closing): Observable<SymbolInfo> =>
  account.symbolInfo(symbol, queryOptions).pipe(take(1), tap(onInfo))

/**
 * Plans the order that brings a netting position to zero. Sells the certain quantity only, as
 * selling more would open the other side.
 */
const closeNet = (closing: Closing): Observable<readonly RoundingResult[]> => {
  const { symbol, state, fail } = closing
  const { min, max } = longOf(exposureIn(state(), symbol))
  const price = state().references.get(symbol)?.price
  if (!min.eq(max)) fail(`the position is not known exactly: between ${min.toString()} and ${max.toString()}`)
  if (min.lte(0) && max.gte(0)) return of([])
  if (max.lt(0) && price === undefined) {
    fail(`no reference price to buy back the short position of ${max.toString()}`)
    return of([])
  }
  const close = min.gt(0)
    ? marketSell(symbol, min.toNumber())
    : marketBuyCost(
        symbol,
        max
          .abs()
          .times(price ?? 0)
          .toNumber(),
      )
  return infoOf(closing).pipe(
    map((info) => [roundToIncrements(info, close, price)]),
    // Without steps, send the order unrounded: it may be refused, but closes the position if not.
    catchError(() => of([fits(close)])),
  )
}

/** Describes the failure of a closing order; undefined if it has not failed. */
const failureIn = (outcome: IntentOutcome): string | undefined => {
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

/** Closes the position of a symbol as far as it is known; reports failures to `fail`. */
export const close = (closing: Closing): Observable<IntentOutcome> => {
  const { account, symbol, isContract, queryOptions, closeWithinMs, scheduler, fail, dispatch, state } = closing
  const reportFailure = (outcome: IntentOutcome) => {
    const failure = failureIn(outcome)
    if (failure !== undefined) fail(failure)
  }
  const run = (intents: readonly PlaceOrder[]): Observable<IntentOutcome> =>
    from(intents).pipe(execute(account, { onEnd: 'wait', onUnknown: 'continue', scheduler }))

  const balance = (info: SymbolInfo): Observable<Balance> =>
    account.asset(queryOptions).pipe(
      take(1),
      map((assets) => {
        const none = { free: 0, locked: 0, total: 0 }
        const { base_currency } = info
        return Object.hasOwn(assets, base_currency) ? (assets[base_currency] ?? none) : none
      }),
    )

  /**
   * Sells the free balance after the server rejected a sell: fees that no fill reports may have
   * reduced the position.
   */
  const sellFree = (rejected: IntentOutcome, sell: PlaceOrder): Observable<IntentOutcome> =>
    infoOf(closing).pipe(
      switchMap((info) => balance(info).pipe(map((found) => [info, found] as const))),
      mergeMap(([info, { free, total }]): Observable<IntentOutcome> => {
        if (free >= sell.quantity) {
          reportFailure(rejected)
          return EMPTY
        }
        const deductFees = (remaining: number) => {
          const missing = new Big(sell.quantity).minus(remaining)
          if (missing.gt(0)) dispatch({ _tag: 'FeesPaid', symbol, quantity: missing })
        }
        const words = `${symbol}: only ${free} of ${sell.quantity} is free to sell; fees took the rest`
        const price = state().references.get(symbol)?.price
        const fitted = free > 0 ? roundToIncrements(info, marketSell(symbol, free), price) : undefined
        const selling$ = fitted?._tag === 'Fits' ? run([fitted.intent]).pipe(tap(reportFailure)) : EMPTY
        if (total >= sell.quantity * (1 - MAX_FEES)) {
          if (free < total) fail(`${new Big(total).minus(free).toString()} of the position is locked by orders`)
          deductFees(total)
          return concat(of(rest(sell, 'not-held', words)), selling$)
        }
        const sold = fitted?._tag === 'Fits' ? fitted.intent.quantity : 0
        const secondQuery$ = timerOrNever(SECOND_QUERY_MS, scheduler).pipe(
          switchMap(() => balance(info)),
          tap((again) => {
            const isDust =
              again.total <= 0 || roundToIncrements(info, marketSell(symbol, again.total), price)._tag === 'Misfit'
            if (isDust) deductFees(new Big(again.total).plus(sold).toNumber())
            else reportFailure(rejected)
          }),
          mergeMap(() => EMPTY),
        )
        return concat(of(rest(sell, 'not-held', words)), selling$, secondQuery$)
      }),
      catchError(() => {
        reportFailure(rejected)
        return EMPTY
      }),
    )

  const plan$ = defer(() => (isContract ? closeContract(closing) : closeNet(closing)))
  return plan$.pipe(
    mergeMap((plan) => {
      const intents = plan.flatMap((each) => (each._tag === 'Fits' ? [each.intent] : []))
      // A quantity below the symbol's limits cannot be sold: NotSent, not a failure.
      const rests = plan.flatMap((each) => (each._tag === 'Misfit' ? [rest(each.intent, each.reason, each.words)] : []))
      const late$ = timerOrNever(closeWithinMs, scheduler).pipe(
        tap(() => fail(`the closing orders did not end within ${closeWithinMs} ms`)),
      )
      const closing$ = run(intents).pipe(
        concatMap((outcome): Observable<IntentOutcome> => {
          const { intent } = outcome
          if (outcome._tag === 'Rejected' && !isContract && intent._tag === 'Place' && intent.action === 'SELL')
            return concat(of(outcome), sellFree(outcome, intent))
          reportFailure(outcome)
          return of(outcome)
        }),
        takeUntil(late$),
      )
      return concat(from(rests), closing$)
    }),
  )
}
