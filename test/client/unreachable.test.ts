import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { connect, type ConnectOptions, LoginFailed, type Status } from '../../src/client/index.js'
import { until } from '../support/dial.js'
import { credentials, expectError, loggedIn, loggingIn } from '../support/logged-in.js'
import { stop, webSocketServer } from '../support/loopback.js'
import { selfSigned } from '../support/self-signed.js'
import { type Watched, watch } from '../support/watch.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Listens on a free port; gives the port. */
const listening = async (server: ReturnType<typeof createTcpServer> | Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** An HTTP server that answers each request to upgrade with this status. */
const answering = async (status: number, headers: Record<string, string> = {}): Promise<string> => {
  const server = createServer()
  server.on('upgrade', (_request, socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`)
  })
  return `ws://127.0.0.1:${await listening(server)}/ws/v1`
}

const failed = async (
  url: string,
  options: ConnectOptions = {},
): Promise<{ readonly error: LoginFailed; readonly statuses: Watched<Status>; readonly tookMs: number }> => {
  const from = performance.now()
  const gateway = connect(url, { backoffBaseMs: 100, ...options })
  const statuses = watch(gateway.status$)
  const login = watch(gateway.login(credentials))
  await until('the end', () => login.ended !== 'no', 10_000)
  return { error: expectError(login, LoginFailed), statuses, tookMs: performance.now() - from }
}

describe('a server that speaks something else', () => {
  it('is told of by what it sent, when the login is not READY in time', async () => {
    const [server, url] = await webSocketServer()
    cleanups.push(() => stop(server))
    server.on('connection', (socket) => socket.send('garbage'))
    const { error } = await failed(url, { readyTimeoutMs: 500 })
    expect(error.reason).toBe('not-ready')
    expect(error.message).toMatch(
      /did not answer the login; it sent what is no answer to it: a frame of 7 characters is not JSON$/,
    )
  })
})

describe('a gateway that refuses for good before it was ever reached', () => {
  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [404, 'the path of the address'],
    [426, 'Upgrade Required'],
    [301, 'HTTP status 301'],
    [200, 'HTTP status 200'],
  ])('fails the login at once with its HTTP status %s', async (status, words) => {
    const { error, statuses } = await failed(await answering(status))
    expect(error.reason).toBe('unreachable')
    expect(error.message).toContain(`HTTP status ${status}`)
    expect(error.message).toContain(words)
    expect(statuses.values.filter(({ _tag }) => _tag === 'Connecting')).toHaveLength(1)
  })

  it('fails the login at once where its certificate cannot be trusted', async () => {
    const port = await listening(createSecureServer(selfSigned()))
    const { error } = await failed(`wss://127.0.0.1:${port}/ws/v1`)
    expect(error.reason).toBe('unreachable')
    expect(error.message).toContain('certificate of the server cannot be trusted (DEPTH_ZERO_SELF_SIGNED_CERT)')
  })

  it.each(['', 'banana', 'wws://127.0.0.1:1', 'ws://', 'ws://host:99999', 'ws://host/#part', 'ftp://host'])(
    'fails the login at once where its address is none: %j',
    async (url) => {
      const { error, statuses } = await failed(url)
      expect(error.reason).toBe('unreachable')
      expect(error.message).toContain('must be a URL that begins with ws:// or wss://')
      expect(statuses.values.filter(({ _tag }) => _tag === 'Connecting')).toHaveLength(1)
    },
  )
})

describe('a gateway that may yet be reached', () => {
  const soon = { readyTimeoutMs: 400 }

  it('is tried until the deadline, which then tells the status and the pause that was asked for', async () => {
    const { error, statuses } = await failed(await answering(503, { 'Retry-After': '120' }), soon)
    expect(error.reason).toBe('not-ready')
    expect(error.message).toContain('HTTP status 503')
    expect(error.message).toContain('a pause of 120 s')
    const lost = statuses.values.find(({ _tag }) => _tag === 'Lost')
    expect(lost).toMatchObject({ retryInMs: expect.any(Number) })
    expect((lost as { retryInMs: number }).retryInMs).toBeGreaterThanOrEqual(120_000)
  })

  it('is left alone until the date of its Retry-After', async () => {
    const at = new Date(Date.now() + 60_000).toUTCString()
    const { statuses } = await failed(await answering(429, { 'Retry-After': at }), soon)
    const lost = statuses.values.find(({ _tag }) => _tag === 'Lost') as { retryInMs: number }
    expect(lost.retryInMs).toBeGreaterThan(50_000)
    expect(lost.retryInMs).toBeLessThan(62_000)
  })

  it('is told as one where nothing listens', async () => {
    const server = createTcpServer()
    const port = await listening(server)
    server.close()
    const { error } = await failed(`ws://127.0.0.1:${port}`, soon)
    expect(error.message).toContain('nothing listens at this address (ECONNREFUSED)')
  })

  it('is told as one that speaks no HTTP', async () => {
    const port = await listening(
      createTcpServer((socket) => socket.on('error', () => undefined).end('garbage\r\n\r\n')),
    )
    const { error } = await failed(`ws://127.0.0.1:${port}`, soon)
    expect(error.message).toContain('does not speak HTTP')
  })

  it('is told as one that speaks no TLS', async () => {
    const [server, url] = await webSocketServer()
    cleanups.push(() => stop(server))
    const { error } = await failed(url.replace('ws:', 'wss:'), soon)
    expect(error.message).toContain('TLS failed')
  })

  it.each([4401, 4403, 1008])('is told with the close code %s and its words', async (code) => {
    const [server, url] = await webSocketServer()
    cleanups.push(() => stop(server))
    server.on('connection', (socket) => socket.on('message', () => socket.close(code, 'not you')))
    const { error } = await failed(url, soon)
    expect(error.reason).toBe('not-ready')
    expect(error.message).toContain(`closed the connection with code ${code}: "not you"`)
  })

  it('fails at once with a close code that is named final', async () => {
    const [server, url] = await webSocketServer()
    cleanups.push(() => stop(server))
    server.on('connection', (socket) => socket.on('message', () => socket.close(4403, 'not you')))
    const { error } = await failed(url, { finalCloseCodes: [4401, 4403] })
    expect(error.reason).toBe('unreachable')
    expect(error.message).toContain('code 4403: "not you"')
  })
})

describe('a login that is not READY in time', () => {
  it('keeps the first and the last words, and blames no key by guess', () => {
    const { login, pass } = loggingIn({
      login: (frame, side) => {
        side.reply(frame, { token: 'token' })
        side.state(2, 'token', 'connected')
        side.state(7, 'token', 'signature invalid')
        side.state(4, 'token', 'disconnected')
      },
    })
    pass(61_000)
    const { message, serverMessage, firstMessages } = expectError(login, LoginFailed)
    expect(message).toContain('the server said first: connected; signature invalid, the server says last: disconnected')
    expect(message).not.toContain('key')
    expect([serverMessage, firstMessages]).toEqual(['disconnected', ['connected', 'signature invalid']])
  })

  it('ends for good by a final close code after READY, too', () => {
    const { server, login, pass } = loggedIn({}, { finalCloseCodes: [4403] })
    server.side.connection.close(4403, 'no longer')
    pass(1_000)
    expect(expectError(login, LoginFailed).reason).toBe('unreachable')
    expect(server.sides).toHaveLength(1)
  })
})

describe('a query without an answer', () => {
  it('does not say that it may have happened', () => {
    const { account, pass } = loggedIn({ open_orders: () => undefined })
    const queries = [account.asset(), account.openOrders('X'), account.position('X'), account.symbolInfo('X')]
    const watched = queries.map((query) => watch<unknown>(query))
    pass(61_000)
    for (const { error } of watched) {
      expect(String(error)).toContain('it only asks and changes nothing')
      expect(String(error)).not.toContain('may have happened')
    }
  })
})
