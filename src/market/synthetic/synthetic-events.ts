import { type LadderOptions, makeLadder, smallestStep, tidy } from './ladder.js'
import type { MarketEvent } from '../market-event.js'
import { Random } from './random.js'
import type { Observable } from 'rxjs'
import { replayMarket, type ReplayMarketOptions } from '../replay-market.js'

/**
 * A seeded synthetic market as an observable: quotes and trades of the symbols in `startPrices`,
 * until unsubscribed or `durationMs` of its time have passed. Same seed, same stream.
 *
 * @example
 * syntheticMarket({ seed: 7, startPrices: { 'BTC/USDT': 60000 }, startMs: clock.wall() })
 */
export function syntheticMarket(options: SyntheticOptions & ReplayMarketOptions): Observable<MarketEvent> {
  return replayMarket(() => syntheticEvents(options), options)
}

/** A made-up market. */
export interface SyntheticOptions extends LadderOptions {
  /** The same seed gives the same market. */
  readonly seed: number
  /** First prices by symbol. */
  readonly startPrices: Readonly<Record<string, number>>
  /**
   * Milliseconds since 1970 of the first event.
   *
   * @default 0
   */
  readonly startMs?: number
  /**
   * Milliseconds of market time after which it ends.
   *
   * @default Infinity
   */
  readonly durationMs?: number
  /**
   * Milliseconds between two moves of one symbol, on average.
   *
   * @default 200
   */
  readonly moveEveryMs?: number
  /**
   * Standard deviation of one year's return in calm times: 0.6 is 60 %.
   *
   * @default 0.6
   */
  readonly volatility?: number
  /**
   * Share of a move that all symbols have in common, from 0 to 1.
   *
   * @default 0.7
   */
  readonly correlation?: number
}

const YEAR_MS = 365 * 24 * 3_600_000
/** Volatility forgets half of an excitement in about a minute. */
const CALMING_MS = 90_000

interface State {
  readonly symbol: string
  /** Fair price of the market. */
  fair: number
  /** Logarithm of the volatility's excess over calm times. */
  heat: number
  /** From -1 to 1: which side has been the aggressor of late. */
  flow: number
  dueMs: number
  shared: number
}

/**
 * A market without end, one event at a time: fair prices wander with volatility that clusters,
 * spreads widen when it is high, books have several levels, and aggressive trades come in runs of
 * one side. Pure: what it tells depends on the options alone.
 */
export function* syntheticEvents({
  seed,
  startPrices,
  startMs = 0,
  durationMs = Infinity,
  moveEveryMs = 200,
  volatility = 0.6,
  correlation = 0.7,
  ...depth
}: SyntheticOptions): Generator<MarketEvent> {
  const random = new Random(seed)
  const ladder = makeLadder({ ...depth, seed })
  /** The sum of all moves that every symbol shares, in standard deviations of a millisecond. */
  let tide = 0
  let tideMs = 0
  const states = Object.entries(startPrices).map(([symbol, fair]): State => {
    if (!(fair > 0 && fair < Infinity))
      throw new RangeError(`the start price of ${symbol} must be above 0, not ${fair}`)
    return { symbol, fair, heat: 0, flow: 0, dueMs: 0, shared: 0 }
  })
  const [first] = states
  if (first === undefined) return
  for (const state of states) yield quote(state, startMs)
  const lastMs = new Map(states.map(({ symbol }) => [symbol, 0]))
  for (const state of states) state.dueMs = random.exponential(moveEveryMs)

  for (;;) {
    const state = states.reduce((next, each) => (each.dueMs < next.dueMs ? each : next), first)
    const nowMs = state.dueMs
    if (nowMs > durationMs) return
    tide += random.normal() * Math.sqrt(nowMs - tideMs)
    tideMs = nowMs
    move(state, nowMs - (lastMs.get(state.symbol) ?? 0))
    lastMs.set(state.symbol, nowMs)
    const timestamp = startMs + Math.floor(nowMs)
    const busy = Math.min(0.9, 0.35 * Math.exp(state.heat / 2))
    if (random.uniform() < busy) yield trade(state, timestamp)
    yield quote(state, timestamp)
    state.dueMs = nowMs + random.exponential(moveEveryMs * Math.exp(-state.heat / 2))
  }

  function move(state: State, elapsedMs: number): void {
    const sigma = (volatility / Math.sqrt(YEAR_MS)) * Math.exp(state.heat)
    const own = random.normal() * Math.sqrt(elapsedMs)
    const shared = tide - state.shared
    state.shared = tide
    const weight = Math.sqrt(correlation)
    state.fair *= Math.exp(sigma * (weight * shared + Math.sqrt(1 - correlation) * own))
    const shock = random.uniform() < 0.001 ? 1.2 : 0.002 * Math.abs(random.normal())
    state.heat = Math.min(
      2.5,
      state.heat * Math.exp(-elapsedMs / CALMING_MS) + shock * Math.sqrt(elapsedMs / 200) * 0.5,
    )
    state.flow = Math.max(-0.9, Math.min(0.9, 0.9 * state.flow + 0.2 * random.normal()))
  }

  function halfSpread({ fair, heat }: State): number {
    return Math.max(smallestStep(fair) / 2, fair * 2e-5 * Math.exp(heat))
  }

  function quote(state: State, timestamp: number): MarketEvent {
    const half = halfSpread(state)
    const step = smallestStep(state.fair)
    const bid = tidy(Math.floor((state.fair - half) / step) * step)
    const ask = Math.max(tidy(Math.ceil((state.fair + half) / step) * step), tidy(bid + step))
    return {
      type: 'quote',
      symbol: state.symbol,
      bids: ladder('bids', bid),
      asks: ladder('asks', ask),
      timestamp,
    }
  }

  function trade(state: State, timestamp: number): MarketEvent {
    const buys = random.uniform() < 0.5 + state.flow / 2
    const value = 1500 * Math.exp(1.3 * random.normal())
    // Most trades take the best price; some are in a hurry and walk the book.
    const reach = halfSpread(state) * (random.uniform() < 0.1 ? 6 : 1.2)
    return {
      type: 'take',
      symbol: state.symbol,
      action: buys ? 'BUY' : 'SELL',
      price: tidy(state.fair + (buys ? reach : -reach)),
      quantity: tidy(value / state.fair),
      timestamp,
    }
  }
}
