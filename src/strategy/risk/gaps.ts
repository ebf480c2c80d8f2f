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

/** First pause before another look; it doubles, up to the last. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

/** What a gate does after notices were missed for good. */
export interface LookUpOptions {
  /**
   * How it is looked up what is held of a symbol; undefined where it cannot be. Until it has been, what orders that went meanwhile may have filled counts
   * both ways. On spot only you know which of the coins are the strategy's:
   * `() => account.asset().pipe(map((assets) => ({ long: (assets['BTC']?.total ?? 0) - atTheStart })))`.
   * @default `position` for contracts. On spot, with the login's `exclusiveAccount`, the change of the
   * balance since the start of the gate, if nothing was open then and no other symbol of the login
   * trades the base currency. Nothing for others
   */
  readonly lookUp?: (symbol: string) => Observable<PositionQuantity> | undefined
  /**
   * Pause before the position is asked for, and after each fill, in ms: a server may report a fill
   * before it counts it in the position.
   * @default 500
   */
  readonly lookUpAfterMs?: number
  /** How long a symbol's orders are refused for that (`account-unknown`), in ms; then they are judged for the worst. @default 3000 */
  readonly lookUpWithinMs?: number
  /** What ages, paces and waits are measured by. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

interface Gate {
  readonly dispatch: (event: GateEvent) => void
  readonly state: () => GateState
}

/**
 * Tells the gate that notices were missed, and looks up the position where that is possible: what
 * missing orders may have filled would otherwise count for good. Which orders are open is the
 * client's to ask: it has compared its lists before it emits `reconciled$`.
 */
export const closeGaps = (
  account: Account,
  limits: Limits,
  { dispatch, state }: Gate,
  options: LookUpOptions = {},
): Observable<never> => {
  const { scheduler = asyncScheduler, lookUpAfterMs = 500, lookUpWithinMs = 3_000 } = options
  const isContract = (symbol: string) => limits.contracts.includes(symbol)
  const spots = limits.symbols.filter((symbol) => !isContract(symbol))
  const spotHeld = options.lookUp === undefined ? spotHeldBy(account, spots, state) : undefined
  const wayFor =
    options.lookUp ?? ((symbol: string) => (isContract(symbol) ? contractsHeld(account, symbol) : spotHeld?.(symbol)))
  const known = (symbol: string) => exposureIn(state(), symbol)
  const looking = new Set<string>()

  /** Asks once; emits whether the answer was enough. */
  const ask = (symbol: string): Observable<boolean> =>
    defer(() => {
      if (!isDoubtful(known(symbol))) return of(true)
      return account.orders(symbol).pipe(
        filter(({ stale }) => !stale),
        take(1),
        switchMap(({ all }) => {
          // Before the question: what is open afterwards may have filled before the answer.
          const before = known(symbol)
          const open = [...all.values()]
          return (wayFor(symbol) ?? EMPTY).pipe(
            take(1),
            map((held) => {
              dispatch({ _tag: 'LookedUp', symbol, before, held, open })
              return !isDoubtful(known(symbol))
            }),
          )
        }),
        defaultIfEmpty(false),
        // A question that fails says nothing: another one may.
        catchError(() => of(false)),
      )
    })

  const fill$ = account.orderEvent$.pipe(filter(({ _tag }) => _tag === 'PartiallyFilled' || _tag === 'Filled'))
  /** Emits after `ms`, but not before a fill of the symbol can be expected in its position. */
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
      if (wayFor(symbol) === undefined) return EMPTY
      looking.add(symbol)
      const late = timerOrNever(lookUpWithinMs, scheduler).subscribe({
        next: () => dispatch({ _tag: 'LookUpLate', symbol }),
        error: () => undefined,
      })
      return pause(symbol, lookUpAfterMs).pipe(
        switchMap(() => ask(symbol).pipe(repeat({ delay: (looks) => pauseAfter(symbol, looks) }))),
        takeWhile((done) => !done),
        ignoreElements(),
        finalize(() => {
          late.unsubscribe()
          looking.delete(symbol)
        }),
      )
    })

  const missed$ = account.reconciled$.pipe(
    filter(({ recovered }) => !recovered),
    mergeMap(() => {
      const symbols = limits.symbols.filter((symbol) => wayFor(symbol) !== undefined)
      dispatch({ _tag: 'Missed', lookUp: symbols })
      return symbols
    }),
  )
  const doubtful$ = account.orderEvent$.pipe(
    map(symbolOf),
    filter((symbol) => !looking.has(symbol) && isDoubtful(known(symbol))),
  )
  return merge(missed$, doubtful$).pipe(
    groupBy((symbol) => symbol),
    mergeMap((same$) => same$.pipe(switchMap(look))),
    takeUntil(account.orderEvent$.pipe(ignoreElements(), endWith(undefined))),
  )
}
