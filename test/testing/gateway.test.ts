import { describe, expect, it } from '@jest/globals'
import {
  ignoreElements,
  map,
  merge,
  mergeMap,
  type OperatorFunction,
  retry,
  share,
  Subject,
  switchMap,
  tap,
  throwError,
} from 'rxjs'
import type { Connection, ConnectionClosed } from '../../src/transport/index.js'
import { MarblesFailed, marbles, NotationError, type Scenario } from '../../src/testing/index.js'

const failure = (scenario: Scenario): string => {
  try {
    marbles(scenario)
  } catch (error) {
    if (error instanceof MarblesFailed || error instanceof NotationError) return error.message
    throw error
  }
  throw new Error('the scenario passed')
}

interface Frame {
  readonly op: string
  readonly error_message?: string
  readonly unknown?: boolean
}

/** A client of the plainest kind: says its words as soon as it is connected, and passes on what it hears. */
const talk =
  (...frames: readonly object[]): OperatorFunction<Connection, Frame> =>
  (connection$) =>
    connection$.pipe(
      switchMap((connection) => {
        for (const frame of frames) connection.send(JSON.stringify(frame))
        return connection.message$
      }),
      map((message) => JSON.parse(String(message)) as Frame),
    )

const opOf = map(({ op }: Frame) => op)
const login = { op: 'login', platform: 'paper', symbols: ['BTC/USDT'], access_key: 'k', secret_key: 's' }
const place = {
  ...login,
  op: 'place_order',
  token: 't',
  symbol: 'BTC/USDT',
  action: 'BUY',
  price: 1,
  quantity: 1,
  order_type: 'LIMIT',
}

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 101.5, quantity: 2, order_type: 'LIMIT' } as const

describe('a scripted gateway', () => {
  it('has the real client log in and say when it is ready', () => {
    marbles({
      lanes: `
        login →   5ms ok  10ms connected  5ms ready
        client    login
        ready     5ms false  15ms true`,
      untilMs: 1000,
      run: ({ login }) => ({ ready: login().pipe(switchMap((account) => account.ready$)) }),
    })
  })

  it('answers by the script, and asserts each frame of the client and nothing else', () => {
    marbles({
      lanes: `
        login →     5ms ok  ready
        place →     20ms placed(o1)  5ms fill(o1, 2 @ 101.5)  order(o1, FILLED)
        client      login  5ms place(BUY 2 @ 101.5, symbol BTC/USDT)
        placed      25ms o1
        fill        30ms 203
        status      30ms FILLED`,
      values: { o1: 'o1', FILLED: 'FILLED' },
      untilMs: 1000,
      run: ({ login }) => {
        const account$ = login()
        return {
          placed: account$.pipe(
            switchMap((account) => account.placeOrder(order)),
            map(({ order_no }) => order_no),
          ),
          fill: account$.pipe(
            switchMap((account) => account.fill$),
            map(({ price, quantity }) => price * quantity),
          ),
          status: account$.pipe(
            switchMap((account) => account.order$),
            map(({ status }) => status),
          ),
        }
      },
    })
  })

  it('speaks at instants of its own, connection by connection, and breaks off', () => {
    marbles({
      lanes: `
        login →    5ms ok  5ms ready
        server#1   1s order(o1, BUY 2 @ 101.5)  1s #lost
        server#2   30ms ^
        client#1   login
        client#2   2530ms login
        heard      5ms login 5ms state 990ms notify 1535ms login 5ms state`,
      values: { login: 'login', state: 'state', notify: 'notify' },
      untilMs: 5000,
      run: ({ gateway }) => ({ heard: gateway.pipe(talk(login), retry({ delay: 500 }), opOf) }),
    })
  })

  it('falls silent while its socket stays open', () => {
    marbles({
      lanes: `
        server     7s deaf
        client     5s ping 5s ping 1s #abandoned
        heard      5s pong 6s |`,
      values: { pong: 'pong' },
      untilMs: 18_000,
      run: ({ gateway, at }) => ({
        heard: gateway.pipe(
          mergeMap((connection) => {
            for (const ms of [5000, 10_000]) at(ms, () => connection.send('{"op":"ping","ts":1}'))
            at(11_000, () => connection.abandon())
            return connection.message$
          }),
          map((message) => (JSON.parse(String(message)) as Frame).op),
        ),
      }),
    })
  })

  it('may refuse to be dialled, close with a code, and hear the client close', () => {
    marbles({
      lanes: `
        server#1   10ms #refused
        server#2   1s #closed(1012, restarting)
        client#3   1610ms |
        ends       10ms connecting(1006) 1100ms open(1012)`,
      words: { connecting: (code: number) => `connecting ${code}`, open: (code: number) => `open ${code}` },
      untilMs: 2000,
      run: ({ gateway, at }) => {
        const end$ = new Subject<string>()
        const connection$ = gateway.pipe(
          tap({
            error: (error: unknown) => {
              const { phase, code } = error as ConnectionClosed
              end$.next(`${phase} ${code}`)
            },
          }),
          retry({ delay: 100 }),
          share(),
        )
        at(0, () => connection$.subscribe((connection) => at(1610, () => connection.close())))
        return { ends: end$ }
      },
    })
  })

  it('refuses, does not know, and does not answer', () => {
    marbles({
      lanes: `
        place#1 →   10ms refused(not enough USDT)
        place#2 →   10ms unsure(the exchange timed out)
        client      place place place
        heard       10ms no(not enough USDT, false) no(the exchange timed out, true)`,
      words: { no: (words: string, unknown: boolean) => [words, unknown] },
      untilMs: 40_000,
      run: ({ gateway }) => ({
        heard: gateway.pipe(
          talk(place, place, place),
          map(({ error_message, unknown = false }) => [error_message, unknown]),
        ),
      }),
    })
  })

  it('holds two logins on one socket apart', () => {
    marbles({
      lanes: `
        login(okx) →     5ms ok
        login(huobi) →   9ms ok
        server           20ms okx:ready  10ms huobi:ready  10ms okx:fill(o1, BUY 1 @ 5)
        client [in order]   login(okx) login(huobi)
        okx              5ms false  15ms true
        huobi            9ms false  21ms true
        fills            40ms 5`,
      untilMs: 1000,
      run: ({ login }) => {
        const okx$ = login({ platform: 'okx' })
        return {
          okx: okx$.pipe(switchMap((account) => account.ready$)),
          huobi: login({ platform: 'huobi' }).pipe(switchMap((account) => account.ready$)),
          fills: okx$.pipe(
            switchMap((account) => account.fill$),
            map(({ price }) => price),
          ),
        }
      },
    })
  })

  it('sends what is no frame at all, as it stands', () => {
    marbles({
      lanes: `
        login →    ok  ready  5ms raw({"op": "nonsense"})  raw('{{')
        errors     5ms 'op' 'json'
        client     login`,
      untilMs: 1000,
      run: ({ connect }) => {
        const gateway = connect()
        const login$ = gateway.login({ platform: 'paper', symbols: [], access_key: 'key-1', secret_key: 'secret-1' })
        return {
          errors: merge(gateway.protocolErrors$, login$.pipe(ignoreElements())).pipe(
            map(({ error }) => ('reason' in error ? error.reason : error.name)),
          ),
        }
      },
    })
  })
})

describe('a scripted gateway fails, and says so, when', () => {
  const ready = { ready: 'ready' }
  const readyOnly: Scenario['run'] = ({ login }) => ({ ready: login().pipe(switchMap((account) => account.ready$)) })
  const lanes = (more: string): Scenario => ({
    lanes: `login →   ok ready\nready     false true\n${more}`,
    untilMs: 12_000,
    run: readyOnly,
  })

  it.each<[string, Scenario, RegExp]>([
    ['the client sends what no lane holds', lanes('client  [silent]'), /\^1 login\(paper\): extra \(received at 0\)/],
    [
      'the client does not send what a lane holds',
      lanes('client  login  1s place(BUY 1 @ 2)'),
      /\^1 place\(BUY 1 @ 2\): missing \(expected at 1s\)/,
    ],
    [
      'a frame has another field',
      { ...lanes('client  login(okx)'), values: {} },
      /login\(okx\): value differs at platform: expected 'okx', received 'paper'/,
    ],
    [
      'pings do not come as written',
      lanes('client  login  4s ping  1s ping'),
      /\^1 ping: late by 1s|\^1 ping: missing/,
    ],
    ['an answer is never asked for', lanes('cancel →  cancelled(o1)\nclient login'), /"cancel →" was never asked for/],
    [
      'a connection is never dialled',
      lanes('server#2  1s ready\nclient login'),
      /"server#2" was never dialled: one connection was made/,
    ],
    [
      'a word is not known',
      lanes('place →  placd(o1)'),
      /line 3, column 10: placd\(o1\): no server says "placd"; did you mean "placed"/,
    ],
    ['a client says what is not known', lanes('client  logn'), /no client says "logn"; did you mean "login"/],
    ['there is no such request', lanes('plce →  ok'), /no client says "plce"; did you mean "place"/],
    [
      'an order cannot be read',
      lanes('server  order(o1, BUY two at 5)\nclient login'),
      /"BUY two at 5" says nothing about an order/,
    ],
    [
      'a value is not of the protocol',
      lanes('server  5ms order(o1, BUY 1 @ 2, utime soon)'),
      /line 3, column 13: [^]*utime should be a finite number, but is a string/,
    ],
    [
      'an answer stands where nothing was asked',
      lanes('server  placed(o1)'),
      /placed\(o1\): answers place_order: it belongs into a lane/,
    ],
    ['a connection ends by an unknown error', lanes('server  #lots'), /does not end by "#lots"; did you mean "lost"/],
    ['a server unsubscribes', lanes('server  1s !'), /a server closes by "\|" and breaks off by "#lost"/],
    [
      'nothing is known of an order',
      lanes('server  5ms order(o9, FILLED)\nclient login'),
      /nothing is known of o9 yet: say what it is/,
    ],
    [
      'run wants a gateway and there is no lane of one',
      { lanes: 'ready true', run: readyOnly },
      /there is no gateway: write a lane/,
    ],
  ])('%s', (_what, scenario, expected) => {
    expect(ready).toBeDefined()
    expect(failure(scenario)).toMatch(expected)
  })

  it('no other lane is needed beside the client, but something must happen', () => {
    marbles({
      lanes: 'login →  ok ready\nclient login 5ms logout',
      untilMs: 10,
      run: ({ login, at }) => {
        const all = login().subscribe()
        at(5, () => all.unsubscribe())
        return {}
      },
    })
    expect(failure({ lanes: 'client [silent]', run: () => ({}) })).toMatch(/nothing happened/)
  })
  it('throws nothing of its own', () => {
    expect(
      failure({
        lanes: 'client [silent]\nout #x',
        errors: { x: Error },
        run: () => ({ out: throwError(() => new TypeError('x')) }),
      }),
    ).toMatch(/expected Error with {}, received TypeError/)
  })
})
