// What a connection costs the gateway that is logged in and pings, beyond what a socket costs a bare server of ws. The same clients for both, in this
// process; servers in processes of their own. Target: 10,000 connections, at most 16 KiB each beyond the bare socket.
// CONNECTIONS, SECONDS (how long they are held; more than the 15 s after which silence kills) and ROUNDS may be given. Both sides need a file for each
// connection: `ulimit -n` must allow some more than there are connections.
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type HeldServer, startHeld } from './held-process.js'
import { median } from './measure.js'

const wanted = Number(process.env['CONNECTIONS'] ?? 10_000)
const seconds = Number(process.env['SECONDS'] ?? 20)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const atATime = 100
const pingEveryMs = 5_000
const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(2)} KiB`

const dial = (url: string, i: number): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      // READY by the gateway; its own login by the echo.
      if (text.includes('"code":6') || text.includes('"op":"login","cid":"l"')) resolve(socket)
    })
    socket.on('open', () =>
      socket.send(
        `{"op":"login","cid":"l","platform":"huobi","symbols":["BTC/USDT"],"access_key":"key-number-${i}","secret_key":"secret"}`,
      ),
    )
  })

const perConnection = async (kind: 'echo' | 'gateway'): Promise<{ living: number; resident: number }> => {
  const server: HeldServer = await startHeld(kind, String(wanted + 100))
  const before = await server.held()
  const sockets: WebSocket[] = []
  let lost = 0
  // From the first on, and as many as the time that has passed asks for: spread over the time between two pings, as those of so many clients are.
  let turn = 0
  let last = performance.now()
  const pings = setInterval(() => {
    const now = performance.now()
    const share = Math.ceil((sockets.length * Math.min(now - last, pingEveryMs)) / pingEveryMs)
    last = now
    for (let i = 0; i < share; i++) sockets[turn++ % sockets.length]?.send(`{"op":"ping","ts":${Date.now()}}`)
  }, 50)
  for (let i = 0; i < wanted; i += atATime) {
    const some = await Promise.all(Array.from({ length: atATime }, (_, each) => dial(server.url, i + each)))
    for (const socket of some) socket.once('close', () => lost++)
    sockets.push(...some)
  }
  await wait(seconds * 1_000)
  const { connections, living, resident } = await server.held()
  clearInterval(pings)
  if (connections !== wanted || lost > 0) throw new Error(`${connections} connections are held, ${lost} were lost`)
  for (const socket of sockets) socket.terminate()
  await server.end()
  return { living: (living - before.living) / wanted, resident: (resident - before.resident) / wanted }
}

console.log(`${wanted} connections, held for ${seconds} s, ${rounds} rounds`)
const living: number[] = []
const resident: number[] = []
for (let round = 0; round < rounds; round++) {
  const bare = await perConnection('echo')
  const ours = await perConnection('gateway')
  living.push(ours.living - bare.living)
  resident.push(ours.resident - bare.resident)
  console.log(
    `  a connection, living / resident: bare ${kib(bare.living)} / ${kib(bare.resident)}; gateway ${kib(ours.living)} / ${kib(ours.resident)}`,
  )
}
console.log(`beyond a bare socket (target 16 KiB): living ${kib(median(living))}, resident ${kib(median(resident))}`)
process.exit(Math.max(median(living), median(resident)) <= 16_384 ? 0 : 1)
