import type { SymbolInfo } from '../../protocol/index.js'
import { decimalsOf, powerOfTen, requireUnits } from '../numbers/decimal.js'
import { Instrument } from '../instrument.js'
import { divideUp, rateOf, shareUp } from '../numbers/rate.js'
import type { ContractSpec } from '../symbols.js'

/** The currency in which a contract's profits and margin are. */
export const settlementCurrency = ({ kind, base, quote }: ContractSpec): string => (kind === 'linear' ? quote : base)

/**
 * The places that the settlement currency's money needs: those with which a linear value is exact;
 * an inverse one never is.
 */
export const settlementDecimals = ({ kind, priceTick, faceValue }: ContractSpec): number =>
  kind === 'linear' ? decimalsOf(priceTick) + decimalsOf(faceValue) : 8

/**
 * Places beyond those of money: an inverse value rounded to units of money names its price to seven
 * digits only.
 */
const FINE = 10n ** 12n

/** Money with the places of {@link Contract.fineValue}. */
export const asFine = (money: bigint): bigint => money * FINE

/**
 * A perpetual contract. A lot is one contract. With P the price and F the face value, n contracts
 * are worth n·F·P of quote currency if linear, exactly, and n·F/P of base currency if inverse,
 * rounded to the nearest unit once per trade for both sides.
 */
export class Contract extends Instrument {
  readonly currency: string
  readonly valueDecimals: number
  readonly leverage: bigint
  readonly liquidationRate: bigint
  readonly fundingRate: bigint
  readonly crossed: boolean
  readonly linear: boolean
  readonly face: number
  readonly info: SymbolInfo
  /** Shares of the margin that must stand behind a net position, smallest position first. */
  private readonly tiers: readonly { readonly above: number; readonly adjustment: bigint }[]
  private readonly factor: bigint

  constructor(
    readonly spec: ContractSpec,
    decimals: ReadonlyMap<string, number>,
  ) {
    super(spec, '1')
    const { kind, faceValue, leverage, base, quote } = spec
    if (!Number.isSafeInteger(leverage) || leverage < 1)
      throw new RangeError(`leverage must be a whole number, not ${leverage}`)
    this.linear = kind === 'linear'
    this.currency = settlementCurrency(spec)
    this.valueDecimals = decimals.get(this.currency) ?? 8
    this.crossed = spec.marginMode === 'crossed'
    this.leverage = BigInt(leverage)
    this.tiers = [{ above: 0, adjustmentFactor: spec.adjustmentFactor }, ...(spec.tiers ?? [])].map(
      ({ above, adjustmentFactor }, nth, all) => {
        if (nth > 0 && !(Number.isSafeInteger(above) && above > (all[nth - 1]?.above ?? 0))) {
          throw new RangeError(`tiers begin above whole numbers of contracts, each above the one before, not ${above}`)
        }
        return { above, adjustment: rateOf(adjustmentFactor) }
      },
    )
    this.liquidationRate = rateOf(spec.liquidationFee)
    this.fundingRate = rateOf(spec.fundingRate)
    this.face = Number(faceValue)
    const { price, valueDecimals } = this
    const faceDecimals = decimalsOf(faceValue)
    const face = requireUnits(faceValue, faceDecimals)
    this.factor = this.linear
      ? face * BigInt(price.step) * 10n ** BigInt(valueDecimals - price.decimals - faceDecimals)
      : (face * 10n ** BigInt(valueDecimals + price.decimals)) / 10n ** BigInt(faceDecimals)
    // Frozen: told again and again, it is encoded once.
    this.info = Object.freeze({
      price_tick: Number(spec.priceTick),
      size_tick: 1,
      size_limit: Number(spec.sizeLimit),
      // Orders have no smallest value; what they are worth comes in units of the money.
      value_tick: 1 / powerOfTen(this.valueDecimals),
      value_limit: 0,
      base_currency: base,
      quote_currency: quote,
      settlement_currency: this.currency,
    })
  }

  /** In units of the settlement currency. */
  value(price: number, lots: number): bigint {
    if (this.linear) return BigInt(price) * BigInt(lots) * this.factor
    const ticks = BigInt(price) * BigInt(this.price.step)
    return (2n * BigInt(lots) * this.factor + ticks) / (2n * ticks)
  }

  sizeIn(quantity: number, price: number): number {
    return Number(((this.linear ? quantity : quantity * price) / this.face).toPrecision(15))
  }

  /**
   * The value with twelve places more than money has, for average prices; no money is counted by
   * it.
   */
  fineValue(price: number, lots: number): bigint {
    if (this.linear) return asFine(this.value(price, lots))
    const ticks = BigInt(price) * BigInt(this.price.step)
    return (2n * asFine(BigInt(lots) * this.factor) + ticks) / (2n * ticks)
  }

  lotsIn(quantity: number, price: number): number {
    const contracts = (this.linear ? quantity : quantity * this.price.value(price)) / this.face
    // A hair below a whole number is one: 0.3 / 0.1 is 2.9999999999999996.
    return Math.floor(contracts * (1 + 1e-12))
  }

  /** Profit of a side that was entered for `cost` and left for `exit`. */
  profit(long: boolean, cost: bigint, exit: bigint): bigint {
    return long === this.linear ? exit - cost : cost - exit
  }

  /**
   * Exit value at which a side that was entered for `cost` has this profit: the inverse of
   * {@link profit}.
   */
  exitFor(long: boolean, cost: bigint, profit: bigint): bigint {
    return long === this.linear ? cost + profit : cost - profit
  }

  /** The margin of a value, rounded up. */
  margin(value: bigint): bigint {
    return divideUp(value, this.leverage)
  }

  /** Maintenance margin of a net position of this many contracts, rounded up. */
  maintenance(margin: bigint, net = 0): bigint {
    return shareUp(margin, this.adjustment(net))
  }

  /** The share of its margin that must stand behind a net position. */
  adjustment(net: number): bigint {
    return this.tiers.findLast(({ above }, nth) => nth === 0 || net > above)?.adjustment ?? 0n
  }

  /** The largest net position of the tier below; undefined of the lowest. */
  limitBelow(net: number): number | undefined {
    return this.tiers.findLast(({ above }, nth) => nth > 0 && net > above)?.above
  }

  /** The average price of lots that came in for `cost`; 0 of none. */
  averagePrice(lots: number, cost: bigint): number {
    return this.fineAverage(lots, asFine(cost))
  }

  /** The average price of lots that came in for a fine value; 0 of none. */
  fineAverage(lots: number, fineCost: bigint): number {
    if (lots === 0 || fineCost === 0n) return 0
    const money = this.moneyOf(fineCost)
    const price = this.linear ? money / (lots * this.face) : (lots * this.face) / money
    return Number(price.toPrecision(15))
  }

  /** A fine value as a number. */
  moneyOf(fine: bigint): number {
    return Number(fine) / Number(FINE) / 10 ** this.valueDecimals
  }
}
