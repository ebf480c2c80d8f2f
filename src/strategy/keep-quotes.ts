import { asyncScheduler, Observable, type OperatorFunction, Subject, tap } from 'rxjs'
import type { Account } from '../client/index.js'
import type { Action, SymbolInfo } from '../protocol/index.js'
import { cancel, type Intent, limitBuy, limitSell } from './intent.js'
import type { IntentOutcome } from './outcome.js'
import { fit, priceOn, sizeOn } from './sizing/index.js'
import { steer, type SteerOptions } from './steer.js'

/** One side of a quote. */
export interface Quote {
  readonly price: number
  readonly quantity: number
}

/** What to show in the book: at most one order on each side; a side left out shows none. */
export interface Quotes {
  readonly bid?: Quote | undefined
  readonly ask?: Quote | undefined
}

/** Settings of `keepQuotes`. */
export interface KeepQuotesOptions extends SteerOptions {
  /**
   * As in `execute`. By then a sole trader's order that stands in the book is known by its looks, and one that was never made holds the
   * quotes for nothing. Risk: one that was filled unseen is not counted, except by a risk gate, which counts it for the worst.
   * @default 60000 for a login with `soleTrader`, else Infinity
   */
  readonly releaseUnknownAfterMs?: number
  readonly symbol: string
  /** How far the wanted price must be from the one shown before the order is replaced. @default 0 */
  readonly tolerance?: number
  /** The least pause before a side is tried again after it failed, in ms. @default 1000 */
  readonly pauseMs?: number
}

const SOLE_TRADER_RELEASE_MS = 60_000

interface Side {
  readonly action: Action
  /** `idle`: nothing of ours is in the book on this side. Only then is an order placed. */
  phase: 'idle' | 'placing' | 'open' | 'canceling'
  order_no: string | undefined
  shown: Quote | undefined
  wanted: Quote | undefined
  quietUntil: number
}

const sideOf = (action: Action): Side => ({
  action,
  phase: 'idle',
  order_no: undefined,
  shown: undefined,
  wanted: undefined,
  quietUntil: -Infinity,
})

/**
 * Keeps at most one order on each side of the book, where the quotes want it. A new order is placed only when the old one is heard to be
 * over, so that never more than the quoted size is shown; quotes that come meanwhile replace each other, the latest counts. A quote that was
 * taken is not shown again: the next one is. While the fate of an order is
 * not known, nothing more is shown for the symbol. After a disconnect the server is asked which of our orders are still open.
 *
 * Prices are put on the tick of the symbol, a bid down and an ask up, and quantities down to its lot. A quote below the symbol's limits is told as
 * NotSent. Nothing is shown before `symbolInfo` has answered; errors where that fails.
 *
 * ```ts
 * mid$.pipe(map((mid) => ({ bid: { price: mid - 5, quantity: 0.01 }, ask: { price: mid + 5, quantity: 0.01 } })),
 *   keepQuotes(account, { symbol: 'BTC/USDT', tolerance: 1 }))
 * ```
 */
export const keepQuotes =
  (account: Account, options: KeepQuotesOptions): OperatorFunction<Quotes, IntentOutcome> =>
  (quotes$) =>
    new Observable((subscriber) => {
      const { symbol, tolerance = 0, pauseMs = 1_000, ...given } = options
      const executing = {
        ...given,
        releaseUnknownAfterMs:
          given.releaseUnknownAfterMs ?? (account.soleTrader === true ? SOLE_TRADER_RELEASE_MS : Infinity),
      }
      const { scheduler = asyncScheduler } = executing
      const intents$ = new Subject<Intent>()
      const bid = sideOf('BUY')
      const ask = sideOf('SELL')
      const sides = [bid, ask]
      let info: SymbolInfo | undefined

      /** The quote as the book can show it. What is compared with the order shown must be on tick too, or it would always differ. */
      const onTick = ({ action, wanted }: Side): Quote | undefined =>
        info === undefined || wanted === undefined
          ? undefined
          : { price: priceOn(info, action, wanted.price), quantity: sizeOn(info, wanted.quantity) }

      const misplaced = (side: Side): boolean => {
        const { shown } = side
        const wanted = onTick(side)
        return (
          shown === undefined ||
          wanted === undefined ||
          Math.abs(wanted.price - shown.price) > tolerance ||
          wanted.quantity !== shown.quantity
        )
      }

      const step = (side: Side) => {
        const { phase, wanted, order_no, action } = side
        if (scheduler.now() < side.quietUntil) return
        if (info === undefined) return
        if (phase === 'idle' && wanted !== undefined) {
          const place = action === 'BUY' ? limitBuy : limitSell
          const fitted = fit(info, place(symbol, wanted.price, wanted.quantity))
          if (fitted._tag === 'Misfit') {
            const { intent, reason, words } = fitted
            side.quietUntil = scheduler.now() + pauseMs
            subscriber.next({ _tag: 'NotSent', intent, reason, words })
            return
          }
          side.phase = 'placing'
          side.shown = fitted.intent
          intents$.next(fitted.intent)
        } else if (order_no !== undefined && (phase === 'canceling' || (phase === 'open' && misplaced(side)))) {
          // Asked again after a pause when its end is not heard.
          side.phase = 'canceling'
          side.quietUntil = scheduler.now() + pauseMs
          intents$.next(cancel(symbol, order_no))
        }
      }
      const free = (side: Side, pause: boolean) => {
        side.phase = 'idle'
        side.order_no = undefined
        side.shown = undefined
        side.quietUntil = pause ? scheduler.now() + pauseMs : -Infinity
      }

      const heard = (outcome: IntentOutcome) => {
        if (outcome.intent._tag !== 'Place') return
        const side = outcome.intent.action === 'BUY' ? bid : ask
        switch (outcome._tag) {
          case 'Placed':
            side.phase = 'open'
            side.order_no = outcome.order_no
            side.shown = outcome.intent
            break
          case 'Ended':
            if (outcome.order_no !== side.order_no) return
            free(side, false)
            // Taken: whoever quotes must think again first, or a sweep of the market would meet the same order over and over.
            if (outcome.status === 'FILLED') side.wanted = undefined
            break
          case 'Lost':
            if (outcome.order_no !== side.order_no) return
            free(side, false)
            break
          case 'Filled':
            return
          default:
            // Refused, rejected, not sent: try later. Unknown: `execute` sends nothing more until that is settled.
            free(side, true)
        }
        step(side)
      }

      const show = (quotes: Quotes) => {
        bid.wanted = quotes.bid
        ask.wanted = quotes.ask
        sides.forEach(step)
      }

      steer(intents$, account, executing, subscriber, heard)
      subscriber.add(
        account.symbolInfo(symbol).subscribe({
          next: (found) => {
            info = found
            sides.forEach(step)
          },
          error: (error: unknown) => intents$.error(error),
        }),
      )
      subscriber.add(
        quotes$.pipe(tap(show)).subscribe({
          error: (error: unknown) => intents$.error(error),
          complete: () => intents$.complete(),
        }),
      )
    })
