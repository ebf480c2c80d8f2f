import { distinct, type Observable, ReplaySubject, Subject, switchMap, take, tap } from 'rxjs'
import { type PaperGatewayOptions, type RunningPaperGateway, startPaperGateway } from '../../gateway/index.js'
import {
  marketFiles,
  withBasis,
  type ReadMarketOptions,
  readMarket,
  RecordingError,
  syntheticMarket,
} from '../../market/index.js'
import { fileNames, heldSymbols, stalePrices } from '../../market/internal.js'
import type { Fill } from '../../protocol/index.js'
import type { StrategyLogin } from '../../strategy/index.js'
import { CliError } from '../cli-error.js'
import { type MarketFlags, readingOf } from '../options/market-flags.js'

/** Options of the market of a paper gateway. */
export interface PaperMarketOptions extends MarketFlags {
  readonly seed: number
  /** Files, as `marketFiles` takes them. */
  readonly market?: readonly string[]
  readonly speed: number
  /** Traded symbols of the command line: a single one names candles whose file has no name. */
  readonly symbols?: readonly string[]
  /** Time at which the files begin, in ms since 1970. */
  readonly marketStartMs?: number
}

/** Symbols of a login. */
type Wanting = Pick<StrategyLogin, 'platform' | 'symbols'>

/** Running paper gateway with its market. */
export interface Paper extends RunningPaperGateway {
  /** Starts the playback of the files. */
  begin(): void
  /** Emits each platform when its recorded market is over. */
  readonly over$: Observable<string>
  /** Share of a recorded market that has been played, from 0 to 1. */
  readonly progress$: Observable<number>
  /** Emits when the market fails, such as by an unreadable file. */
  readonly failure$: Observable<CliError>
  /**
   * Notes, each once: rows of the files that were left out or mended, and, when the market is over,
   * the symbols that it did not hold.
   */
  readonly note$: Observable<string>
  /** Note on a fill at an old price, in a hole of a recorded market. */
  noteOf(platform: string, fill: Fill): string | undefined
}

/** First prices by prefix of the symbol. */
const START_PRICES = [
  ['BTC', 60_000],
  ['ETH', 3_000],
  ['', 100],
] as const
const startPriceOf = (symbol: string): number => START_PRICES.find(([start]) => symbol.startsWith(start))?.[1] ?? 100

const isMissing = (error: unknown): error is { readonly path: string } =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error

/** True if the file holds JSON lines, such as those of `run --record`. */
const isFrames = (error: unknown): boolean =>
  error instanceof RecordingError && error.line === 1 && error.reason.startsWith('it begins with "{')

/**
 * Reads the files up to the first event that `logins` trade, so that files that cannot be played
 * are reported before the run begins.
 *
 * @returns the time of the first event, in ms since 1970
 * @throws CliError
 */
export async function checkMarket(
  files: readonly string[],
  logins: readonly Wanting[],
  options: ReadMarketOptions = {},
  who?: string,
): Promise<number> {
  const held = heldSymbols(logins)
  let startMs: number | undefined
  try {
    for await (const piece of readMarket(files, options)) {
      for (const event of piece) {
        if (event.type === 'progress') continue
        startMs ??= event.timestamp
        held.saw(event.symbol)
        if (held.isWanted) return startMs
      }
    }
  } catch (error) {
    if (isMissing(error)) throw new CliError(`there is no market file ${error.path}`)
    const words = `the market cannot be played: ${error instanceof Error ? error.message : String(error)}`
    throw new CliError(isFrames(error) ? `${words}; what --record wrote goes to \`rxquant marbles from-log\`` : words)
  }
  throw new CliError(
    `the market ${fileNames(files)} ${held.otherWords(who)}: give --market a recording of that, or name the symbol of a file as in BTC/USDT=FILE`,
  )
}

/** Starts a paper gateway with a recorded market, or a synthetic one that differs by platform. */
export async function startPaper(
  { seed, market: files, speed, symbols: named, marketStartMs, ...flags }: PaperMarketOptions,
  logins: readonly Wanting[],
  options: PaperGatewayOptions,
): Promise<Paper> {
  const over$ = new Subject<string>()
  const progress$ = new Subject<number>()
  const failure$ = new ReplaySubject<CliError>(1)
  const begin$ = new ReplaySubject<true>(1)
  // Replays the notes of the beginning, which is played before the display subscribes.
  const note$ = new ReplaySubject<string>(1_000)
  const prices = stalePrices()
  const held = heldSymbols(logins)
  const playing = new Set(logins.map(({ platform }) => platform))
  const nameOf = (platform: string, symbol: string): string => JSON.stringify([platform, symbol])
  const gateway = await startPaperGateway({
    seed,
    ...options,
    speed,
    ...(marketStartMs === undefined ? {} : { marketStartMs }),
    market: ({ platform, symbols, clock, scheduler, marketClock }) =>
      (files === undefined
        ? syntheticMarket({
            seed,
            startPrices: Object.fromEntries(symbols.map((symbol) => [symbol, startPriceOf(symbol)])),
            startMs: clock.wall(),
            speed,
            scheduler,
            marketClock,
          }).pipe(withBasis({ seed, name: platform }))
        : begin$.pipe(
            take(1),
            switchMap(() => marketFiles(files, { ...readingOf(flags, named), speed, scheduler, marketClock })),
          )
      ).pipe(
        tap({
          next: (event) => {
            if (event.type !== 'progress') {
              prices.played(nameOf(platform, event.symbol), event.timestamp)
              held.saw(event.symbol, platform)
              return
            }
            for (const words of event.notes ?? []) note$.next(words)
            if (event.bytesTotal > 0) progress$.next(event.bytesRead / event.bytesTotal)
          },
          // The gateway reports only the name of a fault; file and line are for the local user.
          error: (error: unknown) =>
            failure$.next(new CliError(`the market failed: ${error instanceof Error ? error.message : String(error)}`)),
          complete: () => {
            if (playing.delete(platform) && playing.size === 0) for (const words of held.notes()) note$.next(words)
            over$.next(platform)
          },
        }),
      ),
  })
  const noteOf = (platform: string, fill: Fill): string | undefined =>
    files === undefined ? undefined : prices.noteOf(nameOf(platform, fill.symbol), fill, fill.ctime)
  // Each platform plays the same files.
  return {
    ...gateway,
    begin: () => begin$.next(true),
    over$,
    progress$,
    failure$,
    note$: note$.pipe(distinct()),
    noteOf,
  }
}

/** Description of the market. */
export const marketInWords = ({ seed, market, speed }: PaperMarketOptions): string =>
  `${market === undefined ? `synthetic market, seed ${seed}` : `recorded market ${fileNames(market)}`}${speed === 1 ? '' : `, speed ${speed}`}`
