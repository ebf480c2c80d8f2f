import { describe, expect, it } from '@jest/globals'
import { Unresolved } from '../../src/client/index.js'
import { expectError, loggedIn, orderNotice } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const symbol = 'BTC/USDT'

/** A login that knows of these open orders, on a server that never answers a cancel. */
const unanswered = (open: readonly string[], open_orders?: Handler) => {
  const scene = loggedIn({
    cancel_order: () => undefined,
    open_orders: open_orders ?? ((frame, side) => side.reply(frame, { result: false, error_message: 'busy' })),
  })
  const tell = (order_no: string, status: string, more: object = {}) =>
    scene.server.side.notify('order', orderNotice({ order_no, status, ...more }))
  for (const order_no of open) tell(order_no, 'SUBMITTED')
  scene.pass(100)
  const canceled = watch(scene.account.cancelOrder({ symbol, order_nos: [] }, { timeoutMs: 3_000 }))
  scene.pass(100)
  return { ...scene, tell, canceled }
}

describe('a cancel of all orders that the server does not answer', () => {
  it('ends well when its only open order is heard CANCELED', () => {
    const { tell, pass, canceled } = unanswered(['1'])
    tell('1', 'CANCELED')
    pass(100)
    expect(canceled.values).toEqual([[{ order_no: '1', result: true, error_message: '' }]])
    expect(canceled.ended).toBe('completed')
  })

  it('ends well when all orders are heard to be over, and not before the last of them', () => {
    const { tell, pass, canceled } = unanswered(['1', '2'])
    tell('1', 'FILLED', { remain: 0 })
    pass(100)
    expect(canceled.values).toEqual([])
    tell('2', 'CANCELED')
    pass(100)
    expect(canceled.values[0]).toMatchObject([
      { order_no: '1', result: false },
      { order_no: '2', result: true },
    ])
  })

  it('does not end by an order that was filled: the cancel may still be on its way', () => {
    const { tell, pass, canceled } = unanswered(['1'])
    tell('1', 'FILLED', { remain: 0 })
    pass(100)
    expect(canceled.ended).toBe('no')
    pass(30_000)
    expect(expectError(canceled, Unresolved).cause).toBe('timeout')
  })

  it('ends well within its time limit where the server lists no open order then', () => {
    const { pass, canceled } = unanswered(['1'], (frame, side) => side.reply(frame, { data: [] }))
    pass(3_100)
    expect(canceled.values).toEqual([[{ order_no: '1', result: true, error_message: '' }]])
  })

  it('is Unresolved where the server still lists an order', () => {
    const { pass, canceled } = unanswered(['1'], (frame, side) => side.reply(frame, { data: [orderNotice()] }))
    pass(3_100)
    expect(expectError(canceled, Unresolved).cause).toBe('timeout')
  })
})
