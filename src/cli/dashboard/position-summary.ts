import type { Fill } from '../../protocol/index.js'

/** Position in a spot symbol at average cost. Immutable. */
export interface PositionSummary {
  /** In base currency; negative where more was sold than bought. */
  readonly quantity: number
  /** Average price of the position; 0 when it is flat. */
  readonly price: number
  /** PnL of closed quantities, in quote currency and before fees. */
  readonly realised: number
}

export const nothingHeld: PositionSummary = { quantity: 0, price: 0, realised: 0 }

/** Tolerates rounding errors of binary fractions. */
const isDust = (quantity: number): boolean => Math.abs(quantity) < 1e-9

/**
 * Applies a fill: increasing a position changes its average price, reducing it realises PnL at that
 * price.
 */
export const holdingAfter = (
  { quantity, price, realised }: PositionSummary,
  fill: Pick<Fill, 'side' | 'quantity' | 'price'>,
): PositionSummary => {
  const signed = fill.side === 'BUY' ? fill.quantity : -fill.quantity
  const now = quantity + signed
  if (quantity === 0 || Math.sign(quantity) === Math.sign(signed)) {
    return { quantity: now, price: (quantity * price + signed * fill.price) / now, realised }
  }
  const closed = Math.min(Math.abs(quantity), Math.abs(signed)) * Math.sign(quantity)
  const won = realised + closed * (fill.price - price)
  if (isDust(now)) return { quantity: 0, price: 0, realised: won }
  // After a change of sides, the rest was opened at this price.
  return { quantity: now, price: Math.sign(now) === Math.sign(quantity) ? price : fill.price, realised: won }
}

/** Unrealised PnL at the price `last`. */
export const unrealisedOf = ({ quantity, price }: PositionSummary, last: number): number => quantity * (last - price)
