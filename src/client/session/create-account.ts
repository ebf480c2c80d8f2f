import { defer, map, type Observable } from 'rxjs'
import type { MarketTopic } from '../../protocol/index.js'
import type { Account } from '../account.js'
import { askedTopics } from './asked-topics.js'
import type { AccountStore } from '../state/account-store.js'
import type { Commands } from '../requests/commands.js'
import type { InFlightOrders } from '../orders/in-flight-order.js'
import type { OrderEvents } from '../orders/order-events.js'
import type { WaitingOrders } from '../orders/waiting-orders.js'
import type { Gap } from '../state/gap.js'
import type { Credentials } from '../gateway.js'
import type { CommandQueue } from '../requests/command-queue.js'
import type { Notices } from './notices.js'
import type { Settings } from '../options.js'
import { commandTimes } from '../command.js'
import { marketStreams } from '../market-streams.js'
import { placeOrder } from '../orders/orders.js'
import type { InterfaceState } from '../interface-state.js'
import { followOrder, trackOrder } from '../orders/track.js'
import { createViews } from '../state/views.js'

/** Parts of an Account. */
export interface AccountParts {
  readonly credentials: Credentials
  readonly exclusiveAccount: boolean
  /** Market topics that the login asks for. */
  readonly market: readonly MarketTopic[]
  readonly settings: Settings
  readonly queue: CommandQueue
  readonly commands: Commands
  readonly inFlightOrders: InFlightOrders
  readonly events: OrderEvents
  readonly waitingOrders: WaitingOrders
  readonly accountStore: AccountStore
  readonly notices: Notices
  readonly state$: Observable<InterfaceState>
  readonly gap$: Observable<Gap>
  readonly drain$: Observable<never>
}

/** The face of a login: what a strategy is given. It holds no key. */
export function createAccount(parts: AccountParts): Account {
  const {
    credentials,
    exclusiveAccount,
    market,
    settings,
    queue,
    commands,
    inFlightOrders,
    events,
    waitingOrders,
    accountStore,
    notices,
    state$,
    gap$,
    drain$,
  } = parts
  const { orders, positions, balances, snapshots } = accountStore
  const defaults = { maxAgeMs: settings.orderMaxAgeMs, timeoutMs: settings.requestTimeoutMs }
  const view = createViews()

  // A frozen copy: what is checked is what is sent, whatever the caller, or a subscriber of the
  // order's events, does to its object meanwhile.
  const place: Account['placeOrder'] = (order, options) =>
    placeOrder(Object.freeze({ ...order }), commandTimes(options, defaults), {
      queue,
      inFlightOrders,
      events,
      waitingOrders,
      settings,
    })

  const topic$ = askedTopics((name, codec) => notices.other(name, codec), market)

  return {
    platform: credentials.platform,
    symbols: [...credentials.symbols],
    exclusiveAccount,
    features: () => queue.session?.features ?? new Set(),
    state$,
    ready$: queue.ready$,
    tradable$: queue.tradable$,
    gap$,
    orderEvent$: events.event$,
    reconciled$: gap$.pipe(
      map(({ cause, from, to, recovered, unanswered }) => ({ cause, from, to, recovered, unanswered })),
    ),
    anomaly$: orders.anomaly$,
    order$: notices.account('order'),
    fill$: notices.account('fill'),
    position$: notices.account('position'),
    asset$: notices.account('asset'),
    inFlight$: inFlightOrders.inFlight$,
    unresolved$: inFlightOrders.unresolved$,
    topic$,
    ...marketStreams({ symbols: credentials.symbols, topic$ }),
    placeOrder: place,
    cancelOrder: (request, options) => commands.cancelOrder(request, options),
    openOrders: (symbol, options) =>
      snapshots.listed(symbol, (onWrite) => commands.openOrders(symbol, options, onWrite)),
    asset: (options) => commands.asset(options),
    position: (symbol, options) => commands.position(symbol, options),
    symbolInfo: (symbol, options) => commands.symbolInfo(symbol, options),
    orders: (symbol) => defer(() => view(orders.open(symbol), snapshots.orders(symbol))),
    positions: (symbol) => defer(() => view(positions.of(symbol), snapshots.position(symbol))),
    balances: () =>
      defer(() => {
        snapshots.wantBalances()
        return view(balances.table, snapshots.balances$)
      }),
    track: (order, options) =>
      'order_no' in order
        ? followOrder(order, orders, settings)
        : trackOrder(order.symbol, place(order, options), inFlightOrders, orders, settings),
    drain: () => drain$,
  }
}
