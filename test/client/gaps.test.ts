import { describe, expect, it } from '@jest/globals'
import { map } from 'rxjs'
import { connect } from '../../src/client/index.js'
import { Trade } from '../../src/protocol/index.js'
import type { Connection, Message } from '../../src/transport/index.js'
import { credentials, limitOrder, loggedIn, orderNotice, positionData } from '../support/logged-in.js'
import { type Frame, type Handler, scriptedServer } from '../support/scripted-server.js'
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
    // Of the first notice, whose question was not answered in time. The round for the second lets go of that question.
    expect(gaps.values).toHaveLength(1)
    server.on('open_orders', lists())
    server.side.state(6, 'later-2')
    pass(1_000)
    expect(gaps.values).toHaveLength(2)
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
    expect(gap).toMatchObject({ cause: 'connection-lost', recovered: false, unanswered: [] })
    expect(gap.missing).toMatchObject([{ order_no: '1', missing: true }])
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

  it('takes a reply to an order for that to its first frame, though it was written again since', () => {
    const { server, account, pass } = loggedIn(
      {
        login: (frame, side) => {
          side.reply(frame, { token: `token-${side.nth}`, features: ['cid'], epoch: 'e' })
          side.state(6)
        },
        place_order: () => undefined,
        ping: () => undefined,
      },
      { requestTimeoutMs: 2_000 },
    )
    const gaps = watch(account.gap$)
    pass(2_000)
    for (const op of ['open_orders', 'asset']) server.on(op, () => undefined)
    watch(account.placeOrder(limitOrder, { maxAgeMs: 1_000 }))
    pass(3_000)
    const [first, question] = server.of('place_order')
    expect(question).toMatchObject({ cid: first!.cid, valid_until: 1 })
    // It may have lain in the socket since.
    server.side.reply(first!, { result: false, error_message: 'no luck', unknown: true })
    pass(10)
    server.side.connection.abandon()
    pass(5_000)
    expect(gaps.values).toHaveLength(1)
    expect(gaps.values[0]!.from).toBeLessThan(now + 3_000)
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
        missing: [{ order_no: '1' }],
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
    const { server, account, gateway, pass } = loggedIn({}, {}, { market: ['trade'] })
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
    expect(gaps.values).toMatchObject([{ unanswered: ['open orders of BTC/USDT'] }])
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

describe('a frame that cannot be read', () => {
  const notice = JSON.stringify({ op: 'notify', topic: 'order', token: 'token-1-1', data: orderNotice() })
  const withFee = (fee: string): string => notice.replace('"symbol"', `"fee":${fee},"symbol"`)
  const two = { ...credentials, platform: 'okex' }

  const twoLogins = () => {
    const scene = loggedIn({ open_orders: lists(open('1')) })
    const second = watch(scene.gateway.login(two))
    scene.pass(100)
    const accounts = [scene.account, second.values[0]!]
    return { ...scene, gaps: accounts.map((account) => watch(account.gap$)), accounts }
  }

  it.each([
    ['has a NaN', withFee('NaN')],
    ['has an Infinity', withFee('Infinity')],
    ['has a -Infinity', withFee('-Infinity')],
    ['is two objects', notice + notice],
    ['is a list of notices', `[${notice}]`],
    ['has a byte order mark', `\uFEFF${notice}`],
    ['is cut short', notice.slice(0, -9)],
    ['is empty', ''],
    ['is a string', JSON.stringify(notice)],
    ['is null', 'null'],
    ['has a numeric token', notice.replace('"token-1-1"', '7')],
    ['has a token that is null', notice.replace('"token-1-1"', 'null')],
    ['has an empty token', notice.replace('"token-1-1"', '""')],
    [
      'has an empty token and cannot be decoded',
      notice.replace('"token-1-1"', '""').replace('"price":100', '"price":[]'),
    ],
    ['has a token that is an object', notice.replace('"token-1-1"', '{"token":"token-1-1"}')],
    ['has no token', notice.replace('"token":"token-1-1",', '')],
    ['has its token in the wrong place', `{"op":"notify","topic":"order","data":{"token":"token-1-1"}}`],
    ['has neither op nor token', '{"topic":"fill","data":{}}'],
    ['has an empty cid and nothing else', '{"cid":""}'],
    ['is a state without a token', '{"op":"state","code":4,"msg":""}'],
  ])('and %s gives every login of the socket a gap and a new snapshot', (_, frame) => {
    const { server, pass, gaps, accounts } = twoLogins()
    const views = accounts.map((account) => watch(account.orders('BTC/USDT')))
    pass(10)
    server.on('open_orders', lists(open('2')))
    server.side.sendText(frame)
    pass(100)
    expect(gaps.map(({ values }) => values.map(({ cause }) => cause))).toEqual([
      ['undecodable-notice'],
      ['undecodable-notice'],
    ])
    expect(views.map(({ last }) => [last?.stale, [...(last?.all.keys() ?? [])]])).toEqual([
      [false, ['2']],
      [false, ['2']],
    ])
  })

  it('and is binary gives every login of the socket a gap', () => {
    const server = scriptedServer()
    const bytes = (text: Message): Message => (text === 'binary' ? new Uint8Array([0x7b, 0xff, 0xfe]) : text)
    const transport = server.transport.pipe(
      map(
        (connection): Connection => ({
          message$: connection.message$.pipe(map(bytes)),
          bufferedAmount: 0,
          send: (text) => connection.send(text),
          close: (code, reason) => connection.close(code, reason),
          abandon: () => connection.abandon(),
        }),
      ),
    )
    const gateway = connect(transport, server.options)
    const logins = [credentials, two].map((each) => watch(gateway.login(each)))
    server.scheduler.advanceBy(100)
    const gaps = logins.map(({ values }) => watch(values[0]!.gap$))
    server.side.sendText('binary')
    server.scheduler.advanceBy(100)
    expect(gaps.map(({ values }) => values.length)).toEqual([1, 1])
  })

  it.each([
    ['nests too deep', notice.replace('"symbol"', `"deep":${'['.repeat(1_000)}${']'.repeat(1_000)},"symbol"`)],
    ['has no topic', notice.replace('"topic":"order",', '')],
    ['has a numeric topic', notice.replace('"topic":"order"', '"topic":3')],
    ['has no data', '{"op":"notify","topic":"fill","token":"token-1-1"}'],
    ['has no op', notice.replace('"op":"notify",', '')],
    ['has no op and a cid', notice.replace('"op":"notify"', '"cid":"1"')],
    ['is a state without a code', '{"op":"state","token":"token-1-1","msg":""}'],
  ])('and %s gives a gap to the login alone that its token names', (_, text) => {
    const { server, pass, gaps } = twoLogins()
    server.side.sendText(text)
    pass(100)
    expect(gaps.map(({ values }) => values.length)).toEqual([1, 0])
  })

  it.each([
    ['a pong', '{"op":"pong","ts":"now"}'],
    ['a reply', '{"op":"asset","cid":"1","result":"yes"}'],
    ['a reply without a cid', '{"op":"asset","result":"yes"}'],
    ['a reply without an op', '{"cid":"1","token":"token-1-1"}'],
    ['an error', '{"op":"error","error_message":7}'],
    ['an op that we do not know', '{"op":"constructor","token":"token-1-1"}'],
    ['a market notice', '{"op":"notify","topic":"trade","data":{}}'],
  ])('and is certainly %s gives nobody a gap', (_, text) => {
    const { server, pass, gaps } = twoLogins()
    server.side.sendText(text)
    pass(100)
    expect(gaps.map(({ values }) => values.length)).toEqual([0, 0])
  })

  it('gives a gap to a login that is unanswered as it comes: its notices may come before its reply', () => {
    const scene = loggedIn()
    const held: Frame[] = []
    scene.server.on('login', (frame) => void held.push(frame))
    const second = watch(scene.gateway.login(two))
    scene.pass(10)
    const { side } = scene.server
    side.sendText(withFee('NaN'))
    side.reply(held[0]!, { token: 'second' })
    scene.pass(10)
    const gaps = watch(second.values[0]!.gap$)
    side.state(6, 'second')
    scene.pass(100)
    expect(gaps.values).toMatchObject([{ cause: 'undecodable-notice' }])
  })
})

describe('a storm', () => {
  const symbols = ['A/USDT', 'B/USDT', 'C/USDT', 'D/USDT', 'E/USDT']
  const questions = 6
  const stormy = (handlers: Record<string, Handler> = {}) => {
    const balances: Handler = (frame, side) => side.reply(frame, { data: {} })
    const server = scriptedServer({ asset: balances, ...handlers })
    const gateway = connect(server.transport, server.options)
    const login = watch(gateway.login({ ...credentials, symbols }))
    const pass = (ms: number): void => server.scheduler.advanceBy(ms)
    pass(100)
    const account = login.values[0]!
    const views = [...symbols.map((symbol) => watch(account.orders(symbol))), watch(account.balances())]
    pass(100)
    const asked = (): number => server.of('open_orders').length + server.of('asset').length
    const before = asked()
    return { server, account, views, pass, asked: () => asked() - before, gaps: watch(account.gap$) }
  }

  it.each<[string, (nth: number) => string]>([
    [
      'undecodable notices',
      (nth) => JSON.stringify({ op: 'notify', topic: 'order', token: 'token-1-1', data: { nth } }),
    ],
    ['frames that are no JSON', () => '{"fee":NaN}'],
    [
      'numbers left out',
      (nth) =>
        JSON.stringify({
          op: 'notify',
          topic: 'order',
          token: 'token-1-1',
          data: orderNotice({ order_no: '7', symbol: 'A/USDT', utime: nth, seq: 10 * nth }),
        }),
    ],
  ])('of 100 %s in one chunk over 5 symbols costs one round of questions and one more', (_, text) => {
    const { server, views, asked, gaps, pass } = stormy()
    for (let nth = 1; nth <= 100; nth++) server.side.sendText(text(nth))
    pass(20_000)
    // An order that is told of and not listed is asked for once more.
    expect(asked()).toBeLessThanOrEqual(2 * questions + 1)
    expect(asked()).toBeGreaterThanOrEqual(2 * questions)
    expect(gaps.values).toHaveLength(2)
    expect(views.map(({ last }) => last?.stale)).toEqual(views.map(() => false))
  })

  it('without end is asked about ever less often, and views stand again after it', () => {
    const { server, views, asked, pass } = stormy()
    for (let ms = 0; ms < 60_000; ms += 100) {
      server.side.sendText('garbage')
      pass(100)
    }
    expect(asked()).toBeLessThanOrEqual(12 * questions)
    pass(20_000)
    expect(views.map(({ last }) => last?.stale)).toEqual(views.map(() => false))
  })

  it('of garbage that answers each question does not make questions without end', () => {
    const { server, asked, pass } = stormy()
    server.on('asset', (frame, side) => {
      side.sendText('{"data":NaN}')
      side.reply(frame, { data: {} })
    })
    server.side.sendText('garbage')
    pass(60_000)
    expect(asked()).toBeLessThanOrEqual(12 * questions)
  })

  it('tells what each of its snapshots showed, though a drop interrupts the round', () => {
    const { server, gaps, pass } = stormy({
      open_orders: (frame, side) => side.reply(frame, { data: frame.symbol === 'A/USDT' ? [open('1')] : [] }),
    })
    server.on('open_orders', (frame, side) => {
      if (frame.symbol === 'A/USDT' || side.nth > 1) side.reply(frame, { data: [] })
    })
    server.side.sendText('garbage')
    pass(100)
    server.side.connection.abandon()
    pass(5_000)
    expect(gaps.values).toMatchObject([{ missing: [{ order_no: '1' }] }])
  })
})

describe('numbers beyond 2^53', () => {
  const numbered = (seq: string, utime: number): string =>
    `{"op":"notify","topic":"order","token":"token-1-1","data":${JSON.stringify(orderNotice({ utime })).slice(0, -1)},"seq":${seq}}}`

  it.each([
    ['none is left out', ['9007199254740992', '9007199254740993', '9007199254740994'], 0],
    ['one is left out', ['9007199254740993', '9007199254740995'], 1],
    ['99 are left out', ['9223372036854775000', '9223372036854775100'], 1],
    ['one is told twice', ['9223372036854775000', '9223372036854775000'], 0],
    ['the last below it is followed by the next', ['9007199254740991', '9007199254740992'], 0],
    ['the last below it is followed by the next but one', ['9007199254740991', '9007199254740993'], 1],
    ['the number is spelled so that it cannot be counted with', ['1', '1e300'], 1],
    ['the number is no integer', ['1', '1.5'], 1],
  ])('where %s', (_, seqs, gapsExpected) => {
    const { server, account, pass } = loggedIn()
    const gaps = watch(account.gap$)
    for (const [nth, seq] of seqs.entries()) {
      server.side.sendText(numbered(seq, nth))
      pass(100)
    }
    expect(gaps.values).toHaveLength(gapsExpected)
  })

  it('count from the login reply on, and are not asked for: the number would be rounded', () => {
    const { server, account, pass } = loggedIn({
      login: (frame, side) => {
        side.sendText(
          `{"op":"login","cid":"${String(frame.cid)}","result":true,"error_message":"","token":"token-1-1","features":["resume"],"seq":9007199254740993}`,
        )
        side.state(6, 'token-1-1')
      },
    })
    const gaps = watch(account.gap$)
    server.side.sendText(numbered('9007199254740995', 1))
    pass(100)
    expect(gaps.values).toHaveLength(1)
    server.side.connection.abandon()
    pass(5_000)
    expect(server.of('login')[1]).not.toHaveProperty('resume')
  })
})
