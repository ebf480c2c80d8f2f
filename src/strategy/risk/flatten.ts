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
   * Longest wait for the cancelled orders to end before closing what is held, in ms: from the start, for as long as the account is tradable, whether
   * the cancel is answered or not. It ends as soon as they are heard to be over. Questions to the server wait no longer for their answers either.
   * @default 3000
   */
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

/** Largest number of closing rounds, where it was not known at first how much is held. */
const CLOSE_ROUNDS = 2

/** The gate that flattens. */
export interface FlattenGate {
  readonly limits: Limits
  /** Replays the last. */
  readonly state$: Observable<GateState>
  readonly dispatch: (event: GateEvent) => void
  readonly state: () => GateState
}

const workingIn = (exposure: Exposure): number => [...exposure.orders.values()].filter(isWorking).length

/** True where the filled quantity of every order is known. */
const isExact = (exposure: Exposure): boolean => {
  const { min, max } = longOf(exposure)
  return min.eq(max)
}

/**
 * Cancels all orders, waits until they are over, and closes what is held; past the gate, which is shut by then, but counted by it: `account` tells
 * it of orders. What went wrong on the way is forgotten where everything is closed in the end. Errors with FlattenFailed, at the end, where it is not. A rest
 * below the symbol's limits is told as NotSent, and is no failure.
 */
export const flattenAccount = (
  account: Account,
  { limits, state$, state, dispatch }: FlattenGate,
  { cancelWithinMs = 3_000, closeWithinMs = 10_000, scheduler = asyncScheduler }: FlattenOptions = {},
): Observable<IntentOutcome> => {
  const asking: CommandOptions = Number.isFinite(cancelWithinMs) ? { timeoutMs: Math.max(1, cancelWithinMs) } : {}
  const bounded: Account = { ...account, cancelOrder: (request) => account.cancelOrder(request, asking) }
  const exposure = (symbol: string) => exposureIn(state(), symbol)
  const open = (symbol: string) => workingIn(exposure(symbol))
  const quiet = (symbol: string) =>
    state$.pipe(
      filter(() => open(symbol) === 0),
      take(1),
    )

  /** Once more where it is not known to have worked and orders are listed still: they would open again what is closed. */
  const canceling = (symbol: string, tries: number, fail: (words: string) => void): Observable<IntentOutcome> =>
    of(cancelAll(symbol)).pipe(
      execute(bounded, { onEnd: 'leave', scheduler }),
      concatMap((outcome) => {
        if (outcome._tag === 'Canceled') return of(outcome)
        const again$ = account.openOrders(symbol, asking).pipe(
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

  const flattenSymbol = (symbol: string, failed: (words: readonly string[]) => void): Observable<IntentOutcome> => {
    const isContract = limits.contracts.includes(symbol)
    let info: SymbolInfo | undefined
    const ofCancel: string[] = []
    let ofClose: string[] = []

    const isDust = (): boolean => {
      const { min, max } = longOf(exposure(symbol))
      const price = state().references.get(symbol)?.price
      return [min, max].every(
        (held) =>
          held.eq(0) ||
          (info !== undefined &&
            roundToIncrements(info, marketSell(symbol, held.abs().toNumber()), price)._tag === 'Misfit'),
      )
    }
    const isFlat = (): Observable<boolean> => {
      if (open(symbol) > 0 || (!isContract && !isDust())) return of(false)
      return account.openOrders(symbol, asking).pipe(
        switchMap((orders) => {
          if (orders.length > 0) return of(false)
          if (!isContract) return of(true)
          return account
            .position(symbol, asking)
            .pipe(map(({ long_quantity, short_quantity }) => long_quantity === 0 && short_quantity === 0))
        }),
        take(1),
        catchError(() => of(false)),
      )
    }

    const closeRound = (rounds: number): Observable<IntentOutcome> =>
      defer(() => {
        const began = scheduler.now()
        const fail = (words: string) => ofClose.push(words)
        const wasExact = isExact(exposure(symbol))
        const closing$ = close({
          ...{ account, symbol, isContract, state, dispatch, asking, closeWithinMs, scheduler, fail },
          learn: (found) => (info = found),
        })
        // What became of an order of unknown fate may be found out yet, and whether it has closed what it was to close.
        const settled$ = defer(() =>
          open(symbol) === 0
            ? EMPTY
            : race(quiet(symbol), timerOrNever(Math.max(0, began + closeWithinMs - scheduler.now()), scheduler)).pipe(
                ignoreElements(),
              ),
        )
        const judged$ = defer(isFlat).pipe(
          concatMap((flat) => {
            if (flat) {
              ofClose = []
              ofCancel.length = 0
              return EMPTY
            }
            if (rounds <= 1 || isContract || wasExact || !isExact(exposure(symbol))) return EMPTY
            ofClose = []
            return closeRound(rounds - 1)
          }),
        )
        const hasFailed = () => ofClose.length + ofCancel.length > 0
        return concat(
          closing$,
          defer(() => (hasFailed() ? concat(settled$, judged$) : EMPTY)),
        )
      })

    return defer(() => {
      const answered$ = new ReplaySubject<void>(1)
      const hadOpen = open(symbol) > 0
      const cancel$ = canceling(symbol, CANCEL_TRIES, (words) => ofCancel.push(words)).pipe(
        tap({ complete: () => answered$.next() }),
      )
      // The cancel has arrived, though nobody may have answered it.
      const heard$ = hadOpen
        ? account.orderEvent$.pipe(
            filter((event) => event._tag === 'Closed' && event.reason === 'CANCELED' && event.symbol === symbol),
          )
        : NEVER
      const over$ = merge(answered$, heard$).pipe(
        take(1),
        mergeMap(() => quiet(symbol)),
      )
      // Nothing can be cancelled or closed while orders cannot be written: that time does not count.
      const late$ = merge(
        account.tradable$.pipe(switchMap((tradable) => (tradable ? timerOrNever(cancelWithinMs, scheduler) : NEVER))),
        answered$.pipe(mergeMap(() => timerOrNever(cancelWithinMs, scheduler))),
      )
      const closing$ = merge(over$, late$).pipe(
        take(1),
        mergeMap(() => {
          const left = open(symbol)
          if (left === 0) return closeRound(CLOSE_ROUNDS)
          ofCancel.push(`${left} orders were not heard to be over within ${cancelWithinMs} ms`)
          // Once more: they may have come after the first, on their way as it went or sent again by the client since.
          return merge(
            canceling(symbol, 1, (words) => ofCancel.push(words)),
            closeRound(CLOSE_ROUNDS),
          )
        }),
      )
      return concat(
        merge(cancel$, closing$),
        defer(() => {
          failed([...ofCancel, ...ofClose])
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
