import type { Action, OrderType } from '../protocol/index.js'

/** Terms of an order, as `place_order` carries them. */
export interface OrderRequest {
  readonly symbol: string
  readonly action: Action
  /** 0 for a MARKET order. */
  readonly price: number
  /**
   * In base currency (contracts for futures, signed in hedge mode); a spot MARKET BUY spends this
   * much quote currency.
   */
  readonly quantity: number
  readonly order_type: OrderType
}

/** An order that exists. Numbers are unique per symbol at most. */
export interface OrderName {
  readonly symbol: string
  readonly order_no: string
}

/** True if the quantity is an amount of quote currency: that of a market buy on spot alone is. */
export const isSizedInMoney = (
  { action, order_type }: { readonly action: string; readonly order_type: string },
  isContract: boolean,
): boolean => order_type === 'MARKET' && action === 'BUY' && !isContract

/** Says what is wrong with a price, in words; undefined for a valid one. */
export const priceFault = ({ price, order_type }: Pick<OrderRequest, 'price' | 'order_type'>): string | undefined => {
  if (!Number.isFinite(price)) return `price must be a finite number, not ${price}`
  if (order_type === 'MARKET') {
    return price === 0
      ? undefined
      : `the price of a MARKET order must be 0, not ${price}: use IOC to limit what is paid`
  }
  return price > 0 ? undefined : `price must be above 0, not ${price}`
}

/**
 * Says what is wrong with a quantity, in words; undefined for a valid one.
 *
 * @param signed - contracts: the sign says which side is operated on
 */
export const quantityFault = (quantity: number, signed: boolean): string | undefined => {
  if (!Number.isFinite(quantity)) return `quantity must be a finite number, not ${quantity}`
  if (!signed) return quantity > 0 ? undefined : `quantity must be above 0, not ${quantity}`
  return quantity === 0 ? 'quantity must not be 0: its sign says which side is operated on' : undefined
}

/**
 * Says what makes an order invalid on every exchange, in words; undefined for a valid one. Ticks,
 * minimum sizes and balances are the exchange's to check.
 *
 * @param signed - whether a negative quantity is allowed, as it is for contracts
 */
export const orderFault = (
  order: Pick<OrderRequest, 'price' | 'quantity' | 'order_type'>,
  signed = true,
): string | undefined => quantityFault(order.quantity, signed) ?? priceFault(order)

/** The terms as one string: two orders are duplicates of each other if it is equal. */
export const termsOf = ({ symbol, action, price, quantity, order_type }: OrderRequest): string =>
  JSON.stringify([symbol, action, price, quantity, order_type])
