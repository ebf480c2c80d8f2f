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

/** Orders and prices needed to close the position of one symbol. */
export interface Closing {
  readonly account: Account
  readonly symbol: string
  readonly isContract: boolean
  readonly state: () => GateState
  readonly dispatch: (event: GateEvent) => void
  /** Limits of a question: one that is never answered must not hold up the closing. */
  readonly asking: CommandOptions
  readonly closeWithinMs: number
  readonly scheduler: SchedulerLike
  readonly fail: (words: string) => void
  /** Keeps the steps and limits of the symbol, once they are known. */
  readonly learn: (info: SymbolInfo) => void
}

/** Largest part of a holding that fees take, as a fraction. A larger difference from the balance needs a second question. */
const MOST_FEES = 0.02
/** Before that look, in ms: a server may count a fill later than it tells it. */
const LOOK_AGAIN_MS = 500

const fits = (intent: PlaceOrder): RoundingResult => ({ _tag: 'Fits', intent })

const rest = (intent: PlaceOrder, reason: string, words: string): IntentOutcome => ({
  _tag: 'NotSent',
  intent,
  reason,
  words,
})

/** Orders that close the position of a contract: asked of the server, as the position may be older than this process. If it does not answer, the gate's own count. */
const closeContract = ({ account, symbol, asking, state, fail }: Closing): Observable<readonly RoundingResult[]> => {
  const plan = (long: number, short: number) => [
    ...(long > 0 ? [fits(closeLong(symbol, long))] : []),
    ...(short > 0 ? [fits(closeShort(symbol, short))] : []),
  ]
  return account.position(symbol, asking).pipe(
    map(({ long_avail_qty, short_avail_qty }) => plan(long_avail_qty, short_avail_qty)),
    catchError((error: unknown) => {
      fail(`it could not be asked what is to be closed: ${String(error)}`)
      const exposure = exposureIn(state(), symbol)
      return of(plan(longOf(exposure).min.toNumber(), shortOf(exposure).min.toNumber()))
    }),
  )
}

const infoOf = ({ account, symbol, asking, learn }: Closing): Observable<SymbolInfo> =>
  account.symbolInfo(symbol, asking).pipe(take(1), tap(learn))

/** Orders that bring a netting position to zero: only the quantity held for certain, as selling more would open the other side. */
const closeNet = (closing: Closing): Observable<readonly RoundingResult[]> => {
  const { symbol, state, fail } = closing
  const { min, max } = longOf(exposureIn(state(), symbol))
  const price = state().references.get(symbol)?.price
  if (!min.eq(max)) fail(`between ${min.toString()} and ${max.toString()} is held, and nobody knows how much`)
  if (min.lte(0) && max.gte(0)) return of([])
  if (max.lt(0) && price === undefined) {
    fail(`${max.toString()} is held, and without a reference price there is no telling what buying it takes`)
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
    // Better an order that may be refused for its steps than none.
    catchError(() => of([fits(close)])),
  )
}

/** True where an order that was to close something did not, or may not have. */
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

/** Closes what is held of a symbol, as far as is known; tells `fail` in words what did not work. */
export const close = (closing: Closing): Observable<IntentOutcome> => {
  const { account, symbol, isContract, asking, closeWithinMs, scheduler, fail, dispatch, state } = closing
  const judge = (outcome: IntentOutcome) => {
    const failure = failureIn(outcome)
    if (failure !== undefined) fail(failure)
  }
  const run = (intents: readonly PlaceOrder[]): Observable<IntentOutcome> =>
    from(intents).pipe(execute(account, { onEnd: 'wait', onUnknown: 'continue', scheduler }))

  const balance = (info: SymbolInfo): Observable<Balance> =>
    account.asset(asking).pipe(
      take(1),
      map((assets) => {
        const none = { free: 0, locked: 0, total: 0 }
        const { base_currency } = info
        return Object.hasOwn(assets, base_currency) ? (assets[base_currency] ?? none) : none
      }),
    )

  /** A sell was refused: fees that no fill has told may have taken a part of it. What is free is sold. */
  const sellFree = (refused: IntentOutcome, sell: PlaceOrder): Observable<IntentOutcome> =>
    infoOf(closing).pipe(
      switchMap((info) => balance(info).pipe(map((found) => [info, found] as const))),
      mergeMap(([info, { free, total }]): Observable<IntentOutcome> => {
        if (free >= sell.quantity) {
          judge(refused)
          return EMPTY
        }
        const paid = (left: number) => {
          const missing = new Big(sell.quantity).minus(left)
          if (missing.gt(0)) dispatch({ _tag: 'FeesPaid', symbol, quantity: missing })
        }
        const words = `${symbol}: of ${sell.quantity} only ${free} is there to be sold; fees took the rest`
        const price = state().references.get(symbol)?.price
        const fitted = free > 0 ? roundToIncrements(info, marketSell(symbol, free), price) : undefined
        const selling$ = fitted?._tag === 'Fits' ? run([fitted.intent]).pipe(tap(judge)) : EMPTY
        if (total >= sell.quantity * (1 - MOST_FEES)) {
          if (free < total) fail(`${new Big(total).minus(free).toString()} of what is held is locked by orders`)
          paid(total)
          return concat(of(rest(sell, 'not-held', words)), selling$)
        }
        const sold = fitted?._tag === 'Fits' ? fitted.intent.quantity : 0
        const look$ = timerOrNever(LOOK_AGAIN_MS, scheduler).pipe(
          switchMap(() => balance(info)),
          tap((again) => {
            const isDust =
              again.total <= 0 || roundToIncrements(info, marketSell(symbol, again.total), price)._tag === 'Misfit'
            if (isDust) paid(new Big(again.total).plus(sold).toNumber())
            else judge(refused)
          }),
          mergeMap(() => EMPTY),
        )
        return concat(of(rest(sell, 'not-held', words)), selling$, look$)
      }),
      catchError(() => {
        judge(refused)
        return EMPTY
      }),
    )

  const plan$ = defer(() => (isContract ? closeContract(closing) : closeNet(closing)))
  return plan$.pipe(
    mergeMap((plan) => {
      const intents = plan.flatMap((each) => (each._tag === 'Fits' ? [each.intent] : []))
      // What is below the limits cannot be sold, and what is left of it is no position to speak of.
      const rests = plan.flatMap((each) => (each._tag === 'Misfit' ? [rest(each.intent, each.reason, each.words)] : []))
      const late$ = timerOrNever(closeWithinMs, scheduler).pipe(
        tap(() => fail(`the closing orders were not heard to be over within ${closeWithinMs} ms`)),
      )
      const closing$ = run(intents).pipe(
        concatMap((outcome): Observable<IntentOutcome> => {
          const { intent } = outcome
          if (outcome._tag === 'Rejected' && !isContract && intent._tag === 'Place' && intent.action === 'SELL')
            return concat(of(outcome), sellFree(outcome, intent))
          judge(outcome)
          return of(outcome)
        }),
        takeUntil(late$),
      )
      return concat(from(rests), closing$)
    }),
  )
}
