import Big from 'big.js'
import type { Order, SymbolInfo } from '../../protocol/index.js'
import {
  type Cancel,
  cancel,
  closeLong,
  closeShort,
  iocBuy,
  iocSell,
  limitBuy,
  limitSell,
  marketBuyFor,
  marketSell,
  openLong,
  openShort,
  type Place,
} from '../intent.js'
import { fit } from './fit.js'
import { sizeOn } from './precision.js'

/** Where a symbol stands and where it should go. */
export interface Toward {
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
}

/** The next orders on the way to a target: a round either cancels or places, never both. */
export interface Round {
  readonly intents: readonly (Cancel | Place)[]
  /** What was left undone, and why: too small, as a rule. */
  readonly refused: readonly string[]
}

const orders = ({ symbol, price, order_type = 'LIMIT', position }: Toward, size: Big): readonly Place[] => {
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
  if (order_type === 'MARKET')
    return [buying ? marketBuyFor(symbol, new Big(quantity).times(price).toNumber()) : marketSell(symbol, quantity)]
  if (order_type === 'IOC') return [(buying ? iocBuy : iocSell)(symbol, price, quantity)]
  return [(buying ? limitBuy : limitSell)(symbol, price, quantity)]
}

/**
 * The orders that take a position to its target, given the orders that work already. What works against it, or would overshoot, is
 * cancelled first; the next round, when those are heard to be gone, places what is missing. Sizes are rounded down to the lot, so a
 * target is never overshot; a rest below the limits is refused in words.
 *
 * ```ts
 * toTarget({ symbol, info, target: 1, position: 0.4, working: [], price: 100 })   // limitBuy 0.6 at 100
 * ```
 */
export const toTarget = (toward: Toward): Round => {
  const { symbol, info, target, position, working, price } = toward
  const present = typeof position === 'number' ? new Big(position) : new Big(position.long).minus(position.short)
  const needed = new Big(target).minus(present)
  const lot = sizeOn(info, needed.abs().toNumber())
  const missing = new Big(lot).times(needed.lt(0) ? -1 : 1)
  const helping = missing.eq(0) ? undefined : missing.gt(0) ? 'BUY' : 'SELL'

  const against = working.filter(({ action }) => action !== helping)
  if (against.length > 0) return { intents: [cancel(symbol, ...against.map((each) => each.order_no))], refused: [] }
  const pending = working.reduce((sum, { remain }) => sum.plus(remain), new Big(0))
  if (pending.gt(missing.abs()))
    return { intents: [cancel(symbol, ...working.map((each) => each.order_no))], refused: [] }

  const rest = missing.abs().minus(pending)
  if (rest.eq(0)) return { intents: [], refused: [] }
  if (!(price > 0 && price < Infinity)) return { intents: [], refused: [`the price is ${price}`] }
  const fits = orders(toward, missing.gt(0) ? rest : rest.times(-1)).map((intent) => fit(info, intent, price))
  return {
    intents: fits.flatMap((each) => (each._tag === 'Fits' ? [each.intent] : [])),
    refused: fits.flatMap((each) => (each._tag === 'Misfit' ? [each.words] : [])),
  }
}
