import { describe, expect, it } from '@jest/globals'
import { NotSent, Unresolved } from '../../src/client/index.js'
import { expectError, limitOrder, loggedIn, loggingIn } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const takesOnly: Handler = (frame, side) => side.reply(frame, { token: 'token' })

describe('ready$', () => {
  it('is true from READY until 1, 3, 4, 5 or the loss of the socket; 7 and unknown codes change nothing', () => {
    const { server, account, pass } = loggedIn()
    const ready = watch(account.ready$)
    const state = watch(account.state$)
    for (const code of [7, 8, 9, 42, 2, 4, 5, 3, 5, 2, 7, 6]) {
      server.side.state(code)
      pass(10)
    }
    expect(ready.values).toEqual([true, false, true])
    expect(state.values.map(({ name }) => name)).toEqual([
      'READY',
      'GENERAL_ERROR',
      'STATE_8',
      'STATE_9',
      'STATE_42',
      'CONNECT_SUCCESS',
      'DISCONNECT',
      'RECONNECTING',
      'CONNECT_FAILED',
      'RECONNECTING',
      'CONNECT_SUCCESS',
      'GENERAL_ERROR',
      'READY',
    ])
    server.side.connection.abandon()
    pass(10)
    expect(ready.last).toBe(false)
  })

  it('never shows a token in state$', () => {
    const { account } = loggedIn()
    expect(JSON.stringify(watch(account.state$).values)).not.toContain('token')
  })
})

describe('commands that come before READY', () => {
  it('wait, and are written in the order in which they came, before ready$ tells anybody', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const account = login.values[0]!
    for (const price of [1, 2, 3]) watch(account.placeOrder({ ...limitOrder, price }))
    account.ready$.subscribe((ready) => ready && watch(account.placeOrder({ ...limitOrder, price: 4 })))
    pass(1_000)
    expect(server.of('place_order')).toHaveLength(0)
    server.side.state(6)
    pass(10)
    expect(server.of('place_order').map(({ price }) => price)).toEqual([1, 2, 3, 4])
  })

  it('are refused when too old: an order after 5 s', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const placed = watch(login.values[0]!.placeOrder(limitOrder))
    pass(5_001)
    expect(expectError(placed, NotSent).reason).toBe('not-ready-in-time')
    server.side.state(6)
    pass(10)
    expect(server.of('place_order')).toHaveLength(0)
  })

  it('have their age looked at again as they are written: a wall clock that slept ends them NotSent', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const placed = watch(login.values[0]!.placeOrder(limitOrder))
    pass(1_000)
    // The machine was suspended for an hour: timers and the monotonic clock have not noticed.
    server.clock.jumpWall(3_600_000)
    server.side.state(6)
    pass(10)
    expect(expectError(placed, NotSent).reason).toBe('not-ready-in-time')
    expect(server.of('place_order')).toHaveLength(0)
  })

  it('are bounded in number: the newest is refused', () => {
    const { login, pass } = loggingIn({ login: takesOnly }, { maxQueued: 2 })
    pass(10)
    const orders = [1, 2, 3].map((price) => watch(login.values[0]!.placeOrder({ ...limitOrder, price })))
    expect(orders.map(({ ended }) => ended)).toEqual(['no', 'no', 'errored'])
    expect(expectError(orders[2]!, NotSent).reason).toBe('queue-full')
  })

  it('are sent as they were asked for, whatever becomes of the object meanwhile', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const order = { ...limitOrder, price: 1 }
    watch(login.values[0]!.placeOrder(order))
    order.price = 1_000
    server.side.state(6)
    pass(10)
    expect(server.of('place_order')).toMatchObject([{ price: 1 }])
  })

  it('leave the queue when they are unsubscribed', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    watch(login.values[0]!.placeOrder(limitOrder)).unsubscribe()
    server.side.state(6)
    pass(10)
    expect(server.of('place_order')).toHaveLength(0)
  })
})

describe('an interface that is lost while the socket stays up', () => {
  it('holds new orders back; those in flight end by their reply or Unresolved', () => {
    const { server, account, pass } = loggedIn()
    const answered = watch(account.placeOrder({ ...limitOrder, price: 1 }))
    const unanswered = watch(account.placeOrder({ ...limitOrder, price: 2 }))
    pass(10)
    server.side.state(4)
    server.side.state(5)
    pass(10)
    const held = watch(account.placeOrder({ ...limitOrder, price: 3 }))
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(1_000)
    expect(answered.values).toMatchObject([{ order_no: '1' }])
    expect(server.of('place_order')).toHaveLength(2)
    server.side.state(6)
    pass(10)
    expect(server.of('place_order')).toHaveLength(3)
    pass(30_000)
    expect(expectError(unanswered, Unresolved).cause).toBe('timeout')
    held.unsubscribe()
  })

  it('holds back the order that is placed as the view is told to be stale', () => {
    const { server, account, pass } = loggedIn()
    account.orders('BTC/USDT').subscribe(({ stale }) => {
      if (stale) watch(account.placeOrder(limitOrder))
    })
    pass(100)
    server.side.state(4)
    pass(10)
    expect(server.of('place_order')).toHaveLength(0)
    server.side.state(6)
    pass(10)
    expect(server.of('place_order')).toHaveLength(1)
  })
})
