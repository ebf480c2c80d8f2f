import { describe, expect, it } from '@jest/globals'
import { Rejected } from '../../src/client/index.js'
import { fillNotice as fill, expectError, limitOrder as order, loggedIn, orderNotice } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const places: Handler = (frame, side) => side.reply(frame, { order_no: '1' })

describe('track', () => {
  it('tells an order from its placing to its end, fills included', () => {
    const { server, account, pass } = loggedIn({ place_order: places })
    const life = watch(account.track(order))
    pass(10)
    server.side.notify('order', orderNotice())
    server.side.notify('fill', fill('a', 0.5))
    server.side.notify('order', orderNotice({ utime: 2, remain: 1.5, status: 'PARTIAL-FILLED' }))
    server.side.notify('fill', fill('b', 1.5))
    server.side.notify('order', orderNotice({ utime: 3, remain: 0, status: 'FILLED' }))
    pass(10)
    expect(life.values.map(({ _tag }) => _tag).filter((tag) => tag !== 'Changed')).toEqual([
      'Placed',
      'Filled',
      'Filled',
      'Ended',
    ])
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: true, order: { filled: 2, status: 'FILLED' } })
    expect(life.ended).toBe('completed')
  })

  it('tells the fills that came before the reply, each once', () => {
    const { server, account, pass } = loggedIn()
    const life = watch(account.track(order))
    pass(10)
    server.side.notify('fill', fill('a', 0.5))
    server.side.notify('order', orderNotice({ remain: 1.5, status: 'PARTIAL-FILLED' }))
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    server.side.notify('fill', fill('a', 0.5))
    server.side.notify('fill', fill('b', 1.5))
    server.side.notify('order', orderNotice({ utime: 2, remain: 0, status: 'FILLED' }))
    pass(10)
    expect(life.values.flatMap((update) => (update._tag === 'Filled' ? [update.fill.fill_no] : []))).toEqual(['a', 'b'])
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: true })
  })

  it('waits, bounded, for fills that come after the notice of the end', () => {
    const { server, account, pass } = loggedIn({ place_order: places })
    const late = watch(account.track(order))
    pass(10)
    server.side.notify('order', orderNotice({ utime: 2, remain: 0, status: 'FILLED' }))
    pass(100)
    expect(late.ended).toBe('no')
    server.side.notify('fill', fill('a', 2))
    pass(10)
    expect(late.last).toMatchObject({ _tag: 'Ended', complete: true })

    const never = watch(account.track({ symbol: 'BTC/USDT', order_no: '2' }))
    server.side.notify('order', orderNotice({ order_no: '2', utime: 2, remain: 0, status: 'FILLED' }))
    pass(3_100)
    expect(never.last).toMatchObject({ _tag: 'Ended', complete: false })
  })

  it('ends with its login: no fill comes after that, and no timer is left', () => {
    const { server, account, login, pass } = loggedIn({ place_order: places })
    const life = watch(account.track(order))
    pass(10)
    server.side.notify('order', orderNotice({ remain: 0, status: 'FILLED' }))
    pass(10)
    expect(life.ended).toBe('no')
    login.subscription.unsubscribe()
    pass(1_000)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false, order: { status: 'FILLED' } })
    expect(life.ended).toBe('completed')
    expect(server.scheduler.pending).toBe(0)
  })

  it('lets a FILLED that follows a CANCELED correct the end', () => {
    const { server, account, pass } = loggedIn({ place_order: places })
    const life = watch(account.track(order))
    pass(10)
    server.side.notify('order', orderNotice({ utime: 2, remain: 0, status: 'CANCELED' }))
    pass(100)
    server.side.notify('order', orderNotice({ utime: 3, remain: 0, status: 'FILLED' }))
    server.side.notify('fill', fill('a', 2))
    pass(10)
    expect(life.last).toMatchObject({ _tag: 'Ended', order: { status: 'FILLED' }, complete: true })
  })

  it('goes on through an unknown fate, once it is settled', () => {
    const { server, account, pass } = loggedIn()
    const life = watch(account.track(order))
    pass(25_000)
    expect(life.values.map(({ _tag }) => _tag)).toEqual(['Unresolved'])
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    server.side.notify('order', orderNotice({ utime: 2, remain: 2, status: 'CANCELED' }))
    pass(10)
    expect(life.values.map(({ _tag }) => _tag)).toEqual(['Unresolved', 'Placed', 'Changed', 'Ended'])
  })

  it.each([
    ['is not known before', 25_000],
    ['is in flight', 10],
  ])('completes at the end of the login when the fate %s: nobody looks any more', (_, ms) => {
    const { login, account, pass } = loggedIn()
    const life = watch(account.track(order))
    const unresolved = watch(account.unresolved$)
    pass(ms)
    login.unsubscribe()
    pass(4_000)
    expect(life.values.map(({ _tag }) => _tag)).toEqual(['Unresolved'])
    expect(life.ended).toBe('completed')
    expect(unresolved.ended).toBe('completed')
    expect(unresolved.last).toHaveLength(1)
  })

  it('errors Rejected when the unknown fate turns out to be a refusal', () => {
    const { server, account, pass } = loggedIn()
    const life = watch(account.track(order))
    pass(25_000)
    server.side.reply(server.of('place_order')[0]!, { result: false, error_message: 'no funds' })
    pass(10)
    expectError(life, Rejected)
  })

  it('ends, incomplete, when the order is gone from a snapshot after a drop', () => {
    const { server, account, pass } = loggedIn({
      place_order: places,
      open_orders: (frame, side) => side.reply(frame, { data: [] }),
    })
    const life = watch(account.track(order))
    pass(10)
    server.side.notify('order', orderNotice())
    pass(10)
    server.side.connection.abandon()
    pass(10_000)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false, order: { missing: true } })
  })
})
