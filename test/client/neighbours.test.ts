import { describe, expect, it } from '@jest/globals'
import { LoginFailed } from '../../src/client/index.js'
import { credentials, expectError, loggedIn } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const broken = { ...credentials, platform: 'broken' }

/** Takes every login but those of the platform `broken`, which `answer` is for. */
const serverWith =
  (answer: Handler): Handler =>
  (frame, side) => {
    if (frame.platform === 'broken') {
      answer(frame, side)
      return
    }
    const token = `${String(frame.platform)}-${side.nth}-${side.of('login').length}`
    side.reply(frame, { token })
    side.state(6, token)
  }
const complain: Handler = (_frame, side) => side.send({ op: 'error', error_message: 'login: symbols are too many' })

describe('a login that is answered by an error frame', () => {
  it('fails at once with the words of the server, and its neighbour keeps the socket', () => {
    const { server, gateway, account, pass } = loggedIn({ login: serverWith(complain) })
    const losses = watch(account.gap$)
    const error = watch(gateway.login(broken))
    pass(10)
    expect(expectError(error, LoginFailed)).toMatchObject({
      reason: 'refused',
      serverMessage: 'login: symbols are too many',
    })
    pass(300_000)
    expect(server.sides).toHaveLength(1)
    expect(losses.values).toEqual([])
  })

  it('is told so as soon as the requests in flight have had their replies', () => {
    const { server, gateway, account, pass } = loggedIn({ login: serverWith(complain) })
    const assets = watch(account.asset())
    pass(5)
    const error = watch(gateway.login(broken))
    pass(10)
    expect(error.ended).toBe('no')
    server.side.reply(server.of('asset')[0]!, { data: {} })
    pass(10)
    expect(assets.values).toEqual([{}])
    expect(expectError(error, LoginFailed).serverMessage).toBe('login: symbols are too many')
  })

  it('is not blamed where another request stays unanswered, or where two logins do', () => {
    const { server, gateway, account, pass } = loggedIn({ login: serverWith(() => undefined) })
    watch(account.asset({ timeoutMs: 1_000 }))
    const first = watch(gateway.login(broken))
    pass(10)
    server.side.send({ op: 'error', error_message: 'what?' })
    pass(2_000)
    expect(first.ended).toBe('no')
    const second = watch(gateway.login({ ...broken, access_key: 'another-key' }))
    pass(10)
    server.side.send({ op: 'error', error_message: 'what?' })
    pass(1_000)
    expect([first.ended, second.ended]).toEqual(['no', 'no'])
  })

  it('ends the same where it is logged in again after a drop', () => {
    const { server, gateway, account, pass } = loggedIn({
      login: serverWith((frame, side) => {
        if (side.nth > 1) complain(frame, side)
        else {
          side.reply(frame, { token: 'broken-1' })
          side.state(6, 'broken-1')
        }
      }),
    })
    const error = watch(gateway.login(broken))
    pass(10)
    server.side.connection.abandon()
    pass(300_000)
    expect(expectError(error, LoginFailed).serverMessage).toBe('login: symbols are too many')
    expect(server.sides).toHaveLength(2)
    expect(watch(account.ready$).last).toBe(true)
  })
})

describe('a login that is never answered', () => {
  it('takes the socket from its neighbours once, and then has one of its own', () => {
    const { server, gateway, login, account, pass } = loggedIn({ login: serverWith(() => undefined) })
    const error = watch(gateway.login(broken))
    pass(59_000)
    expect(error.ended).toBe('no')
    pass(10_000)
    expect(expectError(error, LoginFailed).reason).toBe('not-ready')
    pass(300_000)
    expect(server.of('login').filter(({ platform }) => platform === 'huobi')).toHaveLength(2)
    expect([login.ended, watch(account.ready$).last]).toEqual(['no', true])
  })

  it('does so when it is logged in again, and is back as soon as it is answered', () => {
    let answers = true
    const { server, gateway, account, pass } = loggedIn({
      login: serverWith((frame, side) => {
        if (!answers) return
        side.reply(frame, { token: `broken-${side.nth}` })
        side.state(6, `broken-${side.nth}`)
      }),
      asset: (frame, side) => {
        if (frame.token === 'broken-1') side.reply(frame, { result: false, error_message: 'Invalid token' })
        else side.reply(frame, { data: {} })
      },
    })
    const other = watch(gateway.login(broken))
    pass(10)
    answers = false
    const assets = watch(other.values[0]!.asset({ maxAgeMs: 3_600_000 }))
    pass(300_000)
    expect(server.of('login').filter(({ platform }) => platform === 'huobi')).toHaveLength(2)
    expect(watch(account.ready$).last).toBe(true)
    expect(server.sides.length).toBeLessThan(16)
    answers = true
    pass(60_000)
    expect([other.ended, watch(other.values[0]!.ready$).last, assets.values]).toEqual(['no', true, [{}]])
    expect(server.of('login').filter(({ platform }) => platform === 'huobi')).toHaveLength(2)
    // Its own socket goes with it.
    other.unsubscribe()
    pass(10_000)
    expect(server.sides.filter(({ closed }) => closed === 'no')).toHaveLength(1)
  })

  it('is logged out where its answer comes at last over the socket that it has left', () => {
    const asked: (() => void)[] = []
    const { server, gateway, pass } = loggedIn({
      login: serverWith((frame, side) => asked.push(() => side.reply(frame, { token: `late-${side.nth}` }))),
    })
    watch(gateway.login(broken))
    pass(25_000)
    asked[1]!()
    pass(10)
    expect(server.of('logout').map(({ token }) => token)).toContain('late-2')
  })

  it('frees its key where the server holds the login whose reply was lost on a socket that lives', () => {
    let holder: number | undefined
    const { server, gateway, account, pass } = loggedIn({
      login: serverWith((frame, side) => {
        const held = server.sides.find(({ nth, closed }) => nth === holder && closed === 'no')
        if (held !== undefined) side.reply(frame, { result: false, error_message: 'Do not log in repeat' })
        else if (side.nth < 3) holder = side.nth
        else {
          side.reply(frame, { token: 'broken' })
          side.state(6, 'broken')
        }
      }),
    })
    const other = watch(gateway.login(broken))
    pass(200_000)
    const again = other.ended === 'no' ? other : watch(gateway.login(broken))
    pass(120_000)
    expect(again.values).toHaveLength(1)
    expect(watch(account.ready$).last).toBe(true)
    expect(server.of('login').filter(({ platform }) => platform === 'huobi').length).toBeLessThanOrEqual(3)
  })

  // The server took the login, and the client was told otherwise.
  it.each<[string, Handler]>([
    ['an error frame that meant something else', complain],
    ['a reply that cannot be read', (frame, side) => side.send({ op: 'login', cid: frame.cid, result: 'yes' })],
  ])('frees its key where the server holds the login that failed by %s', (_, answer) => {
    let holder: number | undefined
    const { server, gateway, account, pass } = loggedIn({
      login: serverWith((frame, side) => {
        const held = server.sides.find(({ nth, closed }) => nth === holder && closed === 'no')
        if (held !== undefined) side.reply(frame, { result: false, error_message: 'Do not log in repeat' })
        else if (side.nth === 1) {
          holder = side.nth
          answer(frame, side)
        } else {
          side.reply(frame, { token: 'broken' })
          side.state(6, 'broken')
        }
      }),
    })
    const failed = watch(gateway.login(broken))
    pass(10)
    expectError(failed, LoginFailed)
    const again = watch(gateway.login(broken))
    pass(30_000)
    // A server remembers a dead socket for so long: until then the repeat may be another's.
    expect(server.sides).toHaveLength(1)
    pass(60_000)
    const last = again.ended === 'no' ? again : watch(gateway.login(broken))
    pass(60_000)
    expect(last.values).toHaveLength(1)
    expect(watch(account.ready$).last).toBe(true)
    expect(server.sides).toHaveLength(2)
  })

  it('logs out what a login that an error frame has ended is given at last', () => {
    const asked: (() => void)[] = []
    const { server, gateway, pass } = loggedIn({
      login: serverWith((frame, side) => {
        asked.push(() => side.reply(frame, { token: 'late' }))
        complain(frame, side)
      }),
    })
    const failed = watch(gateway.login(broken))
    pass(10)
    expectError(failed, LoginFailed)
    asked[0]!()
    pass(10)
    expect(server.of('logout').map(({ token }) => token)).toEqual(['late'])
  })
})
