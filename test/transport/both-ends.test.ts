import { afterEach, describe, expect, it } from '@jest/globals'
import {
  type Connection,
  ConnectionClosed,
  memoryPair,
  memoryTransport,
  serverConnection,
  type Transport,
  webSocket,
} from '../../src/transport/index.js'
import { dial, type Dialled, type Heard, listen, open, until } from '../support/dial.js'
import { stop, webSocketServer } from '../support/loopback.js'

interface Ends {
  readonly client: Connection
  readonly dialled: Dialled
  readonly server: Connection
  readonly served: Heard
}

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

type Serve = (accept: (connection: Connection) => void) => Promise<Transport> | Transport

const overSocket: Serve = async (accept) => {
  const [server, url] = await webSocketServer()
  cleanups.push(() => stop(server))
  server.on('connection', (ws) => accept(serverConnection(ws)))
  return webSocket(url)
}
const inMemory: Serve = (accept) => memoryTransport(accept)
const inMemoryLater: Serve = (accept) => memoryTransport(accept, { delayMs: 2 })

const connected = async (serve: Serve): Promise<Ends> => {
  let server: Connection | undefined
  let served: Heard | undefined
  const transport = await serve((connection) => {
    server = connection
    served = listen(connection)
  })
  const [client, dialled] = await open(transport)
  cleanups.push(() => dialled.subscription.unsubscribe())
  await until('the server its end', () => server !== undefined)
  return { client, dialled, server: server!, served: served! }
}

const closed = (code: number, reason = '') =>
  expect.objectContaining({ _tag: 'ConnectionClosed', phase: 'open', code, reason })

describe.each([
  ['a socket', overSocket],
  ['memory', inMemory],
  ['memory with a delay', inMemoryLater],
])('a connection over %s', (_name, serve) => {
  it('carries texts both ways, in order, and never inside send', async () => {
    const { client, dialled, server, served } = await connected(serve)
    for (let i = 0; i < 100; i++) expect(client.send(`up ${i}`)).toBe(true)
    for (let i = 0; i < 100; i++) expect(server.send(`down ${i}`)).toBe(true)
    expect(served.messages).toEqual([])
    expect(dialled.heard.messages).toEqual([])
    await until('all', () => served.messages.length === 100 && dialled.heard.messages.length === 100)
    expect(served.messages).toEqual(Array.from({ length: 100 }, (_, i) => `up ${i}`))
    expect(dialled.heard.messages).toEqual(Array.from({ length: 100 }, (_, i) => `down ${i}`))
  })

  it('keeps what arrives before anybody listens', async () => {
    let server: Connection | undefined
    const transport = await serve((connection) => {
      server = connection
    })
    const { connections, subscription } = dial(transport)
    cleanups.push(() => subscription.unsubscribe())
    await until('a connection', () => connections.length > 0)
    connections[0]!.send('first')
    connections[0]!.send('second')
    connections[0]!.close(4000, 'third')
    await until('the end', () => subscription.closed)
    const served = listen(server!)
    expect(served.messages).toEqual(['first', 'second'])
    expect(served.end).toEqual(closed(4000, 'third'))
  })

  it("tells the client the server's code and reason, on the messages and on the transport", async () => {
    const { client, dialled, server, served } = await connected(serve)
    server.close(4001, 'too slow')
    await until('the end', () => dialled.end !== undefined && served.end !== undefined)
    expect(dialled.heard.end).toEqual(closed(4001, 'too slow'))
    expect(dialled.end).toBe(dialled.heard.end)
    expect(dialled.end).toBeInstanceOf(ConnectionClosed)
    expect(served.end).toBe('completed')
    expect(client.send('late')).toBe(false)
    expect(server.send('late')).toBe(false)
  })

  it("tells the server the client's code and reason, after all that was sent before", async () => {
    const { client, dialled, served } = await connected(serve)
    client.send('last words')
    client.close(4002, 'done')
    expect(client.send('later words')).toBe(false)
    await until('both ends', () => dialled.end !== undefined && served.end !== undefined)
    expect(served.messages).toEqual(['last words'])
    expect(served.end).toEqual(closed(4002, 'done'))
    expect(dialled.end).toBe('completed')
  })

  it('does not hear what the other side says after our close', async () => {
    const { client, dialled, server } = await connected(serve)
    client.close()
    expect(dialled.heard.end).toBe('completed')
    server.send('but wait')
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.heard.messages).toEqual([])
    expect(dialled.end).toBe('completed')
  })

  it('is gone at once when abandoned, and looks like 1006 from the other end', async () => {
    const { client, dialled, server, served } = await connected(serve)
    server.send('late')
    client.abandon()
    expect(dialled.heard.end).toBe('completed')
    expect(dialled.end).toBe('completed')
    expect(client.send('more')).toBe(false)
    await until('the other end', () => served.end !== undefined)
    expect(served.end).toEqual(closed(1006))
    expect(dialled.heard.messages).toEqual([])
  })

  it('is closed politely when the transport is unsubscribed from', async () => {
    const { client, dialled, served } = await connected(serve)
    client.send('the last order')
    dialled.subscription.unsubscribe()
    expect(dialled.heard.end).toBe('completed')
    await until('the other end', () => served.end !== undefined)
    expect(served.messages).toEqual(['the last order'])
    expect(served.end).toEqual(closed(1000))
    expect(dialled.end).toBeUndefined()
  })

  it('closes with 1000 where the code may not be sent, and cuts a long reason at a character', async () => {
    const { client, served } = await connected(serve)
    client.close(1006, 'é'.repeat(100))
    await until('the other end', () => served.end !== undefined)
    expect(served.end).toEqual(closed(1000, 'é'.repeat(61)))
  })

  it('may be closed and abandoned again, from its own handlers too', async () => {
    const { client, dialled, server, served } = await connected(serve)
    client.message$.subscribe({
      next: () => {
        client.close(4003)
        client.abandon()
        client.close(4004)
      },
    })
    server.send('leave')
    await until('both ends', () => dialled.end !== undefined && served.end !== undefined)
    expect(dialled.end).toBe('completed')
    // An abandoned socket may or may not get its close frame out before it is cut.
    expect([1006, 4003]).toContain((served.end as ConnectionClosed).code)
  })

  it('dials anew for each subscription, and the old one does not speak to the new', async () => {
    const servers: Connection[] = []
    const transport = await serve((connection) => servers.push(connection))
    const [, first] = await open(transport)
    await until('a server', () => servers.length === 1)
    servers[0]!.send('stale')
    first.subscription.unsubscribe()
    const [, second] = await open(transport)
    cleanups.push(() => second.subscription.unsubscribe())
    await until('a server', () => servers.length === 2)
    servers[0]!.send('stale')
    servers[1]!.send('fresh')
    await until('a message', () => second.heard.messages.length > 0)
    expect(second.heard.messages).toEqual(['fresh'])
    expect(servers.length).toBe(2)
  })

  it('tells what has not left yet', async () => {
    const { client, served } = await connected(serve)
    expect(client.bufferedAmount).toBe(0)
    const text = 'x'.repeat(1_000_000)
    for (let i = 0; i < 20; i++) client.send(text)
    expect(client.bufferedAmount).toBeGreaterThan(1_000_000)
    await until('all', () => served.messages.length === 20)
    await until('an empty buffer', () => client.bufferedAmount === 0)
  })
})

describe('memoryPair', () => {
  it('is a connection without a transport', async () => {
    const [client, server] = memoryPair()
    const served = listen(server)
    client.send('hello')
    client.close(4000, 'bye')
    await until('the end', () => served.end !== undefined)
    expect(served.messages).toEqual(['hello'])
    expect(served.end).toEqual(closed(4000, 'bye'))
  })
})
