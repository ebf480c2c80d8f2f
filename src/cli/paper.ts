import { type Observable, ReplaySubject, Subject, tap } from 'rxjs'
import { type PaperGatewayOptions, type RunningPaperGateway, startPaperGateway } from '../gateway/index.js'
import {
  fileNames,
  marketFiles,
  offBy,
  type ReadMarketOptions,
  readMarket,
  RecordingError,
  stalePrices,
  syntheticMarket,
} from '../market/index.js'
import type { Fill } from '../protocol/index.js'
import { Trouble } from './trouble.js'

/** What the books of a paper gateway live on, as the command line says it. */
export interface PaperMarketOptions {
  readonly seed: number
  /** Files, as `marketFiles` takes them. */
  readonly market?: readonly string[]
  readonly speed: number
  /** What is traded, where the command line says it: one name is that of candles whose file names none. */
  readonly symbols?: readonly string[]
}

/** A paper gateway that lives, and what is to be said of its market. */
export interface Paper extends RunningPaperGateway {
  /** The platforms whose recorded market is over, each once it is. */
  readonly over$: Observable<string>
  /** How much of a recorded market has been played, from 0 to 1. */
  readonly progress$: Observable<number>
  /** Emits when the market cannot go on (a file that cannot be read): nothing is worth trading then. */
  readonly failure$: Observable<Trouble>
  /** The note that a fill calls for: its order took prices of long ago, in a hole of a recorded market. */
  noteOf(platform: string, fill: Fill): string | undefined
}

/** First prices, by how a symbol begins; whatever else is traded begins at 100. */
const START_PRICES = [
  ['BTC', 60_000],
  ['ETH', 3_000],
  ['', 100],
] as const
const startPriceOf = (symbol: string): number => START_PRICES.find(([start]) => symbol.startsWith(start))?.[1] ?? 100

const isMissing = (error: unknown): error is { readonly path: string } =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error

/** Whether it is no CSV but JSON lines, such as those of `run --record`. */
const isFrames = (error: unknown): boolean =>
  error instanceof RecordingError && error.line === 1 && error.reason.startsWith('the header "{')

/** How recordings are read for these symbols. */
export const readingFor = (symbols: readonly string[] = []): ReadMarketOptions =>
  symbols.length === 1 && symbols[0] !== undefined ? { candlesOf: symbols[0] } : {}

/** Reads the beginning of the files: what cannot be played is said at once, and not by a market that stands still. */
export async function checkMarket(files: readonly string[], options: ReadMarketOptions = {}): Promise<void> {
  try {
    for await (const piece of readMarket(files, options)) if (piece.some(({ type }) => type !== 'progress')) return
  } catch (error) {
    if (isMissing(error)) throw new Trouble(`there is no market file ${error.path}`)
    const words = `the market cannot be played: ${error instanceof Error ? error.message : String(error)}`
    throw new Trouble(isFrames(error) ? `${words}; what --record wrote goes to \`rxquant marbles from-log\`` : words)
  }
  throw new Trouble(`the market ${fileNames(files)} holds nothing that is traded`)
}

/** Starts a paper gateway with a market: a recording, or a synthetic one, a little different on each platform. */
export async function startPaper(
  { seed, market: files, speed, symbols: named }: PaperMarketOptions,
  options: PaperGatewayOptions,
): Promise<Paper> {
  const over$ = new Subject<string>()
  const progress$ = new Subject<number>()
  const failure$ = new ReplaySubject<Trouble>(1)
  const prices = stalePrices()
  const nameOf = (platform: string, symbol: string): string => JSON.stringify([platform, symbol])
  // As fast as the market is played.
  const marketMs = (): number => performance.now() * speed
  const gateway = await startPaperGateway({
    ...options,
    market: ({ platform, symbols, clock, scheduler }) =>
      (files === undefined
        ? syntheticMarket({
            seed,
            startPrices: Object.fromEntries(symbols.map((symbol) => [symbol, startPriceOf(symbol)])),
            startMs: clock.wall(),
            speed,
            scheduler,
          }).pipe(offBy({ seed, name: platform }))
        : marketFiles(files, { ...readingFor(named), speed, scheduler })
      ).pipe(
        tap({
          next: (event) => {
            if (event.type !== 'progress') prices.played(nameOf(platform, event.symbol), marketMs())
            else if (event.bytesTotal > 0) progress$.next(event.bytesRead / event.bytesTotal)
          },
          // The gateway tells no more of a fault than its name; the words (which file, which line) are for us alone.
          error: (error: unknown) =>
            failure$.next(new Trouble(`the market failed: ${error instanceof Error ? error.message : String(error)}`)),
          complete: () => over$.next(platform),
        }),
      ),
  })
  const noteOf = (platform: string, fill: Fill): string | undefined =>
    files === undefined ? undefined : prices.noteOf(nameOf(platform, fill.symbol), fill, marketMs())
  return { ...gateway, over$, progress$, failure$, noteOf }
}

/** What its prices are, in words. */
export const marketInWords = ({ seed, market, speed }: PaperMarketOptions): string =>
  `${market === undefined ? `synthetic market, seed ${seed}` : `recorded market ${fileNames(market)}`}${speed === 1 ? '' : `, speed ${speed}`}`
