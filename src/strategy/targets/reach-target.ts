import {
  asyncScheduler,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  type OperatorFunction,
  repeat,
  retry,
  skip,
  Subject,
  switchMap,
  take,
  tap,
  throwIfEmpty,
} from 'rxjs'
import type { Account } from '../../client/index.js'
import { timerOrNever } from '../timer-or-never.js'
import { contractsHeld } from './contracts-held.js'
import type { Intent } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import type { PositionSize } from './own-position.js'
import {
  isLost,
  isOverdue,
  type Move,
  nextMove,
  type Prices,
  type TargetEvent,
  targetStateOf,
  type TargetSettings,
  reduce,
  wakeAt,
} from './target-state.js'
import { finite } from '../sizing/finite.js'
import { executeWithFeedback, type FeedbackOptions } from '../execution/execute-with-feedback.js'

/** Settings of `reachTarget`. */
export interface ReachTargetOptions extends FeedbackOptions {
  readonly symbol: string
  /** Limit prices, or prices to value market orders at. The latest one counts. */
  readonly price$: Observable<Prices>
  /** @default IOC */
  readonly order_type?: 'LIMIT' | 'IOC' | 'MARKET'
  /** Position at the start: a number for netting positions, both sides for contracts. @default 0 */
  readonly held?: PositionSize
  /**
   * Queries the position, in the form of `held`, when the filled quantity of a closed order is not
   * known. Nothing is placed before the answer. Without it, buys no more than is certainly missing
   * and sells no more than is certainly held.
   * @default the account's `position` for contracts; none for others
   */
  readonly lookUp?: () => Observable<PositionSize>
  /**
   * Shortest pause between two tries at one target, in ms. Consecutive refusals extend it, up to 30
   * s.
   * @default 1000
   */
  readonly pauseMs?: number
  /**
   * Limit of a MARKET buy on spot above the last price, as a fraction of it. The buy is sent as an
   * IOC order for a quantity: a market order for an amount would buy too much if the price falls.
   * After a refusal the limit is the price itself.
   * @default 0.01
   */
  readonly maxSlippage?: number
}

/** Pause before the next query of the balance, in ms. */
const queryAgainMs = (pauseMs: number, nth: number): number => Math.min(30_000, Math.max(1_000, pauseMs) * 2 ** nth)

const checked = (held: PositionSize): PositionSize => {
  for (const each of typeof held === 'number' ? [held] : [held.long, held.short]) finite('the position', each)
  return held
}

/**
 * Brings a position to each target of the source. Computes the position from its own orders: from
 * their fills and from the filled quantity of their closing events, whichever comes first.
 *
 * - Has at most one round of orders in progress. Cancels an order that works against a new target
 *   before it places another.
 * - Tries a missing quantity again at the next price, or after `pauseMs` at the latest price. After
 *   refusals the pauses grow.
 * - On spot, fees in base currency reduce the position. After a rejected sell, queries the balance
 *   and sells the free part.
 * - Emits a remainder below the symbol's limits as NotSent, once.
 * - Queries the open orders when the end of an order is overdue. Looks up the position when a
 *   filled quantity is not known (see `lookUp`).
 *
 * Completes when the last target is reached, or is nearer than the smallest order; waits at most
 * `endWithinMs` for fills that a closing event has reported. Errors if a target is not a number.
 * Places nothing at a price that is not above 0.
 *
 * ```ts
 * const price$ = ticker$.pipe(map(({ bid, ask }) => ({ buy: ask, sell: bid })))
 * crossings$.pipe(
 *   map((way) => (way === 'up' ? 0.01 : 0)),
 *   reachTarget(account, { symbol: 'BTC/USDT', price$ }),
 * )
 * ```
 */
export const reachTarget =
  (account: Account, options: ReachTargetOptions): OperatorFunction<number, IntentOutcome> =>
  (target$) =>
    new Observable((subscriber) => {
      const {
        symbol,
        price$,
        order_type = 'IOC',
        held = 0,
        pauseMs = 1_000,
        maxSlippage = 0.01,
        lookUp,
        ...executing
      } = options
      const { scheduler = asyncScheduler, endWithinMs = 5_000 } = executing
      if (finite('maxSlippage', maxSlippage) < 0)
        throw new RangeError(`maxSlippage should be 0 or more, but is ${maxSlippage}`)
      const lookUp$ = lookUp ?? (typeof held === 'number' ? undefined : () => contractsHeld(account, symbol))
      const settings: TargetSettings = { symbol, order_type, pauseMs, canLookUp: lookUp$ !== undefined, maxSlippage }
      const intents$ = new Subject<Intent>()
      const overdue$ = new Subject<void>()
      const moved$ = new Subject<Move>()
      let state = targetStateOf(held)

      const note = (event: TargetEvent) => {
        state = reduce(state, event, settings, scheduler.now())
      }
      const emitRests = (move: Move) => {
        const rests = 'rests' in move ? (move.rests ?? []) : []
        const key = JSON.stringify(rests.map(({ reason, intent }) => [reason, intent.action]))
        if (rests.length === 0 || key === state.emittedRest) return
        note({ _tag: 'RestEmitted', key })
        for (const { intent, reason, words } of rests) subscriber.next({ _tag: 'NotSent', intent, reason, words })
      }
      const on = (event: TargetEvent) => {
        note(event)
        if (isOverdue(state, scheduler.now())) {
          note({ _tag: 'Asked' })
          overdue$.next()
        }
        const move = nextMove(state, settings, scheduler.now())
        moved$.next(move)
        emitRests(move)
        if (move._tag === 'Complete') intents$.complete()
        if (move._tag !== 'Send') return
        note({ _tag: 'Sent', intents: move.intents })
        for (const intent of move.intents) intents$.next(intent)
      }

      /** Subscribes to `then$` each time that `holds` becomes true, until it is false. */
      const whenever = (holds: (move: Move) => boolean, then$: Observable<TargetEvent>) =>
        moved$.pipe(
          map(holds),
          distinctUntilChanged(),
          switchMap((does) => (does ? then$ : EMPTY)),
        )
      // After a pause: a server may report the end of an order before its position contains the
      // fills.
      const lookedUp$ = timerOrNever(pauseMs, scheduler).pipe(
        switchMap(() => (lookUp$?.() ?? EMPTY).pipe(take(1), throwIfEmpty())),
        map((found): TargetEvent => ({ _tag: 'LookedUp', held: checked(found) })),
        // Each try begins with a pause.
        retry(),
      )
      // Repeat while too little is free: an order of another client may lock it.
      const balance$ = defer(() => account.asset()).pipe(
        map((assets): TargetEvent => {
          const base = state.info?.base_currency ?? ''
          const none = { free: 0, locked: 0, total: 0 }
          return { _tag: 'Balance', balance: Object.hasOwn(assets, base) ? (assets[base] ?? none) : none }
        }),
      )
      const freeBalance$ = timerOrNever(pauseMs, scheduler).pipe(
        switchMap(() => balance$),
        retry({ delay: (_, nth) => timerOrNever(queryAgainMs(pauseMs, nth), scheduler) }),
        repeat({ delay: (nth) => timerOrNever(queryAgainMs(pauseMs, nth), scheduler) }),
      )
      const woken$ = moved$.pipe(
        map((move) => wakeAt(state, move, scheduler.now())),
        distinctUntilChanged(),
        switchMap((at) => (at === undefined ? EMPTY : timerOrNever(at - scheduler.now(), scheduler))),
        map((): TargetEvent => ({ _tag: 'Woken' })),
      )
      const back$ = account.tradable$.pipe(
        skip(1),
        filter((tradable) => tradable),
        map((): TargetEvent => ({ _tag: 'Back' })),
      )
      const waited$ = timerOrNever(endWithinMs, scheduler).pipe(map((): TargetEvent => ({ _tag: 'Waited' })))
      // The account applies the answer: an order that it lacks becomes Missing, and so Lost.
      const openOrders$ = overdue$.pipe(
        switchMap(() => account.openOrders(symbol).pipe(retry({ delay: () => timerOrNever(pauseMs, scheduler) }))),
        ignoreElements(),
      )

      executeWithFeedback(intents$, account, executing, subscriber, (outcome) => on({ _tag: 'Outcome', outcome }))
      subscriber.add(
        merge(
          whenever(({ _tag }) => _tag === 'Listen', waited$),
          whenever(() => state.isShort, freeBalance$),
          woken$,
          back$,
          whenever(() => lookUp$ !== undefined && isLost(state), lookedUp$),
          openOrders$,
          account.symbolInfo(symbol).pipe(map((info): TargetEvent => ({ _tag: 'Info', info }))),
          price$.pipe(map((prices): TargetEvent => ({ _tag: 'Prices', prices }))),
          concat(
            target$.pipe(map((target): TargetEvent => ({ _tag: 'Target', target: finite('the target', target) }))),
            of<TargetEvent>({ _tag: 'NoMoreTargets' }),
          ),
        )
          .pipe(tap(on))
          .subscribe({ error: (error: unknown) => intents$.error(error) }),
      )
    })
