import { describe, expect, it } from '@jest/globals'
import { Trade } from '../../src/protocol/index.js'
import { credentials, limitOrder, loggedIn, orderNotice, positionData } from '../support/logged-in.js'
import type { Frame, Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const now = Date.UTC(2026, 0, 1)
const open = (order_no: string, fields: object = {}) => orderNotice({ order_no, symbol: undefined, ...fields })
const lists =
  (...orders: object[]): Handler =>
  (frame, side) =>
    side.reply(frame, { data: orders })

const resumable = (answer: object): Record<string, Handler> => ({
  login: (frame, side) => {
    side.reply(frame, {
      token: `t${side.nth}`,
      features: ['resume'],
      epoch: 'e',
      seq: 7,
      ...(side.nth > 1 ? answer : {}),
    })
    if (side.nth > 1)
      side.notify('fill', {
        symbol: 'BTC/USDT',
        order_no: '1',
        fill_no: 'f',
        price: 1,
        quantity: 1,
        side: 'BUY',
        liquidity: 'MAKER',
        ctime: 1,
        seq: 9,
      })
    side.state(6)
  },
})

describe('gap$', () => {
  it('tells of a drop though letting go of the questions of an earlier gap is what ends the socket', () => {
    const { server, gateway, account, pass } = loggedIn()
    const gaps = watch(account.gap$)
    watch(account.orders('BTC/USDT'))
    const token = 'token-1-1'
    server.on('login', (frame, side) => {
      if (frame.platform === 'huobi') side.reply(frame, { token: `later-${side.nth}` })
    })
    server.on('open_orders', () => undefined)
    // Gets no reply: its socket is given up after 10 s, as soon as nothing is in flight any more.
    watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(9_900)
    server.side.notify('order', { symbol: 7 }, token)
    pass(200)
    server.side.notify('order', { symbol: 7 }, token)
    pass(6_000)
    expect(server.sides).toHaveLength(2)
    expect(gaps.values).toHaveLength(0)
    server.on('open_orders', lists())
    server.side.state(6, 'later-2')
    pass(1_000)
    expect(gaps.values).toHaveLength(1)
    expect(gaps.last?.to).toBeGreaterThan(now + 15_000)
  })

  it('tells, after a drop, from when to when notices may have been missed and what the comparison shows', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1'), open('2')), asset: lists() })
    watch(account.orders('BTC/USDT'))
    server.on('asset', (frame, side) => side.reply(frame, { data: { BTC: { free: 1, locked: 0, total: 1 } } }))
    watch(account.balances())
    const gaps = watch(account.gap$)
    pass(10)
    server.on('open_orders', lists(open('2', { remain: 1, status: 'PARTIAL-FILLED' }), open('3')))
    server.on('asset', (frame, side) => side.reply(frame, { data: { BTC: { free: 2, locked: 0, total: 2 } } }))
    pass(1_000)
    server.side.connection.abandon()
    pass(5_000)
    expect(gaps.values).toHaveLength(1)
    const gap = gaps.values[0]!
    expect(gap).toMatchObject({ cause: 'connection-lost', recovered: false, missing: [] })
    expect(gap.gone).toMatchObject([{ order_no: '1', gone: true }])
    expect(gap.changed).toMatchObject([{ order_no: '2', remain: 1 }])
    expect(gap.appeared).toMatchObject([{ order_no: '3' }])
    expect(gap.balances).toMatchObject([{ currency: 'BTC', before: { free: 1 }, after: { free: 2 } }])
    // The last frame came at about 110 ms; the drop, 1 s later, is seen when the socket says so.
    expect(gap.from).toBeGreaterThanOrEqual(now + 100)
    expect(gap.from).toBeLessThan(now + 1_000)
    expect(gap.to).toBeGreaterThan(now + 1_110)
  })

  it('begins with the last question that was answered: what was heard later may have lain in the socket', () => {
    const { server, account, pass } = loggedIn()
    const gaps = watch(account.gap$)
    pass(5_000)
    // The ping of 5 s has its pong. Then only notices come, which may be a minute old.
    server.on('ping', () => undefined)
    pass(4_000)
    server.side.notify('order', orderNotice())
    pass(10)
    server.side.connection.abandon()
    pass(5_000)
    expect(gaps.values).toHaveLength(1)
    expect(gaps.values[0]!.from).toBeGreaterThan(now + 4_900)
    expect(gaps.values[0]!.from).toBeLessThan(now + 5_100)
  })

  it('compares with what was known before it, though the server tells the state of things as notices, before READY', () => {
    const balances = (free: number) => ({ BTC: { free, locked: 0, total: free } })
    const { server, account, pass } = loggedIn({
      open_orders: lists(open('1'), open('2')),
      asset: (frame, side) => side.reply(frame, { data: balances(1) }),
    })
    watch(account.orders('BTC/USDT'))
    watch(account.balances())
    server.side.notify('position', { symbol: 'BTC/USDT', ...positionData(1) })
    const gaps = watch(account.gap$)
    pass(10)
    server.on('login', (frame, side) => {
      side.reply(frame, { token: 'another' })
      side.state(2)
      side.notify('asset', balances(2))
      side.notify('order', orderNotice({ order_no: '2', remain: 1, status: 'PARTIAL-FILLED', utime: 2 }))
      side.notify('order', orderNotice({ order_no: '3' }))
      side.notify('position', { symbol: 'BTC/USDT', ...positionData(2, 2) })
      side.state(6)
    })
    server.on('open_orders', lists(open('2', { remain: 1, status: 'PARTIAL-FILLED' }), open('3')))
    server.on('asset', (frame, side) => side.reply(frame, { data: balances(2) }))
    server.on('position', (frame, side) => side.reply(frame, { data: positionData(2) }))
    server.side.connection.abandon()
    pass(5_000)
    expect(gaps.values).toMatchObject([
      {
        gone: [{ order_no: '1' }],
        changed: [{ order_no: '2', remain: 1 }],
        appeared: [{ order_no: '3' }],
        positions: [{ before: { long_quantity: 1 }, after: { long_quantity: 2 } }],
        balances: [{ currency: 'BTC', before: { free: 1 }, after: { free: 2 } }],
      },
    ])
  })

  it('is told as well when the interface was lost while the socket stayed up', () => {
    const { server, account, pass } = loggedIn()
    const gaps = watch(account.gap$)
    server.side.state(4)
    pass(1_000)
    server.side.state(6)
    pass(100)
    expect(gaps.values).toMatchObject([{ cause: 'interface-lost' }])
  })

  it('is told when a notice cannot be read, and a new snapshot taken', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) })
    const gaps = watch(account.gap$)
    server.side.notify('order', orderNotice({ order_no: 7 }))
    pass(100)
    expect(gaps.values).toMatchObject([{ cause: 'undecodable-notice', appeared: [{ order_no: '1' }] }])
    expect(watch(account.tradable$).last).toBe(true)
  })

  it('has an order asked for that is told of as new soon after: what could not be read may have been its end', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists() })
    const orders = watch(account.orders('BTC/USDT'))
    server.side.notify('order', orderNotice({ order_no: 7, status: 'FILLED' }))
    pass(1_000)
    server.side.notify('order', orderNotice({ order_no: '7', status: 'SUBMITTED' }))
    pass(5_000)
    expect(orders.last?.all.size).toBe(0)
  })

  it('leaves the view stale when an answer comes whose question went out before something else was missed', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists(open('1')) })
    const view = watch(account.orders('BTC/USDT'))
    const held: Frame[] = []
    server.on('open_orders', (frame) => void held.push(frame))
    server.side.notify('order', orderNotice({ order_no: 7 }))
    pass(100)
    server.side.state(4)
    pass(100)
    server.side.reply(held[0]!, { data: [open('1')] })
    pass(100)
    expect(view.last?.stale).toBe(true)
    server.side.state(6)
    pass(100)
    server.side.reply(held.at(-1)!, { data: [] })
    pass(100)
    expect(view.last).toMatchObject({ stale: false, all: new Map() })
  })

  it('asks until it is answered whether an order is there that a snapshot did not know and a notice meanwhile did', () => {
    const { server, account, pass } = loggedIn({ open_orders: lists() })
    const view = watch(account.orders('BTC/USDT'))
    pass(10)
    const held: Frame[] = []
    server.on('open_orders', (frame) => void held.push(frame))
    server.side.notify('order', orderNotice({ order_no: 7, status: 'CANCELED' }))
    pass(100)
    server.side.notify('order', orderNotice({ order_no: '7' }))
    pass(100)
    server.side.reply(held[0]!, { data: [] })
    pass(100)
    expect(view.last).toMatchObject({ stale: false, all: new Map([['7', { order_no: '7' }]]) })
    // The next question is not answered.
    pass(13_000)
    expect(held).toHaveLength(2)
    pass(5_000)
    expect(held).toHaveLength(3)
    server.side.reply(held[2]!, { data: [] })
    pass(100)
    expect(view.last!.all.size).toBe(0)
  })

  it('is not told for a market notice that cannot be read', () => {
    const { server, account, gateway, pass } = loggedIn()
    const gaps = watch(account.gap$)
    const errors = watch(gateway.protocolErrors$)
    watch(account.topic$('trade', Trade))
    server.side.notify('trade', { price: 'high' })
    pass(100)
    expect(errors.values).toHaveLength(1)
    expect(gaps.values).toHaveLength(0)
  })

  it('says what is missing of the comparison when a query is not answered, and does not wait for it', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined })
    const gaps = watch(account.gap$)
    server.side.connection.abandon()
    pass(8_000)
    expect(gaps.values).toMatchObject([{ missing: ['open orders of BTC/USDT'] }])
  })

  it('is one gap, from the first loss on, when the socket falls again before it is closed', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined })
    const gaps = watch(account.gap$)
    pass(1_000)
    server.side.connection.abandon()
    for (let i = 0; i < 100 && server.sides.length < 2; i++) pass(100)
    pass(500)
    server.on('open_orders', lists())
    server.side.connection.abandon()
    pass(30_000)
    expect(gaps.values).toHaveLength(1)
    expect(gaps.values[0]!.from).toBeLessThan(now + 1_000)
  })
})

describe('with the resume feature', () => {
  it('the last number seen is asked for, what was missed is counted, and the gap is recovered', () => {
    const { server, account, pass } = loggedIn(resumable({ resume: 'complete', seq: 9 }))
    const gaps = watch(account.gap$)
    const fills = watch(account.fill$)
    server.side.notify('order', orderNotice({ seq: 8 }))
    pass(10)
    server.side.connection.abandon()
    pass(5_000)
    expect(server.of('login')[1]).toMatchObject({ resume: 8 })
    expect(fills.values).toHaveLength(1)
    expect(gaps.values).toMatchObject([{ recovered: true }])
  })

  it('a gap is not recovered when the server says that notices are lost', () => {
    const { server, account, pass } = loggedIn(resumable({ resume: 'lost', seq: 8 }))
    const gaps = watch(account.gap$)
    server.side.connection.abandon()
    pass(5_000)
    expect(gaps.values).toMatchObject([{ recovered: false }])
  })

  it('a gap is not recovered when the server said so to a session that fell before READY, and resumes from that', () => {
    const { server, account, pass } = loggedIn({
      login: (frame, side) => {
        const resume = ['', 'lost', 'complete'][side.nth - 1]
        const answer = resume === '' ? {} : { resume }
        side.reply(frame, { token: `t${side.nth}`, features: ['resume'], epoch: 'e', seq: 7, ...answer })
        if (side.nth === 2) side.connection.abandon()
        else side.state(6)
      },
    })
    const gaps = watch(account.gap$)
    server.side.connection.abandon()
    pass(10_000)
    expect(server.of('login')).toHaveLength(3)
    expect(gaps.values).toMatchObject([{ cause: 'connection-lost', recovered: false }])
  })

  it('a gap is not recovered when the server lost its exchange: what happened there was never numbered', () => {
    const { server, account, pass } = loggedIn(resumable({ resume: 'complete', seq: 9 }))
    const gaps = watch(account.gap$)
    server.side.notify('order', orderNotice({ seq: 8 }))
    pass(10)
    server.side.connection.abandon()
    pass(5_000)
    server.side.state(4)
    pass(100)
    server.side.state(6)
    pass(100)
    expect(gaps.values).toMatchObject([
      { cause: 'connection-lost', recovered: true },
      { cause: 'interface-lost', recovered: false },
    ])
  })

  it('a number that is left out is a gap, though the socket stands', () => {
    const { server, account, pass } = loggedIn(resumable({}))
    const gaps = watch(account.gap$)
    server.side.notify('order', orderNotice({ seq: 8 }))
    server.side.notify('order', orderNotice({ seq: 8 }))
    pass(100)
    expect(gaps.values).toHaveLength(0)
    server.side.notify('order', orderNotice({ seq: 10, utime: 2 }))
    pass(100)
    expect(gaps.values).toHaveLength(1)
  })
})

describe('tradable$', () => {
  it('is true with the first READY', () => {
    const { account } = loggedIn()
    expect(watch(account.tradable$).values).toEqual([true])
  })

  it('follows ready$, after a drop, only when the views stand again; an order waits for it', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined })
    const ready = watch(account.ready$)
    const tradable = watch(account.tradable$)
    server.side.connection.abandon()
    for (let i = 0; i < 100 && ready.last !== true; i++) pass(20)
    while (ready.values.length < 3) pass(10)
    watch(account.placeOrder(limitOrder, { maxAgeMs: 60_000 }))
    pass(10)
    expect(tradable.values).toEqual([true, false])
    expect(server.of('place_order')).toHaveLength(0)
    server.side.reply(server.side.of('open_orders')[0]!, { data: [] })
    pass(10)
    expect(tradable.last).toBe(true)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('waits no longer than resyncWithinMs', () => {
    const { server, account, pass } = loggedIn({ open_orders: () => undefined }, { resyncWithinMs: 500 })
    const tradable = watch(account.tradable$)
    server.side.connection.abandon()
    pass(2_000)
    expect(tradable.values).toEqual([true, false, true])
  })
})
