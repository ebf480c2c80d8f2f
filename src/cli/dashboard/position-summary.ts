import type { Fill } from '../../protocol/index.js'

/** What the trades of one spot symbol have come to, at average cost. Immutable. */
export interface PositionSummary {
  /** In base currency; negative where more was sold than bought. */
  readonly quantity: number
  /** The average price of what is held; 0 when nothing is. */
  readonly price: number
  /** What closing has won or lost, in quote currency and before fees. */
  readonly realised: number
}

export const nothingHeld: PositionSummary = { quantity: 0, price: 0, realised: 0 }

/** Sums of binary fractions leave dust. */
const isDust = (quantity: number): boolean => Math.abs(quantity) < 1e-9

/** After a fill: what leads away from zero changes the average price, what leads back takes profit or loss at it. */
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
  // Through zero: what is left was opened at this price.
  return { quantity: now, price: Math.sign(now) === Math.sign(quantity) ? price : fill.price, realised: won }
}

/** What it would win or lose if it were closed at `last`. */
export const unrealisedOf = ({ quantity, price }: PositionSummary, last: number): number => quantity * (last - price)
