import Big from 'big.js'
import type { Order, SymbolInfo } from '../../protocol/index.js'
import {
  type CancelOrder,
  cancel,
  closeLong,
  closeShort,
  iocBuy,
  iocSell,
  limitBuy,
  limitSell,
  marketBuyCost,
  marketSell,
  openLong,
  openShort,
  type PlaceOrder,
} from '../intent.js'
import { finite } from './finite.js'
import { type RoundingResult, roundToIncrements } from './round-to-increments.js'
import { roundQuantity } from './precision.js'

/** Where a symbol stands and where it should go. */
export interface RebalanceInput {
  readonly symbol: string
  readonly info: SymbolInfo
  /** The wanted position: above 0 long, below 0 short. */
  readonly target: number
  /** The present position: a number where positions net, both sides for contracts in hedge mode. */
  readonly position: number | { readonly long: number; readonly short: number }
  /** The orders that are open. Those of unknown fate belong here too, as if they were open. */
  readonly working: readonly Pick<Order, 'order_no' | 'action' | 'remain'>[]
  /** The limit price, or, for a market order, the price by which it is valued. */
  readonly price: number
  /** @default LIMIT */
  readonly order_type?: 'LIMIT' | 'IOC' | 'MARKET'
  /**
   * Makes of a spot market buy, which is for an amount of money, an IOC order for the quantity, whose limit is at most this fraction above `price`: it never buys
   * more than is missing.
   * @default a market order for money
   */
  readonly maxSlippage?: number
}

/** The next orders on the way to a target: a round either cancels or places, never both. */
export interface RebalanceStep {
  readonly intents: readonly (CancelOrder | PlaceOrder)[]
  /** What was left undone, and why: too small, as a rule. */
  readonly refused: readonly string[]
}

const orders = (
  { symbol, price, order_type = 'LIMIT', position, maxSlippage }: RebalanceInput,
  size: Big,
): readonly PlaceOrder[] => {
  const quantity = size.abs().toNumber()
  const buying = size.gt(0)
  if (typeof position !== 'number') {
    const terms = order_type === 'MARKET' ? undefined : { price, order_type }
    const [close, open] = buying ? [closeShort, openLong] : [closeLong, openShort]
    const closing = Math.min(quantity, buying ? position.short : position.long)
    const opening = new Big(quantity).minus(closing).toNumber()
    return [
      ...(closing > 0 ? [close(symbol, closing, terms)] : []),
      ...(opening > 0 ? [open(symbol, opening, terms)] : []),
    ]
  }
  if (order_type === 'MARKET' && buying && maxSlippage !== undefined)
    return [iocBuy(symbol, new Big(price).times(new Big(1).plus(maxSlippage)).toNumber(), quantity)]
  if (order_type === 'MARKET')
    return [buying ? marketBuyCost(symbol, new Big(quantity).times(price).toNumber()) : marketSell(symbol, quantity)]
  if (order_type === 'IOC') return [(buying ? iocBuy : iocSell)(symbol, price, quantity)]
  return [(buying ? limitBuy : limitSell)(symbol, price, quantity)]
}

type Misfit = Extract<RoundingResult, { _tag: 'Misfit' }>

/** A round before its rest is put into words. */
interface Plan {
  readonly intents: readonly (CancelOrder | PlaceOrder)[]
  /** Remainder that cannot be ordered: below the lot or the limits of the symbol. */
  readonly rests: readonly Misfit[]
  /** Remainder for another reason. */
  readonly refused: readonly string[]
}

/** The next round, and what of the way to the target no order can go. */
export const planToTarget = (toward: RebalanceInput): Plan => {
  const { symbol, info, target, position, working, price } = toward
  const held = (quantity: number) => new Big(finite('what is held', quantity))
  const present = typeof position === 'number' ? held(position) : held(position.long).minus(held(position.short))
  const needed = new Big(finite('a target', target)).minus(present)
  const lot = roundQuantity(info, needed.abs().toNumber())
  const missing = new Big(lot).times(needed.lt(0) ? -1 : 1)
  const helping = missing.eq(0) ? undefined : missing.gt(0) ? 'BUY' : 'SELL'
  const nothing = { intents: [], rests: [], refused: [] }
  const canceling = (orders: RebalanceInput['working']) => ({
    ...nothing,
    intents: [cancel(symbol, ...orders.map(({ order_no }) => order_no))],
  })

  const against = working.filter(({ action }) => action !== helping)
  if (against.length > 0) return canceling(against)
  const pending = working.reduce((sum, { remain }) => sum.plus(finite('what is left of an order', remain)), new Big(0))
  if (pending.gt(missing.abs())) return canceling(working)

  const rest = missing.abs().minus(pending)
  const isPriced = price > 0 && price < Infinity
  const isBelowLot = rest.eq(0) && pending.eq(0) && !needed.eq(0)
  if (rest.eq(0) && !(isBelowLot && isPriced)) return nothing
  if (!isPriced) return { ...nothing, refused: [`the price is ${price}`] }
  const size = isBelowLot ? needed : missing.gt(0) ? rest : rest.times(-1)
  const fits = orders(toward, size).map((intent) => roundToIncrements(info, intent, price))
  return {
    intents: fits.flatMap((each) => (each._tag === 'Fits' ? [each.intent] : [])),
    rests: fits.flatMap((each) => (each._tag === 'Misfit' ? [each] : [])),
    refused: [],
  }
}

/**
 * The orders that take a position to its target, given the orders that work already. What works against it, or would overshoot, is
 * cancelled first; the next round, when those are heard to be gone, places what is missing. Sizes are rounded down to the lot, so a
 * target is never overshot, except by a spot market buy without `maxSlippage`, which spends money: when the price falls on its way, it buys more. A rest
 * below the limits is refused in words. `RangeError` when the target, the position or what is left of an order is not a finite number.
 *
 * ```ts
 * toTarget({ symbol, info, target: 1, position: 0.4, working: [], price: 100 })   // limitBuy 0.6 at 100
 * ```
 */
export const toTarget = (toward: RebalanceInput): RebalanceStep => {
  const { intents, rests, refused } = planToTarget(toward)
  // A difference below one lot is no order that was left undone.
  const told = rests.filter(({ reason }) => reason !== 'below-step')
  return { intents, refused: [...refused, ...told.map(({ words }) => words)] }
}
