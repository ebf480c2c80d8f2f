// The other side of the benchmarks, in a process of its own so that its work is not counted. Speaks enough of the
// protocol for the client to log in, echoes whatever is not of the protocol, and floods on command.
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { textFrame } from '../support/loopback.js'

/** What the parent asks for: so many notices on the connection with this number. */
export interface Flood {
  readonly connection: number
  readonly frames: number
}

const logins = 10
/** Stands where a number counts up from frame to frame, since a client drops what it has seen before. */
const running = 1_530_604_762_290
const perChunk = 500

const order = (token: string, i: number) => ({
  op: 'notify',
  topic: 'order',
  token,
  data: {
    symbol: 'BTC/USDT',
    order_no: `8${100_000_000 + i}`,
    action: i % 2 === 0 ? 'BUY' : 'SELL',
    price: 20_000 + i / 10,
    quantity: 0.5 + i / 1_000,
    remain: 0.25,
    status: 'PARTIAL-FILLED',
    order_type: 'LIMIT',
    ctime: 1_530_604_762_277 + i,
    utime: running,
  },
})
const fill = (token: string, i: number) => ({
  op: 'notify',
  topic: 'fill',
  token,
  data: {
    symbol: 'BTC/USDT',
    order_no: `8${100_000_000 + i}`,
    fill_no: String(running),
    price: 20_000 + i / 10,
    quantity: 0.25,
    side: 'BUY',
    liquidity: 'TAKER',
    ctime: 1_530_604_762_290 + i,
  },
})
const asset = (token: string, i: number) => ({
  op: 'notify',
  topic: 'asset',
  token,
  data: {
    BTC: { free: 1 + i / 100, locked: 0.5, total: 1.5 + i / 100 },
    USDT: { free: 90_000 - i, locked: 10_000, total: 100_000 - i },
  },
})
const ticker = (token: string, i: number) => ({
  op: 'notify',
  topic: 'ticker',
  token,
  data: {
    symbol: 'BTC/USDT',
    bid: 19_999.5 + i,
    ask: 20_000.5 + i,
    last: 20_000 + i,
    timestamp: 1_530_604_762_290 + i,
  },
})
/** Of ten notices: four orders, two fills, one asset, three tickers. */
const kinds = [order, ticker, order, fill, ticker, order, asset, ticker, order, fill]

/** Framed once, and then only counted up: the flood must cost this side next to nothing, or it would be the measure of everything. */
const chunk = Buffer.concat(
  Array.from({ length: perChunk }, (_, i) =>
    textFrame(JSON.stringify(kinds[i % kinds.length]!(`token-${Math.floor(i / kinds.length) % logins}`, i))),
  ),
)

const places: number[] = []
for (let at = chunk.indexOf(String(running)); at !== -1; at = chunk.indexOf(String(running), at + 1)) places.push(at)

let count = running
const nextChunk = (): Buffer => {
  const copy = Buffer.from(chunk)
  for (const at of places) {
    let rest = ++count
    for (let digit = at + 12; rest > 0; digit--) {
      copy[digit] = 0x30 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }
  return copy
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
const connections: Socket[] = []

server.on('connection', (ws, request) => {
  connections.push(request.socket)
  let loggedIn = 0
  ws.on('message', (data, isBinary) => {
    const text = (data as Buffer).toString()
    if (isBinary || !text.startsWith('{"op"')) {
      ws.send(text)
      return
    }
    const { op, cid, ts } = JSON.parse(text) as { op: string; cid?: string; ts?: number }
    const reply = (more: object): void => ws.send(JSON.stringify({ op, result: true, error_message: '', cid, ...more }))
    if (op === 'ping') ws.send(JSON.stringify({ op: 'pong', ts }))
    else if (op === 'login') {
      const token = `token-${loggedIn++}`
      reply({ token })
      ws.send(JSON.stringify({ op: 'state', token, code: 6, msg: 'READY' }))
    } else if (op === 'asset') reply({ data: { USDT: { free: 1, locked: 0, total: 1 } } })
    else if (op === 'open_orders') reply({ data: [] })
    else if (op === 'place_order') reply({ order_no: cid })
    else reply({})
  })
})

const flood = async ({ connection, frames }: Flood): Promise<void> => {
  const socket = connections[connection]!
  for (let sent = 0; sent < frames; sent += perChunk) {
    if (!socket.write(nextChunk())) await new Promise((resolve) => socket.once('drain', resolve))
  }
}

server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (message) => void flood(message as Flood))
process.on('disconnect', () => process.exit(0))
