// What clients that never finish their HTTP request cost the others. They keep HALF requests open, opened again 100 ms after
// the gateway drops them. Gateway and attacker run in processes of their own; a polite client places an order every 20 ms, and another logs in anew every 250 ms.
// Target: the others' p99 under 50 ms, and no new client is locked out. HALF and SECONDS may be given.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect as dialTcp } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startHeld } from './held-process.js'
import { quantile } from './measure.js'
import { rawLogin } from './raw-login.js'

const half = Number(process.env['HALF'] ?? 1_064)
const seconds = Number(process.env['SECONDS'] ?? 10)
const symbol = 'BTC/USDT'

/** Keeps so many unfinished requests open, in a process of its own, until its parent goes. */
const attack = (port: number, many: number): void => {
  let opened = 0
  const open = (): void => {
    const socket = dialTcp(port, '127.0.0.1', () => socket.write('GET /ws/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: '))
    opened += 1
    socket.on('error', () => undefined)
    // Not at once: a connection that is refused would be tried in a hot loop.
    socket.on('close', () => setTimeout(open, 100))
  }
  for (let i = 0; i < many; i++) open()
  process.on('message', () => process.send?.(opened))
  process.on('disconnect', () => process.exit(0))
  process.send?.('ready')
}

const run = async (many: number): Promise<number> => {
  const server = await startHeld('gateway', '2000')
  const attacker = fork(fileURLToPath(import.meta.url), ['attack', new URL(server.url).port, String(many)])
  await once(attacker, 'message')
  await wait(500)
  const [socket, token] = await rawLogin(server.url, { symbols: [symbol], access_key: 'a-polite-client' })
  const times: number[] = []
  const sent = new Map<string, number>()
  socket.on('message', (data: Buffer) => {
    const { op, cid = '' } = JSON.parse(data.toString()) as { readonly op: string; readonly cid?: string }
    const at = op === 'place_order' ? sent.get(cid) : undefined
    if (at === undefined) return
    times.push(performance.now() - at)
    sent.delete(cid)
  })
  let n = 0
  const placing = setInterval(() => {
    const cid = `p${n++}`
    sent.set(cid, performance.now())
    const order = { symbol, action: 'BUY', price: 50, quantity: 0.1, order_type: 'LIMIT' }
    socket.send(JSON.stringify({ op: 'place_order', token, cid, ...order }))
    if (n % 100 === 0) socket.send(JSON.stringify({ op: 'cancel_order', token, cid: 'c', symbol, order_nos: [] }))
  }, 20)
  const logins: number[] = []
  const until = performance.now() + seconds * 1_000
  for (let i = 0; performance.now() < until; i++) {
    const at = performance.now()
    const [newcomer] = await rawLogin(server.url, { symbols: [symbol], access_key: `newcomer-number-${i}` })
    logins.push(performance.now() - at)
    newcomer.terminate()
    await wait(250)
  }
  clearInterval(placing)
  for (const at of sent.values()) times.push(performance.now() - at)
  socket.terminate()
  attacker.send('how many')
  const [opened] = (await once(attacker, 'message')) as [number]
  attacker.disconnect()
  await once(attacker, 'exit')
  await server.end()
  const p99 = quantile(times, 0.99)
  console.log(
    `  ${many} unfinished (${opened} opened): others' order p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${times.length}); login p50 ${quantile(logins, 0.5).toFixed(1)} ms, longest ${Math.max(...logins).toFixed(0)} ms (${logins.length})`,
  )
  return p99
}

const [role, port, many] = process.argv.slice(2)
if (role === 'attack') attack(Number(port), Number(many))
else {
  console.log(`${half} unfinished requests kept open, ${seconds} s`)
  await run(0)
  const p99 = await run(half)
  console.log(`others' p99 ${p99.toFixed(1)} ms (target 50 ms)`)
  process.exit(p99 <= 50 ? 0 : 1)
}
