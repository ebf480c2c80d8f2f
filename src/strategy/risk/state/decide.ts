import Big from 'big.js'
import { isSizedInMoney, orderFault, type OrderRequest, termsOf } from '../../../orders/index.js'
import * as exposure from './exposure.js'
import type { Exposure, Interval } from './exposure.js'
import { exposureIn, type GateState, type TradingState, lowestPrice, type RiskDenial } from './gate.js'
import { type Limits, limitOf } from '../limits.js'
import { identity, recent, whenSent } from '../rate-limit.js'
import type { RiskCode } from '../order-denied.js'

const refuse = (code: RiskCode, words: string): RiskDenial => ({ code, words })

const invalid = (order: OrderRequest, contract: boolean): string | undefined => {
  const fault = orderFault(order)
  if (fault !== undefined || contract || order.quantity > 0) return fault
  return `${order.symbol} is not among the contracts, so its quantity cannot be ${order.quantity}`
}

const words = (symbol: string, name: string, value: Big | number, limit: number): string =>
  `${symbol}: ${name} would be ${value.toString()}, above the limit ${limit}`

/** Why a shut gate lets nothing pass; undefined for an open one. */
export const shutBy = (lock: TradingState): RiskDenial | undefined => {
  switch (lock._tag) {
    case 'Open':
      return undefined
    case 'Halted':
      return refuse('halted', `the kill switch was pulled: ${lock.reason}`)
    case 'Tripped':
      return refuse('tripped', `the gate shut itself (${lock.code}): ${lock.words}`)
  }
}

/** Whether an order may pass now: undefined, or why not. Looks only; the caller tells the state what came of it. */
export const decide = (limits: Limits, state: GateState, order: OrderRequest, now: number): RiskDenial | undefined => {
  const { symbol, order_type } = order
  const shut = shutBy(state.lock)
  if (shut !== undefined) return shut

  const { runaway, duplicates, rate } = limits
  if (recent(state.attempts, identity, runaway, now).length >= runaway.count)
    return refuse('runaway', `more than ${runaway.count} attempts within ${runaway.withinMs} ms`)

  const contract = limits.contracts.includes(symbol)
  const maxSize = limitOf(limits.maxOrderSize, symbol)
  const maxValue = limitOf(limits.maxOrderValue, symbol)
  const maxPosition = limitOf(limits.maxPosition, symbol)
  if (!limits.symbols.includes(symbol) || maxSize === undefined || maxValue === undefined || maxPosition === undefined)
    return refuse('symbol-not-allowed', `${symbol} is not among the symbols with limits`)
  const fault = invalid(order, contract)
  if (fault !== undefined) return refuse('invalid-order', fault)

  if (state.account === 'unknown' && limits.whileUnknown === 'refuse')
    return refuse('account-unknown', 'what is held and what is open is not known again since the connection was lost')
  if (state.lookingUp.has(symbol) && limits.whileUnknown === 'refuse')
    return refuse('account-unknown', `notices were missed, and what is held of ${symbol} is being looked up`)
  const key = termsOf(order)
  const alike = recent(state.sent, whenSent, duplicates, now).filter((each) => each.key === key)
  if (alike.length >= duplicates.count)
    return refuse('duplicate', `more than ${duplicates.count} alike within ${duplicates.withinMs} ms: ${key}`)
  const before = exposureIn(state, symbol)
  if ([...before.orders.values()].some((each) => each.status === 'UNKNOWN' && each.key === key))
    return refuse('twin-of-unresolved', `the fate of an order just like it is not known: ${key}`)
  if (recent(state.sent, whenSent, rate, now).length >= rate.count)
    return refuse('rate', `more than ${rate.count} orders within ${rate.withinMs} ms`)

  const forMoney = isSizedInMoney(order, contract)
  const quantity = new Big(Math.abs(order.quantity))
  if (!forMoney && quantity.gt(maxSize === Infinity ? quantity : maxSize))
    return refuse('order-size', words(symbol, 'the order size', quantity, maxSize))

  const reference = state.references.get(symbol)
  if (reference === undefined) return refuse('no-reference', `there is no reference price of ${symbol}`)
  const age = Math.abs(now - reference.at)
  if (age > limits.referenceMaxAgeMs)
    return refuse(
      'stale-reference',
      `the reference price of ${symbol} is ${age} ms old, above ${limits.referenceMaxAgeMs}`,
    )
  const judged = new Big(order_type === 'MARKET' ? reference.price : order.price)
  const deviation = judged.minus(reference.price).abs()
  if (limits.maxDeviation !== Infinity && deviation.gt(new Big(reference.price).times(limits.maxDeviation)))
    return refuse(
      'price-collar',
      `${symbol}: the price ${order.price} is more than ${limits.maxDeviation * 100} % from the reference ${reference.price}`,
    )

  const value = forMoney ? quantity : quantity.times(judged)
  if (maxValue !== Infinity && value.gt(maxValue))
    return refuse('order-value', words(symbol, 'the order value', value, maxValue))

  if (maxPosition === Infinity || (contract && closes(order))) return undefined
  if (!forMoney) return beyond(maxPosition, before, order, quantity)
  const lowest = lowestPrice(state, limits, symbol)
  if (lowest === undefined)
    return refuse('position', `${symbol}: without a collar there is no telling how much the money buys`)
  return beyond(maxPosition, before, order, quantity.div(lowest))
}

/** Closing a contract cannot go beyond flat: the exchange does not let it. */
const closes = ({ action, quantity }: OrderRequest): boolean => (action === 'BUY') === quantity < 0

/** Judges the position as if everything that may fill did, on the order's own side: an order that leads back is never refused. */
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
  return refuse('position', `${symbol}: the ${side}position could become ${reach.toString()}, beyond ${limit}`)
}
