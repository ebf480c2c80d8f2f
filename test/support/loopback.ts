import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createHash } from 'node:crypto'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'

/** A WebSocket server on a free port of loopback. */
export const webSocketServer = async (options: ServerOptions = {}): Promise<readonly [WebSocketServer, string]> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  await once(server, 'listening')
  return [server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`]
}

/** Ends a WebSocket server and its sockets. */
export const stop = async (server: WebSocketServer): Promise<void> => {
  for (const socket of server.clients) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
}

/** The next socket that a WebSocket server accepts. */
export const nextSocket = async (server: WebSocketServer): Promise<WebSocket> => {
  const [socket] = (await once(server, 'connection')) as [WebSocket]
  return socket
}

/** A TCP server that does what `accept` does, for what no WebSocket server would do. `allowHalfOpen`: it does not hang up when the client has. */
export const tcpServer = async (
  accept: (socket: Socket) => void,
  { allowHalfOpen = false } = {},
): Promise<readonly [Server, string]> => {
  const server = createServer({ allowHalfOpen }, (socket) => {
    socket.on('error', () => undefined)
    // Read, or the end of the stream is never seen.
    socket.on('data', () => undefined)
    accept(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return [server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`]
}

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Answers the WebSocket handshake of a raw socket, and calls `upgraded`; what it does next is the test's affair. */
export const upgrade = (socket: Socket, upgraded: (socket: Socket) => void = () => undefined): void => {
  let head = ''
  const read = (chunk: Buffer): void => {
    head += chunk.toString('latin1')
    if (!head.includes('\r\n\r\n')) return
    socket.off('data', read)
    const key = /sec-websocket-key: (.+)\r\n/i.exec(head)?.[1] ?? ''
    const accept = createHash('sha1')
      .update(key + guid)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    upgraded(socket)
  }
  socket.on('data', read)
}

/** An unmasked text frame of less than 64 KiB, as a server sends it. */
export const textFrame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const { length } = payload
  return Buffer.concat([Buffer.from(length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 255]), payload])
}
