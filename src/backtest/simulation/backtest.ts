import { Observable, Subject, tap } from 'rxjs'
import { type MarketEvent, type MarketEvents } from '../../market/index.js'
import { heldSymbols, stalePrices } from '../../market/internal.js'
import type { Strategy } from '../../strategy/index.js'
import type { LoggedNotice, TradeLog } from '../../testing/index.js'
import {
  type BacktestLane,
  type RemainingState,
  type PaperSimulation,
  paperSimulation,
  needsWire,
  type PaperSimulationOptions,
} from './paper-simulation.js'

/** Settings of a backtest on a recorded or synthetic market. */
export interface BacktestOptions
  extends Omit<PaperSimulationOptions, 'market' | 'speed' | 'startPrices' | 'startMs' | 'lane'> {
  /**
   * See {@link BacktestLane}.
   * @default 'direct'; 'wire' where `link`, `limits` or `latency` is given
   */
  readonly lane?: BacktestLane
  /**
   * Market events: `readMarket(files)`, `syntheticEvents(…)`. Every platform has the same market,
   * unless `marketOf` says otherwise.
   */
  readonly market: MarketEvents | Iterable<MarketEvent>
  /**
   * Changes the market for one platform, such as `(platform, market$) => market$.pipe(withBasis({
   * seed, name: platform }))`.
   */
  readonly marketOf?: (platform: string, market$: Observable<MarketEvent>) => Observable<MarketEvent>
  /** Milliseconds of market time after which it ends. @default when the market does */
  readonly forMs?: number
  /**
   * Largest age of the last event of a symbol, in ms, before a `note` tells that an order took
   * prices of it, as in a hole of the recording. Infinity tells none.
   * @default 1800000
   */
  readonly staleAfterMs?: number
}

/** Event of a backtest. `atMs` is in milliseconds since 1970. */
export type BacktestEvent =
  /** The strategy emitted this. */
  | { readonly type: 'said'; readonly atMs: number; readonly value: unknown }
  /** Progress of playing a file; never emitted for a market without an end. */
  | { readonly type: 'progress'; readonly atMs: number; readonly bytesRead: number; readonly bytesTotal: number }
  /**
   * Something about the run that its figures do not show: an order took prices that were old (once
   * per symbol and hole), rows of a file were left out or mended, the market held nothing of a
   * symbol.
   */
  | { readonly type: 'note'; readonly atMs: number; readonly words: string }
  /** It is over, and the strategy has left: what was traded, and what is there now. */
  | { readonly type: 'end'; readonly atMs: number; readonly log: TradeLog; readonly left: RemainingState }

/**
 * Pings, and the silence that they break, cost more than all else in a market that moves once a
 * minute; in virtual time no machine sleeps.
 */
const PATIENT_MS = 600_000
/** Events of an Iterable that are played in one turn; then others have theirs. */
const PIECE = 1_000

/**
 * Runs a strategy over a market in virtual time, as fast as it goes: the real client, gateway and
 * paper exchange, with nothing between them but memory and `delayMs` each way. It ends with the
 * market, the strategy or after `forMs`, cancels nothing of itself, and then tells what was traded.
 * Unsubscribing ends it at once. Errors with the strategy's or the market's own error, and where
 * the market holds none of the symbols that the strategy trades.
 *
 * Everything happens at the market's time: a timer of the strategy for three seconds waits three
 * seconds of the recording. Same strategy, market and seed: same orders, fills and balances, each
 * time.
 *
 * @example
 * backtest(strategy, { market: readMarket(['candles_btcusdt_1m.csv.gz']) }).subscribe((event) => {
 *   if (event.type === 'end') console.log(event.log.balances)
 * })
 */
export const backtest = (strategy: Strategy, options: BacktestOptions): Observable<BacktestEvent> =>
  new Observable((subscriber) => {
    const {
      market,
      marketOf = (_, market$) => market$,
      forMs = Infinity,
      staleAfterMs,
      client,
      limits,
      keep = () => true,
      lane = needsWire(options) ? 'wire' : 'direct',
      ...rest
    } = options
    const market$ = new Subject<MarketEvent>()
    let world: PaperSimulation | undefined
    let isOver = false
    const prices = stalePrices(staleAfterMs)
    const held = heldSymbols(strategy.logins)

    /** Notes of a file, before the first event of the market. */
    const early: string[] = []
    const note = (words: string, atMs: number): void => subscriber.next({ type: 'note', atMs, words })

    const noteStale = ({ value }: LoggedNotice): void => {
      if (!('fill_no' in value)) return
      const words = prices.noteOf(value.symbol, value, value.ctime)
      if (words !== undefined) note(words, value.ctime)
    }

    const begin = (startMs: number): PaperSimulation =>
      paperSimulation(
        strategy,
        {
          ...rest,
          startMs,
          lane,
          keep: (told) => {
            noteStale(told)
            return keep(told)
          },
          client: { pingEveryMs: PATIENT_MS, deadAfterMs: 2 * PATIENT_MS, ...client },
          ...(lane === 'wire' ? { limits: { deadAfterMs: 2 * PATIENT_MS, ...limits } } : {}),
          // The gateway would tell its log that the market has failed, and play on without one.
          market: ({ platform }) =>
            marketOf(platform, market$).pipe(
              tap({
                next: (event) => event.type !== 'progress' && held.saw(event.symbol, platform),
                error: (error: unknown) => subscriber.error(error),
              }),
            ),
        },
        {
          next: (value) => subscriber.next({ type: 'said', atMs: startMs + (world?.nowMs ?? 0), value }),
          error: (error: unknown) => subscriber.error(error),
          complete: () => (isOver = true),
        },
      )

    /** Plays a piece; false when there is no point in another. */
    const play = (piece: readonly MarketEvent[]): boolean => {
      const first = piece.find((event) => event.type !== 'progress')
      if (world === undefined && first !== undefined) world = begin(first.timestamp)
      const here = world
      if (here === undefined) {
        for (const event of piece) early.push(...notesOf(event))
        return !subscriber.closed
      }
      for (const words of early.splice(0)) note(words, here.startMs)
      return here.inside(() => {
        for (const event of piece) {
          if (event.type === 'progress') {
            for (const words of notesOf(event)) note(words, here.startMs + here.nowMs)
            const { bytesRead, bytesTotal } = event
            subscriber.next({ type: 'progress', atMs: here.startMs + here.nowMs, bytesRead, bytesTotal })
            continue
          }
          const atMs = event.timestamp - here.startMs
          if (atMs > forMs) return false
          if (atMs > here.nowMs) here.scheduler.advanceTo(atMs)
          if (subscriber.closed || isOver) return false
          prices.played(event.symbol, event.timestamp)
          market$.next(event)
        }
        return true
      })
    }
    const run = async () => {
      for await (const piece of inPieces(market)) if (subscriber.closed || !play(piece)) break
      if (subscriber.closed) return
      if (world === undefined) throw new Error(`the market ${held.otherWords()}`)
      // A strategy that has ended by itself may have been done before its market came.
      if (!isOver && !held.isWanted) throw new Error(`the market ${held.otherWords()}`)
      if (!isOver) for (const words of held.notes()) note(words, world.startMs + world.nowMs)
      world.stop()
      subscriber.next({ type: 'end', atMs: world.startMs + world.nowMs, log: world.log(), left: world.left() })
      subscriber.complete()
    }
    run().catch((error: unknown) => subscriber.error(error))
    return () => world?.close()
  })

const notesOf = (event: MarketEvent): readonly string[] => (event.type === 'progress' ? (event.notes ?? []) : [])

async function* inPieces(market: MarketEvents | Iterable<MarketEvent>): MarketEvents {
  if (Symbol.asyncIterator in market) {
    yield* market
    return
  }
  let piece: MarketEvent[] = []
  for (const event of market) {
    piece.push(event)
    if (piece.length < PIECE) continue
    yield await Promise.resolve(piece)
    piece = []
  }
  yield piece
}
