import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { FakeExchange } from './fake-exchange.js'
import { PlainClient } from './plain-client.js'
import { VirtualGateway } from './virtual-gateway.js'

let gateway: RunningPaperGateway
let client: PlainClient

beforeAll(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none' })
})
afterAll(() => gateway.close())
beforeEach(async () => {
  client = await PlainClient.open(gateway.url)
})
afterEach(() => client.terminate())

const answersPings = async (of: PlainClient) => {
  const ts = Math.random()
  of.send({ op: 'ping', ts })
  return of.first((frame) => frame.op === 'pong' && frame.ts === ts)
}

describe('a frame that cannot be processed (fault 20) is answered by op error in words, and its connection lives:', () => {
  it.each([
    ['text that is not JSON', '{"op":', 'is not JSON'],
    ['an empty text', '', 'is not JSON'],
    ['JSON with a byte order mark', '\uFEFF{"op":"ping","ts":1}', 'is not JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['a number', '1', 'not a JSON object'],
    ['an object without op', '{}', 'no op'],
    ['an op that is no string', '{"op":5}', 'no op'],
    ['10,000 levels', '{"op":"ping","ts":' + '['.repeat(10_000) + ']'.repeat(10_000) + '}', 'deeper than'],
    ['a ping without ts', '{"op":"ping"}', 'ts should be a finite number'],
    ['a ping with a ts that is no number', '{"op":"ping","ts":1e400}', 'ts should be a finite number'],
    ['an op that is not known (fault 23)', '{"op":"buy_everything","cid":"x"}', 'op "buy_everything" is not known'],
    ['an op of a server', '{"op":"notify"}', 'op "notify" is not known'],
  ])('%s', async (_, text, words) => {
    client.sendText(text)
    const error = await client.first(({ op }) => op === 'error')
    expect(error).toEqual({ op: 'error', error_message: expect.stringContaining(words) })
    await answersPings(client)
    expect(client.frames).toHaveLength(2)
  })

  it('bytes', async () => {
    client.sendBytes(Buffer.from('{"op":"ping","ts":1}'))
    expect(await client.first(({ op }) => op === 'error')).toMatchObject({
      error_message: expect.stringContaining('binary'),
    })
    await answersPings(client)
  })
})

describe('a frame that breaks the transport closes its own connection, and no other:', () => {
  it.each([
    ['1 MiB', 1009, (of: PlainClient) => of.sendText('x'.repeat(1_048_576))],
    ['text that is not UTF-8', 1007, (of: PlainClient) => of.sendBrokenText()],
  ])('%s', async (_, code, send) => {
    const other = await PlainClient.open(gateway.url)
    send(client)
    expect((await client.end()).code).toBe(code)
    await answersPings(other)
    other.terminate()
  })

  it('and its logins end with it', async () => {
    await client.login({ access_key: 'key-of-a-large-frame' })
    client.sendText('x'.repeat(1_048_576))
    await client.end()
    const next = await PlainClient.open(gateway.url)
    await next.login({ access_key: 'key-of-a-large-frame' })
    next.terminate()
  })
})

describe('names that every object has (fault 21)', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']

  it.each(names)('%s is no op', async (op) => {
    client.sendText(`{"op":"${op}"}`)
    expect(await client.first((frame) => frame.op === 'error')).toMatchObject({
      error_message: `op "${op}" is not known`,
    })
  })

  it.each(names)('%s is no platform', async (platform) => {
    await expect(client.login({ platform })).rejects.toThrow('is not known here')
  })

  it.each(names)('%s is no symbol', async (symbol) => {
    await expect(client.login({ symbols: [symbol], access_key: `key-${symbol}` })).rejects.toThrow('is not traded')
  })

  it.each(names)('%s is no token', async (token) => {
    expect(await client.ask({ op: 'asset', cid: 'a', token })).toMatchObject({ error_message: 'Invalid token' })
  })

  it.each(names)('%s is echoed as a cid like any other', async (cid) => {
    client.sendText(`{"op":"asset","cid":"${cid}","token":"x"}`)
    expect(await client.first(({ op }) => op === 'asset')).toMatchObject({ cid })
  })

  it('pollute nothing as keys of a frame', async () => {
    client.sendText('{"op":"ping","ts":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    await client.first(({ op }) => op === 'pong')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('what is no number where one belongs (fault 22) is refused in words:', () => {
  it.each([
    ['1e400', 'but is Infinity'],
    ['"1"', 'but is a string'],
    ['true', 'but is true'],
    ['[1]', 'but is a list'],
    ['null', 'but is null'],
    ['{}', 'but is an object'],
  ])('%s', async (quantity, words) => {
    const token = await client.login({ access_key: `key-of-${quantity}` })
    client.sendText(
      `{"op":"place_order","cid":"p","token":"${token}","symbol":"BTC/USDT","action":"BUY","price":1,"quantity":${quantity},"order_type":"LIMIT"}`,
    )
    const reply = await client.first(({ op }) => op === 'place_order')
    expect(reply).toMatchObject({ cid: 'p', result: false, error_message: expect.stringContaining(words) })
  })

  it('-0, which is 0', async () => {
    const token = await client.login({ access_key: 'key-of-minus-zero' })
    client.sendText(
      `{"op":"place_order","cid":"p","token":"${token}","symbol":"BTC/USDT","action":"BUY","price":1,"quantity":-0,"order_type":"LIMIT"}`,
    )
    expect(await client.first(({ op }) => op === 'place_order')).toMatchObject({
      error_message: 'quantity must not be 0: its sign says which side is operated on',
    })
  })
})

describe('unknown fields', () => {
  it('are ignored', async () => {
    client.send({ op: 'ping', ts: 5, colour: 'red' })
    expect(await client.first(({ op }) => op === 'pong')).toEqual({ op: 'pong', ts: 5 })
  })
})

describe('whatever text arrives', () => {
  const anyFrame = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          op: fc.oneof(fc.constantFrom('login', 'ping', 'place_order', 'cancel_order', 'asset', 'logout'), fc.string()),
          cid: fc.anything(),
          token: fc.oneof(fc.constant('token-2'), fc.anything()),
          symbol: fc.oneof(fc.constant('BTC/USDT'), fc.anything()),
          price: fc.anything(),
          quantity: fc.oneof(fc.double(), fc.anything()),
          order_nos: fc.anything(),
        },
        { requiredKeys: ['op'] },
      )
      .map((frame) => {
        try {
          return JSON.stringify(frame)
        } catch {
          return '{'
        }
      }),
  )

  it('gets at most one answer, which is a frame of the protocol, and never ends the gateway', () => {
    const gateway = new VirtualGateway(new Map([['fake', new FakeExchange()]]), { messagesPerSecond: Infinity })
    const client = gateway.connect()
    client.login()
    fc.assert(
      fc.property(anyFrame, (text) => {
        const from = client.frames.length
        client.sendText(text)
        const answers = client.frames.slice(from).filter(({ op }) => op !== 'state')
        expect(answers).toHaveLength(1)
        expect(client.closed).toBeUndefined()
        expect(gateway.events.filter(({ type }) => type === 'fault')).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })
})
