import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startPaperGateway, type RunningPaperGateway } from '../../src/gateway/index.js'
import { type Frame, PlainClient } from './plain-client.js'

let gateway: RunningPaperGateway
let anna: PlainClient
let bert: PlainClient

beforeEach(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none', startBalances: { USDT: '100000', BTC: '5' } })
  anna = await PlainClient.open(gateway.url)
  bert = await PlainClient.open(gateway.url)
})
afterEach(async () => {
  anna.terminate()
  bert.terminate()
  await gateway.close()
})

const order = (fields: Frame) => ({ op: 'place_order', symbol: 'BTC/USDT', order_type: 'LIMIT', ...fields })
const exchangeOf = (platform: string) => gateway.platforms.get(platform)!.exchange

/** Sums decimal texts of at most 20 places without a rounding. */
const sum = (amounts: readonly string[]): bigint =>
  amounts.reduce((total, amount) => {
    const [whole, part = ''] = amount.split('.')
    const units = BigInt(whole!.replace('-', '') + part.padEnd(20, '0'))
    return amount.startsWith('-') ? total - units : total + units
  }, 0n)

const total = (platform: string, currency: string): bigint =>
  sum(
    exchangeOf(platform)
      .exactBalances()
      .filter((balance) => balance.currency === currency)
      .flatMap(({ free, locked }) => [free, locked]),
  )

describe('two clients that trade with each other through the gateway', () => {
  it('see a partial fill, the rest filled later, and every balance adds up to the last digit', async () => {
    const seller = await anna.login({ access_key: 'the-key-of-anna' })
    const buyer = await bert.login({ access_key: 'the-key-of-bert' })
    const [btc, usdt] = [total('huobi', 'BTC'), total('huobi', 'USDT')]

    const sold = await anna.ask(order({ cid: 's', token: seller, action: 'SELL', price: 60_000.01, quantity: 0.3 }))
    const bought = await bert.ask(order({ cid: 'b', token: buyer, action: 'BUY', price: 60_500, quantity: 0.1 }))
    await anna.first(({ topic, data }) => topic === 'order' && data.status === 'PARTIAL-FILLED')
    const rest = await bert.ask(
      order({ cid: 'c', token: buyer, action: 'BUY', price: 60_000.01, quantity: 0.2, order_type: 'IOC' }),
    )
    await anna.first(({ topic, data }) => topic === 'order' && data.status === 'FILLED')
    await bert.first(
      ({ topic, data }) => topic === 'order' && data.order_no === rest.order_no && data.status === 'FILLED',
    )

    const fills = (of: PlainClient) => of.frames.filter(({ topic }) => topic === 'fill').map(({ data }) => data)
    expect(fills(anna)).toMatchObject([
      { order_no: sold.order_no, price: 60_000.01, quantity: 0.1, side: 'SELL', liquidity: 'MAKER' },
      { order_no: sold.order_no, price: 60_000.01, quantity: 0.2, side: 'SELL', liquidity: 'MAKER' },
    ])
    expect(fills(bert)).toMatchObject([
      { order_no: bought.order_no, price: 60_000.01, quantity: 0.1, side: 'BUY', liquidity: 'TAKER' },
      { order_no: rest.order_no, price: 60_000.01, quantity: 0.2, side: 'BUY', liquidity: 'TAKER' },
    ])

    // huobi takes 0.2 % of what is received, from both.
    expect((await anna.ask({ op: 'asset', cid: 'a', token: seller })).data).toEqual({
      USDT: { free: 117_964.002994, locked: 0, total: 117_964.002994 },
      BTC: { free: 4.7, locked: 0, total: 4.7 },
    })
    expect((await bert.ask({ op: 'asset', cid: 'a', token: buyer })).data).toEqual({
      USDT: { free: 81_999.997, locked: 0, total: 81_999.997 },
      BTC: { free: 5.2994, locked: 0, total: 5.2994 },
    })
    expect(total('huobi', 'BTC')).toBe(btc)
    expect(total('huobi', 'USDT')).toBe(usdt)
    expect(exchangeOf('huobi').audit()).toEqual([])
  })

  it('hear each order’s reply before its notices, and of an order before its fills', async () => {
    const seller = await anna.login({ access_key: 'the-key-of-anna' })
    const buyer = await bert.login({ access_key: 'the-key-of-bert' })
    await anna.ask(order({ cid: 's', token: seller, action: 'SELL', price: 60_000, quantity: 0.1 }))
    const from = bert.frames.length
    await bert.ask(order({ cid: 'b', token: buyer, action: 'BUY', price: 60_000, quantity: 0.1 }))
    await bert.first(({ topic, data }) => topic === 'asset' && data.BTC.total > 5)
    expect(bert.frames.slice(from).map(({ op, topic, data }) => [topic ?? op, data?.status])).toEqual([
      ['place_order', undefined],
      ['order', 'SUBMITTED'],
      ['fill', undefined],
      ['order', 'FILLED'],
      ['asset', undefined],
    ])
  })

  it('trade within one platform only', async () => {
    const seller = await anna.login({ access_key: 'the-key-of-anna', platform: 'huobi' })
    const buyer = await bert.login({ access_key: 'the-key-of-bert', platform: 'okex' })
    await anna.ask(order({ cid: 's', token: seller, action: 'SELL', price: 60_000, quantity: 0.1 }))
    await bert.ask(order({ cid: 'b', token: buyer, action: 'BUY', price: 60_000, quantity: 0.1 }))
    const { data } = await bert.ask({ op: 'open_orders', cid: 'o', token: buyer, symbol: 'BTC/USDT' })
    expect(data).toMatchObject([{ remain: 0.1, status: 'SUBMITTED' }])
  })
})

describe('open orders (fault 32)', () => {
  const buy = order({ cid: 'p', action: 'BUY', price: 50_000, quantity: 0.01 })

  it('stay when their login logs out, trade while it is away, and are in the snapshot of the next login', async () => {
    const token = await anna.login()
    const { order_no } = await anna.ask({ ...buy, token })
    await anna.ask({ op: 'logout', cid: 'l', token })
    const from = anna.frames.length

    const seller = await bert.login({ access_key: 'the-key-of-bert' })
    await bert.ask(order({ cid: 's', token: seller, action: 'SELL', price: 50_000, quantity: 0.004 }))
    expect(anna.frames).toHaveLength(from)

    const next = await anna.login()
    expect(anna.frames.slice(from).map(({ op, code, topic }) => code ?? topic ?? op)).toEqual([
      'login',
      2,
      'asset',
      'order',
      6,
    ])
    const snapshot = anna.frames.at(-2)
    expect(snapshot).toMatchObject({
      token: next,
      data: { order_no, symbol: 'BTC/USDT', status: 'PARTIAL-FILLED', quantity: 0.01, remain: 0.006 },
    })
  })

  it('stay when their socket breaks', async () => {
    await anna.ask({ ...buy, token: await anna.login() })
    anna.terminate()
    await anna.end()
    const token = await loginWhenFree(bert)
    const { data } = await bert.ask({ op: 'open_orders', cid: 'o', token, symbol: 'BTC/USDT' })
    expect(data).toHaveLength(1)
  })

  it('are cancelled when the socket breaks of a login that asked for it', async () => {
    await anna.ask({ ...buy, token: await anna.login({ cancel_on_disconnect: true }) })
    anna.terminate()
    await anna.end()
    const token = await loginWhenFree(bert)
    const { data } = await bert.ask({ op: 'open_orders', cid: 'o', token, symbol: 'BTC/USDT' })
    expect(data).toEqual([])
  })
})

/** The gateway hears of a broken socket a moment after its client. */
const loginWhenFree = async (client: PlainClient): Promise<string> => {
  for (;;) {
    try {
      return await client.login()
    } catch (error) {
      if (!String(error).includes('Do not log in repeat')) throw error
    }
  }
}

describe('a login to paper', () => {
  it('without a key receives PARAM_MISS, is never ready, and may log out', async () => {
    anna.send({ op: 'login', cid: 'l', platform: 'huobi', symbols: ['BTC/USDT'], access_key: '', secret_key: 's' })
    const { token } = await anna.first(({ op }) => op === 'login')
    expect(await anna.first(({ op }) => op === 'state')).toEqual({
      op: 'state',
      token,
      code: 1,
      msg: 'access_key is missing',
    })
    expect(await anna.ask({ op: 'asset', cid: 'a', token })).toMatchObject({
      result: false,
      error_message: expect.stringContaining('PARAM_MISS'),
    })
    expect(await anna.ask({ op: 'logout', cid: 'o', token })).toMatchObject({ result: true })
  })

  it('finds its account as it left it', async () => {
    const token = await anna.login()
    await anna.ask({ ...order({ cid: 'p', action: 'BUY', price: 50_000, quantity: 0.01 }), token })
    await anna.ask({ op: 'logout', cid: 'o', token })
    const again = await anna.login()
    const { data } = await anna.ask({ op: 'asset', cid: 'a', token: again })
    expect(data.USDT).toEqual({ free: 99_500, locked: 500, total: 100_000 })
  })

  it('learns in words that a spot symbol has no position', async () => {
    const token = await anna.login()
    expect(await anna.ask({ op: 'position', cid: 'p', token, symbol: 'BTC/USDT' })).toMatchObject({
      result: false,
      error_message: expect.stringContaining('spot'),
    })
  })
})
