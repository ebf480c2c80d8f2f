import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { type Credentials, LoginFailed } from '../../src/client/index.js'
import { credentials, expectError, loggedIn, loggingIn } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

const long = 8_412_345_678_901
const wrongKeys: readonly (readonly [string, unknown])[] = [
  ['a number', long],
  ['undefined', undefined],
  ['null', null],
  ['an object', { key: String(long) }],
  ['a list', [String(long)]],
  ['a big integer', BigInt(long)],
  ['a symbol', Symbol(String(long))],
  ['a function', () => String(long)],
  ['an empty string', ''],
]
const cases = wrongKeys.flatMap(([what, value]) =>
  ['access_key', 'secret_key'].map((name) => [name, what, { ...credentials, [name]: value }] as const),
)

describe('credentials that are not of the protocol', () => {
  it.each(cases)('end in one LoginFailed without the key where %s is %s', (_name, _what, wrong) => {
    const { server, gateway, account, pass } = loggedIn()
    const failed = watch(gateway.login(wrong as Credentials))
    const error = expectError(failed, LoginFailed)
    expect(error.reason).toBe('invalid')
    expect(inspect(error)).not.toContain(String(long))
    // Nothing else is harmed: the other login hears why its socket was closed, and comes back.
    const statuses = watch(gateway.status$)
    server.side.connection.close(1012, 'the server restarts')
    pass(2_000)
    expect(statuses.values).toContainEqual(
      expect.objectContaining({
        _tag: 'Lost',
        cause: expect.objectContaining({ error: expect.objectContaining({ code: 1012 }) }),
      }),
    )
    pass(2_000)
    expect(watch(account.ready$).last).toBe(true)
    expect(server.of('login')).toHaveLength(2)
  })

  it.each([
    ['no credentials at all', undefined],
    ['null', null],
    ['a string', 'huobi'],
    ['symbols in one string', { ...credentials, symbols: 'BTC/USDT' }],
    ['no symbols', { ...credentials, symbols: undefined }],
    ['a number for a platform', { ...credentials, platform: long }],
  ])('end in one LoginFailed with %s', (_what, wrong) => {
    const { server, gateway } = loggedIn()
    const error = expectError(watch(gateway.login(wrong as unknown as Credentials)), LoginFailed)
    expect(error.reason).toBe('invalid')
    expect(error.message).not.toContain(String(long))
    expect(server.of('login')).toHaveLength(1)
  })
})

describe('a token that is a number', () => {
  it('is told neither by LoginFailed nor by protocolErrors$, and the close code after it is told as it is', () => {
    const { server, gateway, login, pass } = loggingIn({ login: (frame, side) => side.reply(frame, { token: long }) })
    const errors = watch(gateway.protocolErrors$)
    const neighbour = watch(gateway.login({ ...credentials, platform: 'okex' }))
    const statuses = watch(gateway.status$)
    pass(10)
    expect(inspect([expectError(login, LoginFailed), errors.values])).not.toContain(String(long))
    expect(errors.values).toHaveLength(2)
    server.on('login', () => undefined)
    watch(gateway.login({ ...credentials, platform: 'third' }))
    pass(10)
    server.side.connection.close(1012, 'the server restarts')
    pass(10)
    expect(statuses.values.find(({ _tag }) => _tag === 'Lost')).toMatchObject({ cause: { error: { code: 1012 } } })
    expect(neighbour.ended).toBe('errored')
  })
})

describe('the keys of a login', () => {
  it('are hidden still after more tokens than are remembered', () => {
    const { server, gateway, pass } = loggedIn({}, { backoffCapMs: 50 })
    for (let n = 0; n < 300; n++) {
      server.side.connection.close(1012)
      pass(100)
    }
    expect(server.of('login').length).toBeGreaterThan(290)
    const errors = watch(gateway.protocolErrors$)
    server.side.send({ op: 'error', error_message: `no ${credentials.access_key}` })
    pass(10)
    expect(errors.last?.error.message).toContain('no ***')
  })
})
