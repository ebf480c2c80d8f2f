import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startPaperGateway, type RunningPaperGateway } from '../../src/gateway/index.js'
import { PlainClient } from './plain-client.js'

let gateway: RunningPaperGateway
let client: PlainClient

beforeEach(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none' })
  client = await PlainClient.open(gateway.url)
})

afterEach(async () => {
  client.terminate()
  await gateway.close()
})

const limitBuy = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' }

describe('a plain WebSocket script that knows only the protocol text', () => {
  it('logs in: the reply first, then state 2, the snapshots, and READY last', async () => {
    const token = await client.login()
    expect(client.frames.map(({ op, code, topic }) => code ?? topic ?? op)).toEqual(['login', 2, 'asset', 6])
    expect(client.frames.every((frame) => frame.token === token)).toBe(true)
    expect(client.frames[2]?.data.USDT).toEqual({ free: 100_000, locked: 0, total: 100_000 })
  })

  it('gets pong with the ts of its ping', async () => {
    client.send({ op: 'ping', ts: 1530604762311 })
    expect(await client.first(({ op }) => op === 'pong')).toEqual({ op: 'pong', ts: 1530604762311 })
  })

  it.each(['9007199254740992', '18014398509481984', '-9007199254740991', '1.5', '1e3', '0'])(
    'gets pong with every digit of ts %s',
    async (ts) => {
      client.sendText(`{"op":"ping","ts":${ts}}`)
      expect(await client.first(({ op }) => op !== '')).toEqual({ op: 'pong', ts: Number(ts) })
    },
  )

  it.each([
    '9007199254740993',
    '12345678901234567890',
    '1530604762311.00001',
    '-9007199254740993',
    '0.12345678901234567',
  ])('gets an error for ts %s, which a double cannot hold: never another number', async (ts) => {
    client.sendText(`{"ts": ${ts}, "op":"ping"}`)
    expect(await client.first(({ op }) => op !== '')).toMatchObject({
      op: 'error',
      error_message: expect.stringContaining('ts'),
    })
  })

  it('trades twice when it is run twice with the same constant cids', async () => {
    const numbers: string[] = []
    for (let run = 0; run < 2; run++) {
      const token = await client.login()
      client.frames.length = 0
      const placed = await client.ask({ op: 'place_order', cid: '1', token, ...limitBuy })
      expect(placed).toMatchObject({ result: true, cid: '1' })
      numbers.push(placed.order_no)
      const open = await client.ask({ op: 'open_orders', cid: '2', token, symbol: 'BTC/USDT' })
      expect(open.data).toHaveLength(run + 1)
      await client.ask({ op: 'logout', cid: '3', token })
      await client.close()
      client = await PlainClient.open(gateway.url)
    }
    expect(new Set(numbers).size).toBe(2)
  })

  it('places an order: the reply first, then its notices; finds it open; cancels exactly that one and hears of it', async () => {
    const token = await client.login()
    const from = client.frames.length
    const placed = await client.ask({ op: 'place_order', cid: 'p', token, ...limitBuy })
    expect(placed).toEqual({
      op: 'place_order',
      cid: 'p',
      result: true,
      error_message: '',
      order_no: expect.any(String),
    })
    const { order_no } = placed
    const balances = await client.first(({ topic, data }) => topic === 'asset' && data.USDT.locked === 500)
    // Whole, not only the currency that changed.
    expect(Object.keys(balances.data)).toEqual(['USDT', 'BTC', 'ETH'])
    expect(client.frames.slice(from).map(({ op, topic }) => topic ?? op)).toEqual(['place_order', 'order', 'asset'])

    const open = await client.ask({ op: 'open_orders', cid: 'o', token, symbol: 'BTC/USDT' })
    expect(open.data).toMatchObject([{ order_no, remain: 0.01, status: 'SUBMITTED', price: 50_000 }])

    const cancelled = await client.ask({
      op: 'cancel_order',
      cid: 'c',
      token,
      symbol: 'BTC/USDT',
      order_nos: [order_no],
    })
    expect(cancelled).toEqual({
      op: 'cancel_order',
      cid: 'c',
      result: true,
      error_message: '',
      data: [{ result: true, error_message: '', order_no }],
    })
    await client.first(({ topic, data }) => topic === 'order' && data.status === 'CANCELED')
  })

  it('cancels everything of a symbol by naming nothing', async () => {
    const token = await client.login()
    await client.ask({ op: 'place_order', cid: '1', token, ...limitBuy })
    await client.ask({ op: 'place_order', cid: '2', token, ...limitBuy })
    const { data } = await client.ask({ op: 'cancel_order', cid: 'c', token, symbol: 'BTC/USDT', order_nos: [] })
    expect(data).toHaveLength(2)
    expect((await client.ask({ op: 'open_orders', cid: 'o', token, symbol: 'BTC/USDT' })).data).toEqual([])
  })

  it('asks for its assets and for the steps of a symbol', async () => {
    const token = await client.login()
    const { data: assets } = await client.ask({ op: 'asset', cid: 'a', token })
    expect(assets.USDT).toEqual({ free: 100_000, locked: 0, total: 100_000 })
    const { data: info } = await client.ask({ op: 'symbol_info', cid: 's', token, symbol: 'BTC/USDT' })
    expect(info).toMatchObject({ price_tick: 0.01, base_currency: 'BTC', quote_currency: 'USDT' })
  })

  it('hears a request without cid answered with an empty one', async () => {
    const token = await client.login()
    client.send({ op: 'asset', token })
    expect(await client.first(({ op }) => op === 'asset')).toMatchObject({ cid: '', result: true })
  })

  it('logs out, after which its token is worth nothing and the same key may log in again', async () => {
    const token = await client.login()
    expect(await client.ask({ op: 'logout', cid: 'l', token })).toEqual({
      op: 'logout',
      cid: 'l',
      result: true,
      error_message: '',
    })
    expect(await client.ask({ op: 'asset', cid: 'a', token })).toMatchObject({
      result: false,
      error_message: 'Invalid token',
    })
    expect(await client.login()).not.toBe(token)
  })

  describe('is refused in words', () => {
    it('on a platform that is not there', async () => {
      await expect(client.login({ platform: 'nowhere' })).rejects.toThrow(
        'platform "nowhere" is not known here; there are huobi, okex',
      )
      expect(client.frames[0]).toMatchObject({ op: 'login', result: false, token: '' })
    })

    it('on a second login of the same key to the same platform, but not to another', async () => {
      await client.login()
      await expect(client.login()).rejects.toThrow('Do not log in repeat')
      await client.login({ platform: 'okex' })
    })

    it('with a symbol that its login did not name', async () => {
      const token = await client.login({ symbols: ['ETH/USDT'] })
      expect(await client.ask({ op: 'place_order', cid: 'p', token, ...limitBuy })).toEqual({
        op: 'place_order',
        cid: 'p',
        result: false,
        error_message: 'symbol "BTC/USDT" was not named at login',
        unknown: false,
      })
    })

    it('with a field of another type, by an ordinary reply', async () => {
      const token = await client.login()
      expect(await client.ask({ op: 'place_order', cid: 'p', token, ...limitBuy, price: '50000' })).toEqual({
        op: 'place_order',
        cid: 'p',
        result: false,
        error_message: 'place_order: price should be a finite number, but is a string',
        unknown: false,
      })
    })

    it('with more money than it has', async () => {
      const token = await client.login()
      const refused = await client.ask({ op: 'place_order', cid: 'p', token, ...limitBuy, quantity: 100 })
      expect(refused).toMatchObject({
        result: false,
        error_message: expect.stringContaining('insufficient'),
        unknown: false,
      })
    })

    it('with a query, which has no effect', async () => {
      client.send({ op: 'asset', token: 'x' })
      expect(await client.first(({ op }) => op === 'asset')).toMatchObject({ cid: '' })
      expect(await client.ask({ op: 'asset', cid: 'a', token: 'x' })).toEqual({
        op: 'asset',
        cid: 'a',
        result: false,
        error_message: 'Invalid token',
      })
    })

    it('with a login that lacks a key', async () => {
      client.send({ op: 'login', cid: 'l', platform: 'huobi', symbols: [], secret_key: 'b' })
      expect(await client.first(({ op }) => op === 'login')).toEqual({
        op: 'login',
        cid: 'l',
        result: false,
        error_message: 'login: access_key should be a string, but is missing',
        token: '',
      })
    })
  })
})
