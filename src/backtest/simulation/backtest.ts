import { firstValueFrom, Observable, Subject, Subscription, take, tap, timer } from 'rxjs'
import { PLATFORMS } from '../../exchange/index.js'
import { type MarketEvent, type MarketEvents } from '../../market/index.js'
import { heldSymbols, stalePrices } from '../../market/internal.js'
import type { Strategy } from '../../strategy/index.js'
import type { LoggedNotice, TradeLog } from '../../testing/index.js'
import { systemClock } from '../../transport/index.js'
import type { EquityPoint, RunLedger } from '../ledger/ledger.js'
import { RunRecorder } from '../ledger/run-recorder.js'
import { currenciesOf } from '../ledger/spot-ledger.js'
import { paceMeter } from '../pace.js'
import {
  type BacktestLane,
  DELAY_MS,
  type RemainingState,
  type PaperSimulation,
  paperSimulation,
  needsWire,
  type PaperSimulationOptions,
} from './paper-simulation.js'

/** Settings of a backtest on a recorded or synthetic market. */
export interface BacktestOptions
  extends Omit<PaperSimulationOptions, 'market' | 'speed' | 'startPrices' | 'startMs' | 'lane' | 'observer'> {
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
  /**
   * Stops the run at its first emission, as the end of the market does: the strategy leaves, and
   * `end` tells the result so far, with `isComplete: false`.
   *
   * @default never
   */
  readonly stop$?: Observable<unknown>
  /**
   * Currency in which the ledger counts equity.
   * @default the quote currency of the first symbol of the first login
   */
  readonly quote?: string
  /** Length of the bars of the ledger, in ms; longer in a long run. @default 60000 */
  readonly barMs?: number
}

/** Event of a backtest. `atMs` is in milliseconds since 1970. */
export type BacktestEvent =
  /** The strategy emitted this. */
  | { readonly type: 'said'; readonly atMs: number; readonly value: unknown }
  /**
   * Progress of playing a file; never emitted for a market without an end. `perSecond` is in events
   * of the market and, as `etaMs`, by the machine's clock: absent in the first 200 ms.
   */
  | {
      readonly type: 'progress'
      readonly atMs: number
      readonly bytesRead: number
      readonly bytesTotal: number
      /** Events of the market that were played. */
      readonly played: number
      readonly perSecond?: number
      /** Time until the end of the market, in ms. */
      readonly etaMs?: number
    }
  /** Worth of the account, some hundred times in a run; the ledger of `end` holds every bar. */
  | ({ readonly type: 'equity' } & EquityPoint)
  /**
   * Something about the run that its figures do not show: an order took prices that were old (once
   * per symbol and hole), rows of a file were left out or mended, the market held nothing of a
   * symbol.
   */
  | { readonly type: 'note'; readonly atMs: number; readonly words: string }
  /** It is over, and the strategy has left: what was traded, and what is there now. */
  | {
      readonly type: 'end'
      readonly atMs: number
      readonly log: TradeLog
      readonly left: RemainingState
      /** Orders, fills with fees, funding, equity and prices, for statistics and the report. */
      readonly ledger: RunLedger
      /** False where `stop$` ended the run before its market did. */
      readonly isComplete: boolean
    }

/**
 * Pings, and the silence that they break, cost more than all else in a market that moves once a
 * minute; in virtual time no machine sleeps.
 */
const PATIENT_MS = 600_000
/** Events of an Iterable that are played in one turn; then others have theirs. */
const PIECE = 1_000
/** Time for which a run may hold the thread, in ms. */
const TURN_MS = 50
const HOUR_MS = 3_600_000

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
      marketOf,
      forMs = Infinity,
      staleAfterMs,
      client,
      limits,
      keep = () => true,
      lane = needsWire(options) ? 'wire' : 'direct',
      stop$,
      quote = quoteOf(strategy),
      barMs,
      ...rest
    } = options
    const market$ = new Subject<MarketEvent>()
    let world: PaperSimulation | undefined
    let isOver = false
    let isStopped = false
    let played = 0
    let equityAfterMs = 0
    // Within the run the clock is virtual: the machine's is read between two pieces.
    let realMs = systemClock.monotonic()
    const pace = paceMeter(() => realMs)
    const { delayMs = DELAY_MS, latency, platforms = PLATFORMS } = rest
    const recorder = new RunRecorder({
      quote,
      ...(barMs === undefined ? {} : { barMs }),
      hasSeparateMarkets: marketOf !== undefined && strategy.logins.length > 1,
      delays: { inMs: delayMs + (latency?.inMs ?? 0), outMs: delayMs + (latency?.outMs ?? 0) },
    })
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
          observer: (platform, exchange) => recorder.observe(platform, exchange, platforms.get(platform) ?? []),
          keep: (told) => {
            noteStale(told)
            return keep(told)
          },
          client: { pingEveryMs: PATIENT_MS, deadAfterMs: 2 * PATIENT_MS, ...client },
          ...(lane === 'wire' ? { limits: { deadAfterMs: 2 * PATIENT_MS, ...limits } } : {}),
          // The gateway would tell its log that the market has failed, and play on without one.
          market: ({ platform }) =>
            (marketOf?.(platform, market$) ?? market$).pipe(
              tap({
                next: (event) => {
                  if (event.type === 'progress') return
                  held.saw(event.symbol, platform)
                  recorder.played(platform, event)
                },
                error: (error: unknown) => subscriber.error(error),
              }),
            ),
        },
        {
          next: (value) => {
            const atMs = startMs + (world?.nowMs ?? 0)
            recorder.said(value, atMs)
            subscriber.next({ type: 'said', atMs, value })
          },
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
            const atMs = here.startMs + here.nowMs
            const speed = pace(played, bytesRead, bytesTotal)
            subscriber.next({ type: 'progress', atMs, bytesRead, bytesTotal, played, ...speed })
            continue
          }
          const atMs = event.timestamp - here.startMs
          if (atMs > forMs) return false
          if (atMs > here.nowMs) here.scheduler.advanceTo(atMs)
          if (subscriber.closed || isOver || isStopped) return false
          played++
          prices.played(event.symbol, event.timestamp)
          market$.next(event)
        }
        return true
      })
    }
    const tellEquity = (): void => {
      const { equity } = recorder
      if (equity === undefined || equity.atMs < equityAfterMs) return
      equityAfterMs = equity.atMs + HOUR_MS
      subscriber.next({ type: 'equity', ...equity })
    }
    const stopping =
      stop$?.pipe(take(1)).subscribe({
        next: () => (isStopped = true),
        error: (error: unknown) => subscriber.error(error),
      }) ?? Subscription.EMPTY
    subscriber.add(stopping)
    const run = async () => {
      let turnedAt = realMs
      for await (const piece of inPieces(market)) {
        realMs = systemClock.monotonic()
        if (subscriber.closed || isStopped || !play(piece)) break
        tellEquity()
        if (realMs - turnedAt < TURN_MS) continue
        // Signals and timers of the program have their turn.
        await firstValueFrom(timer(0), { defaultValue: 0 })
        turnedAt = realMs
      }
      if (subscriber.closed) return
      if (isStopped && world === undefined) {
        subscriber.complete()
        return
      }
      if (world === undefined) throw new Error(`the market ${held.otherWords()}`)
      // A strategy that has ended by itself may have been done before its market came.
      if (!isOver && !isStopped && !held.isWanted) throw new Error(`the market ${held.otherWords()}`)
      if (!isOver && !isStopped) for (const words of held.notes()) note(words, world.startMs + world.nowMs)
      world.stop()
      subscriber.next({
        type: 'end',
        atMs: world.startMs + world.nowMs,
        log: world.log(),
        left: world.left(),
        ledger: recorder.ledger(),
        isComplete: !isStopped,
      })
      subscriber.complete()
    }
    run().catch((error: unknown) => subscriber.error(error))
    return () => world?.close()
  })

const quoteOf = ({ logins }: Strategy): string => currenciesOf(logins[0]?.symbols[0] ?? '')[1]

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
