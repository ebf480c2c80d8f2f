import Big from 'big.js'
import { asyncScheduler, Observable, type OperatorFunction, Subject } from 'rxjs'
import type { Account } from '../client/index.js'
import type { SymbolInfo } from '../protocol/index.js'
import type { ExecuteOptions } from './execute-options.js'
import type { Intent, Place } from './intent.js'
import type { Outcome } from './outcome.js'
import { toTarget } from './sizing/index.js'
import { steer } from './steer.js'

/** At what prices to buy and to sell. */
export interface Prices {
  readonly buy: number
  readonly sell: number
}

/** Settings of `reachTarget`. */
export interface ReachTargetOptions extends Omit<ExecuteOptions, 'concurrency'> {
  readonly symbol: string
  /** The limits of the orders, or what market orders are valued by. Orders are tried when prices come, and only then. */
  readonly price$: Observable<Prices>
  /** @default IOC */
  readonly order_type?: 'LIMIT' | 'IOC' | 'MARKET'
  /** What is held at the start: a number where positions net, both sides for contracts. @default 0 */
  readonly held?: number | { readonly long: number; readonly short: number }
  /** The least pause between two tries at one target, in ms. @default 1000 */
  readonly pauseMs?: number
}

interface Position {
  readonly long: Big
  readonly short: Big
}

/** The position after a fill: of contracts by what the order said, for the fill does not. */
const after = ({ long, short }: Position, { action, offset }: Place, quantity: number): Position => {
  const onShort = offset === (action === 'SELL' ? 'open' : 'close')
  return onShort
    ? { long, short: action === 'SELL' ? short.plus(quantity) : short.minus(quantity) }
    : { long: action === 'BUY' ? long.plus(quantity) : long.minus(quantity), short }
}

/**
 * Brings a position to the targets that come in, one after another, and keeps count by the fills of its own orders. At most one round of orders
 * is under way; what works against a new target is cancelled before anything is placed; what is refused is tried again at a later
 * price, never sooner than `pauseMs`. Completes when the last target has been reached, or is nearer than the least order.
 *
 * ```ts
 * crossings$.pipe(map((way) => (way === 'up' ? 0.01 : 0)), reachTarget(account, { symbol: 'BTC/USDT', price$: ticker$.pipe(map(({ bid, ask }) => ({ buy: ask, sell: bid }))) }))
 * ```
 */
export const reachTarget =
  (account: Account, options: ReachTargetOptions): OperatorFunction<number, Outcome> =>
  (target$) =>
    new Observable((subscriber) => {
      const { symbol, price$, order_type = 'IOC', held = 0, pauseMs = 1_000, ...executing } = options
      const { scheduler = asyncScheduler } = executing
      const nets = typeof held === 'number'
      const intents$ = new Subject<Intent>()
      const working = new Map<string, { readonly action: string; readonly remain: number }>()
      let position: Position = nets
        ? { long: new Big(held), short: new Big(0) }
        : { long: new Big(held.long), short: new Big(held.short) }
      let target: number | undefined
      let prices: Prices | undefined
      let info: SymbolInfo | undefined
      let ended = false
      let unanswered = 0
      let canceling = false
      let quietUntil = -Infinity

      const step = () => {
        if (unanswered > 0 || target === undefined || prices === undefined || info === undefined) return
        const long = position.long.toNumber()
        const buying = position.long.minus(position.short).lt(target)
        const round = toTarget({
          symbol,
          info,
          target,
          position: nets ? long : { long, short: position.short.toNumber() },
          working: [...working].map(([order_no, order]) => ({ order_no, ...order })),
          price: buying ? prices.buy : prices.sell,
          order_type,
        })
        if (round.intents.length === 0) {
          if (ended && working.size === 0) intents$.complete()
          return
        }
        if (scheduler.now() < quietUntil) return
        quietUntil = scheduler.now() + pauseMs
        canceling = round.intents.some(({ _tag }) => _tag === 'Cancel')
        unanswered = round.intents.length
        for (const intent of round.intents) intents$.next(intent)
      }

      const heard = (outcome: Outcome) => {
        switch (outcome._tag) {
          case 'Placed':
            working.set(outcome.order_no, { action: outcome.intent.action, remain: outcome.intent.quantity })
            break
          case 'Filled': {
            const { order_no, intent, fill } = outcome
            position = after(position, intent, fill.quantity)
            const order = working.get(order_no)
            const left = new Big(order?.remain ?? 0).minus(fill.quantity)
            if (order !== undefined) working.set(order_no, { ...order, remain: Math.max(0, left.toNumber()) })
            return
          }
          case 'Ended':
            working.delete(outcome.order_no)
            // What had to be cancelled is gone: the way is free at once. Anything else waits for its pause.
            if (canceling && working.size === 0) quietUntil = -Infinity
            step()
            return
          default:
        }
        unanswered = Math.max(0, unanswered - 1)
        step()
      }

      const fail = (error: unknown) => intents$.error(error)
      steer(intents$, account, executing, subscriber, heard)
      subscriber.add(
        account.symbolInfo(symbol).subscribe({
          next: (found) => {
            info = found
            step()
          },
          error: fail,
        }),
      )
      subscriber.add(
        price$.subscribe({
          next: (now) => {
            prices = now
            step()
          },
          error: fail,
        }),
      )
      subscriber.add(
        target$.subscribe({
          next: (wanted) => {
            if (wanted !== target) quietUntil = -Infinity
            target = wanted
            step()
          },
          error: fail,
          complete: () => {
            ended = true
            if (target === undefined) intents$.complete()
            else step()
          },
        }),
      )
    })
