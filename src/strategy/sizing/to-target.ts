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

/** Input of `toTarget`: position, target and open orders of a symbol. */
export interface RebalanceInput {
  readonly symbol: string
  readonly info: SymbolInfo
  /** Target position: above 0 long, below 0 short. */
  readonly target: number
  /** Current position: a number for netting positions, both sides for contracts in hedge mode. */
  readonly position: number | { readonly long: number; readonly short: number }
  /** Open orders. Include unresolved orders as if they were open. */
  readonly working: readonly Pick<Order, 'order_no' | 'action' | 'remain'>[]
  /** Limit price; for a market order the price to value it at. */
  readonly price: number
  /** @default LIMIT */
  readonly order_type?: 'LIMIT' | 'IOC' | 'MARKET'
  /**
   * Sends a spot market buy as an IOC order for the quantity, with a limit this fraction above
   * `price`, so that it never buys more than is missing.
   * @default none: a market order for an amount of quote currency
   */
  readonly maxSlippage?: number
}

/** Next intents on the way to a target: either cancels or orders, never both. */
export interface RebalanceStep {
  readonly intents: readonly (CancelOrder | PlaceOrder)[]
  /** Reasons for quantities that were not ordered, mostly because they are too small. */
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

/** Next intents, and the remainders that cannot be ordered. */
interface Plan {
  readonly intents: readonly (CancelOrder | PlaceOrder)[]
  /** Remainder that cannot be ordered: below the lot or the limits of the symbol. */
  readonly rests: readonly Misfit[]
  /** Remainder for another reason. */
  readonly refused: readonly string[]
}

/** Plans the next intents, and the remainders that cannot be ordered. */
export const planToTarget = (toward: RebalanceInput): Plan => {
  const { symbol, info, target, position, working, price } = toward
  const checked = (quantity: number) => new Big(finite('the position', quantity))
  const present =
    typeof position === 'number' ? checked(position) : checked(position.long).minus(checked(position.short))
  const needed = new Big(finite('the target', target)).minus(present)
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
  const pending = working.reduce(
    (sum, { remain }) => sum.plus(finite('the remaining quantity of an order', remain)),
    new Big(0),
  )
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
 * Computes the orders that take a position to its target, given the open orders. Cancels orders
 * first that work against the target or would overshoot it; once these have ended, the next step
 * places the missing quantity. Rounds sizes down to the lot, so that the target is never overshot,
 * except by a spot market buy without `maxSlippage`: it spends an amount of money, and buys more if
 * the price falls. A remainder below the symbol's limits is reported in `refused`.
 *
 * ```ts
 * // limitBuy 0.6 at 100
 * toTarget({ symbol, info, target: 1, position: 0.4, working: [], price: 100 })
 * ```
 *
 * @throws RangeError if the target, the position or the remaining quantity of an order is not
 * finite
 */
export const toTarget = (toward: RebalanceInput): RebalanceStep => {
  const { intents, rests, refused } = planToTarget(toward)
  // A difference below one lot needs no order.
  const reported = rests.filter(({ reason }) => reason !== 'below-step')
  return { intents, refused: [...refused, ...reported.map(({ words }) => words)] }
}
