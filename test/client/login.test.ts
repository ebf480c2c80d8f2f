import { describe, expect, it } from '@jest/globals'
import { repeat, tap } from 'rxjs'
import { type OrderJournal, LoginFailed, type LoginOptions, NotSent } from '../../src/client/index.js'
import { credentials, expectError, limitOrder, loggedIn, loggingIn, orderNotice } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

/** Takes the login and says nothing more. */
const takesOnly: Handler = (frame, side) => side.reply(frame, { token: 'token' })

/** Refuses with `Do not log in repeat` until told otherwise. */
const stillRegistered = (tries: number): Handler => {
  let left = tries
  return (frame, side) => {
    if (left-- > 0) side.reply(frame, { result: false, error_message: 'Do not log in repeat', token: '' })
    else {
      side.reply(frame, { token: 'token' })
      side.state(6)
    }
  }
}

describe('login', () => {
  it('is cold: without a subscriber nothing is connected', () => {
    const { server, gateway, login, pass } = loggingIn()
    login.unsubscribe()
    void gateway.login(credentials)
    pass(10_000)
    expect(server.of('login')).toHaveLength(0)
  })

  it('emits one Account when the reply arrives, before READY, and stays', () => {
    const { login, pass } = loggingIn({ login: takesOnly })
    pass(100)
    expect(login.values).toHaveLength(1)
    expect(login.ended).toBe('no')
    expect(watch(login.values[0]!.ready$).last).toBe(false)
  })

  it('sends what the server needs, and a market wish where there is one', () => {
    const { server } = loggedIn({}, {}, { market: ['trade', 'ticker'], cancelOnDisconnect: true })
    expect(server.of('login')).toEqual([
      {
        ...{ op: 'login', cid: expect.any(String), ...credentials },
        features: ['market', 'cid', 'resume', 'cancel_on_disconnect', 'offset'],
        market: ['trade', 'ticker'],
        cancel_on_disconnect: true,
      },
    ])
  })

  it('fails in the words of the server that refuses it', () => {
    const { login, pass } = loggingIn({
      login: (frame, side) => side.reply(frame, { result: false, error_message: 'Unknown platform', token: '' }),
    })
    pass(100)
    const failed = expectError(login, LoginFailed)
    expect(failed.reason).toBe('refused')
    expect(failed.message).toContain('Unknown platform')
  })

  it('hides keys that the server repeats in its words', () => {
    const { login, pass } = loggingIn({
      login: (frame, side) =>
        side.reply(frame, {
          result: false,
          error_message: `bad key ${String(frame.access_key)}/${String(frame.secret_key)}`,
        }),
    })
    pass(100)
    expect(expectError(login, LoginFailed).message).toContain('bad key ***/***')
  })

  it.each(['before', 'after'])('fails at once on PARAM_MISS %s the login reply, and logs its token out', (when) => {
    const { server, login, pass } = loggingIn({
      login: (frame, side) => {
        if (when === 'before') side.state(1, 'token', 'passphrase is missing')
        side.reply(frame, { token: 'token' })
        if (when === 'after') side.state(1, 'token', 'passphrase is missing')
      },
    })
    pass(100)
    const failed = expectError(login, LoginFailed)
    expect(failed.reason).toBe('param-miss')
    expect(failed.serverMessage).toBe('passphrase is missing')
    expect(server.of('logout')).toMatchObject([{ token: 'token' }])
  })

  it('fails by its deadline when a bad key is met with 2, 7 and silence, and logs its token out', () => {
    const { server, login, pass } = loggingIn({
      login: (frame, side) => {
        side.reply(frame, { token: 'token' })
        side.state(2)
        side.state(7, 'token', 'signature invalid')
      },
    })
    pass(59_000)
    expect(login.ended).toBe('no')
    pass(2_000)
    const failed = expectError(login, LoginFailed)
    expect(failed.reason).toBe('not-ready')
    expect(failed.serverMessage).toBe('signature invalid')
    expect(server.of('logout')).toMatchObject([{ token: 'token' }])
    expect(server.of('login')).toHaveLength(1)
  })

  it('fails by its deadline when the gateway cannot be reached', () => {
    const { server, login, pass } = loggingIn()
    server.unreachable = true
    pass(61_000)
    expect(expectError(login, LoginFailed).message).toContain('could not be reached')
  })

  it('refuses credentials that are not of the protocol without connecting', () => {
    const { server, gateway, login } = loggingIn()
    login.unsubscribe()
    const wrong = watch(gateway.login({ ...credentials, platform: 7 as unknown as string }))
    expect(expectError(wrong, LoginFailed).reason).toBe('invalid')
    expect(server.of('login')).toHaveLength(0)
  })

  it('ends queued commands NotSent (login-failed) when it fails', () => {
    const { login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const assets = watch(login.values[0]!.asset({ maxAgeMs: 600_000 }))
    pass(61_000)
    expect(expectError(assets, NotSent).reason).toBe('login-failed')
  })

  it('tries `Do not log in repeat` again, with pauses, until it passes', () => {
    const { server, login, pass } = loggingIn({ login: stillRegistered(9) })
    pass(31_000)
    expect(login.values).toHaveLength(1)
    expect(server.of('login')).toHaveLength(10)
  })

  it('gives up a first login after 45 s of `Do not log in repeat`', () => {
    const { server, login, pass } = loggingIn({ login: stillRegistered(Infinity) })
    pass(50_000)
    expect(expectError(login, LoginFailed).reason).toBe('already-logged-in')
    const tries = server.of('login').length
    expect(tries).toBeGreaterThan(10)
    expect(tries).toBeLessThan(50)
  })

  it('tries for longer than that after a drop of ours', () => {
    const { server, login, account, pass } = loggedIn()
    server.on('login', stillRegistered(40))
    server.side.connection.abandon()
    pass(200_000)
    expect(login.ended).toBe('no')
    expect(watch(account.ready$).last).toBe(true)
  })
})

describe('a login whose reply is lost', () => {
  it('never has two attempts in flight on one socket: it takes a fresh one', () => {
    const { server, login, pass } = loggingIn({
      login: (frame, side) => {
        if (side.nth === 1) return
        side.reply(frame, { token: 'token' })
        side.state(6)
      },
    })
    pass(10_500)
    expect(server.sides[0]!.of('login')).toHaveLength(1)
    pass(3_000)
    expect(server.sides).toHaveLength(2)
    expect(server.sides[0]!.closed).toBe('politely')
    expect(login.values).toHaveLength(1)
  })

  it('logs out what is given to a login that was left meanwhile: the server would call the next one a repeat', () => {
    const { server, gateway, pass } = loggedIn()
    server.on('login', () => undefined)
    const left = watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(10)
    left.unsubscribe()
    pass(5_000)
    expect(server.of('logout')).toEqual([])
    server.side.reply(server.of('login')[1]!, { token: 'too-late' })
    pass(10)
    expect(server.of('logout')).toMatchObject([{ token: 'too-late' }])
  })

  it('takes a fresh socket when a login that was left meanwhile gets no reply: nobody knows what the server made of it', () => {
    const { server, gateway, account, pass } = loggedIn({}, { requestTimeoutMs: 10_000 })
    server.on('login', () => undefined)
    const left = watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(10)
    left.unsubscribe()
    pass(9_000)
    expect(server.sides).toHaveLength(1)
    pass(3_000)
    expect(server.sides).toHaveLength(2)
    expect(server.sides[0]!.closed).toBe('politely')
    expect(watch(account.ready$).last).toBe(false)
  })

  it('has an order wait that another login would send over the socket that is being left', () => {
    const { server, gateway, account, pass } = loggedIn()
    server.on('login', (frame, side) => {
      if (frame.platform === 'okex') return
      const token = `${String(frame.platform)}${side.nth}`
      side.state(6, token)
      side.reply(frame, { token })
    })
    watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(8_000)
    watch(account.asset())
    pass(2_500)
    const late = watch(
      gateway
        .login({ ...credentials, platform: 'late' })
        .pipe(tap((a) => watch(a.placeOrder(limitOrder, { maxAgeMs: 60_000 })))),
    )
    pass(100)
    expect([server.sides.length, late.values.length, server.of('place_order').length]).toEqual([1, 1, 0])
    pass(20_000)
    expect(server.of('place_order')).toMatchObject([{ token: 'late2' }])
  })

  it('lets the requests of the other logins finish first, logs those out, and writes nothing new meanwhile', () => {
    const { server, gateway, account, pass } = loggedIn({}, { requestTimeoutMs: 10_000 })
    server.on('login', (frame, side) => {
      if (frame.platform === 'okex' && side.nth === 1) return
      side.reply(frame, { token: `again-${String(frame.platform)}` })
      side.state(6)
    })
    watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(8_000)
    const assets = watch(account.asset())
    pass(3_000)
    // The okex login has timed out by now; the asset query is still in flight.
    expect(server.sides).toHaveLength(1)
    const waits = watch(account.symbolInfo('BTC/USDT'))
    pass(10)
    expect(server.of('symbol_info')).toHaveLength(0)
    server.side.reply(server.of('asset')[0]!, { data: {} })
    pass(5_000)
    expect(assets.values).toEqual([{}])
    expect(server.sides[0]!.of('logout')).toHaveLength(1)
    expect(server.sides).toHaveLength(2)
    expect(server.sides[1]!.of('symbol_info')).toHaveLength(1)
    waits.unsubscribe()
  })
})

describe('frames that come before the login reply', () => {
  it('are held and then given to the right login, in order, after its Account has been', () => {
    const seen: string[] = []
    const { gateway, pass } = loggingIn({
      login: (frame, side) => {
        const token = String(frame.platform)
        side.notify('order', orderNotice({ order_no: `${token}-1` }), token)
        side.state(6, token)
        side.notify('order', orderNotice({ order_no: `${token}-2` }), token)
        side.reply(frame, { token })
      },
    })
    for (const platform of ['okex', 'ftx']) {
      const login$ = gateway.login({ ...credentials, platform })
      watch(login$).values.at(0)
      login$.subscribe((account) => {
        account.order$.subscribe((order) => seen.push(`${platform}: ${order.order_no}`))
        account.ready$.subscribe((ready) => seen.push(`${platform}: ready ${String(ready)}`))
        seen.push(`${platform}: account`)
      })
    }
    pass(100)
    expect(seen.filter((line) => line.startsWith('okex'))).toEqual([
      'okex: ready false',
      'okex: account',
      'okex: okex-1',
      'okex: ready true',
      'okex: okex-2',
    ])
    expect(seen.filter((line) => line.startsWith('ftx'))).toHaveLength(5)
  })
})

describe('two subscribers to one platform and key', () => {
  it('share one login, and the last to leave logs out and closes the socket', () => {
    const { server, gateway, login, pass } = loggedIn()
    const second = watch(gateway.login(credentials))
    expect(second.values).toEqual(login.values)
    expect(server.of('login')).toHaveLength(1)
    login.unsubscribe()
    pass(1_000)
    expect(server.of('logout')).toHaveLength(0)
    second.unsubscribe()
    pass(1_000)
    expect(server.of('logout')).toHaveLength(1)
    expect(server.side.closed).toBe('politely')
  })

  it('let a new subscriber wait until the old login has ended', () => {
    const { server, gateway, login, pass } = loggedIn({ logout: () => undefined }, { drainWithinMs: 3_000 })
    login.unsubscribe()
    pass(1_000)
    const again = watch(gateway.login(credentials))
    pass(1_000)
    expect(again.values).toHaveLength(0)
    expect(server.of('login')).toHaveLength(1)
    pass(3_000)
    expect(server.of('login')).toHaveLength(2)
    expect(again.values).toHaveLength(1)
    expect(again.values[0]).not.toBe(login.values[0])
  })

  it('let a new subscriber wait for a login of his own while the old one is drained by its Account', () => {
    const { server, gateway, login, account, pass } = loggedIn()
    watch(account.placeOrder(limitOrder))
    pass(10)
    watch(account.drain())
    const late = [watch(gateway.login(credentials)), watch(gateway.login({ ...credentials, symbols: ['ETH/USDT'] }))]
    pass(2_000)
    expect(late.map(({ values }) => values.length)).toEqual([0, 0])
    pass(3_000)
    expect(login.ended).toBe('completed')
    expect(server.of('login')).toHaveLength(2)
    expect(late.map(({ values, ended }) => [values.length, ended])).toEqual([
      [1, 'no'],
      [0, 'errored'],
    ])
    expect(late[0]?.values[0]).not.toBe(account)
  })

  it('let who subscribes again as the drained login completes have a new one', () => {
    const { server, gateway, account, pass } = loggedIn()
    const again = watch(gateway.login(credentials).pipe(repeat({ count: 2 })))
    watch(account.drain())
    pass(1_000)
    expect([again.values.length, again.ended, server.of('login').length]).toEqual([2, 'no', 2])
  })

  const journal = (): OrderJournal => ({ write: () => undefined, read: () => [] })

  it.each<[string, Partial<typeof credentials>, LoginOptions]>([
    ['symbols', { symbols: ['ETH/USDT'] }, {}],
    ['another secret_key', { secret_key: 'another' }, {}],
    ['market topics', {}, { market: ['ticker'] }],
    ['orders canceled when the socket ends', {}, { cancelOnDisconnect: true }],
    ['a journal: nothing would be written there', {}, { journal: journal() }],
    ['a matching order to be proof', {}, { exclusiveAccount: true }],
    ['snapshots more often', {}, { resyncEveryMs: 1_000 }],
  ])('are refused in words when the second wants %s', (_, other, options) => {
    const { server, gateway, account, pass } = loggedIn()
    const second = watch(gateway.login({ ...credentials, ...other }, options))
    expect(expectError(second, LoginFailed).reason).toBe('invalid')
    watch(account.placeOrder(limitOrder))
    pass(10)
    expect([server.of('login').length, server.of('place_order').length]).toEqual([1, 1])
  })

  it('share one login with one journal, and are refused with two, or when the second has none', () => {
    const one = journal()
    const { gateway, login } = loggedIn({}, {}, { journal: one, resyncEveryMs: 1_000 })
    const refusedWith = (options: LoginOptions) =>
      expectError(watch(gateway.login(credentials, { resyncEveryMs: 1_000, ...options })), LoginFailed).reason
    expect(watch(gateway.login(credentials, { journal: one, resyncEveryMs: 1_000 })).values).toEqual(login.values)
    expect(refusedWith({ journal: journal() })).toBe('invalid')
    expect(refusedWith({})).toBe('invalid')
  })
})

describe('two logins over one socket', () => {
  it('go on without each other: one interface lost leaves the other ready', () => {
    const { server, gateway, account, pass } = loggedIn({
      login: (frame, side) => {
        side.reply(frame, { token: String(frame.platform) })
        side.state(6)
      },
    })
    const okex = watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(100)
    expect(server.sides).toHaveLength(1)
    server.side.state(4, 'huobi')
    pass(10)
    expect(watch(account.ready$).last).toBe(false)
    expect(watch(okex.values[0]!.ready$).last).toBe(true)
    const order = watch(okex.values[0]!.placeOrder(limitOrder))
    pass(10)
    expect(server.of('place_order')).toMatchObject([{ token: 'okex' }])
    order.unsubscribe()
  })
})
