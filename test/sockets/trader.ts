import {
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  type Subscription,
  tap,
  timeout,
  toArray,
} from 'rxjs'
import { WebSocket } from 'ws'
import {
  type Account,
  connect,
  type ConnectOptions,
  type Gateway,
  type LoginOptions,
  outcome,
  type Outcome,
  type OrderRequest,
  type Placed,
  type Status,
} from '../../src/client/index.js'
import { type Transport, webSocket } from '../../src/transport/index.js'

export const symbol = 'BTC/USDT'

/** Waits are short, so that a test takes a few seconds. */
export const impatient: ConnectOptions = {
  pingEveryMs: 100,
  deadAfterMs: 350,
  requestTimeoutMs: 800,
  resolveWithinMs: 400,
  resyncWithinMs: 500,
  backoffBaseMs: 40,
  backoffCapMs: 150,
  orderMaxAgeMs: 10_000,
}

/** The frames that a client has written, as objects. */
export type Written = { readonly op: string; readonly cid?: string }[]

/** Dials a port as if it were the gateway's own, which looks at the Host, and writes down what is written. */
const dialling = (port: number, gatewayPort: number, written: Written): Transport =>
  webSocket(`ws://127.0.0.1:${port}/ws/v1`, {
    connectTimeoutMs: 400,
    makeSocket: (url, protocols) =>
      new WebSocket(url, protocols, { headers: { Host: `127.0.0.1:${gatewayPort}` }, perMessageDeflate: false }),
  }).pipe(
    map((connection) => ({
      message$: connection.message$,
      get bufferedAmount() {
        return connection.bufferedAmount
      },
      send: (text) => {
        written.push(JSON.parse(text) as Written[number])
        return connection.send(text)
      },
      close: (code, reason) => connection.close(code, reason),
      abandon: () => connection.abandon(),
    })),
  )

export interface Trader {
  readonly account: Account
  readonly client: Gateway
  readonly access_key: string
  readonly written: Written
  /** Resolves with the first status of this kind from now on. */
  becomes<Tag extends Status['_tag']>(tag: Tag): Promise<Extract<Status, { _tag: Tag }>>
  leave(): Promise<void>
}

/** Every wait has its end. */
export const soon = <T>(what: string, source$: Observable<T>, withinMs = 15_000): Promise<T> =>
  firstValueFrom(
    source$.pipe(
      timeout({
        first: withinMs,
        with: () => {
          throw new Error(`${what}: not within ${withinMs} ms`)
        },
      }),
    ),
  )

/** Logs in through a port, and waits until orders may be sent. */
export const trader = async (
  access_key: string,
  { port, gatewayPort = port }: { readonly port: number; readonly gatewayPort?: number },
  options: LoginOptions & ConnectOptions = {},
): Promise<Trader> => {
  const written: Written = []
  const client = connect(dialling(port, gatewayPort, written), { ...impatient, ...options })
  const credentials = { platform: 'huobi', symbols: [symbol], access_key, secret_key: 'a-secret-key' }
  let login: Subscription | undefined
  const account = await new Promise<Account>((resolve, reject) => {
    login = client.login(credentials, options).subscribe({ next: resolve, error: reject })
  })
  await soon('to be tradable', account.tradable$.pipe(filter(Boolean)))
  return {
    account,
    client,
    access_key,
    written,
    becomes: (tag) =>
      soon(
        `status ${tag}`,
        client.status$.pipe(filter((status): status is Extract<Status, { _tag: typeof tag }> => status._tag === tag)),
      ),
    leave: async () => {
      await lastValueFrom(account.drain(), { defaultValue: undefined })
      login?.unsubscribe()
    },
  }
}

/** An order and how it ended. */
export interface Told {
  readonly order: OrderRequest
  readonly end: Outcome<Placed>
}

/**
 * Places orders, so many at once: as one ends, the next begins.
 *
 * @param onEnd - told of each end, with how many there have been
 */
export const storm = (
  account: Account,
  orders: readonly OrderRequest[],
  onEnd: (count: number) => void = () => undefined,
  atOnce = 6,
): Promise<Told[]> => {
  let count = 0
  return soon(
    `the end of ${orders.length} orders`,
    from(orders).pipe(
      mergeMap(
        (order) =>
          account.placeOrder(order).pipe(
            outcome(),
            map((end) => ({ order, end })),
          ),
        atOnce,
      ),
      tap(() => onEnd(++count)),
      toArray(),
    ),
    30_000,
  )
}

/** Leaves nothing open to be found by. */
export const market: OrderRequest = { symbol, action: 'BUY', price: 0, quantity: 600, order_type: 'MARKET' }
/** Rests. */
export const limit: OrderRequest = { symbol, action: 'BUY', price: 20_000, quantity: 0.001, order_type: 'LIMIT' }

/** Limit orders that rest, each at a price of its own, and MARKET orders among them. */
export const mixedOrders = (count: number): OrderRequest[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? { ...limit, price: 20_000 + i } : market))

/** Shows more than all of a test's orders can take, at 60,000. */
export const showDepth = async (maker: Trader): Promise<void> => {
  const order = { symbol, action: 'SELL', price: 60_000, quantity: 50, order_type: 'LIMIT' } as const
  await soon('the maker', maker.account.placeOrder(order))
}
