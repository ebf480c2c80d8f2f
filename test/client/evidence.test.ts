import { describe, expect, it } from '@jest/globals'
import { connect } from '../../src/client/index.js'
import type { Order } from '../../src/protocol/index.js'
import { credentials, fillNotice as fill, limitOrder, loggedIn, orderNotice } from '../support/logged-in.js'
import { type Handler, scriptedServer } from '../support/scripted-server.js'
import { createOrderStore } from '../../src/client/state/stores/index.js'
import { watch } from '../support/watch.js'

const symbol = 'BTC/USDT'
const listed = (order_no: string, fields: object = {}) => orderNotice({ order_no, symbol: undefined, ...fields })
const lists =
  (...orders: object[]): Handler =>
  (frame, side) =>
    side.reply(frame, { data: orders })
const cancels: Handler = (frame, side) =>
  side.reply(frame, {
    data: (frame.order_nos as string[]).map((order_no) => ({ order_no, result: true, error_message: '' })),
  })

/** A server that tells that orders are open, and never how they end. */
const silent = (handlers: Record<string, Handler> = {}) => {
  let placed = 0
  const scene = loggedIn({
    place_order: (frame, side) => side.reply(frame, { order_no: String(++placed) }),
    cancel_order: cancels,
    ...handlers,
  })
  const orders = watch(scene.account.orders(symbol))
  const told = watch(scene.account.order$)
  scene.pass(10)
  const isOpen = (order_no: string): boolean => orders.last?.all.has(order_no) === true
  return { ...scene, orders, told, isOpen }
}

const tags = (life: { readonly values: readonly { readonly _tag: string }[] }) => life.values.map(({ _tag }) => _tag)

describe('fills that add up to the quantity', () => {
  it('make an order FILLED that the server never calls so', () => {
    const { server, account, told, isOpen, pass } = silent()
    const life = watch(account.track({ ...limitOrder, quantity: 0.3 }))
    pass(10)
    server.side.notify('order', orderNotice({ quantity: 0.3, remain: 0.3 }))
    server.side.notify('fill', fill('a', 0.1))
    pass(10)
    expect(isOpen('1')).toBe(true)
    server.side.notify('fill', fill('b', 0.2))
    pass(10)
    expect(isOpen('1')).toBe(false)
    expect(life.last).toMatchObject({
      _tag: 'Ended',
      complete: true,
      order: { status: 'FILLED', remain: 0, filled: 0.3 },
    })
    expect(life.ended).toBe('completed')
    // The notice of it is left to the server for a while.
    expect(told.values).toHaveLength(1)
    pass(1_000)
    expect(told.values).toMatchObject([{ status: 'SUBMITTED' }, { order_no: '1', status: 'FILLED', remain: 0 }])
    expect(told.last).not.toHaveProperty('filled')
  })

  it('make no second FILLED where the server tells it, and nothing of an older notice behind them', () => {
    const { server, account, told, isOpen, pass } = silent()
    const anomalies = watch(account.anomaly$)
    server.side.notify('order', orderNotice())
    server.side.notify('fill', fill('a', 2))
    pass(10)
    server.side.notify('order', orderNotice({ utime: 2, remain: 1, status: 'PARTIAL-FILLED' }))
    server.side.notify('order', orderNotice({ utime: 3, remain: 0, status: 'FILLED' }))
    pass(5_000)
    expect(told.values).toMatchObject([{ status: 'SUBMITTED' }, { status: 'PARTIAL-FILLED' }, { status: 'FILLED' }])
    expect(anomalies.values).toEqual([])
    expect(isOpen('1')).toBe(false)
  })

  it('make FILLED an order that was placed and never told of', () => {
    const { server, account, pass } = silent()
    const life = watch(account.track(limitOrder))
    pass(10)
    server.side.notify('fill', fill('a', 2))
    pass(10)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: true, order: { status: 'FILLED' } })
  })

  it('beat a CANCELED that was told before', () => {
    const { server, told, pass } = silent()
    server.side.notify('order', orderNotice({ remain: 0, status: 'CANCELED' }))
    server.side.notify('fill', fill('a', 2))
    pass(1_000)
    expect(told.last).toMatchObject({ status: 'FILLED' })
  })

  it.each([
    ['one of 5,000,000,000 lots is missing', { quantity: 5_000_000_000 }, 4_999_999_999, true],
    ['0.00000001 of 100,000 is missing', { quantity: 100_000 }, 99_999.99999999, true],
    ['it is a spot MARKET BUY, whose quantity is money', { quantity: 2, order_type: 'MARKET', price: 0 }, 2, true],
    ['it is a MARKET SELL', { quantity: 2, order_type: 'MARKET', price: 0, action: 'SELL' }, 2, false],
    ['it is a MARKET BUY of contracts', { quantity: 2, order_type: 'MARKET', price: 0, offset: 'open' }, 2, false],
  ])('count exactly: %s', (_, fields, filled, stays) => {
    const { server, isOpen, pass } = silent()
    server.side.notify('order', orderNotice({ remain: fields.quantity, ...fields }))
    server.side.notify('fill', fill('a', filled))
    pass(1_000)
    expect(isOpen('1')).toBe(stays)
  })

  it('count for a short that is closed at the market: its sign shows that it is contracts', () => {
    const { server, account, pass } = silent()
    const life = watch(account.track({ symbol, action: 'BUY', price: 0, quantity: -2, order_type: 'MARKET' }))
    pass(10)
    server.side.notify('fill', fill('a', 2))
    pass(10)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: true, order: { status: 'FILLED' } })
  })
})

describe('a cancel that succeeded and an absence', () => {
  it.each([
    ['by number', ['1']],
    ['of all', []],
  ])('make an order CANCELED that the server never calls so, cancelled %s', (_, order_nos) => {
    const { server, account, told, isOpen, pass } = silent({
      cancel_order: (frame, side) => (order_nos.length === 0 ? side.reply(frame, { data: [] }) : cancels(frame, side)),
    })
    const life = watch(account.track(limitOrder))
    pass(10)
    server.side.notify('order', orderNotice())
    server.side.notify('fill', fill('a', 0.5))
    watch(account.cancelOrder({ symbol, order_nos }))
    pass(10)
    expect(isOpen('1')).toBe(true)
    // Nobody asks but the client itself.
    pass(1_000)
    expect(isOpen('1')).toBe(false)
    expect(told.last).toMatchObject({ order_no: '1', status: 'CANCELED', remain: 1.5 })
    pass(5_000)
    expect(life.last).toMatchObject({ _tag: 'Ended', order: { status: 'CANCELED', missing: false, filled: 0.5 } })
    expect(life.ended).toBe('completed')
  })

  it('count in either order, and by a question of the caller', () => {
    const { server, account, told, pass } = silent()
    watch(account.placeOrder(limitOrder))
    server.on('cancel_order', (frame, side) => {
      server.scheduler.schedule(() => cancels(frame, side), 200)
    })
    pass(10)
    server.side.notify('order', orderNotice())
    watch(account.cancelOrder({ symbol, order_nos: ['1'] }))
    pass(10)
    watch(account.openOrders(symbol))
    pass(10)
    expect(told.values).toHaveLength(1)
    pass(500)
    expect(told.last).toMatchObject({ status: 'CANCELED' })
  })

  it('are taken back by a notice that it is open, and FILLED beats them', () => {
    const { server, account, told, isOpen, pass } = silent()
    server.side.notify('order', orderNotice())
    watch(account.cancelOrder({ symbol, order_nos: ['1'] }))
    pass(1_000)
    expect(told.last).toMatchObject({ status: 'CANCELED' })
    server.side.notify('fill', fill('a', 2))
    pass(1_000)
    expect(told.last).toMatchObject({ status: 'FILLED' })
    server.on('open_orders', lists(listed('2')))
    server.side.notify('order', orderNotice({ order_no: '2' }))
    pass(10)
    watch(account.cancelOrder({ symbol, order_nos: ['2'] }))
    // Listed still: the cancel is under way.
    pass(1_000)
    expect(isOpen('2')).toBe(true)
    server.on('open_orders', lists())
    pass(2_000)
    expect(isOpen('2')).toBe(false)
    server.on('open_orders', lists(listed('2')))
    server.side.notify('order', orderNotice({ order_no: '2', utime: 2 }))
    pass(10)
    expect(isOpen('2')).toBe(true)
  })

  it('cost no question where the server tells CANCELED', () => {
    const { server, account, pass } = silent()
    server.side.notify('order', orderNotice())
    pass(10)
    const before = server.of('open_orders').length
    watch(account.cancelOrder({ symbol, order_nos: ['1'] }))
    pass(10)
    server.side.notify('order', orderNotice({ utime: 2, status: 'CANCELED' }))
    pass(20_000)
    expect(server.of('open_orders')).toHaveLength(before)
  })

  it('are asked for no more after some seconds where the order stays listed', () => {
    const { server, account, isOpen, pass } = silent({ open_orders: lists(listed('1')) })
    watch(account.cancelOrder({ symbol, order_nos: ['1'] }))
    pass(60_000)
    expect(isOpen('1')).toBe(true)
    expect(server.of('open_orders').length).toBeLessThanOrEqual(6)
  })

  it.each([
    [
      'a cancel that was refused',
      (frame, side) => side.reply(frame, { data: [{ order_no: '1', result: false, error_message: 'no' }] }),
    ],
    ['a cancel without a reply', () => undefined],
  ] as [string, Handler][])('are not %s and an absence: the order is missing', (_, cancel_order) => {
    const { server, account, orders, told, pass } = silent({ cancel_order })
    server.side.notify('order', orderNotice())
    watch(account.cancelOrder({ symbol, order_nos: ['1'] }))
    pass(15_000)
    watch(account.openOrders(symbol))
    pass(10)
    expect(orders.last?.all.size).toBe(0)
    expect(orders.last?.removed).toMatchObject([{ order_no: '1', missing: true, status: 'SUBMITTED' }])
    expect(told.values).toHaveLength(1)
  })
})

describe('a cancel that is answered with an empty list, and an absence', () => {
  /** What is heard of order 1 before the cancel; nothing tells its end. */
  const heard: [string, (scene: ReturnType<typeof silent>) => void][] = [
    [
      'was partly filled before it was first seen',
      ({ server }) => {
        server.side.notify('order', orderNotice({ status: 'PARTIAL-FILLED', quantity: 2, remain: 1.5 }))
        server.side.notify('fill', fill('b', 1.5))
      },
    ],
    [
      'was partly filled while notices were missed',
      ({ server, pass }) => {
        server.side.notify('order', orderNotice({ quantity: 2, remain: 2 }))
        pass(10)
        server.on('open_orders', lists(listed('1', { quantity: 2, remain: 1.5, status: 'PARTIAL-FILLED' })))
        server.side.connection.abandon()
        pass(10_000)
        server.side.notify('fill', fill('b', 1.5))
      },
    ],
    [
      'was listed as partly filled by the login',
      ({ server, pass }) => {
        server.side.notify('order', orderNotice({ quantity: 2, remain: 2 }))
        pass(10)
        server.on('open_orders', () => undefined)
        server.side.connection.abandon()
        pass(6_000)
        server.side.notify('order', orderNotice({ quantity: 2, remain: 1.5, utime: 9, status: 'PARTIAL-FILLED' }))
        pass(10)
        server.on('open_orders', lists(listed('1', { quantity: 2, remain: 1.5, status: 'PARTIAL-FILLED' })))
        for (const frame of server.side.of('open_orders'))
          server.side.reply(frame, { data: [listed('1', { quantity: 2, remain: 1.5, status: 'PARTIAL-FILLED' })] })
        pass(10)
        server.side.notify('fill', fill('b', 1.5))
      },
    ],
  ]

  it.each(heard)('leave the end open where the order %s, and fills may make it whole', (_, tell) => {
    const scene = silent({ cancel_order: (frame, side) => side.reply(frame, { data: [] }) })
    const { server, account, orders, told, pass } = scene
    tell(scene)
    pass(10)
    expect(scene.isOpen('1')).toBe(true)
    server.on('open_orders', lists())
    watch(account.cancelOrder({ symbol, order_nos: [] }))
    pass(5_000)
    expect(orders.last?.all.size).toBe(0)
    expect(told.values.map(({ status }) => status)).not.toContain('CANCELED')
    expect(orders.last?.removed).toMatchObject([{ order_no: '1', missing: true, filled: 1.5 }])
  })

  it('leave the end open of an order of a session that was lost before READY', () => {
    const server = scriptedServer({ cancel_order: (frame, side) => side.reply(frame, { data: [] }) })
    const pass = (ms: number): void => server.scheduler.advanceBy(ms)
    server.on('login', (frame, side) => {
      side.reply(frame, { token: 't1' })
      side.notify('order', orderNotice({ status: 'PARTIAL-FILLED', remain: 1.5 }))
    })
    const told: Order[] = []
    connect(server.transport, server.options)
      .login(credentials)
      .subscribe((account) => {
        account.order$.subscribe((order) => told.push(order))
        account.cancelOrder({ symbol, order_nos: [] }).subscribe({ error: () => undefined })
      })
    pass(100)
    server.on('login', (frame, side) => {
      side.reply(frame, { token: 't2' })
      side.state(2, 't2')
      side.state(6, 't2')
    })
    server.on('open_orders', () => undefined)
    server.side.connection.abandon()
    pass(5_000)
    server.on('open_orders', lists())
    for (const frame of server.side.of('open_orders')) server.side.reply(frame, { data: [] })
    pass(10_000)
    expect(server.of('cancel_order')).toHaveLength(1)
    expect(told.map(({ status }) => status)).toEqual(['PARTIAL-FILLED'])
  })

  it('leave the end open of a market order that is sized in money: its fills may be worth all of it', () => {
    const { server, account, orders, told, pass } = silent({
      cancel_order: (frame, side) => side.reply(frame, { data: [] }),
    })
    server.on('open_orders', lists())
    server.side.notify('order', orderNotice({ order_type: 'MARKET', price: 0, quantity: 200, remain: 200 }))
    server.side.notify('fill', fill('a', 2))
    pass(10)
    watch(account.cancelOrder({ symbol, order_nos: ['1'] }))
    pass(5_000)
    expect(told.values.map(({ status }) => status)).not.toContain('CANCELED')
    expect(orders.last?.removed).toMatchObject([{ order_no: '1', missing: true, filled: 2 }])
  })

  it('leave the end open where the order was sent before notices were missed, and accepted after', () => {
    const { server, account, told, pass } = silent({
      place_order: () => undefined,
      cancel_order: (frame, side) => side.reply(frame, { data: [] }),
    })
    server.on('open_orders', lists())
    const life = watch(account.track(limitOrder))
    pass(10)
    const [frame] = server.of('place_order')
    server.side.connection.abandon()
    pass(6_000)
    server.on('open_orders', () => undefined)
    server.side.reply(frame!, { order_no: '1' })
    pass(10)
    watch(account.cancelOrder({ symbol, order_nos: [] }))
    pass(10)
    server.on('open_orders', lists())
    for (const question of server.side.of('open_orders')) server.side.reply(question, { data: [] })
    pass(10_000)
    expect(told.values).toEqual([])
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false, order: { order_no: '1', missing: true } })
  })

  it('leave the end open where the first list after missed notices shows the absence', () => {
    const { server, account, told, pass } = silent({
      cancel_order: (frame, side) => side.reply(frame, { data: [] }),
    })
    server.on('open_orders', () => undefined)
    const life = watch(account.track(limitOrder))
    pass(10)
    server.side.notify('order', orderNotice())
    pass(10)
    watch(account.cancelOrder({ symbol, order_nos: [] }))
    pass(10)
    server.on('open_orders', lists())
    server.side.connection.abandon()
    pass(20_000)
    expect(told.values).toMatchObject([{ status: 'SUBMITTED' }])
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false, order: { order_no: '1', missing: true } })
  })
})

describe('absence alone', () => {
  it('makes an accepted order missing, and ends its track, without saying how it ended', () => {
    const { server, account, orders, pass } = silent()
    const life = watch(account.track(limitOrder))
    pass(10)
    server.side.notify('order', orderNotice())
    pass(10)
    watch(account.openOrders(symbol))
    pass(10)
    expect(orders.last?.removed).toMatchObject([{ order_no: '1', missing: true }])
    expect(tags(life)).toEqual(['Placed', 'Changed', 'Missing'])
    pass(5_000)
    expect(tags(life)).toEqual(['Placed', 'Changed', 'Missing', 'Ended'])
    expect(life.last).toMatchObject({ complete: false, order: { missing: true } })
  })

  it('makes an order missing that was placed and never told of: its gap names it', () => {
    const { server, account, pass } = silent()
    const gaps = watch(account.gap$)
    const life = watch(account.track(limitOrder))
    pass(10)
    server.side.connection.abandon()
    pass(10_000)
    expect(gaps.values).toMatchObject([{ missing: [{ order_no: '1', quantity: 2, missing: true }] }])
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false })
  })

  it('is named by the gap though a question of the caller found it first', () => {
    const { server, account, pass } = silent()
    const gaps = watch(account.gap$)
    server.side.notify('order', orderNotice())
    pass(10)
    server.side.connection.abandon()
    pass(1)
    watch(account.openOrders(symbol))
    pass(10_000)
    expect(gaps.values).toMatchObject([{ missing: [{ order_no: '1' }] }])
  })

  it('says nothing in an answer to a question that went out before the order was accepted', () => {
    const { server, account, pass } = silent({ place_order: () => undefined })
    const life = watch(account.track(limitOrder))
    server.on('open_orders', () => undefined)
    watch(account.openOrders(symbol))
    pass(10)
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    server.side.reply(server.of('open_orders').at(-1)!, { data: [] })
    pass(10)
    expect(tags(life)).toEqual(['Placed'])
  })

  it('makes an order missing whose end could not be read, and whose reply came after the snapshots', () => {
    const { server, account, pass } = silent({ place_order: () => undefined, open_orders: lists() })
    const life = watch(account.track(limitOrder))
    pass(10)
    server.side.notify('order', orderNotice({ status: 'FILLED', remain: 0, quantity: 'x' }))
    pass(2_000)
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(5_000)
    expect(tags(life)).toEqual(['Placed', 'Missing', 'Ended'])
  })

  it('never resolves an order whose outcome is unknown', () => {
    const { account, pass } = silent({ place_order: () => undefined })
    const unresolved = watch(account.unresolved$)
    const life = watch(account.track(limitOrder))
    pass(25_000)
    watch(account.openOrders(symbol))
    watch(account.cancelOrder({ symbol, order_nos: [] }))
    pass(25_000)
    expect(tags(life)).toEqual(['Unresolved'])
    expect(unresolved.last).toHaveLength(1)
  })

  it('is corrected by fills that come after it', () => {
    const { server, account, told, pass } = silent()
    const life = watch(account.track(limitOrder))
    pass(10)
    watch(account.openOrders(symbol))
    pass(10)
    server.side.notify('fill', fill('a', 2))
    pass(1_000)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: true, order: { status: 'FILLED', missing: false } })
    expect(told.last).toMatchObject({ status: 'FILLED' })
  })
})

describe('a cancel of all orders that is answered with an empty list', () => {
  /** One order is open as the connection is lost; the cancel is answered before the list of open orders. */
  const afterDrop = () => {
    const scene = silent({ cancel_order: (frame, side) => side.reply(frame, { data: [] }) })
    const { server, account, pass } = scene
    server.side.notify('order', orderNotice())
    pass(10)
    const life = watch(account.track({ symbol, order_no: '1' }))
    server.on('open_orders', () => undefined)
    server.side.connection.abandon()
    pass(5)
    const canceled = watch(account.cancelOrder({ symbol, order_nos: [] }))
    pass(6_000)
    expect(canceled.last).toEqual([])
    return { ...scene, life }
  }

  it('says nothing of an order that may have been filled while notices were missed', () => {
    const { server, life, pass } = afterDrop()
    server.on('open_orders', lists())
    for (const frame of server.side.of('open_orders')) server.side.reply(frame, { data: [] })
    pass(30_000)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false, order: { order_no: '1', missing: true } })
  })
})

describe('a list of open orders that overlapped another', () => {
  it('asks for one more where it lacks an order that was accepted and never told', () => {
    const ledger = createOrderStore()
    const before = ledger.snapshot(symbol)
    ledger.placed(limitOrder, '1', { sentAt: 0, losses: 0 })
    const after = ledger.snapshot(symbol)
    expect(before([])).toMatchObject({ missing: [] })
    expect(after([])).toMatchObject({ missing: [], unclear: true })
    expect(ledger.snapshot(symbol)([])).toMatchObject({ missing: [{ order_no: '1' }], unclear: false })
  })
})
