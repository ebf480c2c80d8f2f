import Big from 'big.js'
import type { Action, SymbolInfo } from '../../protocol/index.js'

/** A step as symbol_info tells it: null, and 0, mean that there is none. */
export type Step = number | null

/**
 * The multiple of `step` next to `value` on the given side, in decimal arithmetic; `value` itself when it is one, or there is
 * no step. Nothing is forgiven: 0.7999999999999999 down to steps of 0.1 is 0.7.
 */
export const roundToStep = (value: number, step: Step, direction: 'down' | 'up'): number => {
  if (step === null || !(step > 0 && step < Infinity) || !Number.isFinite(value)) return value
  const exact = new Big(value)
  const over = exact.mod(step)
  if (over.eq(0)) return value
  const below = exact.minus(over.lt(0) ? over.plus(step) : over)
  return (direction === 'down' ? below : below.plus(step)).toNumber()
}

/** A limit price on tick and never worse than meant: a buy goes down, a sell goes up. */
export const roundPrice = ({ price_tick }: Pick<SymbolInfo, 'price_tick'>, action: Action, price: number): number =>
  roundToStep(price, price_tick, action === 'BUY' ? 'down' : 'up')

/** A quantity on lot and never more than meant. */
export const roundQuantity = ({ size_tick }: Pick<SymbolInfo, 'size_tick'>, quantity: number): number =>
  roundToStep(quantity, size_tick, 'down')
