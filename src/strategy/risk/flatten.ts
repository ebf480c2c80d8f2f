import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  race,
  ReplaySubject,
  type SchedulerLike,
  switchMap,
  take,
  tap,
  throwError,
} from 'rxjs'
import type { Account, CommandOptions } from '../../client/index.js'
import type { SymbolInfo } from '../../protocol/index.js'
import { timerOrNever } from '../timer-or-never.js'
import { execute } from '../execution/execute.js'
import { cancelAll, marketSell } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import { roundToIncrements } from '../sizing/index.js'
import { close } from './close.js'
import { type Exposure, longOf } from './state/exposure.js'
import { isWorking } from './state/tracked.js'
import { exposureIn, type GateEvent, type GateState } from './state/gate.js'
import type { Limits } from './limits.js'

/** Settings of `flatten`. */
export interface FlattenOptions {
  /**
   * Longest wait for the end of the cancelled orders before the positions are closed, in ms. Counts
   * while the account is tradable, whether the cancel is answered or not. Also the timeout of
   * queries.
   * @default 3000
   */
  readonly cancelWithinMs?: number
  /** Longest wait for the end of the closing orders of a symbol, in ms. @default 10000 */
  readonly closeWithinMs?: number
  /** @default the scheduler of `withRiskLimits` */
  readonly scheduler?: SchedulerLike
}

/**
 * Flattening is incomplete, or its result is not known. Every symbol was processed as far as
 * possible.
 */
export class FlattenFailed extends Error {
  readonly _tag = 'FlattenFailed'
  override readonly name = 'FlattenFailed'
  /** Failures, each with its symbol. Check the account by hand. */
  readonly failures: readonly string[]

  constructor(failures: readonly string[]) {
    super(failures.join('; '))
    this.failures = failures
  }
}

/** Number of cancels per symbol while the server does not confirm them. */
const CANCEL_TRIES = 2

/** Largest number of closing rounds if the position was not known exactly at first. */
const CLOSE_ROUNDS = 2

/** Access of the flattening to the risk engine. */
export interface FlattenContext {
  readonly limits: Limits
  /** Replays the latest value. */
  readonly state$: Observable<GateState>
  readonly dispatch: (event: GateEvent) => void
  readonly state: () => GateState
}

const workingIn = (exposure: Exposure): number => [...exposure.orders.values()].filter(isWorking).length

/** True if the position is known exactly. */
const isExact = (exposure: Exposure): boolean => {
  const { min, max } = longOf(exposure)
  return min.eq(max)
}

/**
 * Cancels all orders, waits for their end, and closes the positions. Its orders bypass the limits,
 * as trading is halted, but are counted: `account` reports them to the risk engine. Failures on the
 * way are dropped if everything is closed in the end; otherwise the stream errors with
 * FlattenFailed at the end. A remainder below the symbol's limits is emitted as NotSent and is not
 * a failure.
 */
export const flattenAccount = (
  account: Account,
  { limits, state$, state, dispatch }: FlattenContext,
  { cancelWithinMs = 3_000, closeWithinMs = 10_000, scheduler = asyncScheduler }: FlattenOptions = {},
): Observable<IntentOutcome> => {
  const queryOptions: CommandOptions = Number.isFinite(cancelWithinMs) ? { timeoutMs: Math.max(1, cancelWithinMs) } : {}
  const bounded: Account = { ...account, cancelOrder: (request) => account.cancelOrder(request, queryOptions) }
  const exposure = (symbol: string) => exposureIn(state(), symbol)
  const openCount = (symbol: string) => workingIn(exposure(symbol))
  const noneOpen = (symbol: string) =>
    state$.pipe(
      filter(() => openCount(symbol) === 0),
      take(1),
    )

  /**
   * Cancels all orders of a symbol. Repeats the cancel if it is not confirmed and orders are still
   * listed: their fills would open the position again.
   */
  const canceling = (symbol: string, tries: number, fail: (words: string) => void): Observable<IntentOutcome> =>
    of(cancelAll(symbol)).pipe(
      execute(bounded, { onEnd: 'leave', scheduler }),
      concatMap((outcome) => {
        if (outcome._tag === 'Canceled') return of(outcome)
        const again$ = account.openOrders(symbol, queryOptions).pipe(
          catchError(() => of(undefined)),
          concatMap((remaining) => {
            if (remaining?.length === 0) return EMPTY
            if (tries > 1) return canceling(symbol, tries - 1, fail)
            fail(
              `${remaining === undefined ? 'orders may still be' : `${remaining.length} orders are still`} open after a cancel: ${outcome._tag}`,
            )
            return EMPTY
          }),
        )
        return concat(of(outcome), again$)
      }),
    )

  const flattenSymbol = (symbol: string, onFailures: (words: readonly string[]) => void): Observable<IntentOutcome> => {
    const isContract = limits.contracts.includes(symbol)
    let info: SymbolInfo | undefined
    const cancelFailures: string[] = []
    let closeFailures: string[] = []

    const isDust = (): boolean => {
      const { min, max } = longOf(exposure(symbol))
      const price = state().references.get(symbol)?.price
      return [min, max].every(
        (quantity) =>
          quantity.eq(0) ||
          (info !== undefined &&
            roundToIncrements(info, marketSell(symbol, quantity.abs().toNumber()), price)._tag === 'Misfit'),
      )
    }
    const isFlat = (): Observable<boolean> => {
      if (openCount(symbol) > 0 || (!isContract && !isDust())) return of(false)
      return account.openOrders(symbol, queryOptions).pipe(
        switchMap((orders) => {
          if (orders.length > 0) return of(false)
          if (!isContract) return of(true)
          return account
            .position(symbol, queryOptions)
            .pipe(map(({ long_quantity, short_quantity }) => long_quantity === 0 && short_quantity === 0))
        }),
        take(1),
        catchError(() => of(false)),
      )
    }

    const closeRound = (rounds: number): Observable<IntentOutcome> =>
      defer(() => {
        const began = scheduler.now()
        const fail = (words: string) => closeFailures.push(words)
        const wasExact = isExact(exposure(symbol))
        const closing$ = close({
          ...{ account, symbol, isContract, state, dispatch, queryOptions, closeWithinMs, scheduler, fail },
          onInfo: (found) => (info = found),
        })
        // Wait for open and unresolved orders: they may have closed the position after all.
        const ended$ = defer(() =>
          openCount(symbol) === 0
            ? EMPTY
            : race(
                noneOpen(symbol),
                timerOrNever(Math.max(0, began + closeWithinMs - scheduler.now()), scheduler),
              ).pipe(ignoreElements()),
        )
        const retried$ = defer(isFlat).pipe(
          concatMap((flat) => {
            if (flat) {
              closeFailures = []
              cancelFailures.length = 0
              return EMPTY
            }
            if (rounds <= 1 || isContract || wasExact || !isExact(exposure(symbol))) return EMPTY
            closeFailures = []
            return closeRound(rounds - 1)
          }),
        )
        const hasFailed = () => closeFailures.length + cancelFailures.length > 0
        return concat(
          closing$,
          defer(() => (hasFailed() ? concat(ended$, retried$) : EMPTY)),
        )
      })

    return defer(() => {
      const answered$ = new ReplaySubject<void>(1)
      const hadOpen = openCount(symbol) > 0
      const cancel$ = canceling(symbol, CANCEL_TRIES, (words) => cancelFailures.push(words)).pipe(
        tap({ complete: () => answered$.next() }),
      )
      // A CANCELED event proves that the cancel arrived, even without a reply.
      const canceledEvent$ = hadOpen
        ? account.orderEvent$.pipe(
            filter((event) => event._tag === 'Closed' && event.reason === 'CANCELED' && event.symbol === symbol),
          )
        : NEVER
      const over$ = merge(answered$, canceledEvent$).pipe(
        take(1),
        mergeMap(() => noneOpen(symbol)),
      )
      // Time while the account is not tradable does not count: nothing can be cancelled or closed
      // then.
      const late$ = merge(
        account.tradable$.pipe(switchMap((tradable) => (tradable ? timerOrNever(cancelWithinMs, scheduler) : NEVER))),
        answered$.pipe(mergeMap(() => timerOrNever(cancelWithinMs, scheduler))),
      )
      const closing$ = merge(over$, late$).pipe(
        take(1),
        mergeMap(() => {
          const remaining = openCount(symbol)
          if (remaining === 0) return closeRound(CLOSE_ROUNDS)
          cancelFailures.push(`${remaining} orders did not end within ${cancelWithinMs} ms after the cancel`)
          // Cancel again: these orders may have reached the server after the first cancel.
          return merge(
            canceling(symbol, 1, (words) => cancelFailures.push(words)),
            closeRound(CLOSE_ROUNDS),
          )
        }),
      )
      return concat(
        merge(cancel$, closing$),
        defer(() => {
          onFailures([...cancelFailures, ...closeFailures])
          return EMPTY
        }),
      )
    })
  }

  return defer(() => {
    const failures: string[] = []
    const all$ = from(limits.symbols).pipe(
      mergeMap((symbol) =>
        flattenSymbol(symbol, (words) => failures.push(...words.map((each) => `${symbol}: ${each}`))),
      ),
    )
    const end$ = defer(() => (failures.length === 0 ? EMPTY : throwError(() => new FlattenFailed(failures))))
    return concat(all$, end$)
  })
}
