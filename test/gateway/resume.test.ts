import { beforeEach, describe, expect, it } from '@jest/globals'
import { concat, NEVER } from 'rxjs'
import { NoticeLog, paperPlatforms } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { anOrder, connected, FakeExchange, orderNotice, ready } from './fake-exchange.js'
import type { Frame } from './plain-client.js'
import { VirtualGateway } from './virtual-gateway.js'

const login = { op: 'login', cid: 'l', symbols: ['BTC/USDT'], access_key: 'an-access-key', secret_key: 'a-secret-key' }

describe('a login with resume', () => {
  let history: NoticeLog
  let gateway: VirtualGateway
  const reply = (fields: Frame = {}) => gateway.connect().ask({ ...login, platform: 'fake', ...fields })

  beforeEach(() => {
    const exchange = new FakeExchange()
    history = new NoticeLog({ base: 100, most: 3 })
    const open = exchange.open.bind(exchange)
    exchange.open = (details) => {
      const session = open(details)
      return Object.assign(session, { history, event$: concat([connected, orderNotice(), ready], NEVER) })
    }
    gateway = new VirtualGateway(new Map([['fake', exchange]]))
    for (let i = 0; i < 4; i++) history.order(anOrder)
  })

  it('receives the present number, the missed notices, the snapshots and READY, in this order', () => {
    const frames = reply({ resume: 102 })
    expect(frames[0]).toMatchObject({ op: 'login', seq: 104, resume: 'complete' })
    expect(frames.map(({ op, data, code }) => data?.seq ?? code ?? (op === 'notify' ? 'snapshot' : op))).toEqual([
      'login',
      103,
      104,
      2,
      'snapshot',
      6,
    ])
  })

  it.each([100, 105, 1.5])('learns that notices are lost where some of those after %p are missing', (resume) => {
    const frames = reply({ resume })
    expect(frames[0]).toMatchObject({ op: 'login', seq: 104, resume: 'lost' })
    expect(frames.filter(({ data }) => data?.seq !== undefined)).toEqual([])
  })

  it('receives only the number where it did not ask to resume', () => {
    const frames = reply()
    expect(frames[0]).toMatchObject({ seq: 104 })
    expect(frames[0]).not.toHaveProperty('resume')
    expect(frames.filter(({ data }) => data?.seq !== undefined)).toEqual([])
  })

  it('receives many of them in several turns, including those that arrive meanwhile, and then the snapshots', () => {
    const exchange = new FakeExchange()
    const open = exchange.open.bind(exchange)
    history = new NoticeLog({ base: 100 })
    exchange.open = (details) =>
      Object.assign(open(details), { history, event$: concat([connected, orderNotice(), ready], NEVER) })
    gateway = new VirtualGateway(new Map([['fake', exchange]]), { conflateAboveBytes: Infinity })
    for (let i = 0; i < 1_200; i++) history.order(anOrder)
    const client = gateway.connect()
    client.connection.send(JSON.stringify({ ...login, platform: 'fake', resume: 100 }))
    const told = () => client.frames.flatMap(({ data }) => data?.seq ?? [])
    let toldBefore: number | undefined
    const turns = () => {
      if (told().length === 0) {
        gateway.scheduler.schedule(turns, 0)
        return
      }
      toldBefore = told().length
      history.order(anOrder)
    }
    turns()
    gateway.advance(1)
    expect(toldBefore).toBe(500)
    expect(told()).toEqual(Array.from({ length: 1_201 }, (_, i) => 101 + i))
    expect(client.frames.slice(-3).map(({ code, topic }) => code ?? topic)).toEqual([2, 'order', 6])
  })

  it('is sent nothing of symbols that it did not name', () => {
    const frames = reply({ resume: 102, symbols: ['ETH/USDT'] })
    expect(frames.map(({ op }) => op)).toEqual(['login', 'state', 'state'])
  })
})

describe('the paper exchange', () => {
  it('says that it has the feature, and numbers orders and fills by one, over connections', () => {
    const scheduler = new VirtualScheduler()
    const platforms = paperPlatforms({ market: 'none', scheduler, clock: virtualClock(scheduler) })
    const gateway = new VirtualGateway(platforms, {}, scheduler)
    const order = { op: 'place_order', symbol: 'BTC/USDT', price: 50_000, quantity: 0.01, order_type: 'LIMIT' }
    const anna = gateway.connect()
    const token = anna.login({ platform: 'huobi' })
    const { features, seq } = anna.frames[0]!
    expect(features).toContain('resume')
    anna.ask({ ...order, cid: 'a', token, action: 'BUY' })
    const told = anna.frames.filter(({ data }) => data?.seq !== undefined)
    expect(told.map(({ topic, data }) => [topic, data.seq - seq])).toEqual([['order', 1]])
    anna.connection.abandon()
    gateway.advance(1)

    const bert = gateway.connect()
    bert.ask({
      ...order,
      cid: 'b',
      token: bert.login({ platform: 'huobi', access_key: 'the-key-of-bert' }),
      action: 'SELL',
    })
    const again = gateway.connect()
    again.login({ platform: 'huobi', resume: told[0]!.data.seq })
    const missed = again.frames.filter(({ data }) => data?.seq !== undefined)
    expect(missed.map(({ topic, data }) => [topic, data.seq - seq])).toEqual([
      ['fill', 2],
      ['order', 3],
    ])
  })

  it('does not take a number of the life before for one of this', () => {
    const scheduler = new VirtualScheduler()
    const platforms = () => paperPlatforms({ market: 'none', scheduler, clock: virtualClock(scheduler) })
    const order = { op: 'place_order', symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01 }
    const life = (fields: Frame = {}) => {
      const gateway = new VirtualGateway(platforms(), {}, scheduler)
      const login = () => {
        const client = gateway.connect()
        const token = client.login({ platform: 'huobi', ...fields })
        for (const cid of ['a', 'b', 'c']) client.ask({ ...order, order_type: 'LIMIT', cid, token })
        client.connection.abandon()
        gateway.advance(1)
        return client.frames
      }
      return [login(), login()]
    }
    const seq = life()[0]!.find(({ data }) => data?.seq !== undefined)!.data.seq
    expect(life({ resume: seq })[1]![0]).toMatchObject({ resume: 'lost' })
  })
})
