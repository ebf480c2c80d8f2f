export {
  ConnectionClosed,
  type Connection,
  type Message,
  type Transport,
} from './transport.js'
