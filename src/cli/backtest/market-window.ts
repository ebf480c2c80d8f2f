import type { MarketEvent, MarketEvents } from '../../market/index.js'

/** Part of a market: from `fromMs` on, up to and with `toMs`. Pieces and their progress stay. */
export async function* marketWindow(market: MarketEvents, fromMs = -Infinity, toMs = Infinity): MarketEvents {
  for await (const piece of market) {
    const last = piece.findLast((event) => event.type !== 'progress')
    if (last === undefined || (last.timestamp <= toMs && isFrom(piece[0], fromMs))) {
      yield piece
      continue
    }
    yield piece.filter((event) => event.type === 'progress' || (event.timestamp >= fromMs && event.timestamp <= toMs))
    if (last.timestamp > toMs) return
  }
}

const isFrom = (event: MarketEvent | undefined, fromMs: number): boolean =>
  event !== undefined && event.type !== 'progress' && event.timestamp >= fromMs
