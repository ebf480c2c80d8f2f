import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { WebSocket, type WebSocketServer } from 'ws'
import { serverConnection } from '../../src/transport/index.js'
import { listen, until } from '../support/dial.js'
import { nextSocket, stop, webSocketServer } from '../support/loopback.js'
import { tcpProxy } from '../support/tcp-proxy.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const serve = async (): Promise<readonly [WebSocketServer, string]> => {
  const served = await webSocketServer({ maxPayload: 1_000 })
  cleanups.push(() => stop(served[0]))
  return served
}

/** A plain client of ws on the server's connection. */
const joined = async (server: WebSocketServer, url: string, options?: { closeGraceMs: number }) => {
  const accepted = nextSocket(server)
  const client = new WebSocket(url)
  client.on('error', () => undefined)
  const connection = serverConnection(await accepted, options)
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open')
  return { client, connection, heard: listen(connection) }
}

describe('serverConnection', () => {
  it('hears what the client sent with its handshake, though nobody listened at once', async () => {
    const [server, url] = await serve()
    const accepted = nextSocket(server)
    const client = new WebSocket(url)
    client.on('open', () => client.send('me first'))
    const connection = serverConnection(await accepted)
    await once(client, 'open')
    const other = joined(server, url)
    await other
    const heard = listen(connection)
    await until('the message', () => heard.messages.length === 1)
    expect(heard.messages).toEqual(['me first'])
  })

  it('survives a frame that is too large and a frame that is nonsense', async () => {
    const [server, url] = await serve()
    const { client, heard } = await joined(server, url)
    client.send('x'.repeat(1_001))
    await until('the end', () => heard.end !== undefined)
    expect(heard.end).toMatchObject({
      phase: 'open',
      code: 1006,
      cause: { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' },
    })
    const second = await joined(server, url)
    second.client.send(Buffer.from([0xc3, 0x28]), { binary: false })
    await until('the end', () => second.heard.end !== undefined)
    expect(second.heard.end).toMatchObject({ cause: { code: 'WS_ERR_INVALID_UTF8' } })
  })

  it('tells the client a code of the protocol, such as 1008', async () => {
    const [server, url] = await serve()
    const { client, connection } = await joined(server, url)
    connection.close(1008, 'log in first')
    const [code, reason] = (await once(client, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([1008, 'log in first'])
  })

  it('is rid of a client that does not answer the closing, when the grace is over', async () => {
    const [server, url] = await serve()
    const proxy = await tcpProxy(Number(new URL(url).port))
    cleanups.push(() => proxy.close())
    const { connection } = await joined(server, `ws://127.0.0.1:${proxy.port}`, { closeGraceMs: 30 })
    proxy.blackhole()
    connection.close(1001, 'restarting')
    await until('an empty server', () => server.clients.size === 0)
  })

  it('sees in bufferedAmount that a client has stopped reading, and can let go of it', async () => {
    const [server, url] = await serve()
    const { client, connection } = await joined(server, url)
    client.pause()
    const text = 'x'.repeat(1_000_000)
    for (let i = 0; i < 16; i++) connection.send(text)
    await new Promise((resolve) => setImmediate(resolve))
    expect(connection.bufferedAmount).toBeGreaterThan(1_000_000)
    connection.abandon()
    await until('an empty server', () => server.clients.size === 0)
    client.terminate()
  })
})
