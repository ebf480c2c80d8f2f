// What one reader that is stuck costs the gateway, and what it costs the others. A market of trades, every one of which must be told; polite clients in this
// process, the gateway in another. The stuck one logs in, asks for everything, pings, and never reads; so that the kernel's own buffers (some MiB) are
// full soon, it asks for its open orders, 4 KiB a time, at first. For its memory it comes again when it is cut; for the others' p99 it is not cut, so
// that it is there all the time.
// Targets: under 1 MiB of the gateway's memory; the others' p99 of a ping's round trip moved by less than 10 percent (paired runs).
// TRADES (a second), CLIENTS, PAIRS and SECONDS (of one run) may be given.
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type HeldServer, startHeld } from './held-process.js'
import { median, quantile } from './measure.js'
import { rawLogin } from './raw-login.js'

const trades = Number(process.env['TRADES'] ?? 1_000)
const clients = Number(process.env['CLIENTS'] ?? 4)
const pairs = Number(process.env['PAIRS'] ?? 20)
const seconds = Number(process.env['SECONDS'] ?? 2)
const pingEveryMs = 10
/** As many answers as fill the kernel's buffers. */
const mostAsked = 1_500
const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(2)} MiB`

let logins = 0
const dial = (url: string) =>
  rawLogin(url, {
    symbols: ['BTC/USDT', 'ETH/USDT'],
    market: ['trade', 'ticker', 'orderbook', 'kline'],
    access_key: `key-number-${++logins}`,
  })

/** A client that reads, and knows how long its pings take, in ms. */
const polite = async (url: string) => {
  const [socket] = await dial(url)
  let times: number[] = []
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (text.startsWith('{"op":"pong"')) times.push(performance.now() - (JSON.parse(text) as { ts: number }).ts)
  })
  const timer = setInterval(() => socket.send(`{"op":"ping","ts":${performance.now()}}`), pingEveryMs)
  return {
    take: () => times.splice(0),
    end: () => {
      clearInterval(timer)
      times = []
      socket.terminate()
    },
  }
}

/** Stuck, and stuck again as soon as it has been cut; until `end` is called. */
const stuck = (url: string) => {
  let socket: WebSocket | undefined
  let over = false
  const again = async () => {
    const [current, token] = await dial(url)
    socket = current
    const request = { token, symbol: 'BTC/USDT' }
    const order = { op: 'place_order', action: 'BUY', price: 10, quantity: 1, order_type: 'LIMIT' }
    for (let i = 0; i < 20; i++) current.send(JSON.stringify({ ...request, ...order }))
    current.pause()
    let asked = 0
    const timer = setInterval(() => {
      if (current.readyState !== WebSocket.OPEN) return
      current.send('{"op":"ping","ts":1}')
      for (let i = 0; i < 150 && asked < mostAsked; i++, asked++)
        current.send(JSON.stringify({ ...request, op: 'open_orders' }))
    }, 100)
    current.on('close', () => {
      clearInterval(timer)
      if (!over) void again()
    })
  }
  void again()
  return () => {
    over = true
    socket?.terminate()
  }
}

/** The most living bytes that the gateway has while it is watched. */
const mostLiving = async (server: HeldServer, forMs: number): Promise<number> => {
  let most = 0
  for (const until = performance.now() + forMs; performance.now() < until; await wait(50))
    most = Math.max(most, (await server.held()).living)
  return most
}

const cutting = await startHeld('market', '1000', String(trades))
console.log(`${trades} trades a second, ${clients} clients that read`)

const few = await polite(cutting.url)
await mostLiving(cutting, 3_000)
const costs: number[] = []
// The first is for the compiler.
for (let round = -1; round < 3; round++) {
  const without = await mostLiving(cutting, 3_000)
  const { cut } = await cutting.held()
  const end = stuck(cutting.url)
  let most = 0
  while ((await cutting.held()).cut < cut + 2) most = Math.max(most, await mostLiving(cutting, 500))
  end()
  if (round >= 0) costs.push(most - without)
  await wait(1_000)
}
few.end()
await cutting.end()
console.log(`a stuck reader costs ${mib(median(costs))} (target 1 MiB; ${costs.map(mib).join(', ')})`)

/** Two gateways at the same time, the stuck one now at the one and now at the other: what else the machine does meets both. */
const sides = await Promise.all(
  [0, 1].map(async () => {
    const server = await startHeld('market', '1000', String(trades), '600000')
    return { server, readers: await Promise.all(Array.from({ length: clients }, () => polite(server.url))) }
  }),
)
const ratios: number[] = []
const figures = { without: [] as number[], with: [] as number[] }
for (let pair = -1; pair < pairs; pair++) {
  const [stuckSide, other] = pair % 2 === 0 ? sides : sides.toReversed()
  const end = stuck(stuckSide!.server.url)
  await wait(2_500)
  for (const { readers } of sides) for (const { take } of readers) take()
  await wait(seconds * 1_000)
  const p99 = ({ readers }: (typeof sides)[number]) =>
    quantile(
      readers.flatMap(({ take }) => take()),
      0.99,
    )
  const [withIt, without] = [p99(stuckSide!), p99(other!)]
  end()
  await wait(500)
  // The first is for the compiler.
  if (pair < 0) continue
  figures.with.push(withIt)
  figures.without.push(without)
  ratios.push(withIt / without)
}
const ratio = median(ratios)
console.log(
  `others' p99: ${median(figures.without).toFixed(2)} ms without, ${median(figures.with).toFixed(2)} ms with it; ratio ${ratio.toFixed(3)} (${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}; target 1.1)`,
)
for (const { server } of sides) await server.end()
process.exit(ratio <= 1.1 && median(costs) <= 1_048_576 ? 0 : 1)
