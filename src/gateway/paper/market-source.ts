import { EMPTY, type Observable, type SchedulerLike } from 'rxjs'
import { marketFiles, type MarketEvent, readMarket, syntheticMarket } from '../../market/index.js'
import type { Clock, MarketClock } from '../../time/index.js'

/** Argument of a custom market. */
export interface MarketContext {
  readonly platform: string
  /** Traded symbols; events of others are left out. */
  readonly symbols: readonly string[]
  readonly clock: Clock
  readonly scheduler: SchedulerLike
  /**
   * Market time of this platform. Events set it; a player that is given it (`marketFiles`,
   * `syntheticMarket`) lets it advance in between.
   */
  readonly marketClock: MarketClock
}

/** Source of the market of a paper exchange. */
export interface MarketOptions {
  /**
   * `synthetic`: made up, seeded, without end. `none`: the clients have the books to themselves.
   * Anything else is the path of a CSV file of trades, candles or an order book, or of several,
   * merged in time (see `marketFiles`); a function makes a market of one's own.
   *
   * @default 'synthetic'
   */
  readonly market?: string | readonly string[] | ((context: MarketContext) => Observable<MarketEvent>)
  /**
   * The same seed gives the same synthetic market, on every platform alike.
   * @default a random one
   */
  readonly seed?: number
  /**
   * Speed of the market: 1 keeps its own time, 60 plays a minute in a second. For a custom market:
   * speed of market time between its events.
   *
   * @default 1
   */
  readonly speed?: number
  /**
   * Market time until the first event, in ms since 1970: the beginning of a recording.
   *
   * @default the wall clock's time; `startPaperGateway` reads it from the files
   */
  readonly marketStartMs?: number
  /**
   * First prices of the synthetic market, by symbol.
   * @default { 'BTC/USDT': 60_000, 'ETH/USDT': 3_000, 'BTC/USD': 60_000 }
   */
  readonly startPrices?: Readonly<Record<string, number>>
}

export const defaultStartPrices: Readonly<Record<string, number>> = {
  'BTC/USDT': 60_000,
  'ETH/USDT': 3_000,
  'BTC/USD': 60_000,
}

/** The files that the option names; none for any other market. */
const filesOf = (market: MarketOptions['market']): readonly string[] =>
  typeof market === 'function' || market === undefined || market === 'synthetic' || market === 'none'
    ? []
    : [market].flat()

/**
 * Reads the time at which the files of a market begin, in ms since 1970; undefined where there are
 * none, or they cannot be read.
 */
export const marketStartOf = async ({ market, marketStartMs }: MarketOptions): Promise<number | undefined> => {
  const files = filesOf(market)
  if (marketStartMs !== undefined || files.length === 0) return marketStartMs
  try {
    for await (const piece of readMarket(files))
      for (const event of piece) if (event.type !== 'progress') return event.timestamp
  } catch {
    // The gateway tells of it when it plays them.
  }
  return undefined
}

/** The market that the options ask for, as events for the house account. */
export const marketSource = (
  { market = 'synthetic', seed = 1, speed = 1, startPrices = defaultStartPrices }: MarketOptions,
  context: MarketContext,
): Observable<MarketEvent> => {
  if (typeof market === 'function') return market(context)
  const { scheduler, clock, symbols, marketClock } = context
  if (market === 'none') return EMPTY
  if (market !== 'synthetic')
    return marketFiles(typeof market === 'string' ? [market] : market, { speed, scheduler, marketClock })
  const traded = Object.fromEntries(Object.entries(startPrices).filter(([symbol]) => symbols.includes(symbol)))
  return syntheticMarket({ seed, startPrices: traded, startMs: clock.wall(), speed, scheduler, marketClock })
}
