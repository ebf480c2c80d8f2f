export { BadAddress, ConnectTimeout, HandshakeRefused } from './connect-failure.js'
export { failureInWords, isBadAddress, isLastingRefusal, retryAfterOf } from './failure-words.js'
export { memoryPair, memoryTransport, type MemoryOptions } from './memory.js'
export { serverConnection, type ServerConnectionOptions } from './server-connection.js'
export { systemClock, systemEntropy } from './system.js'
export {
  ConnectionClosed,
  type Connection,
  type Message,
  type Transport,
} from './transport.js'
export type { WebSocketLike } from './socket/standard-socket.js'
export { isAddress, webSocket, type WebSocketOptions } from './web-socket.js'
export type { WsLike } from './socket/ws-socket.js'
