import { checkBound } from '../time/index.js'
import { SocketConnection } from './socket/socket-connection.js'
import type { Connection } from './transport.js'
import { WsSocket, type WsLike } from './socket/ws-socket.js'

export interface ServerConnectionOptions {
  /**
   * Longest wait of `close` for the client's half of the closing handshake, in ms; then the socket
   * is destroyed.
   * @default 1000
   */
  readonly closeGraceMs?: number
}

/**
 * The server's end of an open socket of the ws package. The same promises as a client's connection.
 *
 * @example
 * ```ts
 * server.on('connection', (ws) => {
 *   const connection = serverConnection(ws);
 *   connection.message$.subscribe({ next: (message) => connection.send(`you said ${message}`), error: () => {} });
 * });
 * ```
 */
export const serverConnection = (ws: WsLike, { closeGraceMs = 1_000 }: ServerConnectionOptions = {}): Connection => {
  checkBound('closeGraceMs', closeGraceMs)
  const socket = new WsSocket(ws)
  const connection = new SocketConnection(socket, closeGraceMs, () => undefined)
  socket.listen(connection)
  return connection
}
