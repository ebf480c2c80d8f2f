import Big from 'big.js'
import { isSizedInMoney, orderFault, type OrderRequest, termsOf } from '../../../orders/index.js'
import * as exposure from './exposure.js'
import type { Exposure, Interval } from './exposure.js'
import { exposureIn, type GateState, type TradingState, lowestPrice, type RiskDenial } from './gate.js'
import { type Limits, limitOf } from '../limits.js'
import { identity, recent, whenSent } from '../rate-limit.js'
import type { RiskCode } from '../order-denied.js'

const deny = (code: RiskCode, words: string): RiskDenial => ({ code, words })

const invalid = (order: OrderRequest, contract: boolean): string | undefined => {
  const fault = orderFault(order)
  if (fault !== undefined || contract || order.quantity > 0) return fault
  return `quantity ${order.quantity} must be above 0: ${order.symbol} is not in \`contracts\``
}

const words = (symbol: string, name: string, value: Big | number, limit: number): string =>
  `${symbol}: ${name} would be ${value.toString()}, above the limit ${limit}`

/** Denial while trading is halted or tripped; undefined while it is active. */
export const shutBy = (lock: TradingState): RiskDenial | undefined => {
  switch (lock._tag) {
    case 'Open':
      return undefined
    case 'Halted':
      return deny('halted', `the kill switch is active: ${lock.reason}`)
    case 'Tripped':
      return deny('tripped', `trading tripped (${lock.code}): ${lock.words}`)
  }
}

/** Checks an order against the limits; undefined if it may pass. Does not change the state. */
export const decide = (limits: Limits, state: GateState, order: OrderRequest, now: number): RiskDenial | undefined => {
  const { symbol, order_type } = order
  const shut = shutBy(state.lock)
  if (shut !== undefined) return shut

  const { runaway, duplicates, rate } = limits
  if (recent(state.attempts, identity, runaway, now).length >= runaway.count)
    return deny('runaway', `more than ${runaway.count} attempts within ${runaway.withinMs} ms`)

  const contract = limits.contracts.includes(symbol)
  const maxSize = limitOf(limits.maxOrderSize, symbol)
  const maxValue = limitOf(limits.maxOrderValue, symbol)
  const maxPosition = limitOf(limits.maxPosition, symbol)
  if (!limits.symbols.includes(symbol) || maxSize === undefined || maxValue === undefined || maxPosition === undefined)
    return deny('symbol-not-allowed', `${symbol} is not among the symbols with limits`)
  const fault = invalid(order, contract)
  if (fault !== undefined) return deny('invalid-order', fault)

  if (state.account === 'unknown' && limits.whileUnknown === 'refuse')
    return deny('account-unknown', 'positions and open orders are not reconciled after the connection was lost')
  if (state.lookingUp.has(symbol) && limits.whileUnknown === 'refuse')
    return deny('account-unknown', `notices were missed, and the position of ${symbol} is being looked up`)
  const key = termsOf(order)
  const equal = recent(state.sent, whenSent, duplicates, now).filter((each) => each.key === key)
  if (equal.length >= duplicates.count)
    return deny(
      'duplicate',
      `more than ${duplicates.count} orders with equal terms within ${duplicates.withinMs} ms: ${key}`,
    )
  const before = exposureIn(state, symbol)
  if ([...before.orders.values()].some((each) => each.status === 'UNKNOWN' && each.key === key))
    return deny('twin-of-unresolved', `an order with equal terms is unresolved: ${key}`)
  if (recent(state.sent, whenSent, rate, now).length >= rate.count)
    return deny('rate', `more than ${rate.count} orders within ${rate.withinMs} ms`)

  const forMoney = isSizedInMoney(order, contract)
  const quantity = new Big(Math.abs(order.quantity))
  if (!forMoney && quantity.gt(maxSize === Infinity ? quantity : maxSize))
    return deny('order-size', words(symbol, 'the order size', quantity, maxSize))

  const reference = state.references.get(symbol)
  if (reference === undefined) return deny('no-reference', `no reference price for ${symbol}`)
  const age = Math.abs(now - reference.at)
  if (age > limits.referenceMaxAgeMs)
    return deny(
      'stale-reference',
      `the reference price of ${symbol} is ${age} ms old, above ${limits.referenceMaxAgeMs}`,
    )
  const valuation = new Big(order_type === 'MARKET' ? reference.price : order.price)
  const deviation = valuation.minus(reference.price).abs()
  if (limits.maxDeviation !== Infinity && deviation.gt(new Big(reference.price).times(limits.maxDeviation)))
    return deny(
      'price-collar',
      `${symbol}: the price ${order.price} is more than ${limits.maxDeviation * 100} % from the reference ${reference.price}`,
    )

  const value = forMoney ? quantity : quantity.times(valuation)
  if (maxValue !== Infinity && value.gt(maxValue))
    return deny('order-value', words(symbol, 'the order value', value, maxValue))

  if (maxPosition === Infinity || (contract && closes(order))) return undefined
  if (!forMoney) return beyond(maxPosition, before, order, quantity)
  const lowest = lowestPrice(state, limits, symbol)
  if (lowest === undefined)
    return deny('position', `${symbol}: the quantity of a market buy is not bounded without maxDeviation`)
  return beyond(maxPosition, before, order, quantity.div(lowest))
}

/** True for an order that closes contracts: the exchange does not let it go beyond flat. */
const closes = ({ action, quantity }: OrderRequest): boolean => (action === 'BUY') === quantity < 0

/**
 * Checks the position as if everything on the order's side that may fill did. Never denies an order
 * that reduces the position.
 */
const beyond = (
  limit: number,
  before: Exposure,
  { symbol, action, quantity }: OrderRequest,
  size: Big,
): RiskDenial | undefined => {
  const onShort = quantity < 0
  const adds = onShort ? action === 'SELL' : action === 'BUY'
  const interval: Interval = onShort ? exposure.shortOf(before) : exposure.longOf(before)
  const reach = adds ? interval.max.plus(size) : interval.min.minus(size)
  if (reach.abs().lte(limit) || (adds ? reach.lt(0) : reach.gt(0))) return undefined
  const side = onShort ? 'short ' : ''
  return deny('position', `${symbol}: the ${side}position could become ${reach.toString()}, beyond ${limit}`)
}
