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
   * As in `execute`. An exclusive account has matched the order by then if it is in the book; an
   * order that does not exist would block the quotes. Risk: a missed fill is not counted, except by
   * the risk engine, which assumes the worst case.
   * @default 60000 for a login with `exclusiveAccount`, else Infinity
   */
  readonly releaseUnknownAfterMs?: number
  readonly symbol: string
  /** Largest distance of the wanted price from the open order without a replacement. @default 0 */
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
  /** Open orders that were unresolved until another order had replaced them. */
  readonly surplus: readonly string[]
  readonly wanted: Quote | undefined
  readonly quietUntil: number
}

const empty = { phase: 'idle', order_no: undefined, shown: undefined, quietUntil: -Infinity } as const

const sideOf = (action: Action): Side => ({ ...empty, action, wanted: undefined, surplus: [] })

/** Side after an outcome of one of its intents. */
const onOutcome = (side: Side, outcome: IntentOutcome, pausedUntil: number): Side => {
  // The side may show another order by now: an unresolved order blocks it for a limited time only.
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
      // After a fill, wait for the next quotes: a sweep of the market would fill each new order.
      const isFilled = outcome._tag === 'Ended' && outcome.status === 'FILLED'
      const quietUntil = surplus.length > 0 ? side.quietUntil : -Infinity
      return { ...side, ...empty, wanted: isFilled ? undefined : side.wanted, quietUntil }
    }
    default:
      // After Unresolved, `execute` sends nothing more until the outcome is known.
      return isOther ? side : { ...side, ...empty, quietUntil: pausedUntil }
  }
}

/** Compares rounded prices: a quote between two ticks would always differ from its order. */
const isMisplaced = ({ action, shown, wanted }: Side, info: SymbolInfo, tolerance: number): boolean =>
  shown === undefined ||
  wanted === undefined ||
  Math.abs(roundPrice(info, action, wanted.price) - shown.price) > tolerance ||
  roundQuantity(info, wanted.quantity) !== shown.quantity

/** Next order or cancel of a side. Repeats a cancel after a pause until the order has ended. */
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
 * Keeps at most one order on each side of the book, at the latest quotes. Places a new order only
 * after the end of the old one, so that the book never shows more than the quoted size. Quotes that
 * arrive meanwhile replace each other. Does not place a filled quote again: waits for the next one.
 * While an order is unresolved, places nothing more for the symbol.
 *
 * Rounds prices to the tick of the symbol, a bid down and an ask up, and quantities down to the
 * lot. Emits a quote below the symbol's limits as NotSent. Places nothing before `symbolInfo` has
 * answered, and errors if that fails.
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

      /** Saves a changed side, and sends its next order or cancel. */
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
      const handle = (outcome: IntentOutcome) => {
        if (outcome.intent._tag !== 'Place') return
        const side = sides[outcome.intent.action]
        const after = onOutcome(side, outcome, scheduler.now() + pauseMs)
        if (after !== side) update(after)
      }
      const fail = (error: unknown) => intents$.error(error)

      executeWithFeedback(intents$, account, { ...given, releaseUnknownAfterMs }, subscriber, handle)
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
