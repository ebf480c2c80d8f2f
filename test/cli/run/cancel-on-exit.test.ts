import { describe, expect, it } from '@jest/globals'
import { merge, NEVER, Subject } from 'rxjs'
import { reduceAccount } from '../../../src/cli/dashboard/reduce-account.js'
import { newAccount } from '../../../src/cli/dashboard/account-state.js'
import type { AccountEvent, RunEvent } from '../../../src/cli/run/run-event.js'
import { runStrategy } from '../../../src/cli/run/run-strategy.js'
import { connect } from '../../../src/client/index.js'
import { limitOrder, orderNotice } from '../../support/logged-in.js'
import { type Handler, scriptedServer } from '../../support/scripted-server.js'
import { watch } from '../../support/watch.js'

/** Runs a strategy that places two orders, on a server that never tells how an order ends, and stops it. */
const run = (openAfterwards: readonly object[]) => {
  let placed = 0
  let open: readonly object[] = []
  const place: Handler = (frame, side) => {
    const order_no = String(++placed)
    open = [...open, orderNotice({ order_no, symbol: undefined })]
    side.reply(frame, { order_no })
    side.notify('order', orderNotice({ order_no }))
  }
  const server = scriptedServer({
    place_order: place,
    open_orders: (frame, side) => side.reply(frame, { data: open }),
    asset: (frame, side) => side.reply(frame, { data: {} }),
    cancel_order: (frame, side) => {
      open = openAfterwards
      const data = (frame.order_nos as string[]).map((order_no) => ({ order_no, result: true, error_message: '' }))
      side.reply(frame, { data })
    },
  })
  const stop$ = new Subject<void>()
  const events = watch(
    runStrategy({
      strategy: {
        logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
        run: (account) => merge(account.placeOrder(limitOrder), account.placeOrder(limitOrder), NEVER),
      },
      gateway: connect(server.transport, server.options),
      keysOf: () => ({ access_key: 'my-access-key', secret_key: 'my-secret-key' }),
      forMs: undefined,
      stop$,
      cancelOnExit: true,
      now: () => server.scheduler.now(),
      scheduler: server.scheduler,
    }),
  )
  server.scheduler.advanceBy(1_000)
  stop$.next()
  server.scheduler.advanceBy(5_000)
  const isOfAccount = (event: RunEvent): event is AccountEvent => 'platform' in event
  const account = events.values.filter(isOfAccount).reduce(reduceAccount, newAccount('huobi', ['BTC/USDT']))
  const notes = events.values.flatMap((event) => (event.type === 'note' ? [event.text] : []))
  return { events, notes, stillOpen: [...account.open.values()].map(({ order_no }) => order_no) }
}

describe('--cancel-on-exit, on a server that never tells how an order ends', () => {
  it('leaves nothing "still open" that the server lists no more', () => {
    const { events, notes, stillOpen } = run([])
    expect(notes).toContain('cancelled 2 open orders of BTC/USDT on huobi')
    expect(stillOpen).toEqual([])
    expect(events.ended).toBe('completed')
  })

  it('shows as "still open" what the server lists still', () => {
    expect(run([orderNotice({ order_no: '2', symbol: undefined })]).stillOpen).toEqual(['2'])
  })
})
