// Rows of FAULTS.md against a gateway as it is built, in a process of its own, spoken to by plain sockets. README.md beside this says what else shows each.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build, node, root, type Running, rxquant } from '../support/processes.js'
import { type Frame, PlainClient } from './plain-client.js'

const processes: Running[] = []
const started = async (process: Running): Promise<string> => {
  processes.push(process)
  const [, url = ''] = await process.saying(/listening on (ws:\S+)\n/)
  return url
}
const withLimits = (options: object) =>
  started(node([join(root, 'test/gateway/real-process.mjs'), JSON.stringify(options)]))

let url: string
let bystander: PlainClient
let keys = 0
beforeAll(async () => {
  build()
  url = await started(rxquant(['gateway', '--port', '0', '--log-level', 'warn']))
  bystander = await PlainClient.open(url)
  await bystander.login({ access_key: 'key-of-a-bystander' })
}, 60_000)
afterAll(async () => {
  for (const process of processes) process.kill('SIGKILL')
  await Promise.all(processes.map(({ ended }) => ended))
})

const dial = (to = url) => PlainClient.open(to)
const loggedIn = async (fields: Frame = {}, to = url) => {
  const client = await dial(to)
  return { client, token: await client.login({ access_key: `key-number-${++keys}`, ...fields }) }
}
const limitOrder = {
  op: 'place_order',
  symbol: 'BTC/USDT',
  action: 'BUY',
  price: 100,
  quantity: 1,
  order_type: 'LIMIT',
}
const pongs = async (client: PlainClient) => {
  const ts = Math.random()
  client.send({ op: 'ping', ts })
  return (await client.first((frame) => frame['ts'] === ts))['op']
}
/** The process lives, and who has done nothing has noticed nothing. */
const unharmed = async () => expect(await pongs(bystander)).toBe('pong')

describe('the real process', () => {
  it('fault 5: cuts a reader that does not read, with 4413, and others do not notice', async () => {
    const { client, token } = await loggedIn()
    for (let i = 0; i < 20; i++) client.send({ ...limitOrder, token })
    client.pause()
    const asking = setInterval(() => {
      for (let i = 0; i < 150; i++) client.send({ op: 'open_orders', token, symbol: 'BTC/USDT' })
    }, 100)
    const isCut = (async () => {
      for (;;) {
        const page = await fetch(url.replace('ws:', 'http:').replace('/ws/v1', '/metrics'))
        if (/^rxquant_slow_readers_cut_total 1$/m.test(await page.text())) return true
        await unharmed()
      }
    })()
    expect(await isCut).toBe(true)
    clearInterval(asking)
    client.terminate()
  }, 30_000)

  it.each<[string, string | Uint8Array, number | undefined]>([
    ['text that is no JSON', '{"op":', undefined],
    ['a byte order mark', '\uFEFF{"op":"ping","ts":1}', undefined],
    ['bytes', Buffer.from('{"op":"ping","ts":1}'), undefined],
    ['10,000 levels', `{"op":"ping","ts":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, undefined],
    ['1 MiB', 'x'.repeat(1_048_576), 1009],
  ])('fault 20: answers or closes: %s', async (_, frame, code) => {
    const client = await dial()
    if (typeof frame === 'string') client.sendText(frame)
    else client.sendBytes(frame)
    if (code === undefined) await client.first(({ op }) => op === 'error')
    else expect((await client.end()).code).toBe(code)
    client.terminate()
    await unharmed()
  })

  it('fault 20: closes a text that is not UTF-8', async () => {
    const client = await dial()
    client.sendBrokenText()
    expect((await client.end()).code).toBe(1007)
    await unharmed()
  })

  it.each(['__proto__', 'constructor', 'toString'])('fault 21: takes %s for a name like any other', async (name) => {
    const { client, token } = await loggedIn()
    const ask = (frame: Frame) => client.ask({ cid: `${name} ${frame['op']} ${++keys}`, ...frame })
    client.sendText(`{"op":"${name}"}`)
    expect(await client.first(({ op }) => op === 'error')).toMatchObject({
      error_message: expect.stringContaining('not known'),
    })
    expect(await ask({ op: 'asset', token: name })).toMatchObject({ error_message: 'Invalid token' })
    expect(await ask({ ...limitOrder, token, symbol: name })).toMatchObject({ result: false, unknown: false })
    expect(await ask({ ...limitOrder, token, cid: name })).toMatchObject({ result: true, cid: name })
    const cancel = { op: 'cancel_order', token, symbol: 'BTC/USDT', order_nos: [name] }
    expect(await ask(cancel)).toMatchObject({ data: [{ order_no: name, result: false }] })
    await expect(client.login({ platform: name, access_key: name })).rejects.toThrow('not known')
    client.terminate()
  })

  it.each(['1e400', '"1"', 'true', '[1]', 'null', '-0'])('fault 22: refuses %s for a quantity', async (quantity) => {
    const { client, token } = await loggedIn()
    const { quantity: _, ...order } = limitOrder
    client.sendText(JSON.stringify({ ...order, token, cid: 'q', quantity: 'Q' }).replace('"Q"', quantity))
    expect(await client.first(({ cid }) => cid === 'q')).toMatchObject({ result: false, unknown: false })
    client.terminate()
  })

  it('fault 23: survives an unknown op, and accepts unknown fields', async () => {
    const { client, token } = await loggedIn()
    client.send({ op: 'buy_everything', token })
    await client.first(({ op }) => op === 'error')
    expect(await client.ask({ ...limitOrder, token, cid: 'x', colour: 'red' })).toMatchObject({ result: true })
    client.terminate()
  })

  it.each(['breaks off', 'crashes', 'says nothing'])(
    'fault 24: says that it does not know what became of an order whose exchange %s',
    async (platform) => {
      const failing = await withLimits({ limits: { answerWithinMs: 200 } })
      const { client, token } = await loggedIn({ platform }, failing)
      expect(await client.ask({ ...limitOrder, token, cid: '1' })).toMatchObject({ result: false, unknown: true })
      expect(await client.ask({ op: 'asset', token, cid: '2' })).toMatchObject({ result: true })
      client.terminate()
    },
    30_000,
  )

  it('fault 25: gives fills and a cancelled remainder that make up the quantity, however a cancel races them', async () => {
    const maker = await loggedIn()
    const taker = await loggedIn()
    for (let i = 0; i < 30; i++) {
      const cid = `maker ${i}`
      const price = 1_000 + i
      const { order_no } = await maker.client.ask({ ...limitOrder, price, quantity: 3, token: maker.token, cid })
      const sale = { ...limitOrder, action: 'SELL', price, order_type: 'IOC', token: taker.token }
      const race = [0, 1, 2].map((n) => taker.client.ask({ ...sale, cid: `taker ${i} ${n}` }))
      const cancel = {
        op: 'cancel_order',
        token: maker.token,
        symbol: 'BTC/USDT',
        order_nos: [order_no],
        cid: `c ${i}`,
      }
      await Promise.all([maker.client.ask(cancel), ...race])
      const isEnd = ({ data, topic }: Frame) =>
        topic === 'order' && data.order_no === order_no && ['FILLED', 'CANCELED'].includes(data.status)
      const { data } = await maker.client.first(isEnd)
      const filled = maker.client.frames
        .filter((frame) => frame['topic'] === 'fill' && frame['data'].order_no === order_no)
        .reduce((sum, frame) => sum + Number(frame['data'].quantity), 0)
      expect(filled + Number(data.remain)).toBe(3)
    }
    maker.client.terminate()
    taker.client.terminate()
  }, 30_000)

  it.each([
    ['a page of another origin', { Origin: 'https://evil.example' }],
    ['a name that was made to point here', { Host: 'evil.example' }],
  ])('fault 28: refuses %s at the upgrade', async (_, headers) => {
    await expect(PlainClient.open(url, { headers })).rejects.toThrow('403')
    await unharmed()
  })

  it('fault 29: takes a token on its own socket only, until its logout or its socket’s end', async () => {
    const { client, token } = await loggedIn()
    const other = await dial()
    const invalid = { result: false, error_message: 'Invalid token' }
    expect(await other.ask({ op: 'asset', token, cid: 'o' })).toMatchObject(invalid)
    expect(await client.ask({ op: 'logout', token, cid: 'l' })).toMatchObject({ result: true })
    expect(await client.ask({ op: 'asset', token, cid: 'a' })).toMatchObject(invalid)
    const second = await client.login({ access_key: 'key-of-a-closed-socket' })
    await client.close()
    expect(await other.ask({ op: 'asset', token: second, cid: 'c' })).toMatchObject(invalid)
    other.terminate()
  })

  it('fault 30: has a deadline and caps, each with its code, and others do not notice', async () => {
    const strict = await withLimits({ limits: { loginWithinMs: 300, connections: 4, messagesPerSecond: 100 } })
    const polite = await loggedIn({}, strict)
    const silent = await dial(strict)
    expect((await silent.end()).code).toBe(4401)
    const flood = await dial(strict)
    for (let i = 0; i < 200; i++) flood.send({ op: 'ping', ts: i })
    expect((await flood.end()).code).toBe(4429)
    const codes = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const one = await dial(strict)
        return (await one.end()).code
      }),
    )
    expect(codes.filter((code) => code === 1013)).toHaveLength(7)
    expect(await pongs(polite.client)).toBe('pong')
    polite.client.terminate()
  }, 30_000)

  it('fault 31: refuses orders whose journal cannot be written, in words, and nothing is half done', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'))
    const full = await withLimits({ journal: folder, mostBytes: 6_000 })
    const { client, token } = await loggedIn({}, full)
    const replies: Frame[] = []
    for (let i = 0; i < 60; i++)
      replies.push(await client.ask({ ...limitOrder, price: 1, quantity: 10, token, cid: `o${i}` }))
    const taken = replies.filter(({ result }) => result)
    expect(taken.length).toBeGreaterThan(0)
    expect(taken.length).toBeLessThan(60)
    expect(replies.at(-1)).toMatchObject({
      ...{ result: false, unknown: false },
      error_message: expect.stringContaining('the journal cannot be written'),
    })
    const { data } = await client.ask({ op: 'asset', token, cid: 'a' })
    expect(data.USDT).toEqual({ free: 100_000 - 10 * taken.length, locked: 10 * taken.length, total: 100_000 })
    const open = await client.ask({ op: 'open_orders', token, symbol: 'BTC/USDT', cid: 'oo' })
    expect(open['data']).toHaveLength(taken.length)
    client.terminate()
    rmSync(folder, { recursive: true })
  }, 30_000)
})
