import {
  asyncScheduler,
  catchError,
  concatMap,
  map,
  Observable,
  of,
  type OperatorFunction,
  Subject,
  Subscription,
  take,
  takeUntil,
  throwIfEmpty,
} from 'rxjs'
import type { Account, OrderUpdate } from '../../client/index.js'
import { timerOrNever } from '../timer-or-never.js'
import type { ExecuteOptions } from './execute-options.js'
import { decide, isOutstanding, reduce } from './execution.js'
import { type Effect, type ExecutionEvent, executionOf } from './execution-state.js'
import type { Intent } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'

const replyOf = (turn: number, update: OrderUpdate): readonly ExecutionEvent[] => {
  if (update._tag === 'Placed') return [{ _tag: 'Placed', turn, ...update.placed }]
  return update._tag === 'Unresolved' ? [{ _tag: 'Failed', turn, error: update.error }] : []
}

const noReply = throwIfEmpty<ExecutionEvent>(() => new Error('the account gave no reply to an order'))

/**
 * Turns intents into commands on the account, and emits their outcomes: Placed, Filled, Ended,
 * Lost, Canceled, Rejected, Refused, NotSent, Unresolved. A refusal is a value and never ends the
 * stream; only an error of the intents does, after open orders are handled (see `onEnd`).
 *
 * When the intents complete, it sends the last cancels and emits their outcomes. On unsubscription
 * it sends them too, but cannot emit their outcomes: put `takeUntil` before `execute` rather than
 * after it.
 *
 * ```ts
 * const outcome$ = quotes$.pipe(
 *   map(({ bid }) => limitBuy('BTC/USDT', bid, 0.01)),
 *   execute(account),
 * )
 * ```
 */
export const execute =
  (account: Account, options: ExecuteOptions = {}): OperatorFunction<Intent, IntentOutcome> =>
  (intents$) =>
    new Observable((subscriber) => {
      const { scheduler = asyncScheduler } = options
      let state = executionOf(options)
      const stop$ = new Subject<void>()
      const listening = new Subscription()
      /** The answer or timer that each turn waits for. */
      const waiting = new Map<number, Subscription>()
      const events: ExecutionEvent[] = []
      let isRunning = false
      // An error of the intents is emitted after open orders are handled.
      let end = () => subscriber.complete()

      const failed = (error: unknown) => subscriber.error(error)
      const stopWaiting = (turn: number) => {
        waiting.get(turn)?.unsubscribe()
        waiting.delete(turn)
      }
      const wait = (turn: number, event$: Observable<ExecutionEvent>) => {
        stopWaiting(turn)
        const answer$ = event$.pipe(
          take(1),
          catchError((error: unknown) => of<ExecutionEvent>({ _tag: 'Failed', turn, error })),
        )
        waiting.set(turn, answer$.subscribe({ next: dispatch, error: failed }))
      }
      const run = (effect: Effect): void => {
        switch (effect._tag) {
          case 'Emit':
            subscriber.next(effect.outcome)
            break
          case 'Place': {
            const { turn, order, maxAgeMs } = effect
            const reply$ = account.track(order, { maxAgeMs }).pipe(concatMap((update) => replyOf(turn, update)))
            wait(turn, reply$.pipe(noReply))
            break
          }
          case 'Cancel': {
            const { turn, intent } = effect
            const order_nos = intent._tag === 'Cancel' ? intent.order_nos : []
            const cancel$ = account.cancelOrder({ symbol: intent.symbol, order_nos })
            // Send it even after unsubscription.
            // eslint-disable-next-line rxjs-x/no-ignored-subscription
            if (turn === undefined) cancel$.subscribe({ error: () => undefined })
            else wait(turn, cancel$.pipe(map((results) => ({ _tag: 'Canceled', turn, results }))))
            break
          }
          case 'Wait': {
            const { turn, ms } = effect
            wait(turn, timerOrNever(ms, scheduler).pipe(map(() => ({ _tag: 'TimeUp', turn }))))
            break
          }
          case 'Done':
            stopWaiting(effect.turn)
            break
          case 'Stop':
            stop$.next()
            break
          case 'Finish':
            end()
        }
      }
      const dispatch = (event: ExecutionEvent): void => {
        events.push(event)
        if (isRunning) return
        isRunning = true
        for (let isIdle = false; !isIdle; ) {
          const next = events.shift()
          try {
            state = next === undefined ? decide(state, scheduler.now()) : reduce(state, next, scheduler.now())
            state.effects.forEach(run)
            isIdle = next === undefined && state.effects.length === 0
          } catch (error) {
            subscriber.error(error)
          }
        }
        isRunning = false
        if (state.phase === 'left' && !isOutstanding(state)) listening.unsubscribe()
      }
      const listen = (event$: Observable<ExecutionEvent>) =>
        listening.add(event$.subscribe({ next: dispatch, error: failed }))

      // Before subscriptions that may end synchronously.
      subscriber.add(() => dispatch({ _tag: 'Left' }))
      listen(account.unresolved$.pipe(map((list) => ({ _tag: 'Unresolved', list }))))
      listen(account.tradable$.pipe(map((tradable) => ({ _tag: 'Tradable', tradable }))))
      listen(account.orderEvent$.pipe(map((each) => ({ _tag: 'Order', event: each }))))
      subscriber.add(
        intents$.pipe(takeUntil(stop$)).subscribe({
          next: (intent) => dispatch({ _tag: 'Intent', intent }),
          error: (error: unknown) => {
            end = () => subscriber.error(error)
            dispatch({ _tag: 'NoMoreIntents' })
          },
          complete: () => dispatch({ _tag: 'NoMoreIntents' }),
        }),
      )
    })
