import { expect, it } from '@jest/globals'
import { concat, NEVER, of } from 'rxjs'
import { withRiskLimits, type IntentOutcome, reachTarget } from '../../src/strategy/index.js'
import { limitOrder, loggedIn, orderNotice } from '../support/logged-in.js'
import { info } from './fake-account.js'

const flat = {
  ...{ margin_mode: null, utime: null, long_open_price: null, long_hold_price: null },
  ...{ long_liquid_price: null, short_open_price: null, short_hold_price: null, short_liquid_price: null },
  ...{ long_quantity: 0, long_avail_qty: 0, long_unrealised_pnl: 0, long_leverage: 0, long_margin: 0 },
  ...{ short_quantity: 0, short_avail_qty: 0, short_unrealised_pnl: 0, short_leverage: 0, short_margin: 0 },
}

it.each([
  ['on spot', false],
  ['of contracts', true],
])(
  'asks the server once a symbol which orders are open after a drop, with risk limits and a target %s',
  (_, contract) => {
    const { server, account, pass } = loggedIn({
      symbol_info: (frame, side) => side.reply(frame, { data: { ...info, size_tick: 0.001, size_limit: 0.001 } }),
      place_order: (frame, side) => {
        const order_no = String(server.of('place_order').length)
        side.reply(frame, { order_no })
        side.notify('order', orderNotice({ order_no }))
      },
      open_orders: (frame, side) => side.reply(frame, { data: [] }),
      position: (frame, side) => side.reply(frame, { data: flat }),
    })
    const { scheduler } = server
    const guarded = withRiskLimits(
      account,
      {
        maxOrderSize: 10,
        maxOrderValue: 1e6,
        maxPosition: 10,
        contracts: contract ? ['BTC/USDT'] : [],
        reference$: concat(of({ symbol: 'BTC/USDT', price: 100 }), NEVER),
      },
      { scheduler },
    )
    const outcomes: IntentOutcome[] = []
    concat(of(2), NEVER)
      .pipe(
        reachTarget(guarded, {
          symbol: 'BTC/USDT',
          ...(contract ? { held: { long: 0, short: 0 } } : {}),
          order_type: 'LIMIT',
          price$: concat(of({ buy: limitOrder.price, sell: 99 }), NEVER),
          scheduler,
        }),
      )
      .subscribe({
        next: (outcome) => outcomes.push(outcome),
        error: (error: unknown) => expect(error).toBeUndefined(),
      })
    pass(1_000)
    expect(server.of('place_order')).toHaveLength(1)
    const before = server.of('open_orders').length
    server.side.connection.abandon()
    pass(12_000)
    expect(outcomes.map(({ _tag }) => _tag).slice(0, 2)).toEqual(['Placed', 'Lost'])
    expect(server.of('open_orders').length - before).toBe(1)
    let missed: boolean | undefined
    guarded.risk.state$.subscribe(({ symbols }) => (missed = symbols[0]?.missed)).unsubscribe()
    // On spot only the caller knows which of the coins are the strategy's.
    expect(missed).toBe(!contract)
  },
)
