import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { catchError, concat, EMPTY, firstValueFrom, lastValueFrom, mergeMap, of, Subject, takeUntil, timer } from 'rxjs'
import { type Dashboard, reduceDashboard, newDashboard } from '../../src/cli/dashboard/dashboard.js'
import { jsonOutput, liveOutput, plainOutput } from '../../src/cli/output/output.js'
import { runStrategy } from '../../src/cli/run/run-strategy.js'
import { summaryOf } from '../../src/cli/output/summary.js'
import { type Account, connect, type Credentials, outcome } from '../../src/client/index.js'
import { Secret, startPaperGateway } from '../../src/gateway/index.js'
import { fileOrderJournal } from '../../src/journal/index.js'
import { iocBuy, strategy } from '../../src/strategy/index.js'
import { record } from '../../src/testing/index.js'
import { webSocket } from '../../src/transport/index.js'
import { PlainClient } from '../gateway/plain-client.js'
import { build, root, rxquant } from '../support/processes.js'
import { type Gossip, gossip } from './gossip.js'
import { leaksIn, marks } from './marks.js'

const credentials: Credentials = { platform: 'huobi', symbols: ['BTC/USDT'], ...marks }
const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' } as const
const wait = (ms: number) => firstValueFrom(timer(ms), { defaultValue: 0 })

/** What was written or shown somewhere, by where. */
const collected = new Map<string, string>()
const collect = (where: string, text: string): void => {
  collected.set(where, `${collected.get(where) ?? ''}${text}\n`)
}
/** Every way in which a value comes to be printed. */
const collectValue = (where: string, value: unknown): void => {
  collect(where, inspect(value, { depth: 12, showHidden: true, getters: false }))
  collect(where, String(value))
  if (value instanceof Error)
    collect(where, `${value.message}\n${value.stack}\n${JSON.stringify(Object.entries(value))}`)
  try {
    collect(where, JSON.stringify(value))
  } catch {
    // What has circles cannot be put into JSON by anybody.
  }
}
const tokens: string[] = []
const secrets = () => ({ ...marks, ...Object.fromEntries(tokens.map((token, i) => [`token ${i + 1}`, token])) })
const found = () =>
  [...collected].flatMap(([where, text]) => leaksIn(text, secrets()).map((name) => `${name} in ${where}`))

let folder: string
let server: Gossip
beforeAll(async () => {
  build()
  folder = mkdtempSync(join(root, '.cache/canary-'))
  server = await gossip()
}, 60_000)
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})
const fileOf = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

describe('the search for marks', () => {
  const secret = marks.secret_key
  it.each([
    ['as it is', `key=${secret};`],
    ['a piece of it', secret.slice(15, 30)],
    ['as JSON in JSON', JSON.stringify(JSON.stringify({ secret }))],
    ['in Base64, inside other words', Buffer.from(`ab${secret}`).toString('base64')],
    ['in Base64 for URLs', `x${Buffer.from(secret).toString('base64url')}`],
    ['in hex', `0${Buffer.from(secret).toString('hex')}`],
    ['in a URL', encodeURIComponent(secret)],
  ])('finds it %s', (_, text) => {
    expect(leaksIn(text, marks)).toEqual(['secret_key'])
  })

  it('finds none where there is none', () => {
    expect(leaksIn(JSON.stringify({ cid: 'abc', hash: 'f'.repeat(64) }), marks)).toEqual([])
  })
})

describe('keys and tokens with a canary’s mark', () => {
  it('are in no error, event, object, recording or journal of a client whose server repeats them', async () => {
    const journal = fileOrderJournal(join(folder, 'intents.ndjson'))
    const recording: string[] = []
    const transport = webSocket(server.url).pipe(record((line) => recording.push(line)))
    const gateway = connect(transport, {
      requestTimeoutMs: 500,
      resolveWithinMs: 300,
      backoffBaseMs: 1,
      drainWithinMs: 200,
    })
    const over$ = new Subject<void>()
    const streams = Object.entries({ ...gateway }) as [string, unknown][]
    const observe = (name: string, object: object) => {
      for (const [key, stream] of Object.entries(object) as [string, { subscribe?: unknown }][]) {
        if (!key.endsWith('$') || typeof stream.subscribe !== 'function') continue
        ;(stream as Account['state$']).pipe(takeUntil(over$)).subscribe({
          next: (value) => collectValue(`${name} ${key}`, value),
          error: (error: unknown) => collectValue(`${name} ${key}`, error),
        })
      }
    }
    expect(streams.length).toBeGreaterThan(3)
    observe('gateway', gateway)
    const seen: string[] = []
    const login$ = gateway.login(credentials, { journal, market: ['ticker'] }).pipe(
      mergeMap((account) => {
        collectValue('account', account)
        observe('account', account)
        // One after another: to an order whose fate is open nobody may subscribe again.
        const orders = Array.from({ length: 5 }, () =>
          account.placeOrder({ ...order }).pipe(
            outcome(),
            catchError((error: unknown) => of(error)),
          ),
        )
        const query$ = account.symbolInfo('BTC/USDT').pipe(catchError((error: unknown) => of(error)))
        return concat(query$, ...orders)
      }),
      takeUntil(timer(6_000)),
    )
    await lastValueFrom(
      login$.pipe(
        mergeMap((value) => {
          seen.push((value as { _tag?: string })._tag ?? 'other')
          collectValue('outcomes', value)
          return EMPTY
        }),
      ),
      { defaultValue: undefined },
    )
    const refused = await firstValueFrom(
      gateway.login({ ...credentials, platform: 'refusing' }).pipe(catchError((error: unknown) => of(error))),
    )
    collectValue('refused login', refused)
    expect((refused as { _tag: string })._tag).toBe('LoginFailed')
    over$.next()
    journal.close()
    collect('recording', recording.join('\n'))
    collect('order journal', readFileSync(join(folder, 'intents.ndjson'), 'utf8'))
    expect(seen).toEqual(expect.arrayContaining(['Done', 'Rejected', 'Unresolved']))
    expect(recording.length).toBeGreaterThan(20)
    expect([...collected.keys()]).toEqual(
      expect.arrayContaining(['gateway protocolErrors$', 'account state$', 'recording']),
    )
    tokens.push(...server.tokens)
    expect(found()).toEqual([])
  }, 30_000)

  it('are on no page, live, plain or JSON, of a strategy that says whatever it has', async () => {
    const run = strategy({
      logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] }],
      run: (account) => {
        const place = () => account.placeOrder({ ...order }).pipe(catchError((error: unknown) => of(error)))
        return concat(of(account, iocBuy('BTC/USDT', 1, 1)), ...Array.from({ length: 5 }, place))
      },
    })
    const pages = ['live', 'plain', 'json'] as const
    const written = new Map<string, string>(pages.map((page) => [page, '']))
    const terminal = (page: string) => ({
      columns: 160,
      rows: 50,
      write: (text: string) => void written.set(page, `${written.get(page)}${text}`),
    })
    const outputs = [
      liveOutput(terminal('live'), true, () => undefined),
      plainOutput(terminal('plain')),
      jsonOutput(terminal('json')),
    ]
    const gateway = connect(server.url, { resolveWithinMs: 300, backoffBaseMs: 1 })
    let dashboard: Dashboard = newDashboard({ title: 't', venue: 'v', url: server.url, logins: run.logins })
    const options = {
      strategy: run,
      gateway,
      keysOf: () => marks,
      forMs: 3_000,
      stop$: timer(4_000),
      cancelOnExit: true,
      outcomesWithinMs: 1_000,
    }
    await lastValueFrom(
      runStrategy({ ...options, now: () => performance.now() }).pipe(
        mergeMap((event) => {
          const stamped = { at: performance.now(), event }
          const before = dashboard
          dashboard = reduceDashboard(before, stamped)
          for (const output of outputs) output.take(stamped, before, dashboard)
          return EMPTY
        }),
        catchError((error: unknown) => {
          collectValue('end of a run', error)
          return EMPTY
        }),
      ),
      { defaultValue: undefined },
    )
    for (const output of outputs) output.end(dashboard, summaryOf(dashboard))
    collectValue('dashboard', dashboard)
    for (const page of pages) {
      expect(written.get(page)).toMatch(/READY/)
      expect(written.get(page)).toMatch(/refused place_order|no, you are/)
      collect(`${page} page`, written.get(page) ?? '')
    }
    tokens.splice(0, Infinity, ...server.tokens)
    expect(found()).toEqual([])
  }, 30_000)

  it('are in nothing that rxquant run writes', async () => {
    const file = fileOf(
      'gossip.mjs',
      `import { catchError, concat, of } from 'rxjs'
const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' }
const run = (account) => {
  const place = () => account.placeOrder({ ...order }).pipe(catchError((error) => { console.log(error); return of(error) }))
  return concat(of(account), ...Array.from({ length: 5 }, place))
}
export default { logins: [{ platform: process.env.PLATFORM, symbols: ['BTC/USDT'] }], run }`,
    )
    const keys = fileOf('keys.json', JSON.stringify({ '*': marks }))
    const recording = join(folder, 'run.jsonl')
    const to = ['--url', server.url, '--seconds', '3']
    const env = { RXQUANT_ACCESS_KEY: marks.access_key, RXQUANT_SECRET_KEY: marks.secret_key, PLATFORM: 'huobi' }
    const runs = {
      'run --json --record': rxquant(['run', file, ...to, '--json', '--record', recording], { env }),
      'run with a keys file': rxquant(['run', file, ...to, '--keys', keys], { env: { PLATFORM: 'okex' } }),
      'run that is refused': rxquant(['run', file, ...to], { env: { ...env, PLATFORM: 'refusing' } }),
      'run with broken keys': rxquant([
        'run',
        file,
        ...to,
        '--keys',
        fileOf('broken.json', `{"*": "${marks.access_key}`),
      ]),
    }
    for (const [where, { ended }] of Object.entries(runs)) {
      const { stdout, stderr } = await ended
      collect(where, stdout + stderr)
      expect(stdout + stderr).not.toBe('')
    }
    collect('recording of a run', readFileSync(recording, 'utf8'))
    const draft = await rxquant(['marbles', 'from-log', recording]).ended
    collect('diagram of a recording', draft.stdout + draft.stderr)
    tokens.splice(0, Infinity, ...server.tokens)
    expect(found()).toEqual([])
  }, 60_000)

  it('are in no log, metric, page or journal of a gateway', async () => {
    const log = join(folder, 'gateway.log')
    const journal = join(folder, 'journal')
    const flags = ['--port', '0', '--log-level', 'trace', '--log-file', log, '--journal', journal]
    const process = rxquant(['gateway', ...flags])
    const [, url = ''] = await process.saying(/listening on (ws:\S+)\n/)
    const own: string[] = []
    const client = await PlainClient.open(url)
    await expect(client.login({ ...marks, platform: 'nowhere' })).rejects.toThrow('not known')
    await expect(client.login({ ...marks, symbols: ['nothing'] })).rejects.toThrow('not traded')
    const token = await client.login(marks)
    own.push(token)
    await expect(client.login(marks)).rejects.toThrow('repeat')
    const send = (fields: object) => client.ask({ op: 'place_order', token, ...order, ...fields })
    expect(await send({ cid: '1' })).toMatchObject({ result: true })
    expect(await send({ cid: '2', quantity: -1 })).toMatchObject({ result: false })
    expect(await send({ cid: '3', price: marks.secret_key })).toMatchObject({ result: false })
    client.sendText(`{"op":"place_order","token":"${token}","secret_key":"${marks.secret_key}`)
    client.sendText(JSON.stringify({ op: 'unknown', token, ...marks }))
    client.sendBytes(Buffer.from(JSON.stringify({ token, ...marks })))
    const other = await PlainClient.open(url)
    expect(await other.ask({ op: 'asset', cid: 'a', token })).toMatchObject({ error_message: 'Invalid token' })
    await expect(
      PlainClient.open(`${url}?token=${encodeURIComponent(token)}`, { headers: { Origin: marks.access_key } }),
    ).rejects.toThrow('403')
    for (const path of ['/metrics', '/healthz', `/nowhere/${encodeURIComponent(marks.secret_key)}`])
      collect(`page ${path.slice(0, 9)}`, await page(url, path))
    client.terminate()
    await wait(50)
    const back = await PlainClient.open(url)
    own.push(await back.login({ ...marks, cancel_on_disconnect: true }))
    back.sendText('x'.repeat(100_000))
    await back.end()
    other.terminate()
    process.kill('SIGTERM')
    const { stdout, stderr } = await process.ended
    collect('stdout and stderr of a gateway', stdout + stderr)
    collect('log of a gateway', readFileSync(log, 'utf8'))
    // It holds what was ordered and by which account, under a name that is a digest of the access_key.
    for (const name of readdirSync(journal, { recursive: true, encoding: 'utf8' })) {
      try {
        collect('journal of a gateway', readFileSync(join(journal, name), 'utf8'))
      } catch {
        // A folder.
      }
    }
    expect(collected.get('log of a gateway')).toContain('login refused')
    expect(collected.get('journal of a gateway')).toContain('"price":100')
    expect(collected.get('page /metrics')).toContain('rxquant_orders_total')
    tokens.splice(0, Infinity, ...server.tokens, ...own)
    expect(found()).toEqual([])
  }, 60_000)

  it('are in no event of a gateway in this process, and in no way of printing what it is made of', async () => {
    const gateway = await startPaperGateway({ port: 0, market: 'none' })
    gateway.event$.subscribe((event) => collectValue('event of a gateway', event))
    const client = await PlainClient.open(gateway.url)
    const token = await client.login(marks)
    client.sendText(`{"op":"asset","token":"${token}`)
    await client.ask({ op: 'place_order', cid: '1', token, ...order })
    collectValue('gateway', gateway)
    collectValue('exchange', gateway.platforms.get('huobi')?.exchange)
    collectValue('secret', { key: new Secret(marks.secret_key) })
    client.terminate()
    await wait(20)
    await gateway.close()
    tokens.splice(0, Infinity, ...server.tokens, token)
    expect(found()).toEqual([])
  })
})

const page = (url: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(new URL(path, url.replace('ws:', 'http:')), (response) => {
      let text = JSON.stringify(response.headers)
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
