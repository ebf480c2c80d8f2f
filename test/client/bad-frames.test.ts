import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { config } from 'rxjs'
import { type MarketTopic, Trade } from '../../src/protocol/index.js'
import { loggedIn, orderNotice } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

const trade = { symbol: 'BTC/USDT', action: 'BUY', price: 1, quantity: 1, timestamp: 1 }

describe('a frame that cannot be used', () => {
  it.each([
    ['is not JSON', '{"op":'],
    ['has a byte order mark', '\uFEFF{"op":"pong","ts":1}'],
    ['is a list', '[]'],
    ['is null', 'null'],
    ['has no op', '{"cid":"1"}'],
    ['has an op that names an inherited member', '{"op":"constructor"}'],
    [
      'nests 10,000 levels deep',
      `{"op":"notify","topic":"order","token":"x","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    ],
    ['is 1 MiB of nothing', `{"op":"x","pad":"${'x'.repeat(1 << 20)}"}`],
    ['holds a number beyond all numbers', '{"op":"state","token":"token-1-1","code":1e400,"msg":""}'],
  ])('%s: goes to protocolErrors$ and touches nobody else', (_, text) => {
    const { server, gateway, account, login, pass } = loggedIn()
    const errors = watch(gateway.protocolErrors$)
    server.side.sendText(text)
    server.side.notify('order', orderNotice())
    const orders = watch(account.order$)
    pass(10)
    expect(errors.values).toHaveLength(1)
    expect(orders.values).toHaveLength(1)
    expect(login.ended).toBe('no')
    expect(server.sides).toHaveLength(1)
  })

  it('names the platform that it was for, and never its token', () => {
    const { server, gateway, pass } = loggedIn()
    const errors = watch(gateway.protocolErrors$)
    server.side.notify('order', orderNotice({ price: 'high' }))
    pass(10)
    const { error, platform } = errors.values[0]!
    expect(platform).toBe('huobi')
    expect(error.message).toBe('data of order notice: price should be a finite number or null, but is a string')
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('token-1-1')
  })

  it('is told as a ServerComplaint when it is one of ours, keys hidden', () => {
    const { server, gateway, pass } = loggedIn()
    const errors = watch(gateway.protocolErrors$)
    server.side.send({ op: 'error', error_message: 'cannot process my-secret-key' })
    pass(10)
    expect(errors.values[0]!.error).toMatchObject({ _tag: 'ServerComplaint' })
    expect(errors.values[0]!.error.message).toContain('cannot process ***')
  })

  it('is no reason to lose names such as __proto__, constructor and toString', () => {
    const { server, account, pass } = loggedIn({}, {}, { market: ['trade'] })
    const assets = watch(account.asset$)
    const trades = watch(account.topic$('trade', Trade))
    const others = ['constructor', '__proto__'].map((name) => watch(account.topic$(name as MarketTopic, Trade)))
    server.side.sendText(
      '{"op":"notify","topic":"asset","token":"token-1-1","data":{"__proto__":{"free":-0,"locked":0,"total":0},"constructor":{"free":1,"locked":0,"total":1}}}',
    )
    server.side.notify('constructor', trade)
    server.side.notify('__proto__', trade)
    server.side.notify('trade', trade)
    server.side.send({ op: 'toString', token: '__proto__' })
    pass(10)
    expect(Object.keys(assets.last ?? {})).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(assets.last)).toBe(Object.prototype)
    expect(trades.values).toEqual([trade])
    for (const { error } of others) expect(error).toMatchObject({ _tag: 'TopicNotAsked' })
    expect(({} as Record<string, unknown>).free).toBeUndefined()
  })
})

describe('topic$', () => {
  it('decodes with the codec it is given, and tells what does not decode', () => {
    const { server, account, gateway, pass } = loggedIn({}, {}, { market: ['trade'] })
    const errors = watch(gateway.protocolErrors$)
    const trades = watch(account.topic$('trade', Trade))
    server.side.notify('trade', { ...trade, price: '1' })
    server.side.notify('trade', { ...trade, more: true })
    pass(10)
    expect(trades.values).toEqual([{ ...trade, more: true }])
    expect(errors.values).toMatchObject([{ platform: 'huobi', error: { topic: undefined, reason: 'shape' } }])
  })
})

describe('a subscriber that throws', () => {
  const thrown: unknown[] = []
  beforeAll(() => {
    config.onUnhandledError = (error) => thrown.push(error)
  })
  afterAll(() => {
    config.onUnhandledError = null
  })

  it('hurts neither the other subscribers nor the connection', async () => {
    const { server, account, login, pass } = loggedIn({}, {}, { market: ['trade'] })
    account.order$.subscribe(() => {
      throw new Error('a bug in a strategy')
    })
    const orders = watch(account.order$)
    server.side.notify('order', orderNotice())
    server.side.notify('order', orderNotice())
    pass(10)
    expect(orders.values).toHaveLength(2)
    expect(login.ended).toBe('no')
    expect(watch(account.ready$).last).toBe(true)
    await new Promise((resolve) => setTimeout(resolve))
    expect(thrown).toHaveLength(2)
  })
})

describe('many who come and go', () => {
  it('leave nothing behind', () => {
    const { server, account, pass } = loggedIn({}, {}, { market: ['trade'] })
    const pending = server.scheduler.pending
    for (let i = 0; i < 100_000; i++) account.order$.subscribe().unsubscribe()
    for (let i = 0; i < 10_000; i++) account.topic$('trade', Trade).subscribe().unsubscribe()
    for (let i = 0; i < 1_000; i++) account.asset().subscribe().unsubscribe()
    pass(10)
    expect(server.scheduler.pending).toBe(pending)
    expect(watch(account.ready$).last).toBe(true)
  })
})
