import type { OpenSocket } from './socket.js'
import { StandardSocket, type WebSocketLike } from './standard-socket.js'

type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike

/** A socket of the web platform. */
export const openSocket: OpenSocket = (url, protocols, limits) => {
  const { WebSocket } = globalThis as { readonly WebSocket?: unknown }
  if (typeof WebSocket !== 'function') {
    throw new Error('there is no WebSocket here; give one with the option makeSocket')
  }
  return new StandardSocket(new (WebSocket as WebSocketClass)(url, protocols), limits)
}
