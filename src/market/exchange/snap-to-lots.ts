import { filter, map, type MonoTypeOperatorFunction, Observable } from 'rxjs'
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
  (lotOf: (symbol: string, price: number) => number | undefined): MonoTypeOperatorFunction<MarketEvent> =>
  (source) =>
    new Observable((subscriber) => {
      /** Fractions of a lot, by symbol. */
      const fractions = new Map<string, number>()
      const wholeLots = (event: MarketEvent): MarketEvent => {
        if (event.type !== 'take') return event
        const lot = lotOf(event.symbol, event.price)
        if (lot === undefined) return event
        const lots = event.quantity / lot + (fractions.get(event.symbol) ?? 0)
        const whole = Math.floor(lots + NOISE)
        fractions.set(event.symbol, Math.max(0, lots - whole))
        const quantity = Number((whole * lot).toPrecision(15))
        return quantity === event.quantity ? event : { ...event, quantity }
      }
      return source
        .pipe(
          map(wholeLots),
          filter((event) => event.type !== 'take' || event.quantity > 0),
        )
        .subscribe(subscriber)
    })
