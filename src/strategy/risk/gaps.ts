import {
  asyncScheduler,
  catchError,
  defaultIfEmpty,
  defer,
  EMPTY,
  endWith,
  filter,
  finalize,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  repeat,
  type SchedulerLike,
  startWith,
  switchMap,
  take,
  takeUntil,
  takeWhile,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import { timerOrNever } from '../timer-or-never.js'
import { contractsHeld } from '../targets/contracts-held.js'
import { isDoubtful } from './state/exposure.js'
import { exposureIn, type GateEvent, type GateState, symbolOf } from './state/gate.js'
import type { PositionQuantity, Limits } from './limits.js'
import { spotHeldBy } from './spot-held.js'

/** First pause between look-ups, in ms. Doubles up to the last. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

/** Settings of the look-up of positions after missed notices. */
export interface LookUpOptions {
  /**
   * Queries the position of a symbol; returns undefined if that is not possible. Until it answers,
   * possible fills of orders that disappeared count both ways. On spot only the caller knows which
   * part of a balance belongs to the strategy: `() => account.asset().pipe(map((assets) => ({ long:
   * (assets['BTC']?.total ?? 0) - atTheStart })))`.
   * @default `position` for contracts. On spot, with the login's `exclusiveAccount`, the change of
   * the balance since the call of `withRiskLimits`, if no order was open then and no other symbol
   * of the login trades the base currency. None for others
   */
  readonly lookUp?: (symbol: string) => Observable<PositionQuantity> | undefined
  /**
   * Pause before the query of the position, and after each fill, in ms: a server may report a fill
   * before its position contains it.
   * @default 500
   */
  readonly lookUpAfterMs?: number
  /**
   * Longest time that orders of a symbol are denied during a look-up (`account-unknown`), in ms.
   * After that they are checked against the worst case.
   * @default 3000
   */
  readonly lookUpWithinMs?: number
  /** Measures ages, rates and waits. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

interface RiskContext {
  readonly dispatch: (event: GateEvent) => void
  readonly state: () => GateState
}

/**
 * Reports missed notices to the risk engine and looks up the position where possible: otherwise the
 * possible fills of missing orders would count forever. Does not query open orders: the client has
 * reconciled them before it emits `reconciled$`.
 */
export const closeGaps = (
  account: Account,
  limits: Limits,
  { dispatch, state }: RiskContext,
  options: LookUpOptions = {},
): Observable<never> => {
  const { scheduler = asyncScheduler, lookUpAfterMs = 500, lookUpWithinMs = 3_000 } = options
  const isContract = (symbol: string) => limits.contracts.includes(symbol)
  const spots = limits.symbols.filter((symbol) => !isContract(symbol))
  const spotHeld = options.lookUp === undefined ? spotHeldBy(account, spots, state) : undefined
  const lookUpOf =
    options.lookUp ?? ((symbol: string) => (isContract(symbol) ? contractsHeld(account, symbol) : spotHeld?.(symbol)))
  const exposure = (symbol: string) => exposureIn(state(), symbol)
  const lookingUp = new Set<string>()

  /** Queries once; emits true if the position is known now. */
  const query = (symbol: string): Observable<boolean> =>
    defer(() => {
      if (!isDoubtful(exposure(symbol))) return of(true)
      return account.orders(symbol).pipe(
        filter(({ stale }) => !stale),
        take(1),
        switchMap(({ all }) => {
          // Taken before the query: an order open here may fill before the answer.
          const before = exposure(symbol)
          const open = [...all.values()]
          return (lookUpOf(symbol) ?? EMPTY).pipe(
            take(1),
            map((position) => {
              dispatch({ _tag: 'LookedUp', symbol, before, held: position, open })
              return !isDoubtful(exposure(symbol))
            }),
          )
        }),
        defaultIfEmpty(false),
        // A failed query proves nothing: try again.
        catchError(() => of(false)),
      )
    })

  const fill$ = account.orderEvent$.pipe(filter(({ _tag }) => _tag === 'PartiallyFilled' || _tag === 'Filled'))
  /** Emits after `ms`, but not before the position can be expected to contain the last fill. */
  const pause = (symbol: string, ms: number) =>
    defer(() => {
      const dueAt = scheduler.now() + ms
      return fill$.pipe(
        filter((event) => symbolOf(event) === symbol),
        map(() => Math.max(lookUpAfterMs, dueAt - scheduler.now())),
        startWith(ms),
        switchMap((left) => timerOrNever(left, scheduler)),
        take(1),
      )
    })
  const pauseAfter = (symbol: string, looks: number) =>
    pause(symbol, Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (looks - 1)))

  const look = (symbol: string): Observable<never> =>
    defer(() => {
      if (lookUpOf(symbol) === undefined) return EMPTY
      lookingUp.add(symbol)
      const late = timerOrNever(lookUpWithinMs, scheduler).subscribe({
        next: () => dispatch({ _tag: 'LookUpLate', symbol }),
        error: () => undefined,
      })
      return pause(symbol, lookUpAfterMs).pipe(
        switchMap(() => query(symbol).pipe(repeat({ delay: (looks) => pauseAfter(symbol, looks) }))),
        takeWhile((done) => !done),
        ignoreElements(),
        finalize(() => {
          late.unsubscribe()
          lookingUp.delete(symbol)
        }),
      )
    })

  const missed$ = account.reconciled$.pipe(
    filter(({ recovered }) => !recovered),
    mergeMap(() => {
      const symbols = limits.symbols.filter((symbol) => lookUpOf(symbol) !== undefined)
      dispatch({ _tag: 'Missed', lookUp: symbols })
      return symbols
    }),
  )
  const doubtful$ = account.orderEvent$.pipe(
    map(symbolOf),
    filter((symbol) => !lookingUp.has(symbol) && isDoubtful(exposure(symbol))),
  )
  return merge(missed$, doubtful$).pipe(
    groupBy((symbol) => symbol),
    mergeMap((same$) => same$.pipe(switchMap(look))),
    takeUntil(account.orderEvent$.pipe(ignoreElements(), endWith(undefined))),
  )
}
