import { type AverageCostPosition, averageCostBook, type AverageCostTrade } from './average-cost.js'
import type { Book, BookMethod } from './book.js'
import { fifoBook, type FifoLot, type FifoTrade } from './fifo.js'
import { type OpenRoundTrip, type RoundTrip, roundTripBook } from './round-trips.js'
import { positionChange, type PositionChange, type TradeFill } from './trade-fills.js'

/** A trade by each method. */
export interface TradeByMethod {
  readonly roundTrip: RoundTrip
  readonly fifo: FifoTrade
  readonly averageCost: AverageCostTrade
}

/** Open remainder of the fills of a symbol, by each method. */
export interface OpenByMethod {
  readonly roundTrip: OpenRoundTrip | undefined
  readonly fifo: readonly FifoLot[]
  readonly averageCost: AverageCostPosition
}

/**
 * Method that makes trades of fills: flat to flat, oldest entry first, or against the average entry
 * price.
 */
export type TradeMethod = keyof TradeByMethod

const bookOf: { readonly [Method in TradeMethod]: BookMethod<TradeByMethod[Method], OpenByMethod[Method]> } = {
  roundTrip: roundTripBook,
  fifo: fifoBook,
  averageCost: averageCostBook,
}

function booksOf<Method extends TradeMethod>(fills: readonly TradeFill[], method: Method) {
  if (!Object.hasOwn(bookOf, method)) {
    throw new RangeError(`method is ${method}: expected ${Object.keys(bookOf).join(', ')}`)
  }
  const changes = new Map<string | undefined, PositionChange[]>()
  for (const [index, fill] of fills.entries()) {
    const change = positionChange(fill, index)
    const earlier = changes.get(fill.symbol) ?? []
    const before = earlier.at(-1)
    if (before !== undefined && before.time > change.time) {
      throw new RangeError(
        `fills[${index}].time is ${fill.time}, before fills[${before.index}]: expected the order of time`,
      )
    }
    earlier.push(change)
    changes.set(fill.symbol, earlier)
  }
  return new Map<string | undefined, Book<TradeByMethod[Method], OpenByMethod[Method]>>(
    [...changes].map(([symbol, list]) => [symbol, bookOf[method](list)]),
  )
}

/**
 * Derives trades from fills, net of fees, in the order in which they were closed. Pure; the
 * arithmetic is decimal.
 *
 * `roundTrip` (default) has one trade for each time that the position leaves 0 and comes back,
 * `fifo` one for each pair of an entry and the exit that closes it, `averageCost` one for each fill
 * that closes. A fill that flips the position closes one trade and opens another, its fee split by
 * quantity. What is still open is in none of them: see `openOf`.
 *
 * @param fills in the order of time; those of several symbols (`symbol`) are kept apart
 * @throws RangeError that names the first fill and field that is wrong.
 *
 * @example
 * tradesOf([
 *   { time: 0, side: 'BUY', quantity: 1, price: 100, fee: 0.2 },
 *   { time: 60_000, side: 'SELL', quantity: 1, price: 110, fee: 0.22 },
 * ])[0]?.net // 9.58
 *
 * @see tradeStatistics
 */
export function tradesOf<Method extends TradeMethod = 'roundTrip'>(
  fills: readonly TradeFill[],
  options: { readonly method?: Method } = {},
): readonly (TradeByMethod[Method] & { readonly symbol?: string })[] {
  const books = booksOf(fills, options.method ?? ('roundTrip' as Method))
  return [...books]
    .flatMap(([symbol, { closed }]) =>
      closed.map(({ exitFill, trade }) => ({ exitFill, trade: symbol === undefined ? trade : { symbol, ...trade } })),
    )
    .sort((a, b) => a.exitFill - b.exitFill)
    .map(({ trade }) => trade)
}

/**
 * Position that the fills of one symbol leave open, by the same methods as `tradesOf`: the open
 * round trip (undefined where flat), the open lots, or position and average entry price.
 *
 * @throws RangeError where a fill is wrong, or where there is more than one symbol.
 */
export function openOf<Method extends TradeMethod = 'roundTrip'>(
  fills: readonly TradeFill[],
  options: { readonly method?: Method } = {},
): OpenByMethod[Method] {
  const method = options.method ?? ('roundTrip' as Method)
  const books = [...booksOf(fills, method)]
  if (books.length > 1) throw new RangeError(`fills are of ${books.length} symbols: expected those of one`)
  return books[0]?.[1].open ?? bookOf[method]([]).open
}
