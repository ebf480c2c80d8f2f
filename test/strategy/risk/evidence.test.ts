import { describe, expect, it } from '@jest/globals'
import { concat, NEVER, of } from 'rxjs'
import { connect } from '../../../src/client/index.js'
import { withRiskLimits, limitBuy } from '../../../src/strategy/index.js'
import { toOrderRequest } from '../../../src/strategy/intent.js'
import { type Frame, scriptedServer } from '../../support/scripted-server.js'
import { watch } from '../../support/watch.js'

const symbol = 'BTC-USDT'

describe('flatten, on a server that never tells how an order ends', () => {
  it.each([
    ['names the orders that it has cancelled', [{ order_no: '2', result: true, error_message: '' }]],
    ['names none', []],
  ])('ends well once everything is cancelled and closed, where the server %s', (_, data) => {
    let placed = 0
    const fillOf = (order: Frame, order_no: string) => ({
      ...{ symbol, order_no, fill_no: 'f', price: 100, quantity: order.quantity, side: order.action },
      ...{ liquidity: 'TAKER', ctime: 1 },
    })
    const server = scriptedServer({
      place_order: (frame, side) => {
        const order_no = String(++placed)
        side.reply(frame, { order_no })
        // The first is filled at once, the second rests, the third closes what is held.
        if (placed !== 2) side.notify('fill', fillOf(frame, order_no))
      },
      cancel_order: (frame, side) => side.reply(frame, { data }),
      symbol_info: (frame, side) =>
        side.reply(frame, {
          data: {
            ...{ price_tick: 0.01, size_tick: 0.001, size_limit: 0.001, value_tick: 0.01, value_limit: 1 },
            ...{ base_currency: 'BTC', quote_currency: 'USDT', settlement_currency: 'USDT' },
          },
        }),
    })
    const credentials = { platform: 'huobi', symbols: [symbol], access_key: 'a', secret_key: 's' }
    const login = watch(connect(server.transport, server.options).login(credentials))
    const pass = (ms: number) => server.scheduler.advanceBy(ms)
    pass(100)
    const limits = {
      ...{ maxOrderSize: 10, maxOrderValue: 10_000, maxPosition: 10, referenceMaxAgeMs: 3_600_000 },
      reference$: concat(of({ symbol, price: 100 }), NEVER),
    }
    const guarded = withRiskLimits(login.last!, limits, { scheduler: server.scheduler })
    watch(guarded.placeOrder(toOrderRequest(limitBuy(symbol, 100, 2))))
    pass(10)
    watch(guarded.placeOrder(toOrderRequest(limitBuy(symbol, 98, 1))))
    pass(1_000)
    const flattening = watch(guarded.risk.flatten('test'))
    pass(10_000)
    expect(flattening.ended).toBe('completed')
    expect(server.of('place_order')).toMatchObject([{}, {}, { action: 'SELL', order_type: 'MARKET', quantity: 2 }])
  })
})
