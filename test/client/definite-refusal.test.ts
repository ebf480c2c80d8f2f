import { describe, expect, it } from '@jest/globals'
import { isDefiniteRefusal } from '../../src/client/index.js'

const refusal = (error_message: string) =>
  ({ op: 'place_order', cid: 'c', result: false, error_message }) as Parameters<typeof isDefiniteRefusal>[0]

describe('a refusal is definite', () => {
  it.each([
    'insufficient balance: the order needs 54002700 USDT, free is 100000 USDT',
    'insufficient balance: the order needs 501.5 USDT, free is 500 USDT',
    'price 59500.001 is not on the tick 0.01',
    'order_no 1555-2 is not known',
    'the size must be 0.00512 at least',
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
  ])('"%s"', (words) => expect(isDefiniteRefusal(refusal(words))).toBe(false))

  it('when the server says that it does not know', () => {
    expect(isDefiniteRefusal({ ...refusal('insufficient balance'), unknown: true })).toBe(false)
  })
})
