import { WebSocket } from 'ws'
import type { OpenSocket } from './socket.js'
import { WsSocket } from './ws-socket.js'

/**
 * A socket of the ws package. Compression is off: it costs latency and memory for messages of a few
 * hundred bytes.
 */
export const openSocket: OpenSocket = (url, protocols, { maxPayloadBytes }) =>
  new WsSocket(new WebSocket(url, protocols, { maxPayload: maxPayloadBytes, perMessageDeflate: false }))
