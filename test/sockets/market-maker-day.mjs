// The market maker of examples/ for some minutes behind a TCP proxy that fails every half minute. Prints one line a minute and how it ended.
// node test/sockets/market-maker-day.mjs --minutes 20 [--chaos examples/chaos.json] [--without plain] [-- arguments of rxquant run]
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '20' },
    chaos: { type: 'string', default: 'examples/chaos.json' },
    without: { type: 'string', default: '' },
    dist: { type: 'string', default: 'dist' },
    seed: { type: 'string', default: '1' },
  },
})
const main = join(values.dist, 'cli/main.js')
const minutes = Number(values.minutes)

// Numerical Recipes' generator: the same seed, the same faults.
let state = Number(values.seed)
const dice = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32

const chaos = JSON.parse(readFileSync(values.chaos, 'utf8'))
chaos.quirks = chaos.quirks.filter(({ quirk }) => quirk !== values.without)
const chaosFile = join(mkdtempSync(join(tmpdir(), 'rxquant-day-')), 'chaos.json')
writeFileSync(chaosFile, JSON.stringify(chaos))

let port = 0
const links = new Set()
const faults = {}
let hole = { up: false, down: false }
let refusing = false
const proxy = createServer((client) => {
  if (refusing) {
    client.resetAndDestroy()
    return
  }
  const server = connect(port, '127.0.0.1')
  const link = [client, server]
  links.add(link)
  const end = () => {
    links.delete(link)
    client.destroy()
    server.destroy()
  }
  client.on('data', (chunk) => void (hole.up || server.write(chunk)))
  server.on('data', (chunk) => void (hole.down || client.write(chunk)))
  for (const socket of link) socket.on('close', end).on('error', end)
})
await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve))

// It lets in the proxy's port as well as its own.
const gateway = spawn(
  process.execPath,
  [main, 'gateway', '--port', '0', '--chaos', chaosFile, '--allow-host', `127.0.0.1:${proxy.address().port}`],
  {
    stdio: ['ignore', 'pipe', 'ignore'],
  },
)
port = await new Promise((resolve) => {
  createInterface({ input: gateway.stdout }).on('line', (line) => {
    const found = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)
    if (found !== null) resolve(Number(found[1]))
  })
})

const fail = () => {
  const roll = dice()
  const name =
    roll < 0.4 ? 'reset' : roll < 0.6 ? 'black hole' : roll < 0.8 ? 'up lost' : roll < 0.9 ? 'down lost' : 'refused'
  faults[name] = (faults[name] ?? 0) + 1
  if (name === 'reset' || name === 'refused')
    for (const [client, server] of links) client.resetAndDestroy(), server.resetAndDestroy()
  refusing = name === 'refused'
  hole = { up: name === 'black hole' || name === 'up lost', down: name === 'black hole' || name === 'down lost' }
  // Longer than an order's age.
  setTimeout(() => {
    hole = { up: false, down: false }
    refusing = false
  }, 12_000)
  timer = setTimeout(fail, 20_000 + 20_000 * dice())
}
let timer = setTimeout(fail, 20_000)

const run = spawn(
  process.execPath,
  [
    ...[main, 'run', 'examples/market-maker.ts', '--url', `ws://127.0.0.1:${proxy.address().port}/ws/v1`],
    ...['--json', '--cancel-on-exit', '--seconds', String(60 * minutes), ...positionals],
  ],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RXQUANT_ACCESS_KEY: 'any', RXQUANT_SECRET_KEY: 'any' },
  },
)
const counts = {}
let inDoubt = 0
let summary
createInterface({ input: run.stdout }).on('line', (line) => {
  const event = JSON.parse(line)
  const name = event.type === 'failed' ? `failed ${event.error?._tag ?? event.error?.name ?? ''}` : event.type
  counts[name] = (counts[name] ?? 0) + 1
  if (event.type === 'unresolved') inDoubt = event.count
  if (event.type === 'summary') summary = event
})
let minute = 0
let last = {}
const each = setInterval(() => {
  const since = (name) => (counts[name] ?? 0) - (last[name] ?? 0)
  const failed = Object.keys(counts)
    .filter((name) => name.startsWith('failed'))
    .map((name) => `${name} ${since(name)}`)
  console.log(
    `minute ${++minute}: sent ${since('sent')}, placed ${since('placed')}, fills ${since('fill')}, in doubt now ${inDoubt}; ${failed.join(', ')}`,
  )
  last = { ...counts }
}, 60_000)
run.on('close', (code) => {
  clearInterval(each)
  clearTimeout(timer)
  console.log(`ended with ${code}; faults of the proxy: ${JSON.stringify(faults)}`)
  const accounts = summary?.accounts ?? []
  for (const { platform, sent, fills, open, unsettled, unknown } of accounts)
    console.log(JSON.stringify({ platform, sent, fills, open, unsettled, unknown }))
  proxy.close()
  gateway.kill('SIGINT')
  gateway.on('close', () => process.exit(code === 0 || code === 3 ? 0 : 1))
})
