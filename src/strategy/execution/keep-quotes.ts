import { asyncScheduler, Observable, type OperatorFunction, Subject, tap } from 'rxjs'
import type { Account } from '../../client/index.js'
import type { Action, SymbolInfo } from '../../protocol/index.js'
import { cancel, type CancelOrder, type Intent, limitBuy, limitSell } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import { type RoundingResult, roundToIncrements, roundPrice, roundQuantity } from '../sizing/index.js'
import { executeWithFeedback, type FeedbackOptions } from './execute-with-feedback.js'

/** One side of a quote. */
export interface Quote {
  readonly price: number
  readonly quantity: number
}

/** Orders to show in the book, at most one on each side; a side left out shows none. */
export interface Quotes {
  readonly bid?: Quote | undefined
  readonly ask?: Quote | undefined
}

/** Settings of `keepQuotes`. */
export interface KeepQuotesOptions extends FeedbackOptions {
  /**
   * As in `execute`. By then an exclusive account has matched the order if it is in the book; one
   * that does not exist would hold the quotes for nothing. Risk: a fill that was missed is not
   * counted, except by a risk gate, which assumes the worst.
   * @default 60000 for a login with `exclusiveAccount`, else Infinity
   */
  readonly releaseUnknownAfterMs?: number
  readonly symbol: string
  /** Largest distance of the wanted price from the one shown without a replacement. @default 0 */
  readonly tolerance?: number
  /** Shortest pause before a side is tried again after it failed, in ms. @default 1000 */
  readonly pauseMs?: number
}

/** Longest hold of the quotes for an exclusive account, in ms. */
const exclusiveAccountReleaseMs = 60_000

interface Side {
  readonly action: Action
  /** `idle`: no order of this side is in the book. Only then one is placed. */
  readonly phase: 'idle' | 'placing' | 'open' | 'canceling'
  readonly order_no: string | undefined
  /** The intent being placed, or that of the open order. */
  readonly shown: Quote | undefined
  /** Open orders of unknown outcome that were found after another order took their place. */
  readonly surplus: readonly string[]
  readonly wanted: Quote | undefined
  readonly quietUntil: number
}

const empty = { phase: 'idle', order_no: undefined, shown: undefined, quietUntil: -Infinity } as const

const sideOf = (action: Action): Side => ({ ...empty, action, wanted: undefined, surplus: [] })

/** The side after an outcome of one of its intents. */
const heard = (side: Side, outcome: IntentOutcome, pausedUntil: number): Side => {
  // The side may show another order since: an order of unknown outcome holds it for a time only.
  const isOther = side.phase !== 'idle' && outcome.intent !== side.shown
  switch (outcome._tag) {
    case 'Placed':
      if (isOther) return { ...side, surplus: [...side.surplus, outcome.order_no], quietUntil: -Infinity }
      return { ...side, phase: 'open', order_no: outcome.order_no, shown: outcome.intent }
    case 'Filled':
      return side
    case 'Ended':
    case 'Lost': {
      const surplus = side.surplus.filter((order_no) => order_no !== outcome.order_no)
      if (surplus.length < side.surplus.length) return { ...side, surplus, quietUntil: -Infinity }
      if (outcome.order_no !== side.order_no) return side
      // A filled quote waits for the next quotes: a sweep of the market would fill it again and
      // again.
      const isFilled = outcome._tag === 'Ended' && outcome.status === 'FILLED'
      const quietUntil = surplus.length > 0 ? side.quietUntil : -Infinity
      return { ...side, ...empty, wanted: isFilled ? undefined : side.wanted, quietUntil }
    }
    default:
      // After Unresolved, `execute` sends nothing more until the outcome is known.
      return isOther ? side : { ...side, ...empty, quietUntil: pausedUntil }
  }
}

/** Compares on tick: a quote between two ticks would always differ from the order that shows it. */
const isMisplaced = ({ action, shown, wanted }: Side, info: SymbolInfo, tolerance: number): boolean =>
  shown === undefined ||
  wanted === undefined ||
  Math.abs(roundPrice(info, action, wanted.price) - shown.price) > tolerance ||
  roundQuantity(info, wanted.quantity) !== shown.quantity

/** Next order or cancel of a side. A cancel is sent again after a pause if the end is not heard. */
const nextOf = (
  side: Side,
  info: SymbolInfo,
  symbol: string,
  tolerance: number,
): RoundingResult | CancelOrder | undefined => {
  const { action, phase, order_no, wanted, surplus } = side
  const mustGo = phase === 'canceling' || (phase === 'open' && isMisplaced(side, info, tolerance))
  const unwanted = mustGo && order_no !== undefined ? [order_no, ...surplus] : surplus
  if (unwanted.length > 0) return cancel(symbol, ...unwanted)
  return phase === 'idle' && wanted !== undefined
    ? roundToIncrements(info, (action === 'BUY' ? limitBuy : limitSell)(symbol, wanted.price, wanted.quantity))
    : undefined
}

/**
 * Keeps at most one order on each side of the book, where the quotes want it. A new order is placed
 * only after the end of the old one, so that never more than the quoted size is shown. Quotes that
 * come meanwhile replace each other. A filled quote is not shown again: the next one is. While the
 * outcome of an order is unknown, nothing more is shown for the symbol.
 *
 * Prices are put on the tick of the symbol, a bid down and an ask up, and quantities down to its
 * lot. A quote below the symbol's limits is emitted as NotSent. Nothing is shown before
 * `symbolInfo` has answered; errors where that fails.
 *
 * ```ts
 * mid$.pipe(
 *   map((mid) => ({ bid: { price: mid - 5, quantity: 1 }, ask: { price: mid + 5, quantity: 1 } })),
 *   keepQuotes(account, { symbol: 'BTC/USDT', tolerance: 1 }),
 * )
 * ```
 */
export const keepQuotes =
  (account: Account, options: KeepQuotesOptions): OperatorFunction<Quotes, IntentOutcome> =>
  (quotes$) =>
    new Observable((subscriber) => {
      const { symbol, tolerance = 0, pauseMs = 1_000, ...given } = options
      const { releaseUnknownAfterMs = account.exclusiveAccount === true ? exclusiveAccountReleaseMs : Infinity } = given
      const { scheduler = asyncScheduler } = given
      const intents$ = new Subject<Intent>()
      const sides: Record<Action, Side> = { BUY: sideOf('BUY'), SELL: sideOf('SELL') }
      let info: SymbolInfo | undefined

      /** Takes a changed side, and sends what it needs next. */
      const update = (side: Side) => {
        const now = scheduler.now()
        const next = info === undefined || now < side.quietUntil ? undefined : nextOf(side, info, symbol, tolerance)
        const isFit = next?._tag === 'Fits'
        const paused = next === undefined ? side : { ...side, quietUntil: now + pauseMs }
        const isCanceled =
          next?._tag === 'Cancel' && side.order_no !== undefined && next.order_nos.includes(side.order_no)
        if (isFit) sides[side.action] = { ...side, phase: 'placing', shown: next.intent }
        else sides[side.action] = isCanceled ? { ...paused, phase: 'canceling' } : paused
        if (next?._tag === 'Misfit')
          subscriber.next({ _tag: 'NotSent', intent: next.intent, reason: next.reason, words: next.words })
        else if (next !== undefined) intents$.next(isFit ? next.intent : next)
      }
      const hear = (outcome: IntentOutcome) => {
        if (outcome.intent._tag !== 'Place') return
        const side = sides[outcome.intent.action]
        const after = heard(side, outcome, scheduler.now() + pauseMs)
        if (after !== side) update(after)
      }
      const fail = (error: unknown) => intents$.error(error)

      executeWithFeedback(intents$, account, { ...given, releaseUnknownAfterMs }, subscriber, hear)
      subscriber.add(
        account
          .symbolInfo(symbol)
          .pipe(
            tap((found) => {
              info = found
              update(sides.BUY)
              update(sides.SELL)
            }),
          )
          .subscribe({ error: fail }),
      )
      subscriber.add(
        quotes$
          .pipe(
            tap(({ bid, ask }) => {
              sides.SELL = { ...sides.SELL, wanted: ask }
              update({ ...sides.BUY, wanted: bid })
              update(sides.SELL)
            }),
          )
          .subscribe({ error: fail, complete: () => intents$.complete() }),
      )
    })
