import { defer, filter, map, type MonoTypeOperatorFunction } from 'rxjs'
import type { MarketEvent } from '../market-event.js'

/** Quotients of decimals, such as 0.0003 / 0.0001, may be this far below a whole number. */
const NOISE = 1e-6

/**
 * Makes the takes of a market whole lots of the exchange. The fraction of a lot that a take leaves
 * is added to the next one of that symbol, so that the volume is right to one lot at any time. A
 * take that is no whole lot with it is left out. Recorded trades pass unchanged: the exchange
 * counts the lots of the orders that they fill.
 *
 * @param lotOf the lot of a symbol at a price, in base currency; undefined for a symbol that is not
 * traded there
 */
export const snapToLots =
  (lotOf: LotOf): MonoTypeOperatorFunction<MarketEvent> =>
  (source) =>
    defer(() => {
      const snapped = lotSnapper(lotOf)
      return source.pipe(
        map(snapped),
        filter((event) => event !== undefined),
      )
    })

/** Lot of a symbol at a price, in base currency; undefined for a symbol that is not traded. */
export type LotOf = (symbol: string, price: number) => number | undefined

/** {@link snapToLots} for one run of a market; undefined for a take that is left out. */
export const lotSnapper = (lotOf: LotOf): ((event: MarketEvent) => MarketEvent | undefined) => {
  /** Fractions of a lot, by symbol. */
  const fractions = new Map<string, number>()
  return (event) => {
    if (event.type !== 'take') return event
    const lot = lotOf(event.symbol, event.price)
    if (lot === undefined) return event.quantity > 0 ? event : undefined
    const lots = event.quantity / lot + (fractions.get(event.symbol) ?? 0)
    const whole = Math.floor(lots + NOISE)
    fractions.set(event.symbol, Math.max(0, lots - whole))
    const quantity = Number((whole * lot).toPrecision(15))
    if (!(quantity > 0)) return undefined
    return quantity === event.quantity ? event : { ...event, quantity }
  }
}
