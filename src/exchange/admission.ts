import type { Place } from './command.js'
import { formatUnits, parseUnits } from './decimal.js'
import type { Instrument } from './instrument.js'

/** An order's numbers on the grids of its symbol. */
export interface Admitted {
  /** In ticks; 0 of a MARKET order. */
  readonly price: number
  /** In lots; 0 of a MARKET BUY. */
  readonly lots: number
  /** Quote units to spend; 0 but of a MARKET BUY. */
  readonly budget: bigint
}

/**
 * Puts an order's price and size on the symbol's grids, or says in words why it may not stand. What is off the grid is
 * refused, never moved: the caller's idea of its order must be the order.
 *
 * @param free - of an account without limits: ticks must be right, minimum sizes are not asked for.
 */
export function admit(place: Place, instrument: Instrument, free: boolean): Admitted | string {
  const { action, order_type, price, quantity } = place
  if (!isOneOf(action, 'BUY', 'SELL')) return `action must be BUY or SELL, not ${quoted(action)}`
  if (!isOneOf(order_type, 'LIMIT', 'MARKET', 'IOC')) {
    return `order_type must be LIMIT, MARKET or IOC, not ${quoted(order_type)}`
  }
  if (!Number.isFinite(price)) return `price must be a finite number, not ${String(price)}`
  if (!Number.isFinite(quantity)) return `quantity must be a finite number, not ${String(quantity)}`
  if (!(quantity > 0)) return `quantity must be above 0, not ${quantity}`
  if (order_type === 'MARKET') {
    if (price !== 0) return `the price of a MARKET order must be 0, not ${price}: use IOC to limit what is paid`
    return action === 'BUY' ? admitAmount(quantity, instrument, free) : admitLots(quantity, 0, instrument, free)
  }
  if (!(price > 0)) return `price must be above 0, not ${price}`
  const ticks = instrument.price.steps(price)
  if (ticks === undefined) return `price ${price} is not a multiple of the price tick ${instrument.price.text}`
  return admitLots(quantity, ticks, instrument, free)
}

function admitLots(quantity: number, price: number, instrument: Instrument, free: boolean): Admitted | string {
  const lots = instrument.size.steps(quantity)
  const { maxLots, sizeLimit, size, spec } = instrument
  if (quantity > size.value(maxLots)) return `quantity ${quantity} is above the largest order, ${size.value(maxLots)}`
  if (lots === undefined) return `quantity ${quantity} is not a multiple of the size tick ${size.text}`
  if (!free && lots < sizeLimit)
    return `quantity ${quantity} is below the smallest order, ${spec.sizeLimit} ${spec.base}`
  if (!free && price > 0 && instrument.value(price, lots) < instrument.valueLimit) {
    const value = formatUnits(instrument.value(price, lots), instrument.quoteDecimals)
    return `the order's value ${value} is below the smallest, ${spec.valueLimit} ${spec.quote}`
  }
  return { price, lots, budget: 0n }
}

function admitAmount(amount: number, instrument: Instrument, free: boolean): Admitted | string {
  const { quoteDecimals, valueTick, valueLimit, spec } = instrument
  const budget = parseUnits(String(amount), quoteDecimals)
  if (budget === undefined || budget % valueTick !== 0n) {
    return `quantity ${amount} of a MARKET BUY is an amount of ${spec.quote} and not a multiple of the value tick ${spec.valueTick}`
  }
  if (!free && budget < valueLimit)
    return `the order's value ${amount} is below the smallest, ${spec.valueLimit} ${spec.quote}`
  return { price: 0, lots: 0, budget }
}

const isOneOf = (value: unknown, ...allowed: string[]): boolean => typeof value === 'string' && allowed.includes(value)

/** What a peer sent, shortened: refusals are logged and shown. */
const quoted = (value: unknown): string => JSON.stringify(String(value).slice(0, 40))
