import { describe, expect, it } from '@jest/globals'
import { limitBuy } from '../../src/strategy/index.js'
import { ownOrders } from '../../src/strategy/own-orders.js'
import { fillOf, orderOf } from './fake-account.js'

const intent = limitBuy('BTC-USDT', 100, 1)
const tags = (outcomes: readonly { readonly _tag: string }[]) => outcomes.map(({ _tag }) => _tag)

describe('our own orders', () => {
  it('are told of notices that came before the reply, in their order', () => {
    const own = ownOrders()
    expect(own.fill(fillOf('7', 'f1'))).toEqual([])
    expect(own.order(orderOf('7', 'FILLED'))).toEqual([])
    expect(tags(own.placed(intent, '7', 'c'))).toEqual(['Placed', 'Filled', 'Ended'])
    expect(own.open()).toEqual([])
  })

  it("count a fill once, and another order's fill of the same number too", () => {
    const own = ownOrders()
    own.placed(intent, '7', 'c')
    own.placed(intent, '8', 'd')
    expect(tags([...own.fill(fillOf('7', 'f')), ...own.fill(fillOf('7', 'f')), ...own.fill(fillOf('8', 'f'))])).toEqual(
      ['Filled', 'Filled'],
    )
  })

  it('stay ended when an old notice comes late', () => {
    const own = ownOrders()
    own.placed(intent, '7', 'c')
    own.order(orderOf('7', 'FILLED'))
    expect(own.order(orderOf('7', 'SUBMITTED'))).toEqual([])
    expect(own.order(orderOf('7', 'CANCELED'))).toEqual([])
    expect(own.open()).toEqual([])
    expect(own.status('BTC-USDT', '7')).toBe('FILLED')
  })

  it('tell of FILLED after CANCELED, and of a fill after the end', () => {
    const own = ownOrders()
    own.placed(intent, '7', 'c')
    own.order(orderOf('7', 'CANCELED'))
    expect(own.order(orderOf('7', 'FILLED'))).toMatchObject([{ _tag: 'Ended', status: 'FILLED' }])
    expect(tags(own.fill(fillOf('7', 'f')))).toEqual(['Filled'])
  })

  it('take in an order of unknown fate when a notice carries its cid', () => {
    const own = ownOrders()
    own.unknown(intent, 'c')
    expect(own.fill(fillOf('9', 'f'))).toEqual([])
    expect(tags(own.order(orderOf('9', 'SUBMITTED', { cid: 'c' })))).toEqual(['Placed', 'Filled'])
    expect(own.open()).toEqual([{ symbol: 'BTC-USDT', order_no: '9' }])
  })

  it('take it in when that notice came first', () => {
    const own = ownOrders()
    expect(own.order(orderOf('9', 'FILLED', { cid: 'c' }))).toEqual([])
    expect(tags(own.unknown(intent, 'c'))).toEqual(['Placed', 'Ended'])
  })

  it('do not mistake the same number on another symbol', () => {
    const own = ownOrders()
    own.placed(intent, '7', 'c')
    expect(own.order(orderOf('7', 'FILLED', { symbol: 'ETH-USDT' }))).toEqual([])
    expect(own.open()).toHaveLength(1)
  })

  it('remember only so many notices of orders that are not ours', () => {
    const own = ownOrders()
    for (let n = 0; n < 2_000; n += 1) own.order(orderOf(`x${n}`, 'FILLED'))
    expect(tags(own.placed(intent, 'x0', 'c'))).toEqual(['Placed'])
    expect(tags(own.placed(intent, 'x1999', 'c'))).toEqual(['Placed', 'Ended'])
  })

  it('are open again when one that was lost speaks, and end as it says', () => {
    const own = ownOrders()
    own.placed(intent, '7', 'c')
    expect(tags(own.lost('BTC-USDT', '7'))).toEqual(['Lost'])
    expect(own.lost('BTC-USDT', '7')).toEqual([])
    expect(own.open()).toEqual([])
    expect(tags(own.fill(fillOf('7', 'f')))).toEqual(['Filled'])
    own.order(orderOf('7', 'PARTIAL-FILLED'))
    expect(own.open()).toEqual([{ symbol: 'BTC-USDT', order_no: '7' }])
    expect(tags(own.order(orderOf('7', 'CANCELED')))).toEqual(['Ended'])
    expect(own.open()).toEqual([])
  })
})
