import { finalize, type Observable, Subject } from 'rxjs'
import { type Account, connect, type ConnectOptions, type Credentials, type LoginOptions } from '../../client/index.js'
import { type Latency, paperPlatforms, serve } from '../../gateway/index.js'
import type { MarketEvent } from '../../market/index.js'
import { type Connection, memoryTransport } from '../../transport/index.js'
import type { ScenarioContext } from '../../testing/index.js'

/** Settings of the paper exchange and of the login. */
export interface PaperSettings extends LoginOptions, Partial<Credentials> {
  /** Start balances of the account, by currency. @default { USDT: 100_000, BTC: 5, ETH: 50 } */
  readonly balances?: Readonly<Record<string, number>>
  /** Delay of each message, in ms. @default 0 */
  readonly delayMs?: number
  /**
   * Latency between exchange and gateway, which keeps replies and notices in order. @default none
   */
  readonly latency?: Latency
  /** Settings of the client. @default its own */
  readonly client?: ConnectOptions
}

const closingMs = 5_000

/**
 * The real paper exchange behind the real gateway and the real client, in the virtual time of a
 * scenario: `market$` is all that happens there besides our own orders. The login is one of the
 * platform huobi with the symbol BTC/USDT unless told otherwise.
 *
 * ```ts
 * run: (kit) => {
 *   const account$ = paper(kit, kit.hot('market'), { balances: { USDT: 1000 } })
 *   const trading$ = account$.pipe(switchMap((account) => merge(account.fill$, strategy(account))))
 *   return { fills: trading$ }
 * }
 * ```
 */
export const paper = (
  { scheduler, clock, entropy }: ScenarioContext,
  market$: Observable<MarketEvent>,
  {
    balances,
    delayMs = 0,
    latency,
    client,
    platform = 'huobi',
    symbols = ['BTC/USDT'],
    ...settings
  }: PaperSettings = {},
): Observable<Account> => {
  const connection$ = new Subject<Connection>()
  const platforms = paperPlatforms({
    scheduler,
    clock,
    market: (context) => (context.platform === platform ? market$ : new Subject<never>()),
    ...(balances === undefined ? {} : { startBalances: balances }),
    ...(latency === undefined ? {} : { latency, seed: 1 }),
  })
  let tokens = 0
  const serving = serve(connection$, { platforms, scheduler, clock, newToken: () => `token-${++tokens}` }).subscribe({
    // What the gateway tells is for logs; that it fails would be a fault of the kit.
    error: (error: unknown) => {
      throw error
    },
  })
  const transport = memoryTransport((connection) => connection$.next(connection), { scheduler, delayMs })
  const { access_key = 'access-key', secret_key = 'secret-key', ...loginOptions } = settings
  return connect(transport, { scheduler, clock, entropy, ...client })
    .login({ platform, symbols, access_key, secret_key }, loginOptions)
    .pipe(
      // The logout still wants its answer.
      finalize(() => scheduler.schedule(() => serving.unsubscribe(), closingMs)),
    )
}
