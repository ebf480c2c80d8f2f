import { isSizedInMoney } from '../../orders/index.js'
import Big from 'big.js'
import type { Order, SymbolInfo } from '../../protocol/index.js'
import { validateIntent, type PlaceOrder } from '../intent.js'
import { roundToStep, roundPrice, roundQuantity } from './precision.js'

/** Order rounded to tick and lot, or the reason that it has no valid size or price. */
export type RoundingResult =
  | { readonly _tag: 'Fits'; readonly intent: PlaceOrder }
  | { readonly _tag: 'Misfit'; readonly intent: PlaceOrder; readonly reason: RoundingRefusal; readonly words: string }

/** Reason that an order does not fit its symbol. */
export type RoundingRefusal =
  /** Invalid order, such as a price or quantity that is not above 0. */
  | 'invalid'
  /** The price rounds to 0 ticks, or the quantity to 0 lots. */
  | 'below-step'
  | 'below-size-limit'
  | 'below-value-limit'

/**
 * True if the quantity of an intent is an amount of quote currency. An offset means that it is
 * contracts.
 */
export const isForMoney = (order: Pick<Order, 'order_type' | 'action' | 'offset'>): boolean =>
  isSizedInMoney(order, order.offset !== undefined)

/**
 * Rounds an order to the tick and lot of its symbol (buy price down, sell price up, size down) and
 * checks it against the symbol's minimum size and value. A tick or limit that is null does not
 * apply. The value of a market order is computed from `price`, if given. The value of contracts is
 * not checked, as symbol_info has no contract size.
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
      return misfit('below-value-limit', `${symbol}: ${amount} ${quote_currency} is below the minimum ${value_limit}`)
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
    return misfit('below-size-limit', `${symbol}: ${fitted.quantity} is below the minimum order size ${size_limit}`)
  const valuation = fitted.order_type === 'MARKET' ? price : fitted.price
  if (valuation !== undefined && !(valuation > 0 && valuation < Infinity))
    return misfit('invalid', `${symbol}: the price to value the order at is ${valuation}`)
  if (value_limit !== null && valuation !== undefined && intent.offset === undefined) {
    const value = new Big(valuation).times(fitted.quantity)
    if (value.lt(value_limit))
      return misfit(
        'below-value-limit',
        `${symbol}: ${fitted.quantity} at ${valuation} is worth ${value.toString()}, below the minimum ${value_limit}`,
      )
  }
  return { _tag: 'Fits', intent: fitted }
}
