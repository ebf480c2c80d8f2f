import { defer, Observable, of } from 'rxjs'
import type { ExchangeCommand, ExchangeEvent as PaperEvent } from '../../exchange/index.js'
import { type MarketTopic, StateCode } from '../../protocol/index.js'
import {
  type AdapterEvent,
  type AdapterNotice,
  type AdapterSession,
  AdapterRefused,
} from '../adapter/exchange-adapter.js'
import type { MarketNotices } from './market-notices.js'
import type { AccountEvent, PaperVenue } from './paper-venue.js'

export interface PaperSessionOptions {
  readonly venue: PaperVenue
  /** The name of the account inside the exchange. */
  readonly account: string
  readonly symbols: readonly string[]
  readonly market: readonly MarketTopic[]
  readonly marketTopics: MarketNotices
  /** Balances of a new account. */
  readonly startBalances: Readonly<Record<string, string | number>>
  /** A parameter that the login lacks. */
  readonly missing: string | undefined
}

/** A session of the paper exchange. Everything happens in the turn in which it is asked for. */
export const paperSession = (options: PaperSessionOptions): AdapterSession => {
  const { venue, account, symbols, market, marketTopics, startBalances, missing } = options
  const { exchange } = venue

  /** Puts a command to the exchange and picks its one answer out of the events. */
  const ask = <A>(command: ExchangeCommand, pick: (event: PaperEvent) => A | undefined): Observable<A> =>
    new Observable((subscriber) => {
      venue.submit(command, (events) => {
        for (const event of events) {
          if (event.type === 'refused') subscriber.error(new AdapterRefused(event.message))
          const picked = pick(event)
          if (picked !== undefined) subscriber.next(picked)
        }
        subscriber.complete()
      })
    })

  const noticeOf = (event: AccountEvent): AdapterNotice => {
    switch (event.type) {
      case 'order':
        return { _tag: 'notice', topic: 'order', data: event.data }
      case 'fill':
        return { _tag: 'notice', topic: 'fill', data: event.data }
      case 'position':
        return { _tag: 'notice', topic: 'position', data: event.data }
      case 'assets':
        // The event holds what changed; a notice that is whole is the truth, and not only a hint to
        // ask.
        return { _tag: 'notice', topic: 'asset', data: exchange.assets(account) }
    }
  }

  const snapshot = (): AdapterEvent[] => [
    { _tag: 'notice', topic: 'asset', data: exchange.assets(account) },
    ...symbols.flatMap((symbol) =>
      exchange
        .openOrders(account, symbol)
        .map((order): AdapterEvent => ({ _tag: 'notice', topic: 'order', data: { symbol, ...order } })),
    ),
    ...symbols.flatMap((symbol): AdapterEvent[] => {
      const position = exchange.position(account, symbol)
      return position === undefined ? [] : [{ _tag: 'notice', topic: 'position', data: { symbol, ...position } }]
    }),
  ]

  // By hand, and not merged out of five: there is one for each login, and those took 6 KiB.
  const event$ = new Observable<AdapterEvent>((subscriber) => {
    const tell = (code: number, words: string) => subscriber.next({ _tag: 'state', code, msg: words })
    if (missing !== undefined) {
      tell(StateCode.PARAM_MISS, `${missing} is missing`)
      return
    }
    if (!exchange.hasAccount(account)) venue.submit({ type: 'open-account', account, deposits: startBalances })
    if (!exchange.hasAccount(account)) {
      tell(StateCode.CONNECT_FAILED, 'the account could not be opened: the journal cannot be written')
      return
    }
    tell(StateCode.CONNECT_SUCCESS, 'connected')
    for (const event of snapshot()) subscriber.next(event)
    subscriber.add(venue.watch(account, (event) => subscriber.next(noticeOf(event))))
    if (market.length > 0) {
      const topics = new Set(market)
      // What stands still makes no news, and a strategy would wait for it.
      for (const notice of symbols.flatMap((symbol) => marketTopics.presentOf(symbol, topics))) {
        subscriber.next(notice)
      }
      subscriber.add(
        marketTopics.of(topics).subscribe({
          next: (notice) => subscriber.next(notice),
          error: (error: unknown) => subscriber.error(error),
        }),
      )
    }
    tell(StateCode.READY, 'ready')
  })

  return {
    event$,
    memory: venue.memory(account),
    history: venue.history(account),
    cancelIfKilled: (named) => venue.cancelIfKilled(account, named),
    placeOrder: ({ cid, ...order }) =>
      ask(
        // With valid_until: the exchange looks at it once more, by the time at which the order's
        // turn comes.
        { type: 'place', account, ...order, ...(cid === '' ? {} : { cid }) },
        (event) => (event.type === 'accepted' ? { order_no: event.order_no } : undefined),
      ),
    cancelOrder: ({ symbol, order_nos }) =>
      ask({ type: 'cancel', account, symbol, order_nos }, (event) =>
        event.type === 'cancel-results' ? event.results : undefined,
      ),
    openOrders: (symbol) => defer(() => of(exchange.openOrders(account, symbol))),
    asset: () => defer(() => of(exchange.assets(account))),
    position: (symbol) =>
      defer(() => {
        const position = exchange.position(account, symbol)
        if (position === undefined)
          throw new AdapterRefused(`${symbol} is a spot symbol: it has no position; ask for asset`)
        return of(position)
      }),
    symbolInfo: (symbol) =>
      defer(() => {
        const info = exchange.symbolInfo(symbol)
        if (info === undefined) throw new AdapterRefused(`${symbol} is not traded on ${exchange.platform}`)
        return of(info)
      }),
  }
}
