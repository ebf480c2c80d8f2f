import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { asyncScheduler, defer, ignoreElements, type Observable, type SchedulerLike, share, Subject, tap } from 'rxjs'
import {
  createExchange,
  type Exchange,
  type ExchangeOptions,
  PLATFORMS,
  type SelfTrade,
  selfTradeOf,
  type SymbolSpec,
} from '../../exchange/index.js'
import { type MarketEvent } from '../../market/index.js'
import { lotSnapper, marketMakerCommand, tickSnapper } from '../../market/internal.js'
import { systemClock } from '../../transport/index.js'
import { type Clock, MarketClock, seededEntropy } from '../../time/index.js'
import { type ExchangeAdapter, AdapterRefused } from '../adapter/exchange-adapter.js'
import { type Latency, wholeLatency, withLatency } from '../adapter/latency.js'
import { quote } from '../../protocol/internal.js'
import { EventLogHash, type EventLogMark, unhashed } from './event-log-hash.js'
import { marketNotices } from './market-notices.js'
import { type MarketOptions, marketSource } from './market-source.js'
import { paperSession } from './paper-session.js'
import { type CommandObserver, PaperVenue } from './paper-venue.js'
import { fileVenueJournal, type FileVenueJournalOptions } from './file-venue-journal.js'
import { JournalUnusable, type VenueJournal, type VenueLife } from './venue-journal.js'

/** A paper exchange behind the port, with what its owner may look at. */
export interface PaperPlatform extends ExchangeAdapter {
  /**
   * The exchange itself: its books, its accounts to the last digit, its audit. Send it no commands:
   * no client would see their events.
   */
  readonly exchange: Exchange
  /**
   * Events of its market as they are played, progress of a file included. Nothing is played while
   * no gateway serves.
   */
  readonly market$: Observable<MarketEvent>
  /**
   * The hash of all that the exchange has told so far, if the option `hash` asks for it; see
   * {@link EventLogHash}.
   */
  readonly eventLog: EventLogMark | undefined
  /** Lets go of its journal, if it has one; nothing is carried out after. */
  close(): void
}

export interface PaperOptions extends MarketOptions {
  /** The platforms and what is traded on each. @default PLATFORMS (huobi, okex, huobi_future) */
  readonly platforms?: ReadonlyMap<string, readonly SymbolSpec[]>
  /**
   * Balances of a new account (an access_key not seen before), by currency; currencies that a
   * platform does not have are left out.
   *
   * @default { USDT: 100_000, BTC: 5, ETH: 50 }
   */
  readonly startBalances?: Readonly<Record<string, string | number>>
  /**
   * Accounts of one platform, the market's own among them. An account is never closed, and anybody
   * may have one: beyond this, keys that have none are refused.
   *
   * @default 50000
   */
  readonly mostAccounts?: number
  /**
   * Open orders of one account on one platform; beyond that its LIMIT orders are refused, as on
   * real exchanges. A login receives all of them at once: with tens of thousands no reader keeps
   * up, so the account could not log in to cancel them, and each query for them delays all other
   * connections.
   *
   * @default 1000
   */
  readonly mostOpenOrders?: number
  /**
   * Rule for an order that would trade with one of its own account.
   * @default the rule of each platform: see `selfTradeOf`
   */
  readonly selfTrade?: SelfTrade
  /**
   * Folder of a journal in which every command is written before it takes effect, so that a killed
   * gateway continues: accounts, open orders, balances, positions, replies by cid, numbered
   * notices. The market itself restarts. One gateway per folder.
   *
   * @default none: all state ends with the process
   */
  readonly journal?: string
  /**
   * Keeps the hash of each exchange's event log: equal hashes mean the same events, byte for byte.
   * With a journal it is that of all lives since the journal was begun.
   *
   * @default false
   */
  readonly hash?: boolean
  /**
   * Makes an observer for the exchange of a platform, which sees each command and its events.
   * @default none
   */
  readonly observer?: (platform: string, exchange: Exchange) => CommandObserver
  /**
   * Distance of the exchange, with jitter from the `seed`; see {@link Latency}.
   * @default none: replies come in the turn of the request
   */
  readonly latency?: Latency
  /** Sizes and durability of the journal. */
  readonly journalOptions?: FileVenueJournalOptions
  /** @default the machine's clocks */
  readonly clock?: Clock
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

export const defaultStartBalances: Readonly<Record<string, string | number>> = { USDT: 100_000, BTC: 5, ETH: 50 }

/**
 * Names the account for the exchange without revealing the key and without clashing with its own
 * accounts (`fees`, `house`).
 */
const accountOf = (accessKey: string): string =>
  `paper-${createHash('sha256').update(accessKey).digest('hex').slice(0, 24)}`

const house = 'house'

/** A number for everything that is random by the same seed, and yet should not go the same way. */
const seedFor = (...what: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(what)).digest().readInt32LE()

/** Creates a venue, new or continued from its journal. */
const venueOf = (
  options: ExchangeOptions,
  clock: Clock,
  marketClock: MarketClock,
  hash: boolean,
  journal?: VenueJournal,
  observer?: PaperOptions['observer'],
) => {
  try {
    const { begins } = journal ?? {}
    const exchange = createExchange({ ...options, ...(begins && { state: begins.exchange }) })
    // A journal goes on with the hash of all its lives, whether this one is asked for it or not.
    const log = hash || journal !== undefined ? new EventLogHash(begins?.eventLog) : unhashed
    const observing = observer?.(options.platform, exchange)
    return { exchange, log, venue: new PaperVenue(exchange, clock, journal, log, marketClock, observing) }
  } catch (cause) {
    journal?.close()
    // Its lines are as they were written, and yet no such exchange can be: whatever it stumbles
    // over, that is what is wrong.
    if (journal === undefined || cause instanceof JournalUnusable) throw cause
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new JournalUnusable(`the journal of ${options.platform}: ${words}; mend or move the folder`, { cause })
  }
}

const paperPlatform = (platform: string, symbols: readonly SymbolSpec[], options: PaperOptions): PaperPlatform => {
  const { startBalances = defaultStartBalances, clock = systemClock, scheduler = asyncScheduler } = options
  const {
    journal: folder,
    journalOptions,
    seed = 1,
    hash = false,
    mostAccounts = 50_000,
    mostOpenOrders = 1_000,
    selfTrade = selfTradeOf(platform),
  } = options
  const latency = options.latency && wholeLatency(options.latency)
  // Invalid symbols are reported before a journal is opened, because they are no fault of the
  // journal.
  const traded: ExchangeOptions = { platform, symbols, selfTrade, mostOpenOrders }
  if (folder !== undefined) createExchange(traded)
  // Without a journal accounts do not outlive a restart; an order_no of the life before must not
  // name another order of this one.
  const life: VenueLife = {
    epoch: randomBytes(16).toString('base64url'),
    idPrefix: `${clock.wall().toString(36)}-`,
    historyBase: clock.wall() * 1_000,
    traded: createHash('sha256')
      .update(JSON.stringify([symbols, selfTrade, mostOpenOrders]))
      .digest('base64url'),
  }
  const journal =
    folder === undefined
      ? undefined
      : fileVenueJournal(join(folder, encodeURIComponent(platform)), life, journalOptions)
  const marketClock = new MarketClock(clock, { startMs: options.marketStartMs, speed: options.speed })
  const { exchange, log, venue } = venueOf(
    { ...traded, idPrefix: (journal?.life ?? life).idPrefix },
    clock,
    marketClock,
    hash,
    journal,
    options.observer,
  )
  if (!exchange.hasAccount(house)) venue.submit({ type: 'open-account', account: house, house: true })
  const currencies = new Set(symbols.flatMap(({ base, quote }) => [base, quote]))
  const deposits = Object.fromEntries(Object.entries(startBalances).filter(([currency]) => currencies.has(currency)))
  const lots = new Map(symbols.map((spec) => [spec.symbol, lotOf(spec)]))
  const played$ = new Subject<MarketEvent>()
  let hasBegun = false
  const setTime = (timestamp: number): void => {
    marketClock.played(timestamp)
    if (hasBegun) return
    hasBegun = true
    venue.submit({ type: 'set-back', account: house, timestamp }, (events) => {
      // While the journal cannot be written, the market stands still.
      if (events.some(({ type }) => type === 'refused')) hasBegun = false
    })
  }
  /** Plays events in one step each: a month of minute candles has half a million of them. */
  const player = (): ((event: MarketEvent) => void) => {
    const onTicks = tickSnapper((symbol) => exchange.symbolInfo(symbol)?.price_tick)
    const inLots = lotSnapper((symbol, price) => lots.get(symbol)?.(price))
    return (played) => {
      const event = inLots(onTicks(played))
      if (event === undefined) return
      if (event.type !== 'progress') setTime(event.timestamp)
      const command = marketMakerCommand(event, house, exchange.symbols)
      if (command !== undefined) venue.submit(command)
      played$.next(event)
    }
  }
  const background$ = defer(() => {
    marketClock.begin()
    hasBegun = false
    return marketSource(options, { platform, symbols: exchange.symbols, clock, scheduler, marketClock }).pipe(
      tap(player()),
      ignoreElements(),
    )
  }).pipe(
    // Two gateways on one exchange must not play its market twice.
    share(),
  )
  const marketTopics = marketNotices(venue, { scheduler })
  let logins = 0
  return {
    exchange,
    ...(journal === undefined
      ? {}
      : {
          epoch: journal.life.epoch,
          journal: { failure$: venue.failure$, check: () => venue.checkJournal() },
        }),
    close: () => journal?.close(),
    get eventLog() {
      return hash ? log.mark : undefined
    },
    market$: played$.asObservable(),
    features: [
      'market',
      'cid',
      'resume',
      ...(symbols.some(({ kind }) => kind !== 'spot') ? (['offset'] as const) : []),
    ],
    background$,
    open: ({ symbols: named, accessKey, secretKey, market: topics }) => {
      const unknown = named.find((symbol) => exchange.symbolInfo(symbol) === undefined)
      if (unknown !== undefined) {
        throw new AdapterRefused(
          `symbol ${quote(unknown)} is not traded on ${platform}; there are ${exchange.symbols.join(', ')}`,
        )
      }
      const account = accountOf(accessKey.reveal())
      if (!exchange.hasAccount(account) && exchange.accountCount >= mostAccounts) {
        throw new AdapterRefused(
          `${platform} has ${mostAccounts} paper accounts and opens no more: use a key that has one`,
        )
      }
      const session = paperSession({
        venue,
        account,
        symbols: named,
        market: topics,
        marketTopics,
        startBalances: deposits,
        missing:
          named.length === 0
            ? 'symbols'
            : accessKey.isEmpty
              ? 'access_key'
              : secretKey.isEmpty
                ? 'secret_key'
                : undefined,
      })
      if (latency === undefined) return session
      const entropy = seededEntropy(seedFor(seed, platform, 'latency', ++logins))
      return withLatency(session, { ...latency, entropy, clock, scheduler })
    },
  }
}

/** Lot of a symbol at a price, in base currency. */
const lotOf = (spec: SymbolSpec): ((price: number) => number) => {
  if (spec.kind === 'spot') return () => Number(spec.sizeTick)
  const face = Number(spec.faceValue)
  return spec.kind === 'linear' ? () => face : (price) => face / price
}

/**
 * Paper exchanges by platform, for `serve` and `listen`. Open to any access_key: each key not seen
 * before gets an account of its own with the start balances.
 *
 * @example
 * ```ts
 * const platforms = paperPlatforms({ startBalances: { USDT: 1_000 } })
 * listen({ platforms }).subscribe()
 * platforms.get('huobi')?.exchange.audit() // => []
 * ```
 */
export const paperPlatforms = (options: PaperOptions = {}): ReadonlyMap<string, PaperPlatform> => {
  const { platforms = PLATFORMS, seed = Math.floor(Math.random() * 2 ** 31) } = options
  const made = new Map<string, PaperPlatform>()
  try {
    for (const [platform, symbols] of platforms)
      made.set(platform, paperPlatform(platform, symbols, { ...options, seed }))
  } catch (error) {
    closeAll(made)
    throw error
  }
  return made
}

/** Lets go of the journals of all. */
export const closeAll = (platforms: ReadonlyMap<string, PaperPlatform>): void => {
  for (const platform of platforms.values()) platform.close()
}
