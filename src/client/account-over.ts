import type { Observable } from 'rxjs'
import type { Account, CommandOptions } from './account.js'
import { canceledByNotices } from './cancel.js'
import type { Flights } from './flights.js'
import type { Credentials } from './gateway.js'
import type { Line } from './line.js'
import type { Notices } from './notices.js'
import type { Settings } from './options.js'
import { placeOrder } from './orders.js'
import { ask, type Question } from './queries.js'
import type { InterfaceState } from './ready.js'
import type { Redactor } from './redact.js'
import type { RequestOp } from '../protocol/index.js'

/** What an Account is made of. */
export interface AccountParts {
  readonly credentials: Credentials
  readonly settings: Settings
  readonly redactor: Redactor
  readonly line: Line
  readonly flights: Flights
  readonly notices: Notices
  readonly state$: Observable<InterfaceState>
  readonly drain$: Observable<never>
  onInvalidToken(token: string): void
}

/** The face of a login: what a strategy is given. It holds no key. */
export function accountOver(parts: AccountParts): Account {
  const { settings, line, flights, notices, state$, drain$ } = parts
  const { platform, symbols } = parts.credentials
  const { orderMaxAgeMs, queryMaxAgeMs, requestTimeoutMs } = settings
  const order$ = notices.account('order')

  const query = <Op extends RequestOp, A>(question: Question<Op, A>, options: CommandOptions = {}): Observable<A> =>
    ask(question, { maxAgeMs: queryMaxAgeMs, timeoutMs: requestTimeoutMs, ...options }, parts)

  return {
    platform,
    symbols: [...symbols],
    state$,
    ready$: line.ready$,
    tradable$: line.ready$,
    order$,
    fill$: notices.account('fill'),
    position$: notices.account('position'),
    asset$: notices.account('asset'),
    unsettled$: flights.unsettled$,
    topic$: (name, codec) => notices.other(name, codec),

    placeOrder: (order, options = {}) =>
      placeOrder(order, { maxAgeMs: orderMaxAgeMs, timeoutMs: requestTimeoutMs, ...options }, line, flights, settings),

    cancelOrder: (request, options) =>
      query(
        {
          body: { op: 'cancel_order', symbol: request.symbol, order_nos: [...request.order_nos] },
          read: (reply) => reply.data,
          // Cancelling everything twice would cancel what was placed in between.
          repeatable: request.order_nos.length > 0,
          elsewhere$: canceledByNotices(request, order$),
        },
        options,
      ),

    openOrders: (symbol, options) =>
      query(
        {
          body: { op: 'open_orders', symbol },
          read: (reply) => reply.data.map((order) => ({ symbol, ...order })),
          repeatable: true,
        },
        options,
      ),

    asset: (options) => query({ body: { op: 'asset' }, read: (reply) => reply.data, repeatable: true }, options),

    position: (symbol, options) =>
      query(
        { body: { op: 'position', symbol }, read: (reply) => ({ symbol, ...reply.data }), repeatable: true },
        options,
      ),

    symbolInfo: (symbol, options) =>
      query({ body: { op: 'symbol_info', symbol }, read: (reply) => reply.data, repeatable: true }, options),

    drain: () => drain$,
  }
}
