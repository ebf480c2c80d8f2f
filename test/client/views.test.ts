import { describe, expect, it } from '@jest/globals'
import type { OrderState, View } from '../../src/client/index.js'
import { limitOrder, loggedIn, orderNotice, positionData } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { type Watched, watch } from '../support/watch.js'

const open = (order_no: string, fields: object = {}) => orderNotice({ order_no, symbol: undefined, ...fields })
const lists =
  (...orders: object[]): Handler =>
  (frame, side) =>
    side.reply(frame, { data: orders })

const fill = (fields: object = {}) => ({
  symbol: 'BTC/USDT',
  order_no: '1',
  fill_no: 'f1',
  price: 100,
  quantity: 0.1,
  side: 'BUY',
  liquidity: 'TAKER',
  ctime: 1,
  ...fields,
})

const keys = (view: View<unknown> | undefined) => [...(view?.all.keys() ?? [])]
const nos = (orders: readonly OrderState[]) => orders.map(({ order_no }) => order_no)
const told = (watched: Watched<View<OrderState>>) =>
  watched.values.map(({ added, changed, removed, stale }) => [nos(added), nos(changed), nos(removed), stale])

const assets =
  (free: number): Handler =>
  (frame, side) =>
    side.reply(frame, { data: { BTC: { free, locked: 0, total: free } } })

describe('orders(symbol)', () => {
  it('is a snapshot, then every change: added, changed, removed', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    server.side.notify('order', orderNotice({ order_no: '2', utime: 2 }))
    server.side.notify('order', orderNotice({ order_no: '2', utime: 3, remain: 1, status: 'PARTIAL-FILLED' }))
    server.side.notify('order', orderNotice({ order_no: '1', utime: 4, status: 'CANCELED' }))
    pass(10)
    expect(told(view)).toEqual([
      [['1'], [], [], false],
      [['2'], [], [], false],
      [[], ['2'], [], false],
      [[], [], ['1'], false],
    ])
    expect(keys(view.last)).toEqual(['2'])
  })

  it('never changes an emission in place', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    server.side.notify('order', orderNotice({ utime: 2, status: 'FILLED', remain: 0 }))
    pass(10)
    expect(keys(view.values[0])).toEqual(['1'])
    expect(keys(view.values[1])).toEqual([])
  })

  it('shares one snapshot between subscribers; a late one is given everything as added', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) })
    watch(account.orders('BTC/USDT'))
    watch(account.orders('BTC/USDT'))
    pass(10)
    expect(server.of('open_orders')).toHaveLength(1)
    expect(told(watch(account.orders('BTC/USDT')))).toEqual([[['1'], [], [], false]])
  })

  it('lets a notice that came while the snapshot was on its way win over it', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    server.side.notify('order', orderNotice({ order_no: '1', utime: 5, status: 'FILLED', remain: 0 }))
    server.side.notify('order', orderNotice({ order_no: '2', utime: 5 }))
    server.side.reply(server.of('open_orders')[0]!, { data: [open('1'), open('3')] })
    pass(10)
    expect(keys(view.last).sort()).toEqual(['2', '3'])
  })

  it('asks again, lest it stay stale, when its snapshot was refused', () => {
    const { server, account, pass } = loggedIn({
      open_orders: (frame, side) => side.reply(frame, { result: false, error_message: 'busy' }),
    })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    expect(view.last?.stale).toBe(true)
    server.on('open_orders', lists(open('1')))
    pass(5_000)
    expect(view.last?.stale).toBe(false)
    expect(keys(view.last)).toEqual(['1'])
  })

  it('takes the answer to its later question for the truth, though that to an earlier one comes behind it', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined }, {}, { resyncEveryMs: 1_000 })
    const view = watch(account.orders('BTC/USDT'))
    pass(1_000)
    const [earlier, later] = server.of('open_orders')
    server.side.reply(later!, { data: [open('2')] })
    server.side.reply(earlier!, { data: [open('1'), open('2')] })
    pass(10)
    expect(keys(view.last)).toEqual(['2'])
  })

  it('asks again when a notice that came before the answer speaks of an order that the answer has not', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    // It had ended before the question; the notice was slow.
    server.side.notify('order', orderNotice())
    server.side.reply(server.of('open_orders')[0]!, { data: [] })
    server.on('open_orders', lists())
    pass(10)
    expect(keys(view.last)).toEqual(['1'])
    pass(5_000)
    expect(keys(view.last)).toEqual([])
  })

  it('has an order back that a snapshot had not, when a notice speaks of it, and asks again', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) }, {}, { resyncEveryMs: 60_000 })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    // The exchange answered questions out of their order: the later answer is from before the order.
    server.on('open_orders', lists())
    pass(60_000)
    expect(keys(view.last)).toEqual([])
    server.side.notify('order', orderNotice())
    pass(10)
    expect(keys(view.last)).toEqual(['1'])
    server.on('open_orders', lists(open('1')))
    const asked = server.of('open_orders').length
    pass(5_000)
    expect(server.of('open_orders')).toHaveLength(asked + 1)
    expect(keys(view.last)).toEqual(['1'])
  })

  it('tells its changes in their order, though one who hears of an order changes it in turn', () => {
    const { server, account, pass } = loggedIn({}, { requestTimeoutMs: 1_000 })
    const view = watch(account.orders('BTC/USDT'))
    watch(account.placeOrder(limitOrder))
    pass(10)
    // The snapshot proves the order of unknown fate, and that writes its sign into the view which is being changed.
    const { cid } = server.of('place_order')[0]!
    server.on('open_orders', lists(open('1', { cid }), open('2')))
    pass(5_000)
    const rebuilt = new Map<string, OrderState>()
    for (const { all, added, changed, removed } of view.values) {
      for (const { order_no } of removed) rebuilt.delete(order_no)
      for (const order of [...added, ...changed]) rebuilt.set(order.order_no, order)
      expect([...rebuilt]).toEqual([...all])
    }
    expect(view.last?.all.get('1')).toMatchObject({ signedQuantity: 2 })
    expect(keys(view.last)).toEqual(['1', '2'])
  })

  it('takes a fresh snapshot with an old utime for the truth: platforms have two clocks', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1', { remain: 1, utime: 1 })) })
    server.side.notify('order', orderNotice({ order_no: '1', remain: 2, utime: 1_000 }))
    pass(10)
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    expect(view.last?.all.get('1')?.remain).toBe(1)
  })

  it('drops an older notice that comes after a newer one', () => {
    const { server, account, pass } = loggedIn()
    const view = watch(account.orders('BTC/USDT'))
    server.side.notify('order', orderNotice({ utime: 5, remain: 1, status: 'PARTIAL-FILLED' }))
    server.side.notify('order', orderNotice({ utime: 4, remain: 2 }))
    pass(10)
    expect(view.last?.all.get('1')?.remain).toBe(1)
  })

  it('lets FILLED beat CANCELED, refuses to open what has ended, and says so', () => {
    const { server, account, pass } = loggedIn()
    const anomalies = watch(account.anomaly$)
    const view = watch(account.orders('BTC/USDT'))
    server.side.notify('order', orderNotice({ utime: 2, status: 'CANCELED' }))
    server.side.notify('order', orderNotice({ utime: 3, status: 'FILLED', remain: 0 }))
    server.side.notify('order', orderNotice({ utime: 9, status: 'SUBMITTED' }))
    pass(10)
    expect(anomalies.values.map(({ kind }) => kind)).toEqual(['repaired', 'refused'])
    expect(keys(view.last)).toEqual([])
  })

  it('counts each fill once, by symbol, order_no and fill_no, and so does fill$', () => {
    const { server, account, pass } = loggedIn()
    const fills = watch(account.fill$)
    const view = watch(account.orders('BTC/USDT'))
    server.side.notify('fill', fill())
    server.side.notify('fill', fill())
    server.side.notify('order', orderNotice())
    server.side.notify('fill', fill({ fill_no: 'f2', quantity: 0.2, price: 110 }))
    server.side.notify('fill', fill({ order_no: '2' }))
    pass(10)
    expect(fills.values).toHaveLength(3)
    expect(view.last?.all.get('1')).toMatchObject({ filled: 0.3 })
    expect(view.last?.all.get('1')?.averagePrice).toBeCloseTo(320 / 3, 10)
  })

  it('believes its own count, though a server has fields of the same names', () => {
    const { server, account, pass } = loggedIn()
    const view = watch(account.orders('BTC/USDT'))
    server.side.notify('order', { ...orderNotice(), filled: 99, averagePrice: 99, missing: true, more: 'kept' })
    server.side.notify('fill', fill())
    pass(10)
    expect(view.last?.all.get('1')).toMatchObject({ filled: 0.1, averagePrice: 100, missing: false, more: 'kept' })
  })

  it('remembers the sign with which an order was sent: notices do not carry it', () => {
    const { server, account, pass } = loggedIn({
      place_order: (frame, side) => {
        side.notify('order', orderNotice({ action: 'SELL' }))
        side.reply(frame, { order_no: '1' })
      },
    })
    const view = watch(account.orders('BTC/USDT'))
    watch(account.placeOrder({ ...limitOrder, action: 'SELL', quantity: -2 }))
    pass(10)
    expect(view.last?.all.get('1')).toMatchObject({ quantity: 2, signedQuantity: -2 })
    expect(server.of('place_order')).toMatchObject([{ quantity: -2 }])
  })

  it('is stale from a drop until the next snapshot, which shows what went and what came', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1'), open('2')) })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    server.on('open_orders', lists(open('2'), open('3')))
    server.side.connection.abandon()
    pass(5_000)
    expect(told(view).slice(1)).toEqual([
      [[], [], [], true],
      [['3'], [], ['1'], true],
      [[], [], [], false],
    ])
  })

  it('is fresh again after a drop, of a symbol too that the login does not name', () => {
    const { server, account, pass } = loggedIn()
    const view = watch(account.orders('ETH/USDT'))
    pass(100)
    server.side.connection.abandon()
    pass(10)
    expect(view.last?.stale).toBe(true)
    server.on('open_orders', (frame, side) =>
      side.reply(frame, { data: frame.symbol === 'ETH/USDT' ? [orderNotice({ symbol: 'ETH/USDT' })] : [] }),
    )
    pass(2_000)
    expect(view.last).toMatchObject({ stale: false, all: new Map([['1', expect.anything()]]) })
  })

  it('begins all the same, and says that it is stale, where the server does not answer', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined })
    server.side.notify('order', orderNotice())
    const view = watch(account.orders('BTC/USDT'))
    pass(11_000)
    expect(told(view)).toEqual([[['1'], [], [], true]])
  })
})

describe('balances()', () => {
  it('asks again at each asset notice, which is a hint and not the truth', () => {
    const { server, account, pass } = loggedIn({ asset: assets(1) })
    const view = watch(account.balances())
    pass(10)
    server.on('asset', assets(3))
    server.side.notify('asset', { BTC: { free: 2, locked: 0, total: 0 } })
    pass(10)
    expect(view.values.map(({ all }) => all.get('BTC')?.free)).toEqual([1, 3])
  })

  it('asks once more when notices came while the answer was on its way, and not once for each', () => {
    const { server, account, pass } = loggedIn({ asset: assets(1) })
    watch(account.balances())
    pass(10)
    for (let i = 0; i < 10; i++) server.side.notify('asset', {})
    pass(10)
    expect(server.of('asset')).toHaveLength(3)
  })

  it('takes the answer to its later question for the truth, though that to an earlier one comes behind it', () => {
    const { server, account, pass } = loggedIn({}, {}, { resyncEveryMs: 1_000 })
    const view = watch(account.balances())
    pass(1_000)
    const [earlier, later] = server.of('asset')
    assets(2)(later!, server.side)
    assets(1)(earlier!, server.side)
    pass(10)
    expect(view.last?.all.get('BTC')?.free).toBe(2)
  })

  it('tells a currency that is gone', () => {
    const { server, account, pass } = loggedIn({ asset: assets(1) })
    const view = watch(account.balances())
    pass(10)
    server.on('asset', (frame, side) => side.reply(frame, { data: {} }))
    server.side.notify('asset', {})
    pass(10)
    expect(view.last).toMatchObject({ removed: [{ free: 1 }] })
  })
})

describe('positions(symbol)', () => {
  it('is a snapshot, then notices by utime; a flat one without a utime counts as it comes', () => {
    const { server, account, pass } = loggedIn({
      position: (frame, side) => side.reply(frame, { data: positionData(1) }),
    })
    const view = watch(account.positions('BTC/USDT'))
    pass(10)
    for (const each of [positionData(2, 5), positionData(9, 4), positionData(0, null)]) {
      server.side.notify('position', { symbol: 'BTC/USDT', ...each })
    }
    pass(10)
    expect(view.values.map(({ all }) => all.get('BTC/USDT')?.long_quantity)).toEqual([1, 2, 0])
  })

  it('takes the answer to its later question for the truth, though that to an earlier one comes behind it', () => {
    const { server, account, pass } = loggedIn({}, {}, { resyncEveryMs: 1_000 })
    const view = watch(account.positions('BTC/USDT'))
    pass(1_000)
    const [earlier, later] = server.of('position')
    server.side.reply(later!, { data: positionData(2) })
    server.side.reply(earlier!, { data: positionData(1) })
    pass(10)
    expect(view.last?.all.get('BTC/USDT')?.long_quantity).toBe(2)
  })

  it('asks when a notice is older than the last: it was slow, or the clock of the server was set back', () => {
    const { server, account, pass } = loggedIn({
      position: (frame, side) => side.reply(frame, { data: positionData(1) }),
    })
    const view = watch(account.positions('BTC/USDT'))
    const notify = (quantity: number, utime: number) =>
      server.side.notify('position', { symbol: 'BTC/USDT', ...positionData(quantity, utime) })
    pass(10)
    notify(2, 3_600_000)
    notify(3, 1_000)
    server.on('position', (frame, side) => side.reply(frame, { data: positionData(3) }))
    pass(5_000)
    expect(server.of('position')).toHaveLength(2)
    expect(view.last?.all.get('BTC/USDT')?.long_quantity).toBe(3)
    notify(4, 2_000)
    pass(10)
    expect(view.last?.all.get('BTC/USDT')?.long_quantity).toBe(4)
  })

  it('does not wait for ever where the server never answers (spot)', () => {
    const { account, pass } = loggedIn()
    const view = watch(account.positions('BTC/USDT'))
    pass(11_000)
    expect(view.values).toMatchObject([{ stale: true }])
  })
})

describe('of two questions that were on their way at once', () => {
  const twoAtOnce = (op: 'open_orders' | 'asset' | 'position') => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined }, {}, { resyncEveryMs: 1_000 })
    const views = {
      orders: watch(account.orders('BTC/USDT')),
      balances: watch(account.balances()),
      positions: watch(account.positions('BTC/USDT')),
    }
    pass(1_000)
    const [first, second] = server.of(op)
    /** Answers both, and waits; how often it was asked beyond the one that is due each second. */
    const answers = (one: unknown, other: unknown): number => {
      server.side.reply(first!, { data: one })
      server.side.reply(second!, { data: other })
      const before = server.of(op).length
      pass(2_500)
      return server.of(op).length - before - 2
    }
    return { views, answers }
  }

  it('the answer to the later may be the older: what is filled stays filled, what may be open stays, and it asks again', () => {
    const { views, answers } = twoAtOnce('open_orders')
    const asked = answers([open('1', { remain: 1 }), open('2')], [open('1', { remain: 2 }), open('3')])
    expect(asked).toBe(1)
    expect(keys(views.orders.last)).toEqual(['1', '2', '3'])
    expect(views.orders.last?.all.get('1')?.remain).toBe(1)
  })

  it('asks once more where the second tells of another position or another balance', () => {
    const position = twoAtOnce('position')
    expect(position.answers(positionData(2), positionData(1))).toBe(1)
    const asset = twoAtOnce('asset')
    expect(asset.answers({ BTC: { free: 2, locked: 0, total: 2 } }, { BTC: { free: 1, locked: 0, total: 1 } })).toBe(1)
  })

  it('asks no more where they tell the same', () => {
    expect(twoAtOnce('open_orders').answers([open('1')], [open('1')])).toBe(0)
    expect(twoAtOnce('position').answers(positionData(1), positionData(1))).toBe(0)
  })
})

describe('resyncEveryMs', () => {
  it('takes new snapshots now and then, and so finds what no notice told', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) }, {}, { resyncEveryMs: 1_000 })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    server.on('open_orders', lists())
    pass(1_100)
    expect(told(view).at(-1)).toEqual([[], [], ['1'], false])
  })
})
