import { expect, it } from '@jest/globals'
import { concat, NEVER, of } from 'rxjs'
import { guard, type IntentOutcome, reachTarget } from '../../src/strategy/index.js'
import { limitOrder, loggedIn, orderNotice } from '../support/logged-in.js'
import { info } from './fake-account.js'

it('asks the server once a symbol which orders are open after a drop, with risk limits and a target', () => {
  const { server, account, pass } = loggedIn({
    symbol_info: (frame, side) => side.reply(frame, { data: { ...info, size_tick: 0.001, size_limit: 0.001 } }),
    place_order: (frame, side) => {
      side.reply(frame, { order_no: '1' })
      side.notify('order', orderNotice())
    },
    open_orders: (frame, side) => side.reply(frame, { data: [] }),
  })
  const { scheduler } = server
  const guarded = guard(
    account,
    {
      maxOrderSize: 10,
      maxOrderValue: 1e6,
      maxPosition: 10,
      reference$: concat(of({ symbol: 'BTC/USDT', price: 100 }), NEVER),
    },
    { scheduler },
  )
  const outcomes: IntentOutcome[] = []
  concat(of(2), NEVER)
    .pipe(
      reachTarget(guarded, {
        symbol: 'BTC/USDT',
        order_type: 'LIMIT',
        price$: concat(of({ buy: limitOrder.price, sell: 99 }), NEVER),
        scheduler,
      }),
    )
    .subscribe({ next: (outcome) => outcomes.push(outcome), error: (error: unknown) => expect(error).toBeUndefined() })
  pass(1_000)
  expect(server.of('place_order')).toHaveLength(1)
  const before = server.of('open_orders').length
  server.side.connection.abandon()
  pass(12_000)
  expect(outcomes.map(({ _tag }) => _tag).slice(0, 2)).toEqual(['Placed', 'Lost'])
  expect(server.of('open_orders').length - before).toBe(1)
})
