import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { lastValueFrom, map, toArray } from 'rxjs'
import { readMarket } from '../../../src/market/index.js'
import { Trade } from '../../../src/protocol/index.js'
import { bars, strategy as typed } from '../../../src/strategy/index.js'
import { backtest } from '../../../src/backtest/index.js'
import { checkDiagram, type Diagram } from '../../../src/testing/index.js'
import { selfSigned } from '../../support/self-signed.js'
import { build, root, type Running, rxquant } from '../../support/processes.js'

const running: Running[] = []
const start = (...args: Parameters<typeof rxquant>): Running => {
  const process = rxquant(...args)
  running.push(process)
  return process
}

let folder: string
const strategy = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

beforeAll(() => {
  build()
  // Inside the package, so that `rxquant` in a strategy is the package itself.
  folder = mkdtempSync(join(root, '.cache/strategies-'))
}, 60_000)
afterAll(async () => {
  for (const each of running) each.kill('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  rmSync(folder, { recursive: true })
})

/** A strategy that places one order, where the market does not come, and goes on. */
const resting = `import { concat, NEVER } from 'rxjs'
import { strategy } from 'rxquant/strategy'
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: (account) =>
    concat(account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' }), NEVER),
})`

const summaryIn = (stdout: string): Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>

describe('rxquant gateway', () => {
  it('says where it listens in one line, serves, and ends with 0 at SIGTERM', async () => {
    const gateway = start(['gateway', '--port', '0'])
    const [, url = ''] = await gateway.saying(/^listening on (ws:\/\/127\.0\.0\.1:\d+\/ws\/v1)\n$/)
    const file = strategy(
      'watch.mjs',
      `import { NEVER } from 'rxjs'\nexport default { logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }], run: () => NEVER }`,
    )
    const run = await start(['run', file, '--url', url, '--seconds', '1'], {
      env: { RXQUANT_ACCESS_KEY: 'the-access-key', RXQUANT_SECRET_KEY: 'the-secret-key' },
    }).ended
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('READY') })
    expect(run.stdout + run.stderr).not.toMatch(/the-(access|secret)-key/)
    gateway.kill('SIGTERM')
    const { code, stdout, stderr } = await gateway.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: `listening on ${url}\n` })
    const log = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(log.map(({ msg }) => msg)).toEqual(['listening', 'logged in', 'logged out'])
    expect(stderr).not.toMatch(/the-(access|secret)-key/)
  }, 30_000)

  it('serves over TLS with --tls-cert and --tls-key', async () => {
    const { cert, key } = selfSigned()
    const [tlsCert, tlsKey] = [strategy('cert.pem', cert), strategy('key.pem', key)]
    const flags = ['--tls-cert', tlsCert, '--tls-key', tlsKey, '--log-level', 'silent']
    const gateway = start(['gateway', '--port', '0', ...flags])
    const [, url = ''] = await gateway.saying(/^listening on (wss:\/\/127\.0\.0\.1:\d+\/ws\/v1)\n$/)
    const keys = { RXQUANT_ACCESS_KEY: 'the-access-key', RXQUANT_SECRET_KEY: 'the-secret-key' }
    const run = ['run', 'examples/two-logins.ts', '--url', url, '--seconds', '1']
    const trusting = await start(run, { env: { ...keys, NODE_EXTRA_CA_CERTS: tlsCert } }).ended
    expect(trusting).toMatchObject({ code: 0, stdout: expect.stringContaining('READY') })
    gateway.kill('SIGTERM')
    expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' })
  }, 30_000)

  it.each([
    ['one without the other', ['--tls-cert', 'package.json'], /--tls-cert and --tls-key belong together/],
    [
      'a file that is not there',
      ['--tls-cert', 'no.pem', '--tls-key', 'no.pem'],
      /cannot read the certificate no\.pem/,
    ],
    ['what is no PEM', ['--tls-cert', 'LICENSE', '--tls-key', 'LICENSE'], /not a certificate and its key/],
    ['neither, beyond loopback', ['--host', '0.0.0.0'], /loopback.*--tls-cert and --tls-key, and --allow-remote/],
    ['only the word, beyond loopback', ['--host', '0.0.0.0', '--allow-remote'], /give --tls-cert and --tls-key\n$/],
  ])(
    'says what is wrong with TLS, and ends with 1: %s',
    async (_, args, words) => {
      const { code, stderr } = await start(['gateway', '--port', '0', ...args]).ended
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(words) })
    },
    30_000,
  )

  it('lets in the web pages that --allow-origin names, and no other', async () => {
    const gateway = start(['gateway', '--port', '0', '--allow-origin', 'http://localhost:5173'])
    const [, url = ''] = await gateway.saying(/^listening on (\S+)\n$/)
    const statusFor = async (origin: string) =>
      (await fetch(url.replace('ws:', 'http:').replace('/ws/v1', '/healthz'), { headers: { origin } })).status
    expect(await statusFor('http://localhost:5173')).toBe(200)
    expect(await statusFor('http://localhost:5174')).toBe(403)
    const slash = await start(['gateway', '--port', '0', '--allow-origin', 'http://localhost:5173/']).ended
    expect(slash).toMatchObject({ code: 1, stderr: expect.stringContaining('origins as browsers send them') })
  }, 30_000)

  it('says why it cannot listen, and ends with 1', async () => {
    expect(await start(['gateway', '--host', '0.0.0.0', '--port', '0']).ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('loopback'),
    })
  }, 30_000)
})

describe('rxquant run', () => {
  it('trades on a paper gateway of its own, tells the summary, and ends with 0', async () => {
    const { code, stdout, stderr } = await start(['run', 'examples/two-logins.ts', '--seconds', '3', '--json']).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(summaryIn(stdout)).toMatchObject({
      type: 'summary',
      accounts: [
        { platform: 'huobi', fills: expect.any(Number), unit: 'USDT', open: 0 },
        { platform: 'okex', fills: expect.any(Number), unit: 'USDT', open: 0 },
      ],
    })
    const fills = stdout.split('\n').filter((line) => line.includes('"type":"fill"'))
    expect(fills.length).toBeGreaterThanOrEqual(2)
  }, 30_000)

  it('gives a strategy in TypeScript the same classes that the client throws', async () => {
    const file = strategy(
      'classes.ts',
      `import { catchError, of } from 'rxjs'
import { NotSent } from 'rxquant'
import { strategy } from 'rxquant/strategy'
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: (account) =>
    account
      .placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: Number.NaN, quantity: 1, order_type: 'LIMIT' })
      .pipe(catchError((error: unknown) => of('instance: ' + String(error instanceof NotSent)))),
})`,
    )
    const { code, stdout } = await start(['run', file]).ended
    expect(stdout).toContain('instance: true')
    // Its only order was not sent.
    expect(code).toBe(4)
  }, 30_000)

  it('says what to do to a strategy in TypeScript whose package is CommonJS', async () => {
    mkdirSync(join(folder, 'commonjs/node_modules'), { recursive: true })
    symlinkSync(root, join(folder, 'commonjs/node_modules/rxquant'))
    strategy('commonjs/package.json', '{}')
    const file = strategy(
      'commonjs/first.ts',
      `import { NEVER } from 'rxjs'
import { strategy } from 'rxquant/strategy'
export default strategy({ logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }], run: () => NEVER })`,
    )
    const { code, stderr } = await start(['run', file, '--seconds', '1']).ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('npm pkg set type=module') })
  }, 30_000)

  it('opens the risk gates of the strategy again at SIGUSR2, and at nothing else', async () => {
    const file = strategy(
      'halting.ts',
      `import { NEVER } from 'rxjs'
import { withRiskLimits, strategy } from 'rxquant/strategy'
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: (account) => {
    withRiskLimits(account, { maxOrderSize: 1, maxOrderValue: 1, maxPosition: 1, reference$: NEVER }).risk.halt('enough')
    return NEVER
  },
})`,
    )
    const run = start(['run', file])
    await run.saying(/the risk gate is shut, halted: enough; `kill -USR2 \d+` reopens it/)
    run.kill('SIGUSR2')
    await run.saying(/the risk gate is open again/)
    run.kill('SIGINT')
    const { code, stdout } = await run.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('risk gate open: BTC/USDT 0 of 1') })
  }, 30_000)

  it('says within seconds that nobody answers at its address', async () => {
    const begun = performance.now()
    const { code, stderr } = await start(['run', 'examples/ema-cross.ts', '--url', 'ws://127.0.0.1:1/ws/v1'], {
      env: { RXQUANT_ACCESS_KEY: 'the-access-key', RXQUANT_SECRET_KEY: 'the-secret-key' },
    }).ended
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/no gateway answers \(tried 3 times\).*ECONNREFUSED/),
    })
    expect(performance.now() - begun).toBeLessThan(15_000)
  }, 30_000)

  it('stops at SIGINT: cancels what was placed and is still open, if asked, logs out, and ends with 0', async () => {
    const file = strategy('resting.ts', resting)
    const run = start(['run', file, '--cancel-on-exit'])
    await run.saying(/LIMIT SUBMITTED/)
    run.kill('SIGINT')
    const { code, stdout } = await run.ended
    expect(stdout).toContain('cancelled 1 open order of BTC/USDT on huobi')
    expect(stdout).toMatch(/logged out/)
    expect(stdout).not.toContain('still open')
    expect(code).toBe(0)
  }, 30_000)

  it('says at the end that an order is in doubt, what it waits for before, and ends with 3', async () => {
    const file = strategy('in-doubt.ts', resting)
    const lost = strategy(
      'replies-lost.json',
      JSON.stringify({ quirks: [{ quirk: 'plain' }, { quirk: 'reply-lost', op: 'place_order' }] }),
    )
    const args = ['run', file, '--seconds', '1', '--outcomes-within', '2', '--chaos', lost]
    const [words, json] = await Promise.all([start(args).ended, start([...args, '--json']).ended])
    expect(words).toMatchObject({ code: 3, stderr: expect.stringContaining('1 order may exist') })
    expect(words.stdout).toMatch(
      /waiting for the outcome of 1 order\n[^]*unresolved: buy 1 BTC\/USDT at 100 LIMIT, cid /,
    )
    expect(json.code).toBe(3)
    expect(summaryIn(json.stdout)).toMatchObject({
      accounts: [{ orders: 1, unsettled: 1, unsettledOrders: [{ cid: expect.any(String), cause: 'logged-out' }] }],
    })
  }, 60_000)

  it('leaves at once at the second SIGINT', async () => {
    const file = strategy(
      'stubborn.mjs',
      `import { NEVER } from 'rxjs'
export default { logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }], run: () => { setInterval(() => {}, 1000); return NEVER } }`,
    )
    const run = start(['run', file])
    await run.saying(/READY/)
    run.kill('SIGINT')
    run.kill('SIGTERM')
    expect((await run.ended).code).toBe(130)
  }, 30_000)

  it("ends with 1 and the strategy's own words when it fails, after logging out", async () => {
    const file = strategy(
      'failing.mjs',
      `import { throwError } from 'rxjs'\nexport default { logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }], run: () => throwError(() => new Error('no luck today')) }`,
    )
    const { code, stdout, stderr } = await start(['run', file]).ended
    expect(code).toBe(1)
    expect(stderr).toContain('no luck today')
    expect(stdout).toContain('logged out')
  }, 30_000)

  it('logs out as well when something is thrown that nobody catches', async () => {
    const file = strategy(
      'throwing.mjs',
      `import { NEVER } from 'rxjs'
export default {
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: () => { setTimeout(() => { throw new Error('thrown aside') }, 300); return NEVER },
}`,
    )
    const { code, stdout, stderr } = await start(['run', file]).ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('thrown aside') })
    expect(stdout).toContain('logged out')
  }, 30_000)

  it('plays candles and order books with trades, several files at once', async () => {
    const watch = strategy(
      'watch-trades.ts',
      `import { map } from 'rxjs'
import { Trade } from 'rxquant/protocol'
import { strategy } from 'rxquant/strategy'
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT', 'ETH/USDT'], market: ['trade'] }],
  run: (account) => account.topic$('trade', Trade).pipe(map(({ symbol, action, price }) => \`\${symbol} \${action} \${price}\`)),
})`,
    )
    const rows = (start: number) =>
      `timestamp,open,high,low,close,volume\n${start},100,101,90,95,4\n${start + 60_000},95,99,94,97,4\n`
    const candles = strategy('btcusdt_1m.csv', rows(1_600_000_020_000))
    const book = strategy(
      'l2.csv',
      `timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,side,price,quantity
,0,ETHUSDT,SNAPSHOT,1,1,BID,10,5
,0,ETHUSDT,SNAPSHOT,1,1,ASK,11,5
1600000020000,0,ETHUSDT,UPDATE,2,2,ASK,12,5
`,
    )
    const trades = strategy('trades.csv', 'timestamp,symbol,side,price,quantity\n1600000070000,ETHUSDT,BUY,99,3\n')
    const { code, stdout, stderr } = await start([
      ...['run', watch, '--market', [candles, book, trades].join(','), '--speed', '40', '--seconds', '5', '--json'],
    ]).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const said = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; value?: unknown; share?: number })
    // The first trades come while the strategy logs in. A recorded trade is told as it was, whatever its book shows: 99, where 11 is asked.
    const told = said.flatMap(({ type, value }) => (type === 'said' ? [value] : []))
    expect(told.filter((words) => String(words).startsWith('ETH'))).toEqual(['ETH/USDT BUY 99'])
    expect(told).toEqual(
      expect.arrayContaining(['BTC/USDT SELL 90', 'BTC/USDT BUY 95', 'BTC/USDT SELL 94', 'BTC/USDT BUY 99']),
    )
    expect(said.findLast(({ type }) => type === 'market')?.share).toBe(1)
  }, 30_000)

  it('stamps a recording of another year with its own time at any speed: its bars are those of a backtest', async () => {
    const text = `import { map } from 'rxjs'
import { Trade } from 'rxquant/protocol'
import { bars, strategy } from 'rxquant/strategy'
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['trade'] }],
  run: (account) => account.topic$('trade', Trade).pipe(bars({ periodMs: 3_600_000, graceMs: 60_000 }), map((bar) => JSON.stringify(bar))),
})`
    const file = strategy('hour-bars.ts', text)
    const january = Date.UTC(2024, 0, 1)
    const rows = Array.from({ length: 5 * 12 + 1 }, (_, n) => `${january + n * 300_000},BTCUSDT,BUY,${100 + (n % 7)},1`)
    const trades = strategy('january.csv', ['timestamp,symbol,side,price,quantity', ...rows].join('\n'))
    const { code, stdout } = await start(['run', file, '--market', trades, '--speed', '3600', '--json']).ended
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; value?: unknown })
      .flatMap(({ type, value }) => (type === 'said' ? [String(value)] : []))
    const tested = typed({
      logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['trade'] }],
      run: (account) =>
        account.topic$('trade', Trade).pipe(
          bars({ periodMs: 3_600_000, graceMs: 60_000 }),
          map((bar) => JSON.stringify(bar)),
        ),
    })
    const events = await lastValueFrom(backtest(tested, { market: readMarket([trades]) }).pipe(toArray()))
    const wanted = events.flatMap((event) => (event.type === 'said' ? [String(event.value)] : []))
    expect(code).toBe(0)
    expect(told.length).toBeGreaterThanOrEqual(5)
    // A backtest logs in while the first event is told and leaves while the last is on its way: it misses both.
    expect(wanted).toHaveLength(4)
    expect(told.slice(1, 4)).toEqual(wanted.slice(1))
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ timestamp: january })
  }, 60_000)

  it('ends by itself when the recorded market is over, which it says once', async () => {
    const rows =
      'timestamp,symbol,side,price,quantity\n1600000000000,BTCUSDT,BUY,100,1\n1600000001000,BTCUSDT,BUY,101,1\n'
    const file = strategy('short.csv', rows)
    const { code, stdout } = await start(['run', 'examples/two-logins.ts', '--market', file]).ended
    expect({ code, over: stdout.match(/the recorded market is over/g)?.length }).toEqual({ code: 0, over: 1 })
    expect(stdout).toContain('logged out')
  }, 30_000)

  it('leaves in order, and with 0, when nobody reads what it prints any more', async () => {
    const run = start(['run', 'examples/two-logins.ts', '--json', '--seconds', '20'])
    await run.saying(/\n/)
    const begun = performance.now()
    run.stopReading()
    const { code, stderr } = await run.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(performance.now() - begun).toBeLessThan(10_000)
  }, 30_000)

  it('notes an order that takes a price of hours ago, in a hole of the recording', async () => {
    const t0 = Date.UTC(2024, 0, 1)
    const rows = [0, 1_000, 8 * 3_600_000].map((ms) => `${t0 + ms},BTCUSDT,BUY,60000,1`)
    const file = join(folder, 'hole.csv')
    writeFileSync(file, ['timestamp,symbol,side,price,quantity', ...rows].join('\n'))
    const buying = strategy(
      'buy-in-hole.mjs',
      `import { switchMap, timer } from 'rxjs'
export default {
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: (account) => timer(500).pipe(switchMap(() =>
    account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 0, quantity: 1000, order_type: 'MARKET' }))),
}`,
    )
    const { stdout } = await start(['run', buying, '--market', file, '--speed', '7200', '--seconds', '2', '--json'])
      .ended
    expect(stdout).toMatch(/filled at 60000(\.\d+)?, a price that is \d{4,5} s old: the market has a hole there/)
  }, 30_000)

  it('ends with 1 when the recording is of another coin, and names what it holds and what is wanted', async () => {
    const rows = 'timestamp,open,high,low,close,volume\n1704067200000,100,101,90,95,4\n1704067260000,95,99,94,97,4\n'
    const market = strategy('solusdt_1m.csv', rows)
    const run = await start(['run', 'examples/ema-cross.ts', '--market', market]).ended
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the market solusdt_1m\.csv holds SOL\/USDT, and the strategy wants BTC\/USDT/),
    })
    const gateway = await start(['gateway', '--port', '0', '--market', market]).ended
    expect(gateway).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/holds SOL\/USDT, and the gateway trades .*BTC\/USDT/),
    })
  }, 30_000)

  it('notes what it leaves out of its files, once', async () => {
    const rows = [0, 200, 400].map((ms) => [
      `${1704067200000 + ms},BTCUSDT,BUY,60000,1`,
      `${1704067200000 + ms},???,BUY,60000,1`,
    ])
    const market = strategy('odd.csv', ['timestamp,symbol,side,price,quantity', ...rows.flat()].join('\n'))
    const sol = strategy(
      'SOLUSDT_1m.csv',
      'timestamp,open,high,low,close,volume\n1704067140000,1,1,1,1,4\n1704067200000,1,1,1,1,4\n',
    )
    const { stdout } = await start(['run', 'examples/ema-cross.ts', '--market', `${market},${sol}`, '--speed', '600'])
      .ended
    expect(stdout.match(/"\?\?\?" is left out/g)).toHaveLength(1)
    expect(stdout).toContain('SOL/USDT of the market is left out: the strategy does not trade it')
  }, 30_000)

  it('ends with 1 when the market cannot be read, and says where', async () => {
    const { code, stderr } = await start(['run', 'examples/ema-cross.ts', '--market', 'package.json']).ended
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /package\.json, line 1: it begins with "\{", a JSON object: CSV, JSON, .* were expected/,
      ),
    })
    expect(stderr).toContain('what --record wrote goes to `rxquant marbles from-log`')
    const gateway = await start(['gateway', '--port', '0', '--market', 'package.json']).ended
    expect(gateway).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /package\.json, line 1: it begins with "\{", a JSON object: CSV, JSON, .* were expected/,
      ),
    })
  }, 30_000)

  it.each([
    ['a file that is not there', ['run', 'nowhere.ts'], /there is no file nowhere\.ts/],
    ['a module that is no strategy', ['run', 'dist/index.js'], /has no strategy as its default export/],
    [
      'a gateway without keys',
      ['run', 'examples/ema-cross.ts', '--url', 'ws://127.0.0.1:1/ws/v1'],
      /RXQUANT_HUOBI_ACCESS_KEY/,
    ],
    [
      'a market file that is not there',
      ['run', 'examples/ema-cross.ts', '--market', 'nowhere.csv'],
      /no market file nowhere\.csv/,
    ],
    ['a platform that is not there', ['run', 'examples/ema-cross.ts', '--platform', 'nowhere'], /nowhere/],
    [
      'nonsense for a number',
      ['run', 'examples/ema-cross.ts', '--seconds', 'soon'],
      /--seconds.*must be a number above 0/,
    ],
    ['a command that is not there', ['trade'], /unknown command 'trade'/],
  ])(
    'ends with 1 and says why: %s',
    async (_, args, words) => {
      const { code, stderr } = await start(args).ended
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(words) })
    },
    30_000,
  )
})

describe('rxquant marbles from-log', () => {
  it('makes of a recorded run a diagram that runs and passes, and neither holds a key', async () => {
    const recording = join(folder, 'session.jsonl')
    const draft = join(folder, 'session.draft.ts')
    const gateway = start(['gateway', '--port', '0'])
    const [, url = ''] = await gateway.saying(/^listening on (ws:\/\/127\.0\.0\.1:\d+\/ws\/v1)\n$/)
    const run = ['run', 'examples/two-logins.ts', '--seconds', '2', '--json', '--url', url, '--record', recording]
    const env = { RXQUANT_ACCESS_KEY: 'the-access-key', RXQUANT_SECRET_KEY: 'the-secret-key' }
    expect(await start(run, { env }).ended).toMatchObject({ code: 0, stderr: '' })
    gateway.kill('SIGTERM')
    const drafted = await start(['marbles', 'from-log', recording, '--out', draft]).ended
    expect(drafted).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('the draft runs and passes') })
    const written = readFileSync(recording, 'utf8') + readFileSync(draft, 'utf8')
    expect(written).toContain('place')
    expect(written).not.toMatch(/the-(access|secret)-key/)
    const { default: diagram } = (await import(draft)) as { default: Diagram }
    expect(checkDiagram(diagram).passed).toBe(true)
  }, 30_000)

  it('says what it cannot do, and ends with 1', async () => {
    const missing = await start(['marbles', 'from-log', join(folder, 'missing.jsonl')]).ended
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no recording') })
  }, 30_000)
})
