import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { retry } from 'rxjs'
import { isDefiniteRefusal, NotSent, Rejected, Unresolved } from '../../src/client/index.js'
import { expectError, limitOrder, loggedIn } from '../support/logged-in.js'
import { definite, notDefinite } from './refusal-texts.js'
import { watch } from '../support/watch.js'

const refusal = (error_message: string) =>
  ({ op: 'place_order', cid: 'c', result: false, error_message }) as Parameters<typeof isDefiniteRefusal>[0]

const texts = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(table).flatMap(([source, each]) => each.map((words) => [source, words] as const))

describe('a refusal is definite', () => {
  it.each(texts(definite))('%s: "%s"', (_, words) => expect(isDefiniteRefusal(refusal(words))).toBe(true))

  it.each(texts(notDefinite))('when the server says that it is, %s: "%s"', (_, words) =>
    expect(isDefiniteRefusal({ ...refusal(words), unknown: false })).toBe(true),
  )
})

describe('a refusal is not definite', () => {
  it.each(texts(notDefinite))('%s: "%s"', (_, words) => expect(isDefiniteRefusal(refusal(words))).toBe(false))

  it('whatever else the message says, where it speaks of an exchange that gave no answer', () => {
    const reasons = texts(definite).map(([, words]) => words)
    const doubts = ['Server disconnected', 'request timed out', 'HTTP 502 Bad Gateway', 'duplicate order', '请求超时']
    fc.assert(
      fc.property(fc.constantFrom(...reasons), fc.constantFrom(...doubts), fc.boolean(), (reason, doubt, first) => {
        expect(isDefiniteRefusal(refusal(first ? `${doubt}: ${reason}` : `${reason} (${doubt})`))).toBe(false)
      }),
    )
  })

  it('whatever of the request the message repeats', () => {
    const asked = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }
    const repeats = [JSON.stringify(asked), Object.entries(asked).join(' '), 'symbol BTC/USDT with price 100']
    fc.assert(
      fc.property(fc.constantFrom(...repeats), fc.stringMatching(/^[b-df-hj-np-tv-z ]{0,30}$/), (echo, words) => {
        expect(isDefiniteRefusal(refusal(`place_order ${echo} failed: ${words}`))).toBe(false)
      }),
    )
  })

  it('and is told fast, however long the message is', () => {
    for (const words of ['price ', 'not a ', '5', '余额', '(', 'status ']) {
      const before = performance.now()
      isDefiniteRefusal(refusal(words.repeat(20_000)))
      expect(performance.now() - before).toBeLessThan(1_000)
    }
  })

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
    expect(expectError(placed, Unresolved).cause).toBe('server-unsure')
  })
  it.each(['Server disconnected', '请求超时', 'words that nobody knows'])(
    'and evidence is looked for, before the order ends Unresolved with the words: "%s"',
    (words) => {
      const { server, account, pass } = loggedIn({
        place_order: (frame, side) => side.reply(frame, { result: false, error_message: words }),
      })
      const placed = watch(account.placeOrder(limitOrder).pipe(retry(2)))
      const asked = server.of('open_orders').length
      pass(9_000)
      expect(placed.ended).toBe('no')
      expect(server.of('open_orders').length).toBeGreaterThan(asked)
      pass(2_000)
      // Of the retry: the earlier order stays without an outcome.
      expect(expectError(placed, NotSent).reason).toBe('unresolved')
      expect(watch(account.unresolved$).last).toMatchObject([
        { error: { cause: 'server-unsure', evidence: [{ kind: 'server-said', message: words }] } },
      ])
      expect(server.of('place_order')).toHaveLength(1)
    },
  )

  it('unless the test that the caller gives says so', () => {
    const { account, pass } = loggedIn(
      { place_order: (frame, side) => side.reply(frame, { result: false, error_message: 'computer says no' }) },
      { isDefiniteRefusal: ({ error_message }) => error_message === 'computer says no' },
    )
    const placed = watch(account.placeOrder(limitOrder))
    pass(10)
    expect(expectError(placed, Rejected).serverMessage).toBe('computer says no')
  })
})
