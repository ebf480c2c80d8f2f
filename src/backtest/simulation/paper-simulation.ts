import { combineLatest, type Observer, Subscription, switchMap, tap } from 'rxjs'
import { type Account, connect, type ConnectOptions, type Gateway } from '../../client/index.js'
import { gatewayOver, settingsOf } from '../../client/internal.js'
import { type Limits, type PaperOptions, type PaperPlatform, paperPlatforms } from '../../gateway/index.js'
import { PLATFORMS } from '../../exchange/index.js'
import type { OpenOrder } from '../../protocol/index.js'
import { outputOf, type Strategy } from '../../strategy/index.js'
import { seededEntropy, virtualClock, VirtualScheduler, withVirtualTime } from '../../time/index.js'
import { logTrades, type LoggedNotice, type TradeLog } from '../../testing/index.js'
import { type DirectOptions, directWires } from './direct/direct-wire.js'
import { type PaperLink, type PaperLinkContext, memoryLink } from './paper-link.js'

/**
 * Way between a strategy and the paper exchange. `wire`: client and gateway with every frame of the
 * protocol, encoded and decoded. `direct`: the same client and the same exchange without frames and
 * without a gateway; same orders, fills, fees, balances and instants. Limits of the gateway that
 * guard its sockets (messages per second, bytes that wait) exist on the wire only.
 */
export type BacktestLane = 'wire' | 'direct'

/** Settings of a simulation. */
export interface PaperSimulationOptions
  extends Omit<PaperOptions, 'clock' | 'scheduler' | 'journal' | 'journalOptions'> {
  /** Time of the clocks at the beginning, in ms since 1970. @default 2026-01-01 */
  readonly startMs?: number
  /** Delay of each frame, either way, in ms. @default 5 */
  readonly delayMs?: number
  /** Settings of the client. @default its own */
  readonly client?: ConnectOptions
  /** See {@link BacktestLane}. `link`, `limits` and `latency` need the wire. @default 'wire' */
  readonly lane?: BacktestLane
  /** Limits of the gateway. @default its own */
  readonly limits?: Partial<Limits>
  /** Link between client and gateway. @default memory */
  readonly link?: (context: PaperLinkContext) => PaperLink
  /** The `exclusiveAccount` of the logins: no other client trades the accounts. @default false */
  readonly exclusiveAccount?: boolean
  /**
   * Which of the notices the log keeps: a month of a busy strategy has a million of them, and a
   * gigabyte. @default all
   */
  readonly keep?: (told: LoggedNotice) => boolean
}

/** State that a strategy has left behind. */
export interface RemainingState {
  /** By platform; of orders that it did not cancel. */
  readonly openOrders: Readonly<Record<string, readonly OpenOrder[]>>
  /**
   * Invariants of the paper exchanges that do not hold, in words: always empty, or they have a
   * fault.
   */
  readonly faults: readonly string[]
}

/**
 * A strategy at work on paper exchanges: the real client, gateway and exchange, in virtual time.
 */
export interface PaperSimulation {
  readonly platforms: ReadonlyMap<string, PaperPlatform>
  readonly scheduler: VirtualScheduler
  readonly startMs: number
  /** Ms of the run. */
  readonly nowMs: number
  /**
   * Does something in the time of the simulation: what it schedules without naming a scheduler is
   * scheduled there.
   */
  inside<T>(work: () => T): T
  /** Lets time pass, up to this instant of the run. */
  advanceTo(ms: number): void
  advanceBy(ms: number): void
  /** Drops every connection, as a network does: neither side says goodbye. */
  drop(): void
  /** Ends the strategy; its login drains as time passes. */
  leave(): void
  /** Ends the strategy, and lets the time pass that its login takes to drain. */
  stop(): void
  /** Ends everything. */
  close(): void
  /** Trades so far, and the present balances. */
  log(): TradeLog
  left(): RemainingState
}

/** Delay of each frame, in ms, where no other is set. */
export const DELAY_MS = 5
/** Longer than a login takes to drain, come what may. */
export const LEAVING_MS = 10_000
const ENTROPY_SEED = 1

/**
 * Makes a simulation and runs a strategy in it; what the strategy emits, its end and its error go
 * to `observer`. Nothing happens but when time is let pass. Same strategy, options and calls: same
 * orders, fills and balances.
 */
export const paperSimulation = (
  strategy: Strategy,
  options: PaperSimulationOptions = {},
  observer: Partial<Observer<unknown>> = {},
): PaperSimulation => {
  const {
    startMs = Date.UTC(2026, 0, 1),
    delayMs = DELAY_MS,
    client,
    limits = {},
    link: makeLink = memoryLink,
    lane = 'wire',
    exclusiveAccount = false,
    keep = () => true,
    ...paper
  } = options
  if (lane === 'direct' && needsWire(options))
    throw new RangeError('lane direct has no connection: leave link, limits and latency out, or use lane wire')
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler, { startMs })
  const inside = <T>(work: () => T): T => withVirtualTime(scheduler, work, { startMs })
  const events: LoggedNotice[] = []

  const [platforms, link, running] = inside(() => {
    const platforms = paperPlatforms({ seed: 1, platforms: platformsOf(strategy), ...paper, scheduler, clock })
    const settings = { scheduler, clock, entropy: seededEntropy(ENTROPY_SEED), ...client }
    const [gateway, link] =
      lane === 'direct'
        ? directGateway({ platforms, scheduler, clock, delayMs }, settings)
        : wireGateway(makeLink({ platforms, scheduler, clock, limits, delayMs }), settings)
    const accounts$ = combineLatest(
      strategy.logins.map(({ platform, symbols, market = [] }) =>
        gateway.login(
          { platform, symbols, access_key: 'strategy', secret_key: 'secret' },
          { market, exclusiveAccount },
        ),
      ),
    )
    const logging = new Subscription()
    const logged = new Set<Account>()
    const running = accounts$
      .pipe(
        tap((accounts) => {
          for (const account of accounts) {
            if (logged.has(account)) continue
            logged.add(account)
            logging.add(
              logTrades(
                account,
                () => scheduler.now(),
                (told) => {
                  if (keep(told)) events.push(told)
                },
              ),
            )
          }
        }),
        switchMap((accounts) => outputOf(strategy, ...accounts).pipe(tap({ complete: () => observer.complete?.() }))),
      )
      .subscribe({
        next: (value) => observer.next?.(value),
        error: (error: unknown) => observer.error?.(error),
      })
    return [platforms, link, running] as const
  })

  return {
    platforms,
    scheduler,
    startMs,
    get nowMs() {
      return scheduler.now()
    },
    inside,
    advanceTo: (ms) => inside(() => scheduler.advanceTo(ms)),
    advanceBy: (ms) => inside(() => scheduler.advanceBy(ms)),
    drop: () => inside(() => link.drop()),
    leave: () => inside(() => running.unsubscribe()),
    stop: () =>
      inside(() => {
        running.unsubscribe()
        scheduler.advanceBy(LEAVING_MS)
      }),
    close: () =>
      inside(() => {
        running.unsubscribe()
        link.close()
        for (const platform of platforms.values()) platform.close()
      }),
    left: () => leftOn(platforms),
    log: () => ({ events: [...events], balances: balancesOf(platforms) }),
  }
}

/** True for settings of a connection, which the direct lane does not have. */
export const needsWire = ({
  link,
  limits,
  latency,
}: Pick<PaperSimulationOptions, 'link' | 'limits' | 'latency'>): boolean =>
  link !== undefined || limits !== undefined || latency !== undefined

type Ends = Pick<PaperLink, 'drop' | 'close'>

const wireGateway = (link: PaperLink, settings: ConnectOptions): readonly [Gateway, Ends] => [
  connect(link.transport, settings),
  link,
]

const directGateway = (parts: DirectOptions, settings: ConnectOptions): readonly [Gateway, Ends] => {
  const markets = new Subscription()
  // As the gateway does while it serves.
  for (const { background$ } of parts.platforms.values())
    markets.add(background$?.subscribe({ error: () => undefined }))
  const drop = (): never => {
    throw new RangeError('lane direct has no connection that could drop: use lane wire')
  }
  return [gatewayOver(settingsOf(settings), directWires(parts)), { drop, close: () => markets.unsubscribe() }]
}

const isClient = (account: string): boolean => account.startsWith('paper-')

const leftOn = (platforms: ReadonlyMap<string, PaperPlatform>): RemainingState => ({
  openOrders: Object.fromEntries(
    [...platforms].map(([platform, { exchange }]) => {
      const clients = new Set(
        exchange
          .exactBalances()
          .map(({ account }) => account)
          .filter(isClient),
      )
      const open = [...clients].flatMap((account) =>
        exchange.symbols.flatMap((symbol) => exchange.openOrders(account, symbol)),
      )
      return [platform, open]
    }),
  ),
  // Walks every order and balance: only for those who ask.
  get faults() {
    return [...platforms.values()].flatMap(({ exchange }) => exchange.audit())
  },
})

/** Platforms that it logs in to: the market of another one would have no subscriber. */
const platformsOf = ({ logins }: Strategy): typeof PLATFORMS =>
  new Map([...PLATFORMS].filter(([name]) => logins.some(({ platform }) => platform === name)))

/** The clients'. */
const balancesOf = (platforms: ReadonlyMap<string, PaperPlatform>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...platforms].flatMap(([platform, { exchange }]) =>
      exchange
        .exactBalances()
        .filter(({ account }) => isClient(account))
        .map(({ currency, free, locked }) => [
          `${platform} ${currency}`,
          Number(locked) === 0 ? free : `${free} and ${locked} locked`,
        ]),
    ),
  )
