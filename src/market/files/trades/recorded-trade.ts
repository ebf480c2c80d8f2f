import type { Action } from '../../../protocol/index.js'
import { type LadderOptions, makeLadder, smallestStep, tidy } from '../../synthetic/ladder.js'
import type { MarketEvent } from '../../market-event.js'

/** A trade in a recording. */
export interface RecordedTrade {
  readonly symbol: string
  /** The aggressor's. */
  readonly action: Action
  readonly price: number
  readonly quantity: number
  readonly timestamp: number
}

/**
 * Makes the market around recorded trades, which say nothing of the orders that were in the book.
 * For each trade (a BUY of Q at P; a SELL is its mirror image):
 *
 * 1. The asks of the rest of the market move so that P is the best of them. Nothing trades yet.
 * 2. The trade is emitted once, as recorded. Orders of accounts below P are filled by it first,
 *    then those at P in the order in which they came: an account's order waits behind what was
 *    shown at its price before it.
 * 3. Both sides are quoted again around P: the best ask at P, the best bid where the last recorded
 *    SELL was, but within one rung of P and below it. A bid that now crosses an account's ask fills
 *    it: the market has gone through that price.
 *
 * So an account's order is filled when the recording trades through its price, or trades at its
 * price as much as stood before it. Trades do not contain everything, so the rest is synthetic: the
 * depth beyond the best prices and the queue at each price. An account's own trades do not change
 * what was recorded after them.
 */
export function bookAroundTrades(options?: LadderOptions): (trade: RecordedTrade) => MarketEvent[] {
  const ladder = makeLadder(options)
  const bySymbol = new Map<string, { buy: number; sell: number }>()
  return ({ symbol, action, price, quantity, timestamp }) => {
    const last = bySymbol.get(symbol) ?? { buy: price, sell: price }
    const step = smallestStep(price)
    const near = 50 * step
    const buys = action === 'BUY'
    const ask = buys ? price : tidy(Math.min(Math.max(last.buy, price + step), price + near))
    const bid = buys ? tidy(Math.max(Math.min(last.sell, price - step), price - near)) : price
    bySymbol.set(symbol, { buy: ask, sell: bid })
    const bids = ladder('bids', bid)
    const asks = ladder('asks', ask)
    const hit = buys ? asks : bids
    // What was traded was there.
    const touch = hit[0]
    if (touch !== undefined) hit[0] = [touch[0], Math.max(touch[1], quantity)]
    return [
      { type: 'quote', symbol, ...(buys ? { asks } : { bids }), timestamp },
      { type: 'trade', symbol, action, price, quantity, timestamp },
      { type: 'quote', symbol, bids, asks, timestamp },
    ]
  }
}
