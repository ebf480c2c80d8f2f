import {
  asyncScheduler,
  type BehaviorSubject,
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
  type SchedulerLike,
  switchMap,
  takeUntil,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import { after } from '../after.js'
import { contractsHeld } from '../contracts-held.js'
import { isDoubtful } from './exposure.js'
import { exposureIn, type GateEvent, type GateState } from './gate.js'
import type { Held, Limits } from './limits.js'
import { lookUp } from './look-up.js'
import { spotHeldBy } from './spot-held.js'

/** What a gate does after notices were missed for good. */
export interface LookUpOptions {
  /**
   * How it is looked up what is held of a symbol; undefined where it cannot be. Until it has been, what orders that went meanwhile may have filled counts
   * both ways. On spot only you know which of the coins are the strategy's:
   * `() => account.asset().pipe(map((assets) => ({ long: (assets['BTC']?.total ?? 0) - atTheStart })))`.
   * @default `position` for contracts. On spot, with the login's `soleTrader`, the change of the
   * balance since the start of the gate, if nothing was open then and no other symbol of the login
   * trades the base currency. Nothing for others
   */
  readonly lookUp?: (symbol: string) => Observable<Held> | undefined
  /** How long to wait before that, in ms: a server may show a fill in the list of orders before it shows it in the position. @default 500 */
  readonly lookUpAfterMs?: number
  /** How long a symbol's orders are refused for that (`account-unknown`), in ms; then they are judged for the worst. @default 3000 */
  readonly lookUpWithinMs?: number
  /** What ages, paces and waits are measured by. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

interface Gate {
  readonly dispatch: (event: GateEvent) => void
  readonly state$: BehaviorSubject<GateState>
}

/**
 * Tells the gate of the gaps in what it hears, for as long as the account lasts, and looks up what is held where that is possible: or what orders
 * that went in a gap may have filled would count for ever. Nothing is lowered but by what the server says.
 */
export const closeGaps = (
  account: Account,
  limits: Limits,
  { dispatch, state$ }: Gate,
  options: LookUpOptions = {},
): Observable<never> => {
  const { scheduler = asyncScheduler, lookUpAfterMs = 500, lookUpWithinMs = 3_000 } = options
  const isContract = (symbol: string) => limits.contracts.includes(symbol)
  const spots = limits.symbols.filter((symbol) => !isContract(symbol))
  const spotHeld = options.lookUp === undefined ? spotHeldBy(account, spots, () => state$.value) : undefined
  const wayFor =
    options.lookUp ?? ((symbol: string) => (isContract(symbol) ? contractsHeld(account, symbol) : spotHeld?.(symbol)))
  const known = (symbol: string) => exposureIn(state$.value, symbol)
  const looking = new Set<string>()

  const look = (symbol: string): Observable<never> =>
    defer(() => {
      if (wayFor(symbol) === undefined) return EMPTY
      looking.add(symbol)
      const late = after(lookUpWithinMs, scheduler).subscribe({
        next: () => dispatch({ _tag: 'LookUpLate', symbol }),
        error: () => undefined,
      })
      return lookUp(account, symbol, {
        held$: defer(() => wayFor(symbol) ?? EMPTY),
        known: () => known(symbol),
        take: (seen) => {
          dispatch({ _tag: 'LookedUp', symbol, ...seen })
          return !isDoubtful(known(symbol))
        },
        afterMs: lookUpAfterMs,
        scheduler,
      }).pipe(
        finalize(() => {
          late.unsubscribe()
          looking.delete(symbol)
        }),
      )
    })

  const missed$ = account.gap$.pipe(
    filter(({ recovered }) => !recovered),
    mergeMap((gap) => {
      const symbols = limits.symbols.filter((symbol) => wayFor(symbol) !== undefined)
      dispatch({ _tag: 'Missed', gap, lookUp: symbols })
      return symbols
    }),
  )
  // What is told of an order may be in what was looked up, or not: only another look tells.
  const doubtful$ = merge(account.order$, account.fill$).pipe(
    map(({ symbol }) => symbol),
    filter((symbol) => !looking.has(symbol) && isDoubtful(known(symbol))),
  )
  return merge(missed$, doubtful$).pipe(
    groupBy((symbol) => symbol),
    mergeMap((same$) => same$.pipe(switchMap(look))),
    takeUntil(account.order$.pipe(ignoreElements(), endWith(undefined))),
  )
}
