import type { SymbolInfo } from '../protocol/index.js'
import { Grid } from './numbers/decimal.js'
import { rateOf } from './numbers/rate.js'
import type { SymbolSpec } from './symbols.js'
import type { Units } from './numbers/units.js'

/** An order may not be larger: a level of 90,000 such orders still sums exactly in a double. */
const MAX_LOTS = 1e11

/**
 * A symbol in integers: prices in ticks and sizes in lots (numbers, always safe integers), money in
 * the smallest units of its currency (see {@link Units}).
 */
export abstract class Instrument {
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly price: Grid
  readonly size: Grid
  readonly sizeLimit: number
  readonly makerRate: bigint
  readonly takerRate: bigint
  readonly maxLots = MAX_LOTS
  readonly maxQuantity: number
  abstract readonly info: SymbolInfo
  /** Of the currency in which `value` counts. */
  abstract readonly valueDecimals: number

  constructor({ symbol, base, quote, priceTick, sizeLimit, makerFee, takerFee }: SymbolSpec, sizeTick: string) {
    for (const currency of [base, quote]) {
      // They become keys of plain objects, so no underscore.
      if (!/^[\p{L}\p{N}]+$/u.test(currency)) {
        throw new RangeError(`${JSON.stringify(currency)} is not a currency: use letters and digits, of any script`)
      }
    }
    this.symbol = symbol
    this.base = base
    this.quote = quote
    this.price = new Grid(priceTick)
    this.size = new Grid(sizeTick)
    this.maxQuantity = this.size.value(MAX_LOTS)
    this.sizeLimit = this.size.stepsUp(Number(sizeLimit))
    this.makerRate = rateOf(makerFee)
    this.takerRate = rateOf(takerFee)
  }

  /** Value of `lots` at `price`. */
  abstract value(price: number, lots: number): Units

  /** Number of whole lots that `budget` buys at `price`, at most `most`. */
  affordable(budget: bigint, price: number, most: number): number {
    const lots = budget / BigInt(this.value(price, 1))
    return lots < BigInt(most) ? Number(lots) : most
  }

  /**
   * A quantity of base currency at a price (of the wire) in the unit of sizes; not rounded to lots.
   */
  abstract sizeIn(quantity: number, price: number): number

  /** The lots in a quantity of base currency at a price, rounded down. */
  abstract lotsIn(quantity: number, price: number): number
}
