import { type Observable, ReplaySubject, Subject, tap } from 'rxjs'
import { type PaperGatewayOptions, type RunningPaperGateway, startPaperGateway } from '../gateway/index.js'
import { offBy, syntheticMarket, tradesCsv } from '../market/index.js'
import { Trouble } from './trouble.js'

/** What the books of a paper gateway live on, as the command line says it. */
export interface PaperMarketOptions {
  readonly seed: number
  readonly market?: string
  readonly speed: number
}

/** A paper gateway that lives, and what is to be said of its market. */
export interface Paper extends RunningPaperGateway {
  readonly word$: Observable<string>
  /** Emits when the market cannot go on (a file that cannot be read): nothing is worth trading then. */
  readonly failure$: Observable<Trouble>
}

/** First prices, by how a symbol begins; whatever else is traded begins at 100. */
const START_PRICES = [
  ['BTC', 60_000],
  ['ETH', 3_000],
  ['', 100],
] as const
const startPriceOf = (symbol: string): number => START_PRICES.find(([start]) => symbol.startsWith(start))?.[1] ?? 100

/** Starts a paper gateway with a market: a recording, or a synthetic one, a little different on each platform. */
export async function startPaper(
  { seed, market: file, speed }: PaperMarketOptions,
  options: PaperGatewayOptions,
): Promise<Paper> {
  const word$ = new Subject<string>()
  const failure$ = new ReplaySubject<Trouble>(1)
  const gateway = await startPaperGateway({
    ...options,
    market: ({ platform, symbols, clock, scheduler }) =>
      (file === undefined
        ? syntheticMarket({
            seed,
            startPrices: Object.fromEntries(symbols.map((symbol) => [symbol, startPriceOf(symbol)])),
            startMs: clock.wall(),
            speed,
            scheduler,
          }).pipe(offBy({ seed, name: platform }))
        : tradesCsv(file, { speed, scheduler })
      ).pipe(
        tap({
          // The gateway tells no more of a fault than its name; the words (which file, which line) are for us alone.
          error: (error: unknown) =>
            failure$.next(new Trouble(`the market failed: ${error instanceof Error ? error.message : String(error)}`)),
          complete: () => word$.next(`${platform}: the recorded market is over`),
        }),
      ),
  })
  return { ...gateway, word$, failure$ }
}

/** What its prices are, in words. */
export const marketInWords = ({ seed, market, speed }: PaperMarketOptions): string =>
  `${market === undefined ? `synthetic market, seed ${seed}` : `recorded market ${market}`}${speed === 1 ? '' : `, speed ${speed}`}`
