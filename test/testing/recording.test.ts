import { describe, expect, it } from '@jest/globals'
import { mergeMap, of, Subject, switchMap } from 'rxjs'
import { connect } from '../../src/client/index.js'
import { paperPlatforms, serve } from '../../src/gateway/index.js'
import { execute, limitBuy, iocSell } from '../../src/strategy/index.js'
import {
  checkDiagram,
  diagram,
  draftDiagram,
  readRecording,
  record,
  replay,
  replayWords,
} from '../../src/testing/index.js'
import { seededEntropy, virtualClock, VirtualScheduler } from '../../src/time/index.js'
import { type Connection, memoryTransport } from '../../src/transport/index.js'

const secrets = { access_key: 'my-access-key', secret_key: 'my-secret-key' }

/** A session with the real gateway and exchange, recorded. */
const session = (): string[] => {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler)
  const entropy = seededEntropy(1)
  const connection$ = new Subject<Connection>()
  let tokens = 0
  const platforms = paperPlatforms({ scheduler, clock, market: 'none' })
  const newToken = () => (++tokens === 1 ? 'epoch' : `a-very-secret-token-${tokens}`)
  const serving = serve(connection$, { platforms, scheduler, clock, newToken }).subscribe()
  const lines: string[] = []
  const transport = memoryTransport((connection) => connection$.next(connection), { scheduler, delayMs: 3 })
  const gateway = connect(transport.pipe(record((line) => lines.push(line), { clock })), { scheduler, clock, entropy })
  const trading = ['huobi', 'okex'].map((platform) =>
    gateway
      .login({ platform, symbols: ['BTC/USDT'], ...secrets })
      .pipe(
        switchMap((account) =>
          of(limitBuy('BTC/USDT', 50_000, 0.01), iocSell('BTC/USDT', 49_000, 0.01)).pipe(
            execute(account, { scheduler }),
          ),
        ),
      )
      .subscribe(),
  )
  scheduler.advanceTo(7000)
  for (const each of trading) each.unsubscribe()
  scheduler.advanceTo(20_000)
  serving.unsubscribe()
  scheduler.advanceTo(30_000)
  return lines
}

const wire = (...frames: readonly object[]): string[] => {
  const lines: string[] = []
  const scheduler = new VirtualScheduler()
  const transport = memoryTransport(
    (server) => {
      for (const frame of frames) server.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    },
    { scheduler },
  )
  transport
    .pipe(
      record((line) => lines.push(line), { clock: virtualClock(scheduler) }),
      mergeMap((connection) => connection.message$),
    )
    .subscribe()
  scheduler.advanceTo(5)
  return lines
}

describe('a recording', () => {
  it('tells what passed in both directions, when, over which connection', () => {
    const lines = readRecording(session().join('\n'))
    expect(lines.slice(0, 4)).toMatchObject([
      { t: 0, connection: 1, event: 'dialled' },
      { t: 3, connection: 1, event: 'opened' },
      { t: 3, connection: 1, direction: 'out', frame: { op: 'login', platform: 'huobi' } },
      { t: 3, connection: 1, direction: 'out', frame: { op: 'login', platform: 'okex' } },
    ])
    expect(lines.filter((line) => 'frame' in line && line.direction === 'in').length).toBeGreaterThan(10)
    expect(lines.at(-1)).toMatchObject({ event: 'ended', by: 'us' })
  })

  it('holds no key and no token, whatever a server repeats', () => {
    const text = session().join('\n')
    for (const secret of ['my-access-key', 'my-secret-key', 'a-very-secret-token']) expect(text).not.toContain(secret)
    expect(text).toContain('token-1')
    expect(text).toContain('token-2')
    const rude = wire(
      { op: 'error', error_message: 'bad token abcdef-123', token: 'abcdef-123' },
      { op: 'x', 'abcdef-123': ['abcdef-123'], nested: { secret_key: 'hush', list: [{ token: 'other-token' }] } },
      { op: 'y', secret_key: { parts: ['hush'] }, api_key: 5 },
    ).join('\n')
    for (const secret of ['abcdef-123', 'hush', 'other-token', '5}']) expect(rude).not.toContain(secret)
  })

  it('does not hold what cannot be read, but its length', () => {
    const lines = wire('{"token":"abcdef-123"' as never)
    expect(lines.join()).not.toContain('abcdef')
    expect(readRecording(lines.join('\n'))).toContainEqual({ t: 0, connection: 1, direction: 'in', unreadable: 21 })
  })

  it('is given up when it cannot be written, and the connection goes on', () => {
    const scheduler = new VirtualScheduler()
    const heard: unknown[] = []
    memoryTransport((server) => void server.send('{"op":"pong","ts":1}'), { scheduler })
      .pipe(
        record(() => {
          throw new Error('disk full')
        }),
        mergeMap((connection) => connection.message$),
      )
      .subscribe((message) => heard.push(message))
    scheduler.advanceTo(5)
    expect(heard).toEqual(['{"op":"pong","ts":1}'])
  })

  it('may be cut off in the middle of a line', () => {
    const text = session().join('\n')
    expect(readRecording(text.slice(0, -7)).length).toBe(readRecording(text).length - 1)
  })
})

/** Runs the text of a module as a test runner would, its imports taken from here. */
const runSource = (source: string): void => {
  const body = source.replace(/^import .*$/m, '').replace('export default', 'return')
  // What is run is our own text, and what it imports is handed in.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function('diagram', 'replay', 'replayWords', body) as (
    ...names: unknown[]
  ) => ReturnType<typeof diagram>
  checkDiagram(make(diagram, replay, replayWords))
}

describe('a draft of a recording', () => {
  const draft = draftDiagram(session().join('\n'), { title: 'Two logins' })

  it('runs and passes, with the frames that were recorded', () => {
    expect(draft.notes).toEqual([])
    expect(draft.passed).toBe(true)
    runSource(draft.source)
  })

  it('says in words what was said and asked', () => {
    for (const text of [
      /commands\(huobi\) +\d+ms place\(BUY 0.01 @ 50000\)/,
      /login\(okex\)#1 → +6ms ok\(/,
      /huobi:place#1 → +6ms placed\(/,
      /client .*login\(huobi\) login\(okex\)/,
      /ready\(okex\) .*yes/,
      /orders\(huobi\) .*SUBMITTED/,
      /okex:order\(.*, BUY 0.01 @ 50000, SUBMITTED, remain 0.01\)/,
    ]) {
      expect(draft.source).toMatch(text)
    }
  })

  it('fails when what it replays is changed', () => {
    expect(() => runSource(draft.source.replace('BUY 0.01 @ 50000)', 'BUY 0.02 @ 50000)'))).toThrow(/place/)
    expect(() => runSource(draft.source.replace(/SUBMITTED"/, 'FILLED"'))).toThrow(/orders/)
  })

  it('of nothing is refused', () => {
    expect(() => draftDiagram('nonsense\n{}')).toThrow('there is no frame in this recording')
  })

  it('takes over a connection that was lost, and what was sent after it', () => {
    const lines = [
      { t: 0, connection: 1, event: 'dialled' },
      { t: 0.2, connection: 1, event: 'opened' },
      {
        t: 1,
        connection: 1,
        direction: 'out',
        frame: { op: 'login', cid: 'x', platform: 'okx', symbols: ['ETH/USDT'], token: '***' },
      },
      {
        t: 5,
        connection: 1,
        direction: 'in',
        frame: { op: 'login', cid: 'x', result: true, error_message: '', token: 'token-1' },
      },
      { t: 6.2, connection: 1, direction: 'in', frame: { op: 'state', code: 6, msg: 'go, "now"', token: 'token-1' } },
      {
        t: 900,
        connection: 1,
        direction: 'out',
        frame: {
          op: 'place_order',
          cid: 'y',
          token: 'token-1',
          symbol: 'ETH/USDT',
          action: 'BUY',
          price: 3000,
          quantity: 1,
          order_type: 'LIMIT',
        },
      },
      { t: 1000, connection: 1, direction: 'in', unreadable: 5 },
      { t: 2000, connection: 1, event: 'ended', by: 'them', code: 1006, reason: '' },
      { t: 14_000, connection: 2, event: 'dialled' },
    ]
    const lost = draftDiagram(lines.map((line) => JSON.stringify(line)).join('\n'))
    expect(lost.source).toContain('#lost')
    expect(lost.source).toContain("raw('(unreadable)')")
    expect(lost.passed).toBe(true)
    runSource(lost.source)
  })
})
