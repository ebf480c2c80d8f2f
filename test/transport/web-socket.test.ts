import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { WebSocket, type WebSocketServer } from 'ws'
import { type ConnectionClosed, ConnectTimeout, HandshakeRefused, webSocket } from '../../src/transport/index.js'
import { dial, listen, open, settle, until } from '../support/dial.js'
import { nextSocket, stop, tcpServer, textFrame, upgrade, webSocketServer } from '../support/loopback.js'
import { tcpProxy } from '../support/tcp-proxy.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const serve = async (...args: Parameters<typeof webSocketServer>): Promise<readonly [WebSocketServer, string]> => {
  const served = await webSocketServer(...args)
  cleanups.push(() => stop(served[0]))
  return served
}

/** A raw TCP server; gives the sockets that it has accepted. */
const raw = async (
  accept: (socket: Socket) => void,
  options?: { readonly allowHalfOpen: boolean },
): Promise<readonly [Socket[], string, Server]> => {
  const sockets: Socket[] = []
  const [server, url] = await tcpServer((socket) => {
    sockets.push(socket)
    accept(socket)
  }, options)
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    return once(server, 'close')
  })
  return [sockets, url, server]
}

const failed = (phase: 'connecting' | 'open', code: number, reason = '') =>
  expect.objectContaining({ _tag: 'ConnectionClosed', phase, code, reason })

describe('webSocket, while it connects', () => {
  it('does nothing before it is subscribed to', async () => {
    const [server, url] = await serve()
    const transport = webSocket(url)
    await settle()
    expect(server.clients.size).toBe(0)
    const [, dialled] = await open(transport)
    expect(server.clients.size).toBe(1)
    dialled.subscription.unsubscribe()
  })

  it('offers the subprotocols', async () => {
    const [, url] = await serve({ handleProtocols: (offered) => [...offered][1] ?? false })
    let chosen: string | undefined
    const makeSocket = (to: string, protocols: string[]) => {
      const socket = new WebSocket(to, protocols)
      socket.on('open', () => (chosen = socket.protocol))
      return socket
    }
    const [connection] = await open(webSocket(url, { protocols: ['one', 'two'], makeSocket }))
    connection.close()
    expect(chosen).toBe('two')
  })

  it('keeps the fault of the system as the cause', async () => {
    const [, url, server] = await raw(() => undefined)
    server.close()
    const dialled = dial(webSocket(url))
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('connecting', 1006))
    expect(dialled.end).toMatchObject({
      message: 'could not connect (code 1006, ECONNREFUSED)',
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it('tells a refusal by the HTTP status from a fault of the network', async () => {
    const [, url] = await serve({ verifyClient: (_info, answer) => answer(false, 401) })
    const dialled = dial(webSocket(url))
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('connecting', 1006))
    const { cause } = dialled.end as ConnectionClosed
    expect(cause).toBeInstanceOf(HandshakeRefused)
    expect(cause).toMatchObject({ status: 401 })
  })

  it('gives up a server that accepts and then says nothing, and hangs up', async () => {
    const [sockets, url] = await raw(() => undefined)
    const dialled = dial(webSocket(url, { connectTimeoutMs: 30 }))
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('connecting', 1006))
    const { cause } = dialled.end as ConnectionClosed
    expect(cause).toBeInstanceOf(ConnectTimeout)
    expect(cause).toMatchObject({ connectTimeoutMs: 30 })
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true)
  })

  it('waits for ever where it is told to, though no timer can wait so long', async () => {
    const [sockets, url] = await raw(() => undefined)
    const dialled = dial(webSocket(url, { connectTimeoutMs: Infinity }))
    const hasty = dial(webSocket(url, { connectTimeoutMs: 1 }))
    await until('another to give up', () => hasty.end !== undefined)
    await until('the server to be reached', () => sockets.length > 1)
    expect(dialled.end).toBeUndefined()
    dialled.subscription.unsubscribe()
  })

  it('gives up a server that is cut off in the middle of the handshake', async () => {
    const [, url] = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const dialled = dial(webSocket(url))
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toMatchObject({ phase: 'connecting', cause: { code: 'ECONNRESET' } })
  })

  it('gives up a server that does not speak WebSocket', async () => {
    const [, url] = await raw((socket) => socket.once('data', () => socket.end('what?\r\n\r\n')))
    const dialled = dial(webSocket(url))
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('connecting', 1006))
  })

  it('says what is wrong with an address without repeating it', () => {
    for (const address of ['gateway?key=s3cret', 'ftp://s3cret', 'ws://s3cret:port', '']) {
      const dialled = dial(webSocket(address))
      expect(dialled.end).toEqual(failed('connecting', 1006))
      const { cause } = dialled.end as ConnectionClosed
      expect(cause).toBeInstanceOf(TypeError)
      expect(`${String(dialled.end)} ${JSON.stringify(cause)} ${(cause as Error).stack}`).not.toContain('s3cret')
    }
  })

  it('errors when the socket cannot even be made', () => {
    const fault = new Error('no sockets today')
    const makeSocket = () => {
      throw fault
    }
    const dialled = dial(webSocket('ws://127.0.0.1', { makeSocket }))
    expect(dialled.end).toMatchObject({ phase: 'connecting', code: 1006, cause: fault })
  })

  it('hangs up when it is unsubscribed from meanwhile, without a word or an uncaught error', async () => {
    const [sockets, url] = await raw(() => undefined)
    const dialled = dial(webSocket(url))
    await until('the server its end', () => sockets.length === 1)
    dialled.subscription.unsubscribe()
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true)
    expect(dialled).toMatchObject({ connections: [], end: undefined })
  })

  it('lets go at once when it is unsubscribed from in the turn of the subscription', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const dialled = dial(webSocket(url))
    dialled.subscription.unsubscribe()
    await settle()
    expect(sockets.every((socket) => socket.destroyed)).toBe(true)
    expect(dialled).toMatchObject({ connections: [], end: undefined })
  })
})

describe('webSocket, once open', () => {
  it('hears what the server sends in one piece with the handshake', async () => {
    const [, url] = await raw((socket) => {
      socket.cork()
      upgrade(socket, () => {
        socket.write(textFrame('hello'))
        socket.write(textFrame('again'))
        socket.uncork()
      })
    })
    const [, dialled] = await open(webSocket(url))
    await until('the greeting', () => dialled.heard.messages.length === 2)
    expect(dialled.heard.messages).toEqual(['hello', 'again'])
    dialled.subscription.unsubscribe()
  })

  it('reads frames that arrive in pieces', async () => {
    const [server, url] = await serve()
    const proxy = await tcpProxy(Number(new URL(url).port))
    cleanups.push(() => proxy.close())
    proxy.slice(3)
    const accepted = nextSocket(server)
    const [, dialled] = await open(webSocket(`ws://127.0.0.1:${proxy.port}`))
    ;(await accepted).send('a message in many pieces')
    await until('the message', () => dialled.heard.messages.length === 1)
    expect(dialled.heard.messages).toEqual(['a message in many pieces'])
    dialled.subscription.unsubscribe()
  })

  it('gives bytes as a plain Uint8Array', async () => {
    const [server, url] = await serve()
    server.on('connection', (ws) => ws.send(Buffer.from([1, 2, 3])))
    const [, dialled] = await open(webSocket(url))
    await until('the message', () => dialled.heard.messages.length === 1)
    expect(dialled.heard.messages).toEqual([new Uint8Array([1, 2, 3])])
    expect(Buffer.isBuffer(dialled.heard.messages[0])).toBe(false)
    dialled.subscription.unsubscribe()
  })

  it.each([
    [1000, '', 1000, ''],
    [1012, 'restarting', 1012, 'restarting'],
    [undefined, undefined, 1005, ''],
    [4001, 'go away', 4001, 'go away'],
  ])('keeps the close code %s and reason %s of the server', async (code, reason, seen, said) => {
    const [server, url] = await serve()
    const accepted = nextSocket(server)
    const [, dialled] = await open(webSocket(url))
    ;(await accepted).close(code, reason)
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('open', seen, said))
    expect(dialled.heard.end).toBe(dialled.end)
  })

  it('ends with 1006 when the server vanishes', async () => {
    const [server, url] = await serve()
    const accepted = nextSocket(server)
    const [, dialled] = await open(webSocket(url))
    ;(await accepted).terminate()
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('open', 1006))
  })

  it('keeps a reset by the network as the cause', async () => {
    const [server, url] = await serve()
    const proxy = await tcpProxy(Number(new URL(url).port))
    cleanups.push(() => proxy.close())
    const accepted = nextSocket(server)
    const [connection, dialled] = await open(webSocket(`ws://127.0.0.1:${proxy.port}`))
    await accepted
    proxy.resetPeer()
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toMatchObject({
      phase: 'open',
      code: 1006,
      message: 'the connection was lost (code 1006, ECONNRESET)',
      cause: { code: 'ECONNRESET' },
    })
    expect(connection.send('anybody?')).toBe(false)
  })

  it('does not take a message larger than maxPayloadBytes', async () => {
    const [server, url] = await serve()
    const accepted = nextSocket(server)
    const [, dialled] = await open(webSocket(url, { maxPayloadBytes: 1_000 }))
    const ws = await accepted
    ws.send('x'.repeat(1_000))
    ws.send('x'.repeat(1_001))
    const [code] = (await once(ws, 'close')) as [number]
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.heard.messages.map((message) => message.length)).toEqual([1_000])
    expect(dialled.end).toEqual(failed('open', 1006))
    expect(dialled.end).toMatchObject({ cause: { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' } })
    expect(code).toBe(1009)
  })

  it('leaves a server that breaks the framing and then stays, within the grace', async () => {
    const [, url] = await raw((socket) => upgrade(socket, () => socket.write(Buffer.from([0xff, 0xff]))), {
      allowHalfOpen: true,
    })
    const dialled = dial(webSocket(url, { closeGraceMs: 30 }))
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('open', 1006))
    expect((dialled.end as ConnectionClosed).cause).toBeInstanceOf(RangeError)
  })

  it('sends nothing, and says so, from the moment the server begins to close', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [connection, dialled] = await open(webSocket(url, { closeGraceMs: 30 }))
    const socket = sockets[0]!
    // A close frame of 1001, and then silence: the closing handshake is never finished from there.
    socket.write(Buffer.from([0x88, 0x02, 0x03, 0xe9]))
    await until('a refusal', () => !connection.send('is it open?'))
    socket.end()
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toEqual(failed('open', 1001))
    expect(connection.send('now?')).toBe(false)
  })

  it('shows in bufferedAmount that the other side has stopped reading', async () => {
    const [server, url] = await serve()
    const proxy = await tcpProxy(Number(new URL(url).port))
    cleanups.push(() => proxy.close())
    const accepted = nextSocket(server)
    const [connection, dialled] = await open(webSocket(`ws://127.0.0.1:${proxy.port}`))
    await accepted
    proxy.stall('up')
    const text = 'x'.repeat(1_000_000)
    for (let i = 0; i < 16; i++) connection.send(text)
    await settle()
    expect(connection.bufferedAmount).toBeGreaterThan(1_000_000)
    connection.abandon()
    expect(dialled.end).toBe('completed')
  })

  it('ends the connection when a text could not be written', async () => {
    const [server, url] = await serve()
    const accepted = nextSocket(server)
    const fault = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    const makeSocket = (to: string) => {
      const socket = new WebSocket(to)
      socket.send = ((_text: string, done: (error?: Error) => void) =>
        process.nextTick(done, fault)) as typeof socket.send
      return socket
    }
    const [connection, dialled] = await open(webSocket(url, { makeSocket }))
    const ws = await accepted
    expect(connection.send('into the void')).toBe(true)
    expect(dialled.end).toBeUndefined()
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toMatchObject({ phase: 'open', code: 1006, cause: fault })
    expect(connection.send('more')).toBe(false)
    await once(ws, 'close')
  })

  it('ends the connection, and does not throw, when the socket throws at sending', async () => {
    const [, url] = await serve()
    const fault = new Error('out of memory')
    const makeSocket = (to: string) => {
      const socket = new WebSocket(to)
      socket.send = () => {
        throw fault
      }
      return socket
    }
    const [connection, dialled] = await open(webSocket(url, { makeSocket }))
    expect(connection.send('into the void')).toBe(false)
    expect(dialled.end).toMatchObject({ phase: 'open', code: 1006, cause: fault })
  })
})

describe('webSocket, when it ends', () => {
  it('is rid of an abandoned socket at once, though the server does not answer', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [connection, dialled] = await open(webSocket(url))
    connection.abandon()
    expect(dialled.end).toBe('completed')
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true, 500)
  })

  it('passes on nothing of an abandoned socket', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [connection, dialled] = await open(webSocket(url))
    const again = listen(connection)
    for (let i = 0; i < 100; i++) sockets[0]!.write(textFrame(`late ${i}`))
    connection.abandon()
    await settle()
    expect(dialled.heard).toEqual({ messages: [], end: 'completed' })
    expect(again).toEqual({ messages: [], end: 'completed' })
  })

  it('cuts off a server that does not finish the closing handshake, when the grace is over', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [connection, dialled] = await open(webSocket(url, { closeGraceMs: 40 }))
    const started = performance.now()
    connection.close(4000, 'bye')
    expect(dialled.end).toBeUndefined()
    await until('the end', () => dialled.end !== undefined)
    expect(dialled.end).toBe('completed')
    expect(performance.now() - started).toBeGreaterThan(30)
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true)
  })

  it('cuts off such a server after an unsubscription too', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [, dialled] = await open(webSocket(url, { closeGraceMs: 40 }))
    const started = performance.now()
    dialled.subscription.unsubscribe()
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true)
    expect(performance.now() - started).toBeGreaterThan(30)
  })

  it('may be unsubscribed from while it closes', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [connection, dialled] = await open(webSocket(url, { closeGraceMs: 40 }))
    connection.close()
    dialled.subscription.unsubscribe()
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true)
    expect(dialled.end).toBeUndefined()
  })

  it('may be abandoned while it closes', async () => {
    const [sockets, url] = await raw((socket) => upgrade(socket))
    const [connection, dialled] = await open(webSocket(url))
    connection.close()
    connection.abandon()
    expect(dialled.end).toBe('completed')
    await until('the server to be rid of it', () => sockets[0]?.destroyed === true, 500)
  })

  it('may be unsubscribed from by its own opening', async () => {
    const [server, url] = await serve()
    const accepted = nextSocket(server)
    const dialled = dial(webSocket(url), () => dialled.subscription.unsubscribe())
    const [code] = (await once(await accepted, 'close')) as [number]
    expect(code).toBe(1000)
    expect(dialled.end).toBeUndefined()
  })

  it('lets a new subscription dial from the handler of the old end', async () => {
    const [server, url] = await serve()
    const transport = webSocket(url)
    const again: ReturnType<typeof dial>[] = []
    const accepted = nextSocket(server)
    transport.subscribe({ error: () => again.push(dial(transport)) })
    ;(await accepted).close(1012)
    await until('a new connection', () => again[0]?.connections.length === 1)
    again[0]!.subscription.unsubscribe()
  })
})
