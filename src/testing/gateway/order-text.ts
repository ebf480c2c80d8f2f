import type { Action, OrderType } from '../../protocol/index.js'

/** Parts of `BUY 2 @ 101.5`, `SELL 1 MARKET` or `2 @ 101.5 IOC`. */
export interface OrderText {
  readonly action?: Action
  readonly quantity: number
  /** 0 for a market order. */
  readonly price: number
  readonly type: OrderType
}

const pattern = /^(?:(BUY|SELL)\s+)?(-?\d+(?:\.\d+)?)\s*(?:@\s*(\d+(?:\.\d+)?)(?:\s+(LIMIT|IOC))?|(MARKET))$/

/** Reads the way people write an order; undefined where it is none. */
export const readOrderText = (text: unknown): OrderText | undefined => {
  const match = typeof text === 'string' ? pattern.exec(text.trim()) : null
  if (match === null) return undefined
  const [, action, quantity, price, type, market] = match
  return {
    ...(action === undefined ? {} : { action: action as Action }),
    quantity: Number(quantity),
    price: Number(price ?? 0),
    type: market === undefined ? ((type ?? 'LIMIT') as OrderType) : 'MARKET',
  }
}

/** Writes an order as {@link readOrderText} reads it. */
export const writeOrderText = (order: {
  readonly action: string
  readonly quantity: number
  readonly price: number | null
  readonly order_type: string
}): string => {
  const { action, quantity, price, order_type } = order
  if (order_type === 'MARKET') return `${action} ${quantity} MARKET`
  return `${action} ${quantity} @ ${price ?? 0}${order_type === 'LIMIT' ? '' : ` ${order_type}`}`
}
