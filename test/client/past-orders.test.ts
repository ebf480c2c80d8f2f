import { describe, expect, it } from '@jest/globals'
import { createKnownOrders } from '../../src/client/orders/known-orders.js'
import type { OrderState } from '../../src/client/state/stores/index.js'

const shown = (order_no: string) => ({ symbol: 'BTC/USDT', order_no }) as OrderState

describe('an order that was placed', () => {
  it('is known as taken for as long as it is looked at, however many are placed meanwhile', () => {
    const past = createKnownOrders([])
    past.placed('BTC/USDT', 'resting')
    for (let i = 0; i < 25_000; i++) {
      past.placed('BTC/USDT', String(i))
      if (i % 9_000 === 0) expect(past.isKnown(shown('resting'))).toBe(true)
    }
    expect(past.isKnown(shown('resting'))).toBe(true)
  })

  it('is forgotten after ten thousand others when nobody looks at it', () => {
    const past = createKnownOrders([])
    past.placed('BTC/USDT', 'gone')
    for (let i = 0; i < 10_000; i++) past.placed('BTC/USDT', String(i))
    expect(past.isKnown(shown('gone'))).toBe(false)
  })
})
