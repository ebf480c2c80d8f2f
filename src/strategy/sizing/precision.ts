import Big from 'big.js'
import type { Action, SymbolInfo } from '../../protocol/index.js'

/** Step of symbol_info. Null and 0 mean no step. */
export type Step = number | null

/**
 * Rounds `value` to a multiple of `step` in the given direction, in decimal arithmetic. Returns
 * `value` if it is a multiple or if there is no step. Has no tolerance: 0.7999999999999999 rounds
 * down to 0.7 for steps of 0.1.
 */
export const roundToStep = (value: number, step: Step, direction: 'down' | 'up'): number => {
  if (step === null || !(step > 0 && step < Infinity) || !Number.isFinite(value)) return value
  const exact = new Big(value)
  const over = exact.mod(step)
  if (over.eq(0)) return value
  const below = exact.minus(over.lt(0) ? over.plus(step) : over)
  return (direction === 'down' ? below : below.plus(step)).toNumber()
}

/** Rounds a limit price to the tick, never to a worse price: a buy down, a sell up. */
export const roundPrice = ({ price_tick }: Pick<SymbolInfo, 'price_tick'>, action: Action, price: number): number =>
  roundToStep(price, price_tick, action === 'BUY' ? 'down' : 'up')

/** Rounds a quantity down to the lot. */
export const roundQuantity = ({ size_tick }: Pick<SymbolInfo, 'size_tick'>, quantity: number): number =>
  roundToStep(quantity, size_tick, 'down')
