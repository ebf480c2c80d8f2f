import type { SymbolInfo } from '../protocol/index.js'
import { decimalsOf, Grid, requireUnits } from './decimal.js'
import type { SymbolSpec } from './symbols.js'

/** Fee rates are integers of this many decimals. */
const RATE_DECIMALS = 8
const RATE_ONE = 10n ** BigInt(RATE_DECIMALS)

/** An order may not be larger: a level of 90,000 such orders still sums exactly in a double. */
const MAX_LOTS = 1e11

/**
 * The places that each currency's money needs, so that price times quantity is exact for every symbol of a platform;
 * eight at least.
 */
export function currencyDecimals(specs: readonly SymbolSpec[]): Map<string, number> {
  const decimals = new Map<string, number>()
  const needs = (currency: string, places: number) =>
    decimals.set(currency, Math.max(8, places, decimals.get(currency) ?? 0))
  for (const spec of specs) {
    needs(spec.base, decimalsOf(spec.sizeTick))
    needs(spec.quote, decimalsOf(spec.priceTick) + decimalsOf(spec.sizeTick))
  }
  return decimals
}

/**
 * A symbol in integers: prices in ticks and sizes in lots (numbers, always safe integers), money in the smallest units of its
 * currency (bigint, since an amount times a rate does not fit in 53 bits).
 */
export class Instrument {
  readonly symbol: string
  readonly price: Grid
  readonly size: Grid
  readonly quoteDecimals: number
  readonly baseDecimals: number
  readonly sizeLimit: number
  readonly valueLimit: bigint
  readonly valueTick: bigint
  readonly makerRate: bigint
  readonly takerRate: bigint
  readonly info: SymbolInfo
  private readonly basePerLot: number
  private readonly quotePerTickLot: number

  constructor(
    readonly spec: SymbolSpec,
    decimals: ReadonlyMap<string, number>,
  ) {
    for (const currency of [spec.base, spec.quote]) {
      // They become keys of plain objects.
      if (!/^[A-Za-z0-9]+$/.test(currency)) throw new RangeError(`${JSON.stringify(currency)} is not a currency`)
    }
    this.symbol = spec.symbol
    this.price = new Grid(spec.priceTick)
    this.size = new Grid(spec.sizeTick)
    this.quoteDecimals = decimals.get(spec.quote) ?? 8
    this.baseDecimals = decimals.get(spec.base) ?? 8
    this.basePerLot = Number(requireUnits(spec.sizeTick, this.baseDecimals))
    const spare = this.quoteDecimals - this.price.decimals - this.size.decimals
    this.quotePerTickLot = this.price.step * this.size.step * 10 ** spare
    this.sizeLimit = this.size.stepsUp(Number(spec.sizeLimit))
    this.valueLimit = requireUnits(spec.valueLimit, this.quoteDecimals)
    this.valueTick = requireUnits(spec.valueTick, this.quoteDecimals)
    this.makerRate = requireUnits(spec.makerFee, RATE_DECIMALS)
    this.takerRate = requireUnits(spec.takerFee, RATE_DECIMALS)
    this.info = {
      price_tick: Number(spec.priceTick),
      size_tick: Number(spec.sizeTick),
      size_limit: Number(spec.sizeLimit),
      value_tick: Number(spec.valueTick),
      value_limit: Number(spec.valueLimit),
      base_currency: spec.base,
      quote_currency: spec.quote,
      settlement_currency: spec.quote,
    }
  }

  get maxLots(): number {
    return MAX_LOTS
  }

  /** What `lots` are, in units of the base currency. */
  base(lots: number): bigint {
    return product(lots, this.basePerLot)
  }

  /** What `lots` cost at `price`, in units of the quote currency. */
  value(price: number, lots: number): bigint {
    const tickLots = price * lots
    // The product of two safe integers is exact when it is one itself.
    return Number.isSafeInteger(tickLots)
      ? product(tickLots, this.quotePerTickLot)
      : BigInt(price) * BigInt(lots) * BigInt(this.quotePerTickLot)
  }

  /** How many whole lots `budget` buys at `price`, `most` at the most. */
  affordable(budget: bigint, price: number, most: number): number {
    const lots = budget / this.value(price, 1)
    return lots < BigInt(most) ? Number(lots) : most
  }
}

function product(a: number, b: number): bigint {
  const exact = a * b
  return Number.isSafeInteger(exact) ? BigInt(exact) : BigInt(a) * BigInt(b)
}

/** The fee on what was received, rounded up to the unit: paper is never kinder than the rate. */
export function feeOn(received: bigint, rate: bigint): bigint {
  if (rate === 0n || received === 0n) return 0n
  const exact = received * rate
  const fee = exact / RATE_ONE
  // Division truncates towards zero, which is already upwards for a rebate.
  return exact > 0n && fee * RATE_ONE !== exact ? fee + 1n : fee
}
