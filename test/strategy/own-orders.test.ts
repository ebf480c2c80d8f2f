import { describe, expect, it } from '@jest/globals'
import type { OrderEvent } from '../../src/orders/index.js'
import { type IntentOutcome, limitBuy } from '../../src/strategy/index.js'
import { find, noOrders, onEvent, placed, unresolved } from '../../src/strategy/execution/own-orders.js'
import { fillOf, orderOf } from './fake-account.js'

const place = limitBuy('BTC-USDT', 100, 1)
const name = { symbol: 'BTC-USDT', order_no: '7', cid: undefined }
const order = (status: string, remain = 1) => ({ ...orderOf('7', status, { remain }), filled: 0, averagePrice: 0 })
const accepted: OrderEvent = { _tag: 'Accepted', ...name, order: order('SUBMITTED') }
const fill: OrderEvent = { _tag: 'PartiallyFilled', ...name, fill: fillOf('7', 'f'), filled: 0.4, order: undefined }
const canceled: OrderEvent = { _tag: 'Closed', ...name, reason: 'CANCELED', order: order('CANCELED', 0.5) }
const filled: OrderEvent = { _tag: 'Closed', ...name, reason: 'FILLED', order: order('FILLED', 0) }
const missing: OrderEvent = { _tag: 'Missing', ...name, order: order('SUBMITTED') }
const reappeared: OrderEvent = { _tag: 'Reappeared', ...name, order: order('SUBMITTED') }

const tags = (outcomes: readonly IntentOutcome[]) => outcomes.map(({ _tag }) => _tag)
const own = () => {
  const orders = noOrders()
  placed(orders, place, '7', 'c')
  return orders
}

describe('own orders', () => {
  it('emit the events that came before the reply, in their order', () => {
    const orders = noOrders()
    expect([accepted, fill, filled].flatMap((event) => onEvent(orders, event))).toEqual([])
    expect(tags(placed(orders, place, '7', 'c'))).toEqual(['Placed', 'Filled', 'Ended'])
    expect(orders.open.size).toBe(0)
  })

  it('emit FILLED after CANCELED, and a fill after the end', () => {
    const orders = own()
    expect(tags([canceled, fill, filled].flatMap((event) => onEvent(orders, event)))).toEqual([
      'Ended',
      'Filled',
      'Ended',
    ])
  })

  it('know what is filled by fills and by the end, whichever tells more', () => {
    const orders = own()
    onEvent(orders, fill)
    expect(find(orders, name)?.filled).toBe(0.4)
    onEvent(orders, canceled)
    expect(find(orders, name)?.filled).toBe(0.5)
  })

  it('take in an order of unknown outcome when an event carries its client order id', () => {
    const orders = noOrders()
    onEvent(orders, fill)
    expect(unresolved(orders, place, place, 'c')).toEqual([])
    expect(tags(onEvent(orders, { ...accepted, cid: 'c' }))).toEqual(['Placed', 'Filled'])
    expect([...orders.open.values()].map(({ order_no }) => order_no)).toEqual(['7'])
  })

  it('take it in when it is resolved, or when that event came first', () => {
    const resolved = noOrders()
    unresolved(resolved, place, place, 'c')
    const event = { _tag: 'Resolved', cid: 'c', outcome: 'accepted', order_no: '7' } as const
    const request = { symbol: 'BTC-USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' } as const
    expect(tags(onEvent(resolved, { ...event, order: request }))).toEqual(['Placed'])
    const early = noOrders()
    expect(onEvent(early, { ...filled, cid: 'c' })).toEqual([])
    expect(tags(unresolved(early, place, place, 'c'))).toEqual(['Placed', 'Ended'])
  })

  it('are not mistaken for an order of the same number on another symbol', () => {
    const orders = own()
    expect(onEvent(orders, { ...filled, symbol: 'ETH-USDT' })).toEqual([])
    expect(orders.open.size).toBe(1)
  })

  it('remember only so many events of orders that are not own ones', () => {
    const orders = noOrders()
    for (let n = 0; n < 2_000; n += 1) onEvent(orders, { ...filled, order_no: `x${n}` })
    expect(tags(placed(orders, place, 'x0', 'a'))).toEqual(['Placed'])
    expect(tags(placed(orders, place, 'x1999', 'b'))).toEqual(['Placed', 'Ended'])
  })

  it('are open again when a lost one reappears, and end as it says', () => {
    const orders = own()
    expect(tags(onEvent(orders, missing))).toEqual(['Lost'])
    expect(orders.open.size).toBe(0)
    expect(tags(onEvent(orders, fill))).toEqual(['Filled'])
    expect(onEvent(orders, reappeared)).toEqual([])
    expect(orders.open.size).toBe(1)
    expect(tags(onEvent(orders, canceled))).toEqual(['Ended'])
    expect(orders.open.size).toBe(0)
  })
})
