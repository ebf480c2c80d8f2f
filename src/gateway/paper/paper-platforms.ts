import { createHash } from 'node:crypto'
import { asyncScheduler, EMPTY, ignoreElements, type Observable, type SchedulerLike, share, tap } from 'rxjs'
import { type Command, createExchange, type Exchange, PLATFORMS, type SymbolSpec } from '../../exchange/index.js'
import { systemClock } from '../../transport/index.js'
import type { Clock } from '../../time/index.js'
import { type ExchangeInterface, Refused } from '../exchange-interface.js'
import { quoted } from '../words.js'
import { marketNotices } from './market-notices.js'
import { paperSession } from './paper-session.js'
import { PaperVenue } from './paper-venue.js'

/** A paper exchange behind the port, with what its owner may look at. */
export interface PaperPlatform extends ExchangeInterface {
  /** The exchange itself: its books, its accounts to the last digit, its audit. Send it no commands: nobody would hear of them. */
  readonly exchange: Exchange
}

/** What a symbol is given to live on; see {@link PaperOptions.market}. */
export interface MarketSource {
  readonly platform: string
  readonly symbols: readonly SymbolSpec[]
  readonly clock: Clock
  readonly scheduler: SchedulerLike
}

export interface PaperOptions {
  /** The platforms and what is traded on each. @default PLATFORMS (huobi, okex) */
  readonly platforms?: ReadonlyMap<string, readonly SymbolSpec[]>
  /**
   * What a new account (an access_key not seen before) is given, by currency; currencies that a platform does not have are left out.
   *
   * @default { USDT: 100_000, BTC: 5, ETH: 50 }
   */
  readonly startBalances?: Readonly<Record<string, string | number>>
  /** Commands of the house account that give a platform's books life. Subscribed to while a gateway serves the platform. @default none */
  readonly market?: (source: MarketSource) => Observable<Command>
  /** @default the machine's clocks */
  readonly clock?: Clock
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

export const defaultStartBalances: Readonly<Record<string, string | number>> = { USDT: 100_000, BTC: 5, ETH: 50 }

/** The exchange needs a name for the account; this one tells nobody the key, and is none of its own (`fees`, `house`). */
const accountOf = (accessKey: string): string =>
  `paper-${createHash('sha256').update(accessKey).digest('hex').slice(0, 24)}`

const paperPlatform = (platform: string, symbols: readonly SymbolSpec[], options: PaperOptions): PaperPlatform => {
  const { startBalances = defaultStartBalances, market, clock = systemClock, scheduler = asyncScheduler } = options
  const exchange = createExchange({ platform, symbols, idPrefix: '' })
  const venue = new PaperVenue(exchange, clock)
  const market$ = marketNotices(venue, { scheduler })
  const currencies = new Set(symbols.flatMap(({ base, quote }) => [base, quote]))
  const deposits = Object.fromEntries(Object.entries(startBalances).filter(([currency]) => currencies.has(currency)))
  const background$ = (market?.({ platform, symbols, clock, scheduler }) ?? EMPTY).pipe(
    tap((command) => venue.submit(command)),
    ignoreElements(),
    share(),
  )
  return {
    exchange,
    features: ['market'],
    background$,
    open: ({ symbols: named, accessKey, secretKey, market: topics }) => {
      const unknown = named.find((symbol) => exchange.symbolInfo(symbol) === undefined)
      if (unknown !== undefined) {
        throw new Refused(
          `symbol ${quoted(unknown)} is not traded on ${platform}; there are ${exchange.symbols.join(', ')}`,
        )
      }
      return paperSession({
        venue,
        account: accountOf(accessKey.reveal()),
        symbols: named,
        market: topics,
        market$,
        startBalances: deposits,
        missing: accessKey.isEmpty ? 'access_key' : secretKey.isEmpty ? 'secret_key' : undefined,
      })
    },
  }
}

/**
 * Paper exchanges by platform, for `serve` and `listen`. Open to any access_key: each key not seen before gets an account of its own
 * with the start balances.
 *
 * @example
 * ```ts
 * const platforms = paperPlatforms({ startBalances: { USDT: 1_000 } })
 * listen({ platforms }).subscribe()
 * platforms.get('huobi')?.exchange.audit() // => []
 * ```
 */
export const paperPlatforms = (options: PaperOptions = {}): ReadonlyMap<string, PaperPlatform> =>
  new Map(
    [...(options.platforms ?? PLATFORMS)].map(([platform, symbols]) => [
      platform,
      paperPlatform(platform, symbols, options),
    ]),
  )
