import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  concatWith,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  type OperatorFunction,
  race,
  startWith,
  Subject,
  Subscription,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs'
import type { Account } from '../client/index.js'
import { adopt } from './adopt.js'
import { after } from './after.js'
import type { ExecuteOptions } from './execute-options.js'
import {
  cancel,
  type CancelOrder,
  cancelAll,
  type CancelAllOrders,
  faultOf,
  type Intent,
  orderOf,
  type PlaceOrder,
  type ReplaceOrder,
} from './intent.js'
import { type IntentOutcome, outcomeOfError } from './outcome.js'
import { fateOf, orderTurn } from './order-turn.js'
import { ownOrders } from './own-orders.js'
import { replaceTurn } from './replace-turn.js'
import { unsettledHold } from './unsettled-hold.js'
import { waiting } from './waiting.js'

/** An intent and how long it has waited for its turn. */
interface Stamped {
  readonly intent: Intent
  readonly waitedMs: () => number
}

/** Cancels are as good late. */
const ages = ({ _tag }: Intent): boolean => _tag === 'Place' || _tag === 'Replace'

/**
 * Turns intents into commands on the account, and emits what becomes of them: Placed, Filled, Ended, Lost, Canceled, Rejected,
 * Refused, NotSent, Unknown. A refusal is a value and never ends the stream; only an error of the intents themselves does, after
 * the open orders have been seen to.
 *
 * Ended by its intents it tells the outcome of the last cancels. Unsubscribed from it can tell nobody, but still sends them: end a
 * strategy by `takeUntil` before `execute` rather than after it.
 *
 * ```ts
 * quotes$.pipe(map(({ bid }) => limitBuy('BTC/USDT', bid, 0.01)), execute(account)).subscribe(console.log)
 * ```
 */
export const execute =
  (account: Account, options: ExecuteOptions = {}): OperatorFunction<Intent, IntentOutcome> =>
  (intents$) =>
    new Observable((subscriber) => {
      const {
        concurrency = 'per-symbol',
        orderMaxAgeMs = 5_000,
        onUnknown = 'hold',
        releaseUnknownAfterMs = Infinity,
        onRefusal = 'continue',
        onEnd = 'cancel',
        endWithinMs = 5_000,
        replaceWithinMs = 5_000,
        scheduler = asyncScheduler,
      } = options
      const own = ownOrders()
      const hold = unsettledHold({ afterMs: releaseUnknownAfterMs, now: () => scheduler.now() })
      const heard$ = new Subject<void>()
      const stop$ = new Subject<void>()
      const finished$ = new Subject<void>()
      /** What became of orders whose fate was not known. */
      const settled$ = new Subject<Observable<IntentOutcome>>()
      const following = new Subscription()
      const traded = new Set<string>()
      let stopping = false
      let tradable = true
      /** How often the account became one on which orders can be written. */
      let openings = 0
      /** Whether open orders have been seen to. */
      let finished = false

      const stop = () => {
        stopping = true
        stop$.next()
      }
      const tell = (outcomes: readonly IntentOutcome[]): Observable<IntentOutcome> =>
        // What waits for an order's end is told after the outcome itself, or it would cut it off.
        concat(
          from(outcomes),
          defer(() => {
            heard$.next()
            return EMPTY
          }),
        )

      const notices$ = merge(
        account.unsettled$.pipe(
          tap((list) => hold.listed(list.map(({ unknown }) => unknown))),
          ignoreElements(),
        ),
        account.tradable$.pipe(
          tap((now) => {
            tradable = now
            if (now) openings++
          }),
          ignoreElements(),
        ),
        account.order$.pipe(
          tap(({ cid }) => cid !== undefined && hold.settled(cid)),
          concatMap((order) => tell(own.order(order))),
        ),
        account.fill$.pipe(concatMap((fill) => tell(own.fill(fill)))),
        settled$.pipe(concatMap((outcome$) => outcome$)),
        // An account that is made by hand for a test may lack them.
        ('orderEvent$' in account ? account.orderEvent$ : EMPTY).pipe(
          filter((event) => event._tag === 'Missing'),
          concatMap(({ symbol, order_no }) => tell(own.lost(symbol, order_no))),
        ),
      ).pipe(takeUntil(finished$))

      const notSent = (intent: Intent, reason: string, words: string): Observable<IntentOutcome> => {
        if (onRefusal === 'stop') stop()
        return of({ _tag: 'NotSent', intent, reason, words })
      }

      const failed = (intent: Intent, error: unknown): Observable<IntentOutcome> => {
        const outcome = outcomeOfError(intent, error)
        if (outcome._tag !== 'Unknown') {
          if (onRefusal === 'stop') stop()
          return of(outcome)
        }
        if (onUnknown === 'stop') stop()
        const place = intent._tag === 'Replace' ? intent.by : intent
        if (place._tag !== 'Place') return of(outcome)
        hold.add(place.symbol, outcome.cid)
        return concat(of(outcome), tell(outcome.cid === undefined ? [] : own.unknown(place, outcome.cid)))
      }

      const cancelUnheard = (symbol: string, order_nos: readonly string[]) => {
        // Nobody is left to be told; the account's own ledger has it.
        // eslint-disable-next-line rxjs-x/no-ignored-subscription
        account.cancelOrder({ symbol, order_nos }).subscribe({ error: () => undefined })
      }

      const runPlace = (intent: PlaceOrder, waited: number, asked: Intent = intent): Observable<IntentOutcome> => {
        const fault = faultOf(intent)
        if (stopping) return notSent(asked, 'stopped', 'the strategy is ending')
        if (fault !== undefined) return notSent(asked, 'invalid', fault)
        if (waited >= orderMaxAgeMs) return notSent(asked, 'too-old', `it waited ${waited} ms behind other commands`)
        if (onUnknown === 'hold' && hold.has(intent.symbol))
          return notSent(
            asked,
            'unsettled',
            `the outcome of an earlier ${intent.symbol} order is not known yet: it is in unsettled$, where it can be closed by hand`,
          )
        traded.add(intent.symbol)
        const since = openings
        const wasTradable = tradable
        const fate$ = adopt(fateOf(account.track(orderOf(intent), { maxAgeMs: orderMaxAgeMs - waited })), {
          // What was never tradable since still waits to be written, and can be taken back.
          keep: () => wasTradable || openings > since,
          orphan: (fate) => {
            if (fate instanceof Error || (onEnd !== 'cancel' && onEnd !== 'cancel-all')) return
            cancelUnheard(intent.symbol, [fate.order_no])
          },
        })
        return orderTurn(fate$, following, {
          placed: ({ order_no, cid }, isLate) => {
            const outcome$ = tell(own.placed(intent, order_no, cid))
            // Found out after the last cancels were sent.
            if (isLate && stopping && leftovers().length > 0) cancelUnheard(intent.symbol, [order_no])
            return outcome$
          },
          failed: (error) => failed(asked, error),
          outOfDoubt: (doubted) => hold.settled(doubted),
          late: (outcome$) => settled$.next(outcome$),
        })
      }

      const runCancel = (
        intent: CancelOrder | CancelAllOrders,
        order_nos: readonly string[],
      ): Observable<IntentOutcome> =>
        account.cancelOrder({ symbol: intent.symbol, order_nos }).pipe(
          map((results): IntentOutcome => ({ _tag: 'Canceled', intent, results })),
          catchError((error: unknown) => failed(intent, error)),
        )

      const until = (done: () => boolean, withinMs?: number): Observable<never> =>
        race(
          heard$.pipe(startWith(undefined), filter(done), take(1)),
          ...(withinMs === undefined ? [] : [after(withinMs, scheduler)]),
        ).pipe(ignoreElements())

      /** How an order that others have placed ends, if that is heard in time. */
      const endOf = ({ symbol, order_no }: ReplaceOrder) =>
        account.track({ symbol, order_no }).pipe(
          concatMap((update) => (update._tag === 'Ended' ? [update.order] : [])),
          takeUntil(after(replaceWithinMs, scheduler)),
        )

      const runReplace = (intent: ReplaceOrder, waitedMs: () => number): Observable<IntentOutcome> =>
        replaceTurn(intent, own, {
          cancel: (old) => runCancel(old, old.order_nos),
          place: (by) => runPlace(by, waitedMs(), intent),
          ended$: endOf(intent),
          until: (gone) => until(gone, replaceWithinMs),
          notSent: (reason, words) => notSent(intent, reason, words),
        })

      const run = ({ intent, waitedMs }: Stamped): Observable<IntentOutcome> =>
        defer(() => {
          const queuedMs = waitedMs()
          traded.add(intent.symbol)
          switch (intent._tag) {
            case 'Place':
              return runPlace(intent, queuedMs)
            case 'Cancel':
              // On the wire an empty list means all of them, which is not what was asked for.
              return intent.order_nos.length === 0
                ? of<IntentOutcome>({ _tag: 'Canceled', intent, results: [] })
                : runCancel(intent, intent.order_nos)
            case 'CancelAll':
              return runCancel(intent, [])
            case 'Replace':
              return runReplace(intent, waitedMs)
          }
        })

      const leftovers = (): readonly (CancelOrder | CancelAllOrders)[] => {
        if (onEnd === 'cancel-all') return [...traded].map((symbol) => cancelAll(symbol))
        if (onEnd !== 'cancel') return []
        const open = own.open()
        return [...new Set(open.map(({ symbol }) => symbol))].map((symbol) =>
          cancel(symbol, ...open.filter((order) => order.symbol === symbol).map(({ order_no }) => order_no)),
        )
      }

      const ending$ = defer(() => {
        stopping = true
        const over = () => own.open().length === 0
        if (onEnd === 'leave') return EMPTY
        if (onEnd === 'wait') return until(over)
        return concat(
          from(leftovers()).pipe(
            mergeMap((intent) => runCancel(intent, 'order_nos' in intent ? intent.order_nos : [])),
          ),
          until(over, endWithinMs),
        )
      })

      const stamped$ = intents$.pipe(
        map(
          (intent): Stamped => ({
            intent,
            waitedMs: ages(intent) ? waiting(scheduler, orderMaxAgeMs, following) : () => 0,
          }),
        ),
        takeUntil(stop$),
      )
      // The intents' own error waits until what is left has been seen to.
      let failure$: Observable<never> = EMPTY
      const commands$ = stamped$.pipe(
        catchError((error: unknown) => {
          failure$ = throwError(() => error)
          return EMPTY
        }),
        concurrency === 'parallel'
          ? mergeMap(run)
          : (stamped) =>
              stamped.pipe(
                groupBy(({ intent }) => intent.symbol),
                mergeMap((ofSymbol$) => ofSymbol$.pipe(concatMap(run))),
              ),
        concatWith(ending$),
        concatWith(
          defer(() => {
            finished = true
            return failure$
          }),
        ),
        finalize(() => finished$.next()),
      )
      const running = merge(notices$, commands$).subscribe(subscriber)
      return () => {
        running.unsubscribe()
        following.unsubscribe()
        if (finished) return
        for (const intent of leftovers()) {
          cancelUnheard(intent.symbol, 'order_nos' in intent ? intent.order_nos : [])
        }
      }
    })
