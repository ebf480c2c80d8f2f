import { describe, expect, it } from '@jest/globals'
import { switchMap } from 'rxjs'
import { NotSent, Unresolved } from '../../src/client/index.js'
import { expectError, limitOrder, loggedIn } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

describe('drain', () => {
  it('takes no new order, waits for the one in flight, logs out, completes, and ends the login', () => {
    const { server, login, account, pass } = loggedIn()
    const orders = watch(account.order$)
    const inFlight = watch(account.placeOrder(limitOrder))
    pass(10)
    const drained = watch(account.drain())
    const late = watch(account.placeOrder(limitOrder))
    expect(expectError(late, NotSent).reason).toBe('logged-out')
    pass(1_000)
    expect(server.of('logout')).toHaveLength(0)
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(100)
    expect(inFlight.values).toMatchObject([{ order_no: '1' }])
    expect(server.of('logout')).toHaveLength(1)
    expect(drained.ended).toBe('completed')
    expect(orders.ended).toBe('completed')
    expect(login.ended).toBe('completed')
    expect(server.side.closed).toBe('politely')
  })

  it('completes every stream of the Account', () => {
    const { account, pass } = loggedIn()
    const streams = [
      ...[account.state$, account.ready$, account.tradable$, account.gap$, account.anomaly$, account.unresolved$],
      ...[account.order$, account.fill$, account.position$, account.asset$, account.orders('BTC/USDT')],
    ].map((each$) => watch<unknown>(each$))
    pass(10)
    watch(account.drain())
    pass(100)
    expect(streams.map(({ ended }) => ended)).toEqual(streams.map(() => 'completed'))
  })

  it('is bounded: what is still in flight then ends Unresolved (logged-out)', () => {
    const { server, account, pass } = loggedIn()
    const inFlight = watch(account.placeOrder(limitOrder))
    pass(10)
    watch(account.drain())
    pass(3_100)
    expect(server.of('logout')).toHaveLength(1)
    expect(expectError(inFlight, Unresolved).cause).toBe('logged-out')
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('lets cancels pass while it waits', () => {
    const { server, account, pass } = loggedIn()
    watch(account.placeOrder(limitOrder))
    pass(10)
    watch(account.drain())
    watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: ['1'] }))
    pass(10)
    expect(server.of('cancel_order')).toHaveLength(1)
  })

  it('logs out even when the server never replies to the logout', () => {
    const { login, account, pass } = loggedIn({ logout: () => undefined })
    const drained = watch(account.drain())
    pass(4_000)
    expect(drained.ended).toBe('completed')
    expect(login.ended).toBe('completed')
  })
})

describe('the last unsubscription', () => {
  const cancel = { symbol: 'BTC/USDT', order_nos: ['1'] }

  it('waits for the reply to a cancel that was asked for in leaving: a server may drop at the logout what it is at', () => {
    const { server, login, account, pass } = loggedIn()
    const canceled = watch(account.cancelOrder(cancel))
    login.unsubscribe()
    pass(1_000)
    expect(server.of('logout')).toHaveLength(0)
    server.side.reply(server.of('cancel_order')[0]!, { data: [{ order_no: '1', result: true, error_message: '' }] })
    pass(10)
    expect(canceled.ended).toBe('completed')
    expect(server.of('logout')).toHaveLength(1)
  })

  it('writes the cancel that waits for READY once the interface is, and only then logs out', () => {
    const { server, login, account, pass } = loggedIn()
    server.side.state(4)
    pass(10)
    watch(account.cancelOrder(cancel))
    login.unsubscribe()
    pass(1_000)
    expect(server.of('logout')).toHaveLength(0)
    server.side.state(6)
    pass(10)
    expect(server.of('cancel_order')).toHaveLength(1)
    server.side.reply(server.of('cancel_order')[0]!, { data: [] })
    pass(10)
    expect(server.of('logout')).toHaveLength(1)
  })

  it('waits for the cancel of an order that was in flight, asked for as its number came', () => {
    const { server, login, account, pass } = loggedIn()
    watch(account.placeOrder(limitOrder).pipe(switchMap(() => account.cancelOrder(cancel))))
    login.unsubscribe()
    pass(10)
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(10)
    expect([server.of('cancel_order').length, server.of('logout').length]).toEqual([1, 0])
    server.side.reply(server.of('cancel_order')[0]!, { data: [] })
    pass(10)
    expect(server.of('logout')).toHaveLength(1)
  })

  it('waits for cancels no longer than for orders', () => {
    const { server, login, account, pass } = loggedIn()
    const canceled = watch(account.cancelOrder(cancel))
    login.unsubscribe()
    pass(3_100)
    expect(server.of('logout')).toHaveLength(1)
    expect(expectError(canceled, Unresolved).cause).toBe('logged-out')
  })

  it('ends queued commands NotSent (logged-out) and those in flight Unresolved (logged-out)', () => {
    const { server, login, account, pass } = loggedIn()
    const inFlight = watch(account.placeOrder(limitOrder))
    pass(10)
    server.side.state(4)
    pass(10)
    const queued = watch(account.placeOrder(limitOrder))
    const query = watch(account.asset())
    login.unsubscribe()
    expect(expectError(queued, NotSent).reason).toBe('logged-out')
    pass(3_100)
    expect(expectError(query, NotSent).reason).toBe('logged-out')
    expect(expectError(inFlight, Unresolved).cause).toBe('logged-out')
    expect(server.of('logout')).toHaveLength(1)
    expect(server.side.closed).toBe('politely')
  })

  it('ends a cancel that was written once, and waits to be asked again, Unresolved: the server may have seen it', () => {
    const { server, login, account, pass } = loggedIn()
    const canceled = watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: ['1'] }))
    pass(10)
    server.unreachable = true
    server.side.connection.abandon()
    pass(1_000)
    login.unsubscribe()
    pass(3_100)
    expect(expectError(canceled, Unresolved).cause).toBe('logged-out')
  })

  it('leaves no timer behind', () => {
    const { server, login, pass } = loggedIn()
    login.unsubscribe()
    pass(60_000)
    expect(server.scheduler.pending).toBe(0)
  })

  it('waits for its own order when somebody placed it and unsubscribed from it and from the login at once', () => {
    const { server, login, account, pass } = loggedIn()
    watch(account.placeOrder(limitOrder)).unsubscribe()
    login.unsubscribe()
    pass(100)
    expect(server.of('place_order')).toHaveLength(1)
    expect(server.of('logout')).toHaveLength(0)
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(100)
    expect(server.of('logout')).toHaveLength(1)
  })
})
