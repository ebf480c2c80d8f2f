import type { SymbolInfo } from '../../protocol/index.js'
import { decimalsOf, requireUnits } from '../numbers/decimal.js'
import { Instrument } from '../instrument.js'
import type { SpotSpec } from '../symbols.js'
import { times, type Units, unitsOf } from '../numbers/units.js'

/** The places that the quote currency's money needs, so that price times quantity is exact. */
export const quoteDecimals = ({ priceTick, sizeTick }: SpotSpec): number => decimalsOf(priceTick) + decimalsOf(sizeTick)

/** Two currencies that change hands. A lot is an amount of base currency. */
export class SpotPair extends Instrument {
  readonly baseDecimals: number
  readonly valueDecimals: number
  readonly valueLimit: Units
  readonly valueTick: bigint
  readonly info: SymbolInfo
  private readonly basePerLot: number
  private readonly quotePerTickLot: number

  constructor(
    readonly spec: SpotSpec,
    decimals: ReadonlyMap<string, number>,
  ) {
    super(spec, spec.sizeTick)
    this.valueDecimals = decimals.get(spec.quote) ?? 8
    this.baseDecimals = decimals.get(spec.base) ?? 8
    this.basePerLot = Number(requireUnits(spec.sizeTick, this.baseDecimals))
    const spare = this.valueDecimals - this.price.decimals - this.size.decimals
    this.quotePerTickLot = this.price.step * this.size.step * 10 ** spare
    this.valueLimit = unitsOf(requireUnits(spec.valueLimit, this.valueDecimals))
    this.valueTick = requireUnits(spec.valueTick, this.valueDecimals)
    // Frozen: told again and again, it is encoded once.
    this.info = Object.freeze({
      price_tick: Number(spec.priceTick),
      size_tick: Number(spec.sizeTick),
      size_limit: Number(spec.sizeLimit),
      value_tick: Number(spec.valueTick),
      value_limit: Number(spec.valueLimit),
      base_currency: spec.base,
      quote_currency: spec.quote,
      settlement_currency: spec.quote,
    })
  }

  /** Converts `lots` to units of the base currency. */
  baseOf(lots: number): Units {
    return times(lots, this.basePerLot)
  }

  /** In units of the quote currency. */
  value(price: number, lots: number): Units {
    return times(times(price, lots), this.quotePerTickLot)
  }

  sizeIn(quantity: number): number {
    return quantity
  }

  lotsIn(quantity: number): number {
    return this.size.stepsDown(quantity)
  }
}
