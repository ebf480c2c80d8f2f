import { describe, expect, it } from '@jest/globals'
import { filter, map, merge, Observable, skip, Subject, takeUntil } from 'rxjs'
import { connect, NotSent } from '../../src/client/index.js'
import { type Connection, ConnectionClosed } from '../../src/transport/index.js'
import { credentials, expectError, limitOrder, loggedIn, loggingIn } from '../support/logged-in.js'
import { scriptedServer } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

describe('the heartbeat', () => {
  it('pings every 5 s and tells the round trip', () => {
    const { server, gateway, pass } = loggedIn()
    const latency = watch(gateway.latency$)
    pass(20_000)
    expect(server.of('ping')).toHaveLength(4)
    expect(latency.values).toEqual([2, 2, 2, 2])
  })

  it('gives a silent socket up within 15 s and begins anew at once, without a closing handshake', () => {
    const { server, gateway, pass } = loggedIn()
    const status = watch(gateway.status$)
    server.on('ping', () => undefined)
    pass(11_500)
    expect(status.values.map(({ _tag }) => _tag)).toContain('Lost')
    expect(status.values.find(({ _tag }) => _tag === 'Lost')).toMatchObject({ cause: { _tag: 'Silent' } })
    expect(server.sides[0]!.closed).toBe('lost')
    pass(1_000)
    expect(server.of('login')).toHaveLength(2)
  })

  it('gives a socket up on which market data still flows in while our own frames go nowhere', () => {
    const { server, gateway, account, pass } = loggedIn()
    const status = watch(gateway.status$)
    server.on('ping', () => undefined)
    const trade = { symbol: 'BTC/USDT', action: 'BUY', price: 1, quantity: 1, timestamp: 1 }
    for (let s = 0; s < 15; s++) {
      server.sides[0]!.notify('trade', trade)
      pass(1_000)
    }
    expect(status.values.map(({ _tag }) => _tag)).toContain('Lost')
    // Never shown as connected meanwhile: it was given up within 15 s, and the new socket is another one.
    expect(server.sides).toHaveLength(2)
    expect(watch(account.ready$).last).toBe(true)
  })

  it('takes an hour that the wall clock jumps for no silence', () => {
    const { server, pass } = loggedIn()
    server.clock.jumpWall(3_600_000)
    pass(30_000)
    server.clock.jumpWall(-7_200_000)
    pass(30_000)
    expect(server.sides).toHaveLength(1)
  })
})

describe('after a drop', () => {
  it('the same Account goes on with a new token, and does not emit again', () => {
    const { server, login, account, pass } = loggedIn()
    const ready = watch(account.ready$)
    server.side.connection.abandon()
    pass(5_000)
    expect(server.of('login')).toHaveLength(2)
    expect(login.values).toEqual([account])
    expect(ready.values).toEqual([true, false, true])
    watch(account.asset())
    pass(10)
    expect(server.of('asset')).toMatchObject([{ token: 'token-2-1' }])
  })

  it('nothing that the old socket still says reaches the new state', () => {
    const { server, account, pass } = loggedIn()
    const orders = watch(account.order$)
    const state = watch(account.state$)
    const old = server.side
    old.connection.abandon()
    pass(5_000)
    const before = state.values.length
    old.state(4, 'token-1-1')
    server.side.state(4, 'token-1-1')
    pass(100)
    expect(state.values).toHaveLength(before)
    expect(orders.values).toHaveLength(0)
    expect(watch(account.ready$).last).toBe(true)
  })

  it('an order placed meanwhile waits for READY within its age, or ends NotSent', () => {
    const { server, account, pass } = loggedIn({}, { backoffBaseMs: 500 })
    server.unreachable = true
    server.side.connection.abandon()
    pass(10)
    const early = watch(account.placeOrder(limitOrder))
    pass(5_010)
    expect(expectError(early, NotSent).reason).toBe('not-ready-in-time')
    const late = watch(account.placeOrder(limitOrder, { maxAgeMs: 120_000 }))
    server.unreachable = false
    pass(60_000)
    expect(server.of('place_order')).toHaveLength(1)
    late.unsubscribe()
  })

  it('notices go on to the streams that were subscribed to before', () => {
    const { server, account, pass } = loggedIn()
    const assets = watch(account.asset$)
    server.side.notify('asset', { BTC: { free: 1, locked: 0, total: 1 } })
    pass(10)
    server.side.connection.abandon()
    pass(5_000)
    server.side.notify('asset', { BTC: { free: 2, locked: 0, total: 2 } }, 'token-2-1')
    pass(10)
    expect(assets.values.map((each) => each.BTC?.free)).toEqual([1, 2])
  })
})

describe('a connection that ends within our own writing', () => {
  it('is left for a new one, over which the query is asked again', () => {
    const server = scriptedServer({ asset: (frame, side) => side.reply(frame, { data: {} }) })
    let breaks = 2
    const transport = new Observable<Connection>((subscriber) => {
      const end$ = new Subject<never>()
      const breakOff = (): boolean => {
        const ended = new ConnectionClosed('open', 1006, '')
        end$.error(ended)
        subscriber.error(ended)
        return false
      }
      const wrapped = (connection: Connection): Connection => ({
        message$: merge(connection.message$, end$),
        bufferedAmount: 0,
        send: (text) => (text.includes('"op":"asset"') && breaks-- > 0 ? breakOff() : connection.send(text)),
        close: (code, reason) => connection.close(code, reason),
        abandon: () => connection.abandon(),
      })
      return server.transport.pipe(map(wrapped)).subscribe(subscriber)
    })
    let cids = 0
    const entropy = {
      ...server.options.entropy,
      id: () => {
        if (++cids > 100) throw new Error('it asks again and again')
        return `cid-${cids}`
      },
    }
    const login = watch(connect(transport, { ...server.options, entropy }).login(credentials))
    server.scheduler.advanceBy(100)
    const assets = watch(login.values[0]!.asset())
    server.scheduler.advanceBy(10_000)
    expect(assets.values).toEqual([{}])
    expect(server.sides).toHaveLength(3)
  })
})

describe('reconnecting', () => {
  it('grows its pauses against a server that accepts and then closes, again and again', () => {
    const { server, pass } = loggingIn(
      { login: (_, side) => side.connection.close(1011, 'no') },
      { readyTimeoutMs: 600_000 },
    )
    pass(60_000)
    const inFirstMinute = server.sides.length
    pass(240_000)
    expect(inFirstMinute).toBeLessThan(20)
    expect(server.sides.length - inFirstMinute).toBeLessThan(60)
    expect(server.sides.length).toBeGreaterThan(inFirstMinute)
  })

  it('does not begin with small pauses again before READY has held for 10 s', () => {
    const scene = loggedIn({}, { backoffCapMs: 30_000 })
    const { server, gateway, pass } = scene
    const status = watch(gateway.status$)
    // READY for a second only, ten times over.
    for (let i = 0; i < 10; i++) {
      server.side.connection.abandon()
      const before = server.sides.length
      for (let s = 0; s < 40 && server.sides.length === before; s++) pass(1_000)
      pass(1_000)
    }
    const attempts = status.values.flatMap((each) => (each._tag === 'Lost' ? [each.attempt] : []))
    expect(Math.max(...attempts)).toBeGreaterThan(5)
    pass(30_000)
    server.side.connection.abandon()
    pass(10)
    expect(status.values.findLast((each) => each._tag === 'Lost')).toMatchObject({ attempt: 1 })
  })

  it('tells what it does: Idle, Connecting, Connected, Lost with the close code, Idle', () => {
    const { server, gateway, login, pass } = loggedIn()
    const status = watch(gateway.status$)
    server.side.connection.close(1012, 'restart')
    pass(2_000)
    login.unsubscribe()
    pass(5_000)
    expect(status.values).toMatchObject([
      { _tag: 'Connected', generation: 1 },
      { _tag: 'Lost', cause: { _tag: 'Ended', error: { code: 1012, reason: 'restart' } }, attempt: 1 },
      { _tag: 'Connecting', attempt: 2 },
      { _tag: 'Connected', generation: 2 },
      { _tag: 'Idle' },
    ])
  })
})

describe('a transport of somebody else', () => {
  /** The scripted server over a transport whose messages may end, at the first text that holds `fatal` or at a word. */
  const overTransport = (fatal?: string) => {
    const server = scriptedServer()
    const end$ = new Subject<void>()
    const faults = { isArmed: false }
    const transport = server.transport.pipe(
      map((connection): Connection => {
        const fault$ = new Subject<never>()
        return {
          message$: merge(connection.message$, fault$).pipe(takeUntil(end$)),
          get bufferedAmount() {
            return connection.bufferedAmount
          },
          send: (text) => {
            if (!faults.isArmed || fatal === undefined || !text.includes(fatal)) return connection.send(text)
            faults.isArmed = false
            fault$.error(new ConnectionClosed('open', 1006, ''))
            return false
          },
          close: (code, reason) => connection.close(code, reason),
          abandon: () => connection.abandon(),
        }
      }),
    )
    const login = watch(connect(transport, server.options).login(credentials))
    server.scheduler.advanceBy(100)
    return { server, account: login.values[0]!, end$, faults, pass: (ms: number) => server.scheduler.advanceBy(ms) }
  }

  it('that ends within the writing of what waited: the login is not called tradable then', () => {
    const { server, account, faults, pass } = overTransport('place_order')
    server.on('open_orders', () => undefined)
    server.side.connection.abandon()
    pass(1_000)
    watch(account.placeOrder(limitOrder))
    const tradable = watch(account.tradable$)
    faults.isArmed = true
    pass(4_000)
    expect(faults.isArmed).toBe(false)
    expect(tradable.values).toEqual([false])
  })

  it('that ends by what one subscriber asks as orders pass again: nobody else hears last that they do', () => {
    const { server, account, faults, pass } = overTransport('asset')
    server.on('open_orders', () => undefined)
    account.tradable$.pipe(skip(1), filter(Boolean)).subscribe(() => watch(account.asset()))
    const other = watch(account.tradable$)
    server.side.connection.abandon()
    faults.isArmed = true
    pass(3_600)
    expect(faults.isArmed).toBe(false)
    expect(other.values).toEqual([true, false])
  })

  it('that ends as a gap is told of: orders wait for the views all the same', () => {
    const { server, account, faults, pass } = overTransport('asset')
    server.on('open_orders', () => undefined)
    const tradable = watch(account.tradable$)
    account.gap$.subscribe(() => watch(account.asset()))
    server.side.connection.abandon()
    faults.isArmed = true
    pass(4_000)
    expect(faults.isArmed).toBe(false)
    pass(2_000)
    expect(watch(account.ready$).last).toBe(true)
    expect(tradable.values).toEqual([true, false])
  })

  it('that ends without a word is given up at once', () => {
    const { account, end$, pass } = overTransport()
    const ready = watch(account.ready$)
    end$.next()
    pass(10)
    expect(ready.values).toEqual([true, false])
  })
})
