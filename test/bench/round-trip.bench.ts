// Request round trip over loopback, one request after the other. Baseline: ws sends and receives texts of the same kind, which the
// other side reads and answers as it does for the client: what differs is this side's work alone. Processor time of this process
// is measured as well: on loopback a peer that falls asleep doubles the wall time.
// Targets, of the baseline's median: asset() at most 1.3, placeOrder() at most 1.6.
import { once } from 'node:events'
import { lastValueFrom, map, type Observable } from 'rxjs'
import { WebSocket } from 'ws'
import { connect } from '../../src/client/index.js'
import { matchReply } from '../../src/operators/index.js'
import { decodeFrame, encodeClientFrame, type Reply } from '../../src/protocol/index.js'
import { webSocket } from '../../src/transport/index.js'
import { median } from './measure.js'
import { startPeer } from './peer-process.js'

const requests = Number(process.env['REQUESTS'] ?? 300)
const rounds = Number(process.env['ROUNDS'] ?? 50)
const only = process.env['ONLY']
const cid = 'x'.repeat(24)
const text = JSON.stringify({ op: 'asset', token: 'token-0', cid })

const peer = await startPeer()

/** Microseconds per request of a batch: median wall time, mean processor time. */
const batch = (request: () => Promise<unknown>) => async () => {
  const times: number[] = []
  const before = process.cpuUsage()
  for (let i = 0; i < requests; i++) {
    const start = performance.now()
    await request()
    times.push((performance.now() - start) * 1_000)
  }
  const { user, system } = process.cpuUsage(before)
  return { wall: median(times), cpu: (user + system) / requests }
}
const opened = <T>(source: Observable<T>): Promise<T> =>
  new Promise((resolve, reject) => source.subscribe({ next: resolve, error: reject }))

let answered: (answer: unknown) => void = () => undefined
const openedSocket = async (onText: (text: string) => void): Promise<WebSocket> => {
  const socket = new WebSocket(peer.url, { perMessageDeflate: false })
  await once(socket, 'open')
  socket.on('message', (data) => onText((data as Buffer).toString()))
  return socket
}

const raw = await openedSocket((answer) => answered(answer))
const rawText = (): Promise<unknown> => {
  const answer = new Promise((resolve) => (answered = resolve))
  raw.send(text)
  return answer
}

/** The least that a client of this protocol can do. */
const waiting = new Map<string, (answer: unknown) => void>()
const least = await openedSocket((answer) => {
  const reply = JSON.parse(answer) as { readonly cid: string }
  waiting.get(reply.cid)?.(reply)
  waiting.delete(reply.cid)
})
const leastRequest = (): Promise<unknown> => {
  const answer = new Promise((resolve) => waiting.set(cid, resolve))
  least.send(JSON.stringify({ op: 'asset', token: 'token-0', cid }))
  return answer
}

const connection = await opened(webSocket(peer.url))
connection.message$.subscribe((message) => answered(message))
const transportText = (): Promise<unknown> => {
  const answer = new Promise((resolve) => (answered = resolve))
  connection.send(text)
  return answer
}

/** The client's parts without a login: no gate, no retry, no order's fate. */
const parts = await opened(webSocket(peer.url))
const replies = matchReply(
  parts.message$.pipe(
    map((message) => {
      const decoded = decodeFrame(message)
      if (decoded._tag === 'Left') throw decoded.left
      return decoded.right as Reply
    }),
  ),
  { idOf: (reply: Reply) => reply.cid },
)
replies.connect()
const write = (): void => {
  const encoded = encodeClientFrame({ op: 'asset', token: 'token-0', cid })
  if (encoded._tag === 'Left') throw encoded.left
  parts.send(encoded.right)
}
const partsRequest = (): Promise<unknown> => lastValueFrom(replies.request(cid, write, { timeoutMs: 10_000 }))

const account = await opened(
  connect(peer.url).login({ platform: 'p', symbols: ['BTC/USDT'], access_key: 'k', secret_key: 's' }),
)
const query = (): Promise<unknown> => lastValueFrom(account.asset(), { defaultValue: undefined })
const order = { symbol: 'BTC/USDT', action: 'BUY', price: 20_000, quantity: 0.5, order_type: 'LIMIT' } as const
const place = (): Promise<unknown> => lastValueFrom(account.placeOrder(order), { defaultValue: undefined })
await query()

const ways = {
  'ws, texts': rawText,
  'ws, JSON and a Map of cids': leastRequest,
  'transport, texts': transportText,
  'transport, codecs, matchReply': partsRequest,
  'client, asset()': query,
  'client, placeOrder()': place,
}
const contenders = Object.entries(ways)
  // For a profiler: one of them alone.
  .filter(([name]) => only === undefined || name.includes(only))
  .map(([name, request]) => ({ name, run: batch(request) }))
type Measure = 'wall' | 'cpu'
const figures = contenders.map((): Record<Measure, number[]> => ({ wall: [], cpu: [] }))
// Turn by turn: a batch of a few milliseconds now and then has both processors to itself. The client's way is long, and takes some
// thousand requests until the engine has compiled all of it.
for (let round = 0; round < rounds; round++) {
  for (const [i, { run }] of contenders.entries()) {
    const figure = await run()
    figures[i]?.wall.push(figure.wall)
    figures[i]?.cpu.push(figure.cpu)
  }
}
const best = (i: number, measure: Measure): number => Math.min(...(figures[i]?.[measure] ?? []))
for (const [measure, title] of [
  ['wall', 'wall time, median of the best batch'],
  ['cpu', 'processor time, mean of the best batch'],
] as const) {
  console.log(`request round trip, ${title} (targets: asset() 1.3, placeOrder() 1.6)`)
  for (const [i, { name }] of contenders.entries()) {
    const us = best(i, measure)
    const ratio = us / best(0, measure)
    console.log(`  ${name.padEnd(30)} ${us.toFixed(1).padStart(6)} µs   ratio ${ratio.toFixed(2)}`)
  }
}
peer.end()
process.exit(0)
