import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as timer } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { PlainClient } from './plain-client.js'

let gateway: RunningPaperGateway

beforeAll(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none', limits: { connections: 3, messagesPerSecond: 50 } })
})
afterAll(() => gateway.close())

interface Page {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const get = (path: string, { method = 'GET', headers = {} } = {}): Promise<Page> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: gateway.port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
    })
      .on('error', reject)
      .end()
  })

/** The figures of a page in the text format, by name and labels; every line must be of that format. */
const figures = async (): Promise<Map<string, number>> => {
  const { text } = await get('/metrics')
  const sample = /^([a-z_][a-z0-9_]*(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})?) (-?[0-9.e+-]+|\+Inf)$/
  const found = new Map<string, number>()
  for (const line of text.trimEnd().split('\n')) {
    if (/^# (HELP [a-z_]+ \S.*|TYPE [a-z_]+ (counter|gauge|histogram))$/.test(line)) continue
    const [, name = '', value] = sample.exec(line) ?? []
    expect(line).toMatch(sample)
    expect(found.has(name)).toBe(false)
    found.set(name, Number(value))
  }
  return found
}

describe('/healthz', () => {
  it('says ok, without caching, and closes the connection', async () => {
    const { status, headers, text } = await get('/healthz')
    expect({ status, text }).toEqual({ status: 200, text: 'ok\n' })
    expect(headers).toMatchObject({
      connection: 'close',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('needs no body to be looked at', async () => {
    expect(await get('/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  })
})

describe('what is no page', () => {
  it.each(['/', '/metrics/', '/Metrics', '/__proto__', '/constructor', '//metrics'])(
    '%s is not found',
    async (path) => {
      expect(await get(path)).toMatchObject({ status: 404, text: '' })
    },
  )

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('%s is no way to ask', async (method) => {
    const { status, headers } = await get('/metrics', { method })
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD' })
  })
})

describe('pages for a client whose upgrade would be refused (fault 28)', () => {
  it.each([
    ['of another origin', { Origin: 'https://evil.example' }],
    ['of no origin that can be named', { Origin: 'null' }],
    ['under another name', { Host: 'evil.example' }],
  ])('%s: 403', async (_, headers) => {
    for (const path of ['/healthz', '/metrics', '/ws/v1', '/nowhere'])
      expect(await get(path, { headers })).toMatchObject({ status: 403, text: '' })
  })
})

describe('a body', () => {
  it('is not waited for: one that never comes costs nothing but an answer', async () => {
    const socket = connect(gateway.port, '127.0.0.1')
    socket.write(`POST /metrics HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nContent-Length: 1000000\r\n\r\nabc`)
    let text = ''
    socket.on('data', (part) => (text += part.toString()))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(text).toMatch(/^HTTP\/1\.1 405 /)
  })
})

describe('/metrics', () => {
  it('is in the text format of Prometheus, each metric with its help and its type', async () => {
    const { status, headers, text } = await get('/metrics')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const name of (await figures()).keys()) {
      const family = name.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '')
      expect(text).toContain(`# HELP ${family} `)
      expect(text).toMatch(
        new RegExp(`^# TYPE ${family} ${family.endsWith('_total') ? 'counter' : '(gauge|histogram)'}$`, 'm'),
      )
    }
    expect(text.endsWith('\n')).toBe(true)
  })

  it('counts what happens', async () => {
    const before = await figures()
    await expect(PlainClient.open(gateway.url, { headers: { Origin: 'https://evil.example' } })).rejects.toThrow('403')
    const client = await PlainClient.open(gateway.url)
    const token = await client.login({ access_key: 'key-of-the-metrics' })
    const order = { op: 'place_order', token, symbol: 'BTC/USDT', action: 'BUY', quantity: 1, order_type: 'LIMIT' }
    await client.ask({ ...order, cid: '1', price: 100 })
    await client.ask({ ...order, cid: '2', price: -1 })
    await client.ask({ ...order, cid: '3', action: 'SELL', price: 100 })
    client.sendText('{')
    await client.first(({ op }) => op === 'error')
    await expect(client.login({ access_key: 'key-of-the-metrics' })).rejects.toThrow('repeat')
    const during = await figures()
    const flood = await PlainClient.open(gateway.url)
    for (let i = 0; i < 60; i++) flood.send({ op: 'ping', ts: i })
    await flood.end()
    await client.close()
    const after = await figures()
    const grown = (name: string, to: Map<string, number>) => (to.get(name) ?? NaN) - (before.get(name) ?? NaN)
    const all = ['rxquant_connections', 'rxquant_connections_total', 'rxquant_requests_refused_total{reason="origin"}']
    const named = (names: readonly string[], to: Map<string, number>) =>
      Object.fromEntries(names.map((name) => [name, grown(name, to)]))
    expect(
      named(
        [
          ...all,
          'rxquant_logins{platform="huobi"}',
          'rxquant_logins_total{platform="huobi"}',
          'rxquant_logins_refused_total{reason="repeat"}',
          'rxquant_orders_total{outcome="accepted"}',
          'rxquant_orders_total{outcome="refused"}',
          'rxquant_orders_total{outcome="unknown"}',
          'rxquant_bad_frames_total{reason="json"}',
          'rxquant_messages_received_total',
        ],
        during,
      ),
    ).toEqual({
      rxquant_connections: 1,
      rxquant_connections_total: 1,
      'rxquant_requests_refused_total{reason="origin"}': 1,
      'rxquant_logins{platform="huobi"}': 1,
      'rxquant_logins_total{platform="huobi"}': 1,
      'rxquant_logins_refused_total{reason="repeat"}': 1,
      'rxquant_orders_total{outcome="accepted"}': 2,
      'rxquant_orders_total{outcome="refused"}': 1,
      'rxquant_orders_total{outcome="unknown"}': 0,
      'rxquant_bad_frames_total{reason="json"}': 1,
      rxquant_messages_received_total: 6,
    })
    expect(named(['rxquant_connections', 'rxquant_logins{platform="huobi"}'], after)).toEqual({
      rxquant_connections: 0,
      'rxquant_logins{platform="huobi"}': 0,
    })
    expect(grown('rxquant_connections_closed_total{code="4429"}', after)).toBe(1)
    expect(grown('rxquant_messages_sent_total', during)).toBeGreaterThan(6)
    expect(after.get('rxquant_uptime_seconds')).toBeGreaterThan(0)
  })

  it('counts fills, and connections beyond the cap', async () => {
    const before = await figures()
    const [maker, taker, third] = await Promise.all([1, 2, 3].map(() => PlainClient.open(gateway.url)))
    const fourth = await PlainClient.open(gateway.url)
    expect((await fourth.end()).code).toBe(1013)
    const trade = async (client: PlainClient, action: string) => {
      const token = await client.login({ access_key: `key-of-${action}` })
      await client.ask({
        ...{ op: 'place_order', cid: action, token, symbol: 'BTC/USDT', action },
        ...{ price: 100, quantity: 1, order_type: 'LIMIT' },
      })
    }
    await trade(maker!, 'BUY')
    await trade(taker!, 'SELL')
    const after = await figures()
    const grown = (name: string) => (after.get(name) ?? NaN) - (before.get(name) ?? NaN)
    expect(grown('rxquant_fills_total')).toBe(2)
    expect(grown('rxquant_requests_refused_total{reason="full"}')).toBe(1)
    for (const client of [maker, taker, third]) client!.terminate()
  })

  it('has a histogram of the lag of the event loop whose buckets add up', async () => {
    const until = performance.now() + 60
    while (performance.now() < until);
    const found = await figures()
    const buckets = [...found].filter(([name]) => name.startsWith('rxquant_event_loop_lag_seconds_bucket'))
    expect(buckets.at(-1)?.[0]).toContain('le="+Inf"')
    expect(buckets.map(([, value]) => value)).toEqual([...buckets.map(([, value]) => value)].sort((a, b) => a - b))
    expect(buckets.at(-1)?.[1]).toBe(found.get('rxquant_event_loop_lag_seconds_count'))
  })
})

describe('a gateway that stops', () => {
  it.each([
    ['says nothing', () => ''],
    ['has said half of a request', (port: number) => `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`],
  ])('does not wait for who has connected and %s', async (_, words) => {
    const other = await startPaperGateway({ port: 0, market: 'none' })
    const early = connect(other.port, '127.0.0.1').on('error', () => {})
    await new Promise((resolve) => early.once('connect', resolve))
    early.write(words(other.port))
    // An answered question later the gateway has taken up what was written before.
    await new Promise((resolve) => request({ host: '127.0.0.1', port: other.port }, resolve).end())
    const stopped = await Promise.race([other.close().then(() => true), timer(2_000, false, { ref: false })])
    early.destroy()
    expect(stopped).toBe(true)
  })

  it('is not brought down by who had connected before and asks after', async () => {
    const other = await startPaperGateway({ port: 0, market: 'none' })
    const early = connect(other.port, '127.0.0.1')
    await new Promise((resolve) => early.once('connect', resolve))
    const stopped = other.close()
    early.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${other.port}\r\n\r\n`)
    await new Promise((resolve) =>
      early
        .on('error', () => {})
        .resume()
        .once('close', resolve),
    )
    await stopped
  })
})
