import { describe, expect, it } from '@jest/globals'
import {
  catchError,
  concatMap,
  materialize,
  type Observable,
  race,
  repeat,
  retry,
  Subject,
  takeUntil,
  timeout,
} from 'rxjs'
import { type Account, NotSent, Rejected, Unresolved } from '../../src/client/index.js'
import { expectError, limitOrder as order, loggedIn, orderNotice } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { type Watched, watch } from '../support/watch.js'

const accepts: Handler = (frame, side) => side.reply(frame, { order_no: `o${side.of('place_order').length}` })

describe('placeOrder', () => {
  it('emits the reply and completes', () => {
    const { account, pass } = loggedIn({ place_order: accepts })
    const placed = watch(account.placeOrder(order))
    pass(10)
    expect(placed.values).toEqual([{ order_no: 'o1', cid: expect.any(String) }])
    expect(placed.ended).toBe('completed')
  })

  it('is cold: one subscription is one order with a cid of its own, and none is none', () => {
    const { server, account, pass } = loggedIn({ place_order: accepts })
    const place$ = account.placeOrder(order)
    pass(10)
    expect(server.of('place_order')).toHaveLength(0)
    watch(place$)
    pass(10)
    watch(place$)
    pass(10)
    const cids = server.of('place_order').map((frame) => frame.cid)
    expect(new Set(cids).size).toBe(2)
  })

  it('ends Rejected when the server says no and means it', () => {
    const { account, pass } = loggedIn({
      place_order: (frame, side) => side.reply(frame, { result: false, error_message: 'insufficient balance' }),
    })
    const placed = watch(account.placeOrder(order))
    pass(10)
    expect(expectError(placed, Rejected).serverMessage).toBe('insufficient balance')
  })

  it.each([
    ['says that it does not know', { error_message: 'insufficient balance', unknown: true }],
    ['gives no reason', { error_message: '' }],
    ['speaks of a timeout', { error_message: 'request timed out' }],
    ['speaks of a server error', { error_message: 'HTTP 502 Bad Gateway' }],
  ])('ends Unresolved when the server says no but %s', (_, fields) => {
    const { account, pass } = loggedIn({
      place_order: (frame, side) => side.reply(frame, { result: false, ...fields }),
    })
    const placed = watch(account.placeOrder(order))
    const unresolved = watch(account.unresolved$)
    pass(9_000)
    expect(placed.ended).toBe('no')
    pass(2_000)
    expect(expectError(placed, Unresolved).cause).toBe('server-unsure')
    expect(unresolved.last).toHaveLength(1)
  })

  it('ends Unresolved when no reply has come in time, and says what was asked and when', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(19_000)
    expect(placed.ended).toBe('no')
    pass(2_000)
    const unknown = expectError(placed, Unresolved)
    expect(unknown.cause).toBe('timeout')
    expect(unknown.request).toEqual({ op: 'place_order', ...order })
    expect(unknown.cid).toBe(server.of('place_order')[0]?.cid)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('ends with its reply when that comes after the timeout but while proof is still looked for', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(15_000)
    server.side.reply(server.of('place_order')[0] as never, { order_no: 'late' })
    pass(10)
    expect(placed.values).toMatchObject([{ order_no: 'late' }])
  })

  it('ends Unresolved when the socket falls after it was written, and never writes it again', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.connection.abandon()
    pass(60_000)
    expect(expectError(placed, Unresolved).cause).toBe('connection-lost')
    expect(server.sides.length).toBeGreaterThan(1)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('ends Unresolved when its reply cannot be read', () => {
    const { account, gateway, pass } = loggedIn({ place_order: (frame, side) => side.reply(frame, { order_no: 7 }) })
    const errors = watch(gateway.protocolErrors$)
    const placed = watch(account.placeOrder(order))
    pass(11_000)
    expect(expectError(placed, Unresolved).cause).toBe('undecodable')
    expect(errors.last?.error.message).toContain('order_no should be a string, but is 7')
  })

  it.each([
    ['a NaN price', { ...order, price: Number.NaN }],
    ['an infinite quantity', { ...order, quantity: Infinity }],
    ['a quantity of 0', { ...order, quantity: 0 }],
    ['a LIMIT order without a price', { ...order, price: 0 }],
    ['a MARKET order with a price', { ...order, order_type: 'MARKET' as const }],
  ])('is NotSent, at once, for %s', (_, wrong) => {
    const { server, account } = loggedIn({ place_order: accepts })
    const placed = watch(account.placeOrder(wrong))
    expect(expectError(placed, NotSent).reason).toBe('invalid')
    expect(server.of('place_order')).toHaveLength(0)
  })

  it('is NotSent while more is buffered in the socket than a server that reads would leave', () => {
    const { server, account } = loggedIn({ place_order: accepts }, { stalledAboveBytes: 100 })
    const first = watch(account.placeOrder(order))
    const second = watch(account.placeOrder(order))
    expect(first.ended).toBe('no')
    expect(expectError(second, NotSent).reason).toBe('stalled-connection')
    expect(server.of('place_order')).toHaveLength(0)
  })
})

describe('a placeOrder that is subscribed to again', () => {
  it('is refused while its last subscription is Unresolved: retry(3) makes one order', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order).pipe(retry(3)))
    pass(60_000)
    expect(expectError(placed, NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it.each([
    ['within the error handler', (place$: Observable<unknown>) => watch(place$.pipe(catchError(() => place$)))],
    [
      'by a subscriber of his own, within the error handler',
      (place$: Observable<unknown>) => {
        const second = new Subject<unknown>()
        place$.subscribe({ error: () => place$.subscribe(second) })
        return watch(second)
      },
    ],
    [
      'after its end as a value',
      (place$: Observable<unknown>) =>
        watch(
          place$.pipe(
            materialize(),
            concatMap(() => place$),
          ),
        ),
    ],
  ])('is refused %s too', (_, subscribeAgain) => {
    const { server, account, pass } = loggedIn()
    const second = subscribeAgain(account.placeOrder(order))
    pass(60_000)
    expect(expectError(second, NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it.each([
    ['is in flight', 0],
    ['waits for READY', 4],
  ])('is refused while another subscription of it %s: who subscribes twice by mistake has one order', (_, state) => {
    const { server, account, pass } = loggedIn()
    if (state !== 0) server.side.state(state)
    pass(10)
    const place$ = account.placeOrder(order)
    const first = watch(place$)
    const second = watch(place$)
    server.side.state(6)
    pass(10)
    expect(expectError(second, NotSent).reason).toBe('unresolved')
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(10)
    expect(first.values).toHaveLength(1)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('is refused within the handler of another stream’s error, though the order is still listened to then', () => {
    const { server, account, pass } = loggedIn()
    const place$ = account.placeOrder(order)
    const end$ = new Subject<never>()
    let second: Watched<unknown> | undefined
    race(place$, end$).subscribe({ error: () => (second = watch(place$)) })
    pass(10)
    end$.error(new Error('enough'))
    expect(expectError(second!, NotSent).reason).toBe('unresolved')
    pass(10)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('is refused when its last subscriber left as it was being written', () => {
    const left$ = new Subject<void>()
    const journal = { write: () => left$.next(), read: () => [] }
    const { server, account, pass } = loggedIn({}, {}, { journal })
    const place$ = account.placeOrder(order).pipe(takeUntil(left$))
    watch(place$)
    pass(10)
    expect(expectError(watch(place$), NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('is refused within its own writing, to whoever leaves then and is back at once', () => {
    const written$ = new Subject<void>()
    const journal = { write: () => written$.next(), read: () => [] }
    const { server, account, pass } = loggedIn({}, {}, { journal })
    const left$ = account.placeOrder(order).pipe(takeUntil(written$))
    const placed = watch(left$.pipe(repeat(2)))
    pass(10)
    expect(expectError(placed, NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it.each<[string, (account: Account, act: () => void) => unknown]>([
    [
      'its own Submitted event',
      (account, act) => account.orderEvent$.subscribe((event) => event._tag === 'Submitted' && act()),
    ],
    ['the number in flight', (account, act) => account.inFlight$.subscribe((count) => count > 0 && act())],
  ])('is refused in a handler of %s, before it is written', (_, listen) => {
    const { server, account, pass } = loggedIn({ place_order: () => undefined })
    const place$ = account.placeOrder(order)
    let isFirst = true
    let again: Watched<unknown> | undefined
    listen(account, () => {
      if (!isFirst) return
      isFirst = false
      again = watch(place$)
    })
    watch(place$)
    pass(10)
    expect(expectError(again!, NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('is refused when the caller’s own test of a late refusal fails, and so is no other order', () => {
    const isDefiniteRefusal = () => {
      throw new TypeError('a bug')
    }
    const { server, account, pass } = loggedIn({}, { isDefiniteRefusal })
    const placed = watch(account.placeOrder(order).pipe(retry(3)))
    pass(12_000)
    server.side.reply(server.of('place_order')[0]!, { result: false, error_message: 'no' })
    pass(30_000)
    expect(expectError(placed, NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
    server.on('place_order', accepts)
    const other = watch(account.placeOrder({ ...order, price: 5 }))
    pass(10)
    expect(other.values).toHaveLength(1)
  })

  it('is refused when its last subscriber left before the end: timeout and retry make one order', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order).pipe(timeout({ each: 50, scheduler: server.scheduler }), retry(3)))
    pass(60_000)
    expect(expectError(placed, NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('is refused when the order of a subscriber who left turned out to be placed', () => {
    const { server, account, pass } = loggedIn()
    const place$ = account.placeOrder(order)
    watch(place$).unsubscribe()
    pass(10)
    server.side.reply(server.of('place_order')[0] as never, { order_no: 'o1' })
    pass(10)
    expect(expectError(watch(place$), NotSent).reason).toBe('unresolved')
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('may place again once a late reply has said that the first was refused', () => {
    const { server, account, pass } = loggedIn()
    const place$ = account.placeOrder(order)
    const first = watch(place$)
    pass(25_000)
    expect(first.ended).toBe('errored')
    const unresolved = watch(account.unresolved$)
    expect(unresolved.last).toHaveLength(1)
    server.side.reply(server.of('place_order')[0] as never, { result: false, error_message: 'price too low' })
    pass(10)
    expect(unresolved.last).toHaveLength(0)
    watch(place$)
    pass(10)
    expect(server.of('place_order')).toHaveLength(2)
  })

  it('may place again once the caller has closed the entry', () => {
    const { server, account, pass } = loggedIn()
    const place$ = account.placeOrder(order)
    watch(place$)
    pass(25_000)
    watch(account.unresolved$).last?.[0]?.close()
    watch(place$)
    pass(10)
    expect(server.of('place_order')).toHaveLength(2)
  })

  it('keeps an Unresolved for ever: no timer closes it', () => {
    const { account, pass } = loggedIn()
    watch(account.placeOrder(order))
    pass(3_600_000)
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })
})

describe('queries and cancels', () => {
  it('gives open orders with the symbol of the request', () => {
    const item = {
      order_no: '1',
      action: 'BUY',
      price: 1,
      quantity: 2,
      remain: 2,
      status: 'SUBMITTED',
      order_type: 'LIMIT',
      ctime: 1,
      utime: 1,
    }
    const { account, pass } = loggedIn({ open_orders: (frame, side) => side.reply(frame, { data: [item] }) })
    const open = watch(account.openOrders('BTC/USDT'))
    pass(10)
    expect(open.values).toEqual([[{ symbol: 'BTC/USDT', ...item }]])
  })

  it('asks a query again when the socket fell before its reply', () => {
    const { server, account, pass } = loggedIn()
    const assets = watch(account.asset())
    pass(10)
    server.on('asset', (frame, side) => side.reply(frame, { data: { BTC: { free: 1, locked: 0, total: 1 } } }))
    server.side.connection.abandon()
    pass(30_000)
    expect(assets.values).toEqual([{ BTC: { free: 1, locked: 0, total: 1 } }])
    expect(server.of('asset')).toHaveLength(2)
  })

  it('never asks twice to cancel everything: that ends Unresolved', () => {
    const { server, account, pass } = loggedIn()
    const canceled = watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: [] }))
    pass(10)
    server.side.connection.abandon()
    pass(30_000)
    expect(expectError(canceled, Unresolved).cause).toBe('connection-lost')
    expect(server.of('cancel_order')).toHaveLength(1)
  })

  it('is asked for by a list of its own: what the caller does to his is not looked at later', () => {
    const { account, pass } = loggedIn({
      open_orders: (frame, side) => side.reply(frame, { data: [orderNotice({ symbol: undefined })] }),
    })
    const order_nos = ['1']
    const canceled = watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos }))
    order_nos.length = 0
    pass(30_000)
    expectError(canceled, Unresolved)
  })

  it('takes the cancel of one order, which deployed servers do not reply to, as done when its notice says so', () => {
    const notice = orderNotice({ status: 'CANCELED' })
    const { account, pass } = loggedIn({ cancel_order: (_, side) => side.notify('order', notice) })
    const canceled = watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: ['1'] }))
    pass(10)
    expect(canceled.values).toEqual([[{ order_no: '1', result: true, error_message: '' }]])
    expect(canceled.ended).toBe('completed')
  })

  it('matches replies by cid, whatever their order; a second reply is surfaced and changes nothing', () => {
    const { server, account, gateway, pass } = loggedIn()
    const info = watch(account.symbolInfo('BTC/USDT'))
    const assets = watch(account.asset())
    const unmatched = watch(gateway.unmatched$)
    pass(10)
    const asset = server.of('asset')[0] as never
    server.side.reply(asset, { data: {} })
    server.side.reply(asset, { data: { BTC: { free: 9, locked: 0, total: 9 } } })
    server.side.reply(server.of('symbol_info')[0] as never, { result: false, error_message: 'unknown symbol' })
    server.side.send({ op: 'asset', cid: 'never-asked', result: true, error_message: '', data: {} })
    pass(10)
    expect(assets.values).toEqual([{}])
    expectError(info, Rejected)
    expect(unmatched.values.map((reply) => reply.cid)).toEqual([server.of('asset')[0]?.cid, 'never-asked'])
  })

  it('logs in once more when the server says Invalid token, and asks the query again', () => {
    let voided = false
    const { server, account, pass } = loggedIn({
      asset: (frame, side) => {
        side.reply(frame, voided ? { data: {} } : { result: false, error_message: 'Invalid token' })
        voided = true
      },
    })
    const assets = watch(account.asset())
    pass(10_000)
    expect(assets.values).toEqual([{}])
    expect(server.of('login')).toHaveLength(2)
  })

  it('logs in once for all the replies that say Invalid token, though some come when the next login is under way', () => {
    let logins = 0
    const { server, account, pass } = loggedIn({
      login: (frame, side) => {
        if (++logins > 1) return
        side.reply(frame, { token: 'token' })
        side.state(6, 'token')
      },
    })
    watch(account.asset())
    watch(account.symbolInfo('BTC/USDT'))
    pass(10)
    const refused = { result: false, error_message: 'Invalid token' }
    server.side.reply(server.of('asset')[0] as never, refused)
    pass(5_000)
    expect(server.of('login')).toHaveLength(2)
    server.side.reply(server.of('symbol_info')[0] as never, refused)
    pass(4_000)
    expect(server.of('login')).toHaveLength(2)
  })
})
