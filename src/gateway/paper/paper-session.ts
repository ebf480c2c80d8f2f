import { concat, defer, filter, from, map, merge, NEVER, Observable, of } from 'rxjs'
import type { Command, ExchangeEvent as PaperEvent } from '../../exchange/index.js'
import { type MarketTopic, StateCode } from '../../protocol/index.js'
import {
  type ExchangeEvent,
  type ExchangeNotice,
  type ExchangeSession,
  Refused,
  type StateChange,
} from '../exchange-interface.js'
import type { PaperVenue } from './paper-venue.js'

export interface PaperSessionOptions {
  readonly venue: PaperVenue
  /** The name of the account inside the exchange. */
  readonly account: string
  readonly symbols: readonly string[]
  readonly market: readonly MarketTopic[]
  readonly market$: Observable<ExchangeNotice>
  /** What a new account is given. */
  readonly startBalances: Readonly<Record<string, string | number>>
  /** A parameter that the login lacks. */
  readonly missing: string | undefined
}

const state = (code: number, msg: string): StateChange => ({ _tag: 'state', code, msg })

/** A session of the paper exchange. Everything happens in the turn in which it is asked for. */
export const paperSession = (options: PaperSessionOptions): ExchangeSession => {
  const { venue, account, symbols, market, market$, startBalances, missing } = options
  const { exchange } = venue

  /** Puts a command to the exchange and picks its one answer out of the events. */
  const ask = <A>(command: Command, pick: (event: PaperEvent) => A | undefined): Observable<A> =>
    new Observable((subscriber) => {
      venue.submit(command, (events) => {
        for (const event of events) {
          if (event.type === 'refused') subscriber.error(new Refused(event.message))
          const picked = pick(event)
          if (picked !== undefined) subscriber.next(picked)
        }
        subscriber.complete()
      })
    })

  const told$: Observable<ExchangeEvent> = venue.account$(account).pipe(
    map((event): ExchangeNotice => {
      switch (event.type) {
        case 'order':
          return { _tag: 'notice', topic: 'order', data: event.data }
        case 'fill':
          return { _tag: 'notice', topic: 'fill', data: event.data }
        case 'position':
          return { _tag: 'notice', topic: 'position', data: event.data }
        case 'assets':
          // The event holds what changed; a notice that is whole is the truth, and not only a hint to ask.
          return { _tag: 'notice', topic: 'asset', data: exchange.assets(account) }
      }
    }),
  )

  const topics = new Set<string>(market)
  const wanted$: Observable<ExchangeEvent> =
    topics.size === 0 ? NEVER : market$.pipe(filter(({ topic }) => topics.has(topic)))

  const snapshot = (): ExchangeEvent[] => [
    { _tag: 'notice', topic: 'asset', data: exchange.assets(account) },
    ...symbols.flatMap((symbol) =>
      exchange
        .openOrders(account, symbol)
        .map((order): ExchangeEvent => ({ _tag: 'notice', topic: 'order', data: { symbol, ...order } })),
    ),
    ...symbols.flatMap((symbol): ExchangeEvent[] => {
      const position = exchange.position(account, symbol)
      return position === undefined ? [] : [{ _tag: 'notice', topic: 'position', data: { symbol, ...position } }]
    }),
  ]

  const connected$ = defer(() => {
    if (!exchange.hasAccount(account)) venue.submit({ type: 'open-account', account, deposits: startBalances })
    if (!exchange.hasAccount(account)) {
      const words = 'the account could not be opened: the journal cannot be written'
      return concat(of(state(StateCode.CONNECT_FAILED, words)), NEVER)
    }
    return merge(
      of(state(StateCode.CONNECT_SUCCESS, 'connected')),
      defer(() => from(snapshot())),
      told$,
      wanted$,
      of(state(StateCode.READY, 'ready')),
    )
  })

  return {
    event$:
      missing === undefined ? connected$ : concat(of(state(StateCode.PARAM_MISS, `${missing} is missing`)), NEVER),
    memory: venue.memory(account),
    history: venue.history(account),
    placeOrder: ({ cid, ...order }) =>
      ask(
        // With valid_until: the exchange looks at it once more, by the time at which the order's turn comes.
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
        if (position === undefined) throw new Refused(`${symbol} is a spot symbol: it has no position; ask for asset`)
        return of(position)
      }),
    symbolInfo: (symbol) =>
      defer(() => {
        const info = exchange.symbolInfo(symbol)
        if (info === undefined) throw new Refused(`${symbol} is not traded on ${exchange.platform}`)
        return of(info)
      }),
  }
}
