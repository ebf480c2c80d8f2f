import { defer, map, type MonoTypeOperatorFunction } from 'rxjs'
import type { Level } from '../../protocol/index.js'
import { tidy } from '../synthetic/ladder.js'
import type { MarketEvent } from '../market-event.js'

/** Quantities on each tick of one side, by the price at which the market shows them. */
type Side = Map<number, Map<number, number>>

/**
 * Puts the changes of a recorded order book on the ticks of an exchange whose ticks are coarser:
 * what the market shows at several prices stands together on one tick, and one of them that goes
 * does not take the others with it. Everything else passes as it is.
 *
 * @param tickOf - the price tick of a symbol; undefined for one that is not traded there
 *
 * @example
 * bookCsv('l2.csv.gz').pipe(snapToTicks((symbol) => exchange.symbolInfo(symbol)?.price_tick))
 */
export const snapToTicks =
  (tickOf: TickOf): MonoTypeOperatorFunction<MarketEvent> =>
  (source) =>
    defer(() => source.pipe(map(tickSnapper(tickOf))))

/** Price tick of a symbol; undefined for one that is not traded. */
export type TickOf = (symbol: string) => number | undefined

/** {@link snapToTicks} for one run of a market. */
export const tickSnapper = (tickOf: TickOf): ((event: MarketEvent) => MarketEvent) => {
  const books = new Map<string, { readonly bids: Side; readonly asks: Side }>()
  return (event) => {
    if (event.type !== 'quote' && event.type !== 'levels') return event
    // A market of book snapshots only needs no tick levels.
    if (event.type === 'quote' && event.updateId === undefined) return event
    const tick = tickOf(event.symbol)
    if (tick === undefined) return event
    const book = books.get(event.symbol) ?? { bids: new Map(), asks: new Map() }
    books.set(event.symbol, book)
    const { bids, asks } = event
    if (event.type === 'levels') {
      return {
        ...event,
        bids: change(book.bids, 'bids', event.bids, tick),
        asks: change(book.asks, 'asks', event.asks, tick),
      }
    }
    if (bids !== undefined) book.bids.clear()
    if (asks !== undefined) book.asks.clear()
    change(book.bids, 'bids', bids ?? [], tick)
    change(book.asks, 'asks', asks ?? [], tick)
    return event
  }
}

const change = (side: Side, name: 'bids' | 'asks', levels: readonly Level[], tick: number): Level[] => {
  const touched = new Set<number>()
  for (const [price, quantity] of levels) {
    const at = onTick(name, price, tick)
    const prices = side.get(at) ?? new Map<number, number>()
    if (quantity > 0) prices.set(price, quantity)
    else prices.delete(price)
    if (prices.size > 0) side.set(at, prices)
    else side.delete(at)
    touched.add(at)
  }
  return [...touched].map((at): Level => {
    let sum = 0
    for (const quantity of side.get(at)?.values() ?? []) sum += quantity
    return [at, tidy(sum)]
  })
}

/** Bids downwards, asks upwards: a book does not cross itself by it. */
const onTick = (name: 'bids' | 'asks', price: number, tick: number): number => {
  const ticks = price / tick
  const nearest = Math.round(ticks)
  // Binary fractions: 61837.63 / 0.01 is a little beside a whole number.
  if (Math.abs(ticks - nearest) < 1e-6) return price
  return tidy((name === 'bids' ? Math.floor(ticks) : Math.ceil(ticks)) * tick)
}
