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
import type { Account } from '../client/index.js'
import { after } from './after.js'
import { contractsHeld } from './contracts-held.js'
import type { Intent } from './intent.js'
import type { IntentOutcome } from './outcome.js'
import type { Holding } from './own-position.js'
import {
  isLost,
  isOverdue,
  type Move,
  nextMove,
  type Prices,
  type PursuitEvent,
  pursuitOf,
  type PursuitSettings,
  reduce,
  wakeAt,
} from './pursuit.js'
import { finite } from './sizing/finite.js'
import { steer, type SteerOptions } from './steer.js'

/** Settings of `reachTarget`. */
export interface ReachTargetOptions extends SteerOptions {
  readonly symbol: string
  /** The limits of the orders, or what market orders are valued by. The last one counts. */
  readonly price$: Observable<Prices>
  /** @default IOC */
  readonly order_type?: 'LIMIT' | 'IOC' | 'MARKET'
  /** What is held at the start: a number where positions net, both sides for contracts. @default 0 */
  readonly held?: Holding
  /**
   * How to look up what is held, in the form of `held`, when an order ended and nobody said how much it had filled. Nothing is placed until it
   * is known. Where it cannot be looked up, no more is bought than is missing in any case, and no more sold than is held in any case.
   * @default the account's `position` for contracts, and nothing for others
   */
  readonly lookUp?: () => Observable<Holding>
  /** The least pause between two tries at one target, in ms; refusals in a row make it longer, up to 30 s. @default 1000 */
  readonly pauseMs?: number
  /**
   * Largest price of a MARKET buy on spot above the last price, as a fraction of it. It is sent as an IOC order for a quantity: a market order for money buys more than
   * was meant when the price falls on its way. After a refusal the limit is the price itself.
   * @default 0.01
   */
  readonly maxSlippage?: number
}

/** Before the balance is asked for again, in ms. */
const askAgainMs = (pauseMs: number, nth: number): number => Math.min(30_000, Math.max(1_000, pauseMs) * 2 ** nth)

const checked = (held: Holding): Holding => {
  for (const each of typeof held === 'number' ? [held] : [held.long, held.short]) finite('what is held', each)
  return held
}

/**
 * Brings a position to the targets that come in, one after another, and keeps count by its own orders: by their fills, and by what their end
 * says was filled, whichever is told first, or at all. At most one round of orders is under way; what works against a new target is cancelled before
 * anything is placed. What is missing is tried again at the next price, or at the end of `pauseMs` with the last price that came within it. What is refused is tried
 * again after pauses that grow. On spot, fees in base currency are taken off what is held; when a sell is refused, the account's balance is asked for, and what is
 * free is sold. A rest below the symbol's limits is told as NotSent, once. After a drop, and when an end is not heard, the
 * server is asked which orders are still open; what the others have filled is looked up (see `lookUp`). Completes when the last target has been
 * reached, or is nearer than the least order; for fills that are still to be told it waits `endWithinMs` at most. A target that is no number is an error;
 * at a price that is none nothing is placed.
 *
 * ```ts
 * crossings$.pipe(map((way) => (way === 'up' ? 0.01 : 0)), reachTarget(account, { symbol: 'BTC/USDT', price$: ticker$.pipe(map(({ bid, ask }) => ({ buy: ask, sell: bid }))) }))
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
      const holding$ = lookUp ?? (typeof held === 'number' ? undefined : () => contractsHeld(account, symbol))
      const settings: PursuitSettings = { symbol, order_type, pauseMs, canLookUp: holding$ !== undefined, maxSlippage }
      const intents$ = new Subject<Intent>()
      const ask$ = new Subject<void>()
      const moved$ = new Subject<Move>()
      let pursuit = pursuitOf(held)

      const note = (event: PursuitEvent) => {
        pursuit = reduce(pursuit, event, settings, scheduler.now())
      }
      const tellRests = (move: Move) => {
        const rests = 'rests' in move ? (move.rests ?? []) : []
        const key = JSON.stringify(rests.map(({ reason, intent }) => [reason, intent.action]))
        if (rests.length === 0 || key === pursuit.toldRest) return
        note({ _tag: 'ToldRest', key })
        for (const { intent, reason, words } of rests) subscriber.next({ _tag: 'NotSent', intent, reason, words })
      }
      const on = (event: PursuitEvent) => {
        note(event)
        if (isOverdue(pursuit, scheduler.now())) {
          note({ _tag: 'Asked' })
          ask$.next()
        }
        const move = nextMove(pursuit, settings, scheduler.now())
        moved$.next(move)
        tellRests(move)
        if (move._tag === 'Complete') intents$.complete()
        if (move._tag !== 'Send') return
        note({ _tag: 'Sent', intents: move.intents })
        for (const intent of move.intents) intents$.next(intent)
      }

      /** Subscribes to `then$` each time that `holds` becomes true, until it is false. */
      const whenever = (holds: (move: Move) => boolean, then$: Observable<PursuitEvent>) =>
        moved$.pipe(
          map(holds),
          distinctUntilChanged(),
          switchMap((does) => (does ? then$ : EMPTY)),
        )
      // After a pause: a server may tell the end of an order before it counts what that has filled.
      const lookedUp$ = after(pauseMs, scheduler).pipe(
        switchMap(() => (holding$?.() ?? EMPTY).pipe(take(1), throwIfEmpty())),
        map((found): PursuitEvent => ({ _tag: 'LookedUp', held: checked(found) })),
        // It begins with a pause.
        retry(),
      )
      // Again and again, for as long as less is free than is to be sold: an order of somebody else may lock it.
      const balance$ = defer(() => account.asset()).pipe(
        map((assets): PursuitEvent => {
          const base = pursuit.info?.base_currency ?? ''
          const none = { free: 0, locked: 0, total: 0 }
          return { _tag: 'Balance', balance: Object.hasOwn(assets, base) ? (assets[base] ?? none) : none }
        }),
      )
      const asked$ = after(pauseMs, scheduler).pipe(
        switchMap(() => balance$),
        retry({ delay: (_, nth) => after(askAgainMs(pauseMs, nth), scheduler) }),
        repeat({ delay: (nth) => after(askAgainMs(pauseMs, nth), scheduler) }),
      )
      const woken$ = moved$.pipe(
        map((move) => wakeAt(pursuit, move, scheduler.now())),
        distinctUntilChanged(),
        switchMap((at) => (at === undefined ? EMPTY : after(at - scheduler.now(), scheduler))),
        map((): PursuitEvent => ({ _tag: 'Woken' })),
      )
      const back$ = account.tradable$.pipe(
        skip(1),
        filter((tradable) => tradable),
        map((): PursuitEvent => ({ _tag: 'Back' })),
      )
      const waited$ = after(endWithinMs, scheduler).pipe(map((): PursuitEvent => ({ _tag: 'Waited' })))
      // The answer moves the account's own state: an order that it does not hold is Missing, which `execute` tells as Lost.
      const looked$ = ask$.pipe(
        switchMap(() => account.openOrders(symbol).pipe(retry({ delay: () => after(pauseMs, scheduler) }))),
        ignoreElements(),
      )

      steer(intents$, account, executing, subscriber, (outcome) => on({ _tag: 'Heard', outcome }))
      subscriber.add(
        merge(
          whenever(({ _tag }) => _tag === 'Listen', waited$),
          whenever(() => pursuit.isShort, asked$),
          woken$,
          back$,
          whenever(() => holding$ !== undefined && isLost(pursuit), lookedUp$),
          looked$,
          account.symbolInfo(symbol).pipe(map((info): PursuitEvent => ({ _tag: 'Info', info }))),
          price$.pipe(map((prices): PursuitEvent => ({ _tag: 'Prices', prices }))),
          concat(
            target$.pipe(map((target): PursuitEvent => ({ _tag: 'Target', target: finite('a target', target) }))),
            of<PursuitEvent>({ _tag: 'NoMoreTargets' }),
          ),
        )
          .pipe(tap(on))
          .subscribe({ error: (error: unknown) => intents$.error(error) }),
      )
    })
