import type { Fill } from '../protocol/index.js'

/** Notes orders that took prices of long ago: so they do in a hole of a recording. */
export interface StalePrices {
  /** Something of a market has been played, at this instant of market time. */
  played(market: string, atMs: number): void
  /**
   * The note that a fill calls for, in words: once per market and hole, and only for the side that
   * took.
   */
  noteOf(market: string, fill: Fill, atMs: number): string | undefined
}

/** @param staleAfterMs - how old the last event of a market may be, in ms of market time */
export const stalePrices = (staleAfterMs = 1_800_000): StalePrices => {
  const playedAt = new Map<string, number>()
  const noted = new Set<string>()
  return {
    played: (market, atMs) => {
      playedAt.set(market, atMs)
      noted.delete(market)
    },
    noteOf: (market, { symbol, order_no, price, liquidity }, atMs) => {
      const age = atMs - (playedAt.get(market) ?? atMs)
      if (liquidity !== 'TAKER' || !(age > staleAfterMs) || noted.has(market)) return undefined
      noted.add(market)
      return `order ${order_no} of ${symbol} filled at ${price}, a price that is ${Math.round(age / 1_000)} s old: the market has a hole there`
    },
  }
}
