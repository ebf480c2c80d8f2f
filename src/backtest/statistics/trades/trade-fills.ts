import BigConstructor, { type Big } from 'big.js'

/**
 * Decimal arithmetic of trades. Sums and products are exact, so that 0.1 + 0.2 − 0.3 is flat and a
 * trade that breaks even is neither won nor lost; a quotient has 40 decimals.
 */
export const Decimal = BigConstructor()
Decimal.DP = 40

/** One fill, as `tradesOf` takes it. */
export interface TradeFill {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly side: 'BUY' | 'SELL'
  /** In base currency, above 0. */
  readonly quantity: number
  /** In quote currency. */
  readonly price: number
  /** Negative for a rebate. @default 0 */
  readonly fee?: number | undefined
  /**
   * Currency of the fee. A fee in base takes coins: the position becomes smaller by it, whichever
   * the side, and it is worth `fee * price` in quote. @default 'quote'
   */
  readonly feeCurrency?: 'quote' | 'base' | undefined
  /** Fills of several symbols are kept apart. */
  readonly symbol?: string | undefined
}

/** A fill as a change of the position at a price, with its fee in quote. */
export interface PositionChange {
  /** Index in the list of fills. */
  readonly index: number
  readonly time: number
  /** Signed change of the position. */
  readonly change: Big
  readonly price: Big
  readonly fee: Big
}

/** Result of a trade in quote currency. */
export interface TradeResult {
  /** (exit − entry) · quantity; mirrored for a short. */
  readonly gross: number
  /**
   * Entry fees by the share of the entry that is closed, and exit fees by the share of the exit
   * that closes.
   */
  readonly fees: number
  /** gross − fees. */
  readonly net: number
}

export type TradeSide = 'LONG' | 'SHORT'

export const sideOf = (position: Big): TradeSide => (position.gt(0) ? 'LONG' : 'SHORT')
export const smaller = (a: Big, b: Big): Big => (a.lt(b) ? a : b)

/** `whole * part / total`, without rounding where all is taken. */
export const shareOf = (whole: Big, part: Big, total: Big): Big =>
  part.eq(total) ? whole : whole.times(part).div(total)

export const resultOf = (gross: Big, fees: Big): TradeResult => ({
  gross: gross.toNumber(),
  fees: fees.toNumber(),
  net: gross.minus(fees).toNumber(),
})

function wrong(index: number, field: keyof TradeFill, value: unknown, expected: string): RangeError {
  return new RangeError(`fills[${index}].${field} is ${String(value)}: expected ${expected}`)
}

/** Throws a RangeError that names the fill and field that is wrong. */
export function positionChange(fill: TradeFill, index: number): PositionChange {
  const { time, side, quantity, price, fee = 0, feeCurrency = 'quote' } = fill
  if (!Number.isFinite(time)) throw wrong(index, 'time', time, 'milliseconds since 1970')
  if (!(quantity > 0 && quantity < Infinity)) throw wrong(index, 'quantity', quantity, 'a finite number above 0')
  if (!Number.isFinite(price)) throw wrong(index, 'price', price, 'a finite number')
  if (!Number.isFinite(fee)) throw wrong(index, 'fee', fee, 'a finite number')
  if (!['BUY', 'SELL'].includes(side)) throw wrong(index, 'side', side, 'BUY or SELL')
  if (!['quote', 'base'].includes(feeCurrency)) throw wrong(index, 'feeCurrency', feeCurrency, 'quote or base')
  const [amount, at, cost] = [new Decimal(quantity), new Decimal(price), new Decimal(fee)]
  const signed = side === 'BUY' ? amount : amount.neg()
  return feeCurrency === 'base'
    ? { index, time, change: signed.minus(cost), price: at, fee: cost.times(at) }
    : { index, time, change: signed, price: at, fee: cost }
}
