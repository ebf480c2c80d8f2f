import { isSizedInMoney } from '../../orders/index.js'
import Big from 'big.js'
import type { Order, SymbolInfo } from '../../protocol/index.js'
import { validateIntent, type PlaceOrder } from '../intent.js'
import { roundToStep, roundPrice, roundQuantity } from './precision.js'

/** An order put on tick and lot, or why it cannot be one. */
export type RoundingResult =
  | { readonly _tag: 'Fits'; readonly intent: PlaceOrder }
  | { readonly _tag: 'Misfit'; readonly intent: PlaceOrder; readonly reason: RoundingRefusal; readonly words: string }

/** Why an order does not fit its symbol. */
export type RoundingRefusal =
  /** Not an order: a price or quantity that is not above 0 … */
  | 'invalid'
  /** Nothing is left of the price on its tick, or of the quantity on its lot. */
  | 'below-step'
  | 'below-size-limit'
  | 'below-value-limit'

/**
 * True if the quantity of an intent is an amount of quote currency: an offset says that it is
 * contracts.
 */
export const isForMoney = (order: Pick<Order, 'order_type' | 'action' | 'offset'>): boolean =>
  isSizedInMoney(order, order.offset !== undefined)

/**
 * Puts an order on the tick and lot of its symbol (buy price down, sell price up, size down) and says in words what is below the
 * symbol's limits. Ticks and limits that are null do not exist. The value of a market order is judged by `price`, when given; a contract's
 * value is not judged, for what a contract is worth is not in symbol_info.
 *
 * ```ts
 * const fitted = roundToIncrements(info, limitBuy('BTC/USDT', 40_000.129, 0.0123456))
 * if (fitted._tag === 'Misfit') console.warn(fitted.words)
 * ```
 */
export const roundToIncrements = (info: SymbolInfo, intent: PlaceOrder, price?: number): RoundingResult => {
  const misfit = (reason: RoundingRefusal, words: string): RoundingResult => ({ _tag: 'Misfit', intent, reason, words })
  const fault = validateIntent(intent)
  if (fault !== undefined) return misfit('invalid', fault)
  const { size_tick, size_limit, value_tick, value_limit, quote_currency } = info
  const { symbol } = intent

  if (isForMoney(intent)) {
    const amount = roundToStep(intent.quantity, value_tick, 'down')
    if (amount <= 0) return misfit('below-step', `${intent.quantity} ${quote_currency} is below the step ${value_tick}`)
    if (value_limit !== null && amount < value_limit)
      return misfit('below-value-limit', `${symbol}: ${amount} ${quote_currency} is below the least ${value_limit}`)
    return { _tag: 'Fits', intent: { ...intent, quantity: amount } }
  }

  const fitted: PlaceOrder = {
    ...intent,
    price: intent.order_type === 'MARKET' ? 0 : roundPrice(info, intent.action, intent.price),
    quantity: roundQuantity(info, intent.quantity),
  }
  if (fitted.quantity <= 0) return misfit('below-step', `${symbol}: ${intent.quantity} is below the lot ${size_tick}`)
  if (fitted.order_type !== 'MARKET' && fitted.price <= 0)
    return misfit('below-step', `${symbol}: the price ${intent.price} is below the tick ${info.price_tick}`)
  if (size_limit !== null && fitted.quantity < size_limit)
    return misfit('below-size-limit', `${symbol}: ${fitted.quantity} is below the least order size ${size_limit}`)
  const judged = fitted.order_type === 'MARKET' ? price : fitted.price
  if (judged !== undefined && !(judged > 0 && judged < Infinity))
    return misfit('invalid', `${symbol}: the price by which the order is valued is ${judged}`)
  if (value_limit !== null && judged !== undefined && intent.offset === undefined) {
    const value = new Big(judged).times(fitted.quantity)
    if (value.lt(value_limit))
      return misfit(
        'below-value-limit',
        `${symbol}: ${fitted.quantity} at ${judged} is worth ${value.toString()}, below the least ${value_limit}`,
      )
  }
  return { _tag: 'Fits', intent: fitted }
}
