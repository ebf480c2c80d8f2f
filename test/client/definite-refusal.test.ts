import { describe, expect, it } from '@jest/globals'
import { isDefiniteRefusal, Unknown } from '../../src/client/index.js'
import { expectError, limitOrder, loggedIn } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

const refusal = (error_message: string) =>
  ({ op: 'place_order', cid: 'c', result: false, error_message }) as Parameters<typeof isDefiniteRefusal>[0]

describe('a refusal is definite', () => {
  it.each([
    'insufficient balance: the order needs 54002700 USDT, free is 100000 USDT',
    'insufficient balance: the order needs 501.5 USDT, free is 500 USDT',
    'price 59500.001 is not on the tick 0.01',
    'order_no 1555-2 is not known',
    'the size must be 0.00512 at least',
    'order-limitorder-amount-min-error',
    'account-frozen-balance-insufficient-error',
    'invalid symbol',
    'Too many requests',
  ])('%s', (words) => expect(isDefiniteRefusal(refusal(words))).toBe(true))
})

describe('a refusal is not definite', () => {
  it.each([
    '',
    ' ',
    '500',
    '502 Bad Gateway',
    'HTTP 503',
    'http error: 504',
    'status code: 500',
    '{"code":500,"msg":"x"}',
    'error 599: upstream',
    'Response [503]',
    'request timed out',
    'read timeout',
    'internal error',
    'Service Unavailable',
    'connection reset by peer',
    'gateway-internal-error',
    'InternalError',
    'base-system-error',
    'System error. Try again later',
    'System is busy, please try later.',
    'unknown error',
    'socket hang up',
    'read ECONNRESET',
    'write EPIPE',
    'broken pipe',
    'ETIMEDOUT',
    'context deadline exceeded',
    'unexpected EOF',
    'Max retries exceeded with url',
    'Remote end closed without response',
    'upstream request failed',
    'The operation was aborted',
  ])('"%s"', (words) => expect(isDefiniteRefusal(refusal(words))).toBe(false))

  it('when the server says that it does not know', () => {
    expect(isDefiniteRefusal({ ...refusal('insufficient balance'), unknown: true })).toBe(false)
  })
  it('when the server does not know, though it speaks of a token that is void', () => {
    const { account, pass } = loggedIn({
      place_order: (frame, side) =>
        side.reply(frame, { result: false, error_message: 'upstream: invalid token', unknown: true }),
    })
    const placed = watch(account.placeOrder(limitOrder))
    pass(12_000)
    expect(expectError(placed, Unknown).cause).toBe('server-unsure')
  })
})
