import { orderFault } from '../../orders/index.js'
import type { PlaceCommand } from '../command.js'
import { Contract } from '../contracts/contract.js'
import { formatUnits, parseUnits } from '../numbers/decimal.js'
import type { Instrument } from '../instrument.js'
import type { OrderTerms } from './order.js'
import { SpotPair } from '../spot/spot-pair.js'

/**
 * Puts an order's price and size on the symbol's grids, or says in words why it may not stand. What
 * is off the grid is refused, never moved: the caller's idea of its order must be the order.
 *
 * @param free - of an account without limits: ticks must be right, minimum sizes are not asked for.
 */
export function admit(place: PlaceCommand, instrument: Instrument, free: boolean): OrderTerms | string {
  const { action, order_type, price, quantity } = place
  if (!isAction(action)) return `action must be BUY or SELL, not ${quoted(action)}`
  if (!isOrderType(order_type)) {
    return `order_type must be LIMIT, MARKET or IOC, not ${quoted(order_type)}`
  }
  const fault = orderFault({ price, quantity, order_type }, instrument instanceof Contract)
  if (fault !== undefined) return fault
  const market = order_type === 'MARKET'
  const ticks = market ? 0 : instrument.price.steps(price)
  if (ticks === undefined) return `price ${price} is not a multiple of the price tick ${instrument.price.text}`
  if (instrument instanceof Contract) return admitContracts(place, instrument, ticks, free)
  if (instrument instanceof SpotPair) {
    return market && action === 'BUY' ? admitAmount(place, instrument, free) : admitSpot(place, instrument, ticks, free)
  }
  return `${instrument.symbol} takes no orders`
}

function admitContracts(
  { action, order_type: type, quantity, cid }: PlaceCommand,
  contract: Contract,
  price: number,
  free: boolean,
): OrderTerms | string {
  const lots = lotsOf(Math.abs(quantity), contract, 'contracts', free)
  if (typeof lots === 'string') return lots
  // The sign names the side: positive is long, negative is short.
  const offset = quantity > 0 === (action === 'BUY') ? 'open' : 'close'
  return { action, type, price, lots, budget: undefined, cid, offset }
}

function admitSpot(
  { action, order_type: type, quantity, cid }: PlaceCommand,
  pair: SpotPair,
  price: number,
  free: boolean,
): OrderTerms | string {
  const lots = lotsOf(quantity, pair, pair.base, free)
  if (typeof lots === 'string') return lots
  if (!free && price > 0 && pair.value(price, lots) < pair.valueLimit) {
    const value = formatUnits(pair.value(price, lots), pair.valueDecimals)
    return `the order's value ${value} is below the smallest, ${pair.spec.valueLimit} ${pair.quote}`
  }
  return { action, type, price, lots, budget: undefined, cid, offset: undefined }
}

function lotsOf(
  quantity: number,
  { size, sizeLimit, maxQuantity }: Instrument,
  unit: string,
  free: boolean,
): number | string {
  const lots = size.steps(quantity)
  if (quantity > maxQuantity) return `quantity ${quantity} is above the largest order, ${maxQuantity}`
  if (lots === undefined) return `quantity ${quantity} is not a multiple of the size tick ${size.text}`
  if (!free && lots < sizeLimit)
    return `quantity ${quantity} is below the smallest order, ${size.value(sizeLimit)} ${unit}`
  return lots
}

function admitAmount(
  { action, order_type: type, quantity: amount, cid }: PlaceCommand,
  pair: SpotPair,
  free: boolean,
): OrderTerms | string {
  const { valueDecimals, valueTick, valueLimit, quote, spec } = pair
  const budget = parseUnits(String(amount), valueDecimals)
  if (budget === undefined || budget % valueTick !== 0n) {
    return `quantity ${amount} of a MARKET BUY is an amount of ${quote} and not a multiple of the value tick ${spec.valueTick}`
  }
  if (!free && budget < valueLimit) {
    return `the order's value ${amount} is below the smallest, ${spec.valueLimit} ${quote}`
  }
  return { action, type, price: 0, lots: 0, budget, cid, offset: undefined }
}

// Types say so, but commands may come from a peer.
const isAction = (value: unknown): boolean => value === 'BUY' || value === 'SELL'
const isOrderType = (value: unknown): boolean => value === 'LIMIT' || value === 'MARKET' || value === 'IOC'

/** Quotes a value of a peer, shortened, because refusals are logged and shown. */
export const quoted = (value: unknown): string => JSON.stringify(String(value).slice(0, 40))
