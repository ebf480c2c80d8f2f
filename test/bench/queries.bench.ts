// What clients that query as much as they may, and read every answer, cost the others. The gateway runs in one process, the greedy clients in another, the
// polite one in this: it places an order every 20 ms and measures how long the reply takes. Each greedy client has ORDERS open orders (position and asset
// have short answers, whatever is open) and keeps IN_FLIGHT queries under way.
// Target: the others' p99 under 50 ms, with one and with five greedy clients. ORDERS, IN_FLIGHT and SECONDS (of one run) may be given.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startHeld } from './held-process.js'
import { quantile } from './measure.js'
import { rawLogin } from './raw-login.js'

const orders = Number(process.env['ORDERS'] ?? 1_000)
const inFlight = Number(process.env['IN_FLIGHT'] ?? 200)
const seconds = Number(process.env['SECONDS'] ?? 10)
const [role, url = '', key = '', op = 'open_orders'] = process.argv.slice(2)
const symbol = 'BTC/USDT'

const dial = (at: string, accessKey: string) => rawLogin(at, { symbols: [symbol], access_key: accessKey })
const order = (token: string, cid: string, price: number) =>
  JSON.stringify({ op: 'place_order', token, cid, symbol, action: 'BUY', price, quantity: 0.1, order_type: 'LIMIT' })

/** Reads everything, and asks anew with each answer; so many answers are told to the parent once a second. */
const greedy = async (): Promise<void> => {
  const [socket, token] = await dial(url, key)
  for (let i = 0; i < orders; i += 100) {
    for (let n = i; n < i + 100; n++) socket.send(order(token, `o${n}`, 100 + n / 100))
    await wait(120)
  }
  let answers = 0
  let refused = 0
  let asked = 0
  const ask = () => socket.send(`{"op":"${op}","token":"${token}","cid":"${asked++}","symbol":"${symbol}"}`)
  socket.on('message', (data: Buffer) => {
    const head = data.toString('latin1', 0, 60)
    if (!head.startsWith(`{"op":"${op}"`)) return
    if (head.includes('"result":true')) answers++
    else refused++
  })
  socket.on('close', (code) => process.send?.({ closed: code }))
  process.send?.({ ready: true })
  // As many as there are under way, and fewer in a second than the gateway's limit for messages.
  const timer = setInterval(() => {
    for (let room = Math.min(inFlight - (asked - answers - refused), 15); room > 0; room--) ask()
  }, 10)
  for (let i = 0; i < inFlight; i++) ask()
  process.on('message', () => process.send?.({ answers, refused }))
  process.on('disconnect', () => process.exit(0))
  await once(socket, 'close')
  clearInterval(timer)
}

const starting = async (at: string, name: string, what: string) => {
  const child = fork(fileURLToPath(import.meta.url), ['greedy', at, name, what])
  const closed: number[] = []
  child.on('message', (message: { readonly closed?: number }) => {
    if (message.closed !== undefined) closed.push(message.closed)
  })
  await once(child, 'message')
  return {
    closed,
    tally: async () => {
      child.send('how many')
      return ((await once(child, 'message')) as [{ readonly answers?: number; readonly refused?: number }])[0]
    },
    end: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

const run = async (many: number, what: string): Promise<number> => {
  const server = await startHeld('gateway', '1000')
  const crowd = await Promise.all(
    Array.from({ length: many }, (_, i) => starting(server.url, `greedy-number-${i}`, what)),
  )
  const [socket, token] = await dial(server.url, 'a-polite-client')
  const times: number[] = []
  const sent = new Map<string, number>()
  socket.on('message', (data: Buffer) => {
    const { op: replyTo, cid } = JSON.parse(data.toString()) as { readonly op: string; readonly cid?: string }
    const at = replyTo === 'place_order' && cid !== undefined ? sent.get(cid) : undefined
    if (at === undefined || cid === undefined) return
    times.push(performance.now() - at)
    sent.delete(cid)
  })
  let n = 0
  const timer = setInterval(() => {
    const cid = `p${n++}`
    sent.set(cid, performance.now())
    socket.send(order(token, cid, 50))
    if (n % 100 === 0) socket.send(JSON.stringify({ op: 'cancel_order', token, cid: 'c', symbol, order_nos: [] }))
  }, 20)
  await wait(seconds * 1_000)
  clearInterval(timer)
  // What is still waiting counts as long as it has waited.
  for (const at of sent.values()) times.push(performance.now() - at)
  const tallies = await Promise.all(crowd.map(({ tally }) => tally()))
  const closed = crowd.flatMap((each) => each.closed)
  for (const { end } of crowd) await end()
  socket.terminate()
  await server.end()
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
  const sum = (field: 'answers' | 'refused') => tallies.reduce((all, tally) => all + (tally[field] ?? 0), 0)
  console.log(
    `  ${many} x ${what}: others' order p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${times.length} orders); ${sum('answers')} answers, ${sum('refused')} refused, closed ${JSON.stringify(closed)}`,
  )
  return p99
}

if (role === 'greedy') {
  await greedy()
} else {
  console.log(`${orders} open orders each, ${inFlight} queries under way, ${seconds} s`)
  const p99s: number[] = []
  await run(0, 'open_orders')
  for (const what of ['open_orders', 'asset', 'position', 'symbol_info'])
    for (const many of [1, 5]) p99s.push(await run(many, what))
  const worst = Math.max(...p99s)
  console.log(`others' p99 at worst ${worst.toFixed(1)} ms (target 50 ms)`)
  process.exit(worst <= 50 ? 0 : 1)
}
