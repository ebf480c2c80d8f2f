import { mean, quantile } from '../numbers.js'
import type { TradeSide } from './trade-fills.js'

/** Highest and lowest price of a period. */
export interface PriceRange {
  /** Begin of the period, milliseconds since 1970. */
  readonly atMs: number
  readonly high: number
  readonly low: number
}

/** Largest moves of the price during a trade, as fractions of its entry price. */
export interface Excursion {
  /** Maximum adverse excursion: 0, or below 0 for a move against the trade. */
  readonly mae: number
  /** Maximum favourable excursion: 0, or above 0 for a move in its favour. */
  readonly mfe: number
}

/** Index of the first period that begins after an instant. */
function firstAfter(bars: readonly PriceRange[], atMs: number): number {
  let [low, high] = [0, bars.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bars[middle]?.atMs ?? Infinity) > atMs) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Maximum adverse and favourable excursion of a round trip, from the periods that it touches: the
 * first and last may include prices from before or after it. Undefined where there is no price.
 *
 * @param bars of its symbol, ascending in time
 */
export function excursionOf(
  trade: {
    readonly side: TradeSide
    readonly openTime: number
    readonly closeTime: number
    readonly entryPrice: number
  },
  bars: readonly PriceRange[],
): Excursion | undefined {
  const touched = bars.slice(Math.max(0, firstAfter(bars, trade.openTime) - 1), firstAfter(bars, trade.closeTime))
  if (touched.length === 0 || trade.entryPrice <= 0) return undefined
  let [highest, lowest] = [trade.entryPrice, trade.entryPrice]
  for (const { high, low } of touched) {
    highest = Math.max(highest, high)
    lowest = Math.min(lowest, low)
  }
  const [up, down] = [highest / trade.entryPrice - 1, lowest / trade.entryPrice - 1]
  return trade.side === 'LONG' ? { mae: down, mfe: up } : { mae: 0 - up, mfe: 0 - down }
}

/** Durations of trades, in ms; undefined of no trades. */
export interface DurationStatistics {
  readonly shortestMs: number | undefined
  readonly medianMs: number | undefined
  readonly averageMs: number | undefined
  readonly longestMs: number | undefined
}

/** Computes how long round trips lasted. */
export function durationStatistics(trades: readonly { readonly durationMs: number }[]): DurationStatistics {
  const durations = trades.map(({ durationMs }) => durationMs)
  return {
    shortestMs: quantile(durations, 0),
    medianMs: quantile(durations, 0.5),
    averageMs: mean(durations),
    longestMs: quantile(durations, 1),
  }
}
