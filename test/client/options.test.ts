import { describe, expect, it } from '@jest/globals'
import { type ConnectOptions, NotSent, Unresolved } from '../../src/client/index.js'
import { expectError, limitOrder, loggedIn, loggingIn } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

/** As from a variable of the environment that is not set. */
const notSet = (name: string): ConnectOptions => ({ [name]: undefined })

describe('an option of the connection', () => {
  it('that is there and undefined is the default: nothing stale is sent, and no order is without an end', () => {
    const options = { ...notSet('orderMaxAgeMs'), ...notSet('requestTimeoutMs') }
    const { server, account, pass } = loggedIn({}, options)
    server.side.state(4)
    pass(10)
    const stale = watch(account.placeOrder(limitOrder))
    pass(5_000)
    expect(expectError(stale, NotSent).reason).toBe('not-ready-in-time')
    server.side.state(6)
    pass(5_000)
    const unanswered = watch(account.placeOrder(limitOrder))
    pass(25_000)
    expectError(unanswered, Unresolved)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it.each<[string, ConnectOptions]>([
    ['NaN', { orderMaxAgeMs: Number.NaN }],
    ['below 0', { requestTimeoutMs: -1 }],
    ['more than a timer can wait', { drainWithinMs: Infinity }],
    ['no number of commands', { maxQueued: Number.NaN }],
  ])('that is %s is refused in words', (_, options) => {
    expect(() => loggingIn({}, options)).toThrow(RangeError)
    expect(() => loggingIn({}, options)).toThrow(Object.keys(options)[0])
  })

  it.each<[string, ConnectOptions]>([
    ['pings come further apart than a silence may last', { pingEveryMs: 20_000 }],
    ['pings have no pause', { pingEveryMs: 0 }],
    ['a new socket has no pause', { backoffBaseMs: 0 }],
  ])('with which %s is refused in words: no socket would stand', (_, options) => {
    expect(() => loggingIn({}, options)).toThrow(Object.keys(options)[0])
  })

  it('may be for ever where somebody may want to wait for ever', () => {
    const { account, server, pass } = loggedIn({}, { orderMaxAgeMs: Infinity, queryMaxAgeMs: Infinity })
    server.side.state(4)
    pass(10)
    watch(account.placeOrder(limitOrder))
    pass(60_000)
    server.side.state(6)
    pass(5_000)
    expect(server.of('place_order')).toHaveLength(1)
  })
})

describe('an option of a login', () => {
  it.each([0, -1, Number.NaN])('that would take snapshots every %s ms is refused', (resyncEveryMs) => {
    expect(() => loggingIn({}, {}, { resyncEveryMs })).toThrow('resyncEveryMs')
  })
})

describe('an option of a command', () => {
  it('that is there and undefined is the default', () => {
    const { server, account, pass } = loggedIn()
    const age: object = { maxAgeMs: undefined }
    server.side.state(4)
    pass(10)
    const stale = watch(account.placeOrder(limitOrder, age))
    pass(5_000)
    expect(expectError(stale, NotSent).reason).toBe('not-ready-in-time')
  })

  it('that is no time ends it NotSent, in words', () => {
    const { server, account, pass } = loggedIn()
    const wrong = { maxAgeMs: Number.NaN }
    for (const command$ of [account.placeOrder(limitOrder, wrong), account.asset(wrong)]) {
      const ended = watch(command$ as never)
      pass(10)
      expect(expectError(ended, NotSent).message).toContain('maxAgeMs should be 0 or more ms, but is NaN')
    }
    expect(server.of('place_order')).toHaveLength(0)
  })
})
