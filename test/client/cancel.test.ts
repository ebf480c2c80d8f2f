import { describe, expect, it } from '@jest/globals'
import { Rejected, Unresolved } from '../../src/client/index.js'
import { expectError, loggedIn } from '../support/logged-in.js'
import type { Frame, Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const symbol = 'BTC/USDT'
const order_nos = Array.from({ length: 2_500 }, (_, nth) => `order-${nth}`)

const asked = ({ order_nos: these }: Frame): readonly string[] => these as string[]
const done = (frame: Frame) => asked(frame).map((order_no) => ({ order_no, result: true, error_message: '' }))

/** Cancels, but for the part that begins with this order. */
const but =
  (first: string, otherwise: Handler): Handler =>
  (frame, side) =>
    asked(frame)[0] === first ? otherwise(frame, side) : side.reply(frame, { data: done(frame) })

describe('a cancel of more orders than go into a frame', () => {
  it('goes out in frames that a gateway takes, one after another, and is answered as one', () => {
    const { server, account, pass } = loggedIn({
      cancel_order: (frame, side) => side.reply(frame, { data: done(frame) }),
    })
    const canceled = watch(account.cancelOrder({ symbol, order_nos }))
    pass(100)
    const frames = server.of('cancel_order')
    expect(frames.map((frame) => asked(frame).length)).toEqual([1_000, 1_000, 500])
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThan(65_536)
    expect(canceled.values).toHaveLength(1)
    expect(canceled.values[0]!.map(({ order_no }) => order_no)).toEqual(order_nos)
  })

  it('tells what was refused of the orders of that part alone, where others went through', () => {
    const { account, pass } = loggedIn({
      cancel_order: but('order-1000', (frame, side) =>
        side.reply(frame, { result: false, error_message: 'too many requests' }),
      ),
    })
    const canceled = watch(account.cancelOrder({ symbol, order_nos }))
    pass(100)
    const failed = canceled.values[0]!.filter(({ result }) => !result)
    expect(failed).toHaveLength(1_000)
    expect(failed[0]).toEqual({
      order_no: 'order-1000',
      result: false,
      error_message: expect.stringContaining('too many requests'),
    })
  })

  it('is refused where every part of it is', () => {
    const { server, account, pass } = loggedIn({
      cancel_order: (frame, side) => side.reply(frame, { result: false, error_message: 'no such symbol' }),
    })
    const canceled = watch(account.cancelOrder({ symbol, order_nos }))
    pass(100)
    expect(expectError(canceled, Rejected).serverMessage).toBe('no such symbol')
    expect(server.of('cancel_order')).toHaveLength(3)
  })

  it('is Unresolved where the outcome of a part is, though the rest is cancelled', () => {
    const { server, account, pass } = loggedIn({
      cancel_order: but('order-1000', () => undefined),
      open_orders: (frame, side) => side.reply(frame, { result: false, error_message: 'busy' }),
    })
    const canceled = watch(account.cancelOrder({ symbol, order_nos }))
    pass(30_000)
    expect(expectError(canceled, Unresolved).cause).toBe('timeout')
    expect(server.of('cancel_order')).toHaveLength(3)
  })
})
