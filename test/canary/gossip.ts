import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

type Frame = Record<string, unknown>

/** A server that repeats keys and tokens wherever it has words of its own. */
export interface Gossip {
  readonly url: string
  /** The tokens it gave out. */
  readonly tokens: readonly string[]
  close(): Promise<void>
}

/** Logs in whoever asks; each order of a connection meets another mishap. */
export const gossip = async (): Promise<Gossip> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const tokens: string[] = []

  server.on('connection', (socket: WebSocket) => {
    let words = ''
    let token = ''
    let orders = 0
    const say = (frame: Frame | string) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    const reply = ({ op, cid }: Frame, fields: Frame) => say({ op, cid, error_message: '', result: true, ...fields })
    const refuse = (frame: Frame, fields: Frame = {}) =>
      reply(frame, { result: false, error_message: `no, ${words}`, ...fields })

    const gossipAbout = () => {
      say({ op: 'state', token, code: 7, msg: words })
      say({ op: 'state', token, code: 99, msg: words })
      say({ op: 'error', error_message: words })
      say({ op: 'notify', topic: 'order', token, data: { symbol: words } })
      say({ op: 'notify', topic: 'fill', token: 'another-token', data: words })
      say({ op: 'asset', cid: 'nobody-asked', result: false, error_message: words })
      say({ op: token, token, error_message: words })
      say(`{"op":"notify","token":"${token}","data":`)
      say(words)
      socket.send(Buffer.from(words))
    }
    const place = (frame: Frame) => {
      switch (++orders) {
        case 1:
          reply(frame, { order_no: '1' })
          gossipAbout()
          break
        case 2:
          refuse(frame)
          break
        case 3:
          // A reply that cannot be read.
          reply(frame, { order_no: 5, token, error_message: words })
          break
        case 4:
          refuse(frame, { unknown: true })
          break
        default:
          socket.close(4000, words.slice(0, 100))
      }
    }
    const answer = (frame: Frame) => {
      switch (frame['op']) {
        case 'ping':
          say({ op: 'pong', ts: frame['ts'] })
          break
        case 'login':
          token = `CANARY+${randomBytes(32).toString('base64')}`
          words = `you are ${String(frame['access_key'])} and ${String(frame['secret_key'])}`
          if (frame['platform'] === 'refusing') refuse(frame)
          else {
            tokens.push(token)
            words += ` with ${token}`
            reply(frame, { token })
            say({ op: 'state', token, code: 2, msg: words })
            say({ op: 'state', token, code: 6, msg: words })
          }
          break
        case 'place_order':
          place(frame)
          break
        case 'open_orders':
          reply(frame, { data: [] })
          break
        case 'asset':
          reply(frame, { data: { USDT: { free: 1, locked: 0, total: 1 } } })
          break
        case 'logout':
          reply(frame, {})
          break
        default:
          refuse(frame)
      }
    }
    socket.on('message', (data: Buffer) => answer(JSON.parse(data.toString()) as Frame))
    socket.on('error', () => undefined)
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/v1`,
    tokens,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
