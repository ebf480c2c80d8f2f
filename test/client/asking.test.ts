import { describe, expect, it } from '@jest/globals'
import {
  type OrderJournalEntry,
  type OrderJournal,
  type LoginOptions,
  Rejected,
  Unresolved,
} from '../../src/client/index.js'
import { expectError, limitOrder as order, loggingIn, orderNotice } from '../support/logged-in.js'
import type { Frame, ServerSide } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const now = Date.UTC(2026, 0, 1)
const hour = 3_600_000
const expired = { result: false, error_message: 'expired: valid_until has passed', unknown: false }

interface Server {
  /** Reaction of the server to a place_order; none if unset. */
  answer?: (frame: Frame, side: ServerSide) => void
  epoch: string
  features: readonly string[]
}

/** A login at a server with feature `cid`, whose answers can be changed while it runs. */
const scene = (options: LoginOptions = {}, resolveWithinMs = 10_000) => {
  const is: Server = { epoch: 'e1', features: ['cid'] }
  const { server, login, pass } = loggingIn(
    {
      login: (frame, side) => {
        side.reply(frame, { token: `token-${side.nth}`, features: is.features, epoch: is.epoch })
        side.state(6)
      },
      place_order: (frame, side) => is.answer?.(frame, side),
      open_orders: (frame, side) => side.reply(frame, { data: [] }),
      cancel_order: (frame, side) => side.reply(frame, { data: [] }),
    },
    { resolveWithinMs },
    options,
  )
  pass(100)
  const account = login.values[0]!
  const questions = () => server.of('place_order').filter(({ valid_until }) => valid_until === 1)
  /** The socket is gone, and so is the server, for so long. */
  const away = (ms: number) => {
    server.unreachable = true
    server.side.connection.abandon()
    pass(ms)
    server.unreachable = false
  }
  return { is, server, account, pass, questions, away }
}

describe('an order past its age, at a server with feature cid', () => {
  it('is asked about by its cid with a valid_until of 1, and ends Rejected when the server does not know it', () => {
    const { is, server, account, pass, questions, away } = scene({}, 60_000)
    const placed = watch(account.placeOrder(order))
    pass(10)
    is.answer = (frame, side) => side.reply(frame, expired)
    away(6_000)
    pass(20_000)
    expectError(placed, Rejected)
    const [first] = server.of('place_order')
    expect(questions()).toEqual([{ ...first, token: expect.any(String), valid_until: 1 }])
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it('ends with its order when the server does', () => {
    const { is, account, pass, away } = scene({}, 60_000)
    const placed = watch(account.placeOrder(order))
    pass(10)
    is.answer = (frame, side) => side.reply(frame, { order_no: '7' })
    away(6_000)
    pass(20_000)
    expect(placed.values).toMatchObject([{ order_no: '7' }])
  })

  it('is looked for when its reply comes after the snapshots: its end was told to the connection that was lost', () => {
    const { server, account, pass, questions, away } = scene({}, 60_000)
    const life = watch(account.track(order))
    pass(10)
    away(6_000)
    pass(8_000)
    expect(questions()).toHaveLength(1)
    const asked = server.of('open_orders').length
    server.side.reply(server.of('place_order').at(-1)!, { order_no: '7' })
    pass(5_000)
    expect(life.last).toMatchObject({ _tag: 'Ended', complete: false, order: { order_no: '7', missing: true } })
    expect(server.of('open_orders')).toHaveLength(asked + 1)
  })

  it('is asked about on a socket that stands, where only the reply was lost', () => {
    const { is, account, pass, questions } = scene()
    const placed = watch(account.placeOrder(order))
    pass(9_000)
    is.answer = (frame, side) => side.reply(frame, { order_no: '7' })
    pass(3_000)
    expect(questions()).toHaveLength(1)
    expect(placed.values).toMatchObject([{ order_no: '7' }])
  })

  it('counts the frames of its connection, whichever login wrote them: the answer to one of them proves nothing', () => {
    const { is, server, account, pass, questions, away } = scene({}, 60_000)
    const placed = watch(account.placeOrder(order, { maxAgeMs: 60_000 }))
    pass(10)
    away(10)
    // Sent again on the second socket, and not answered.
    pass(5_000)
    const again = server.of('place_order').length
    expect(again).toBeGreaterThan(1)
    const { side } = server
    server.on('asset', (frame) => side.reply(frame, { result: false, error_message: 'Invalid token' }))
    watch(account.asset())
    pass(5_000)
    expect(server.side).toBe(side)
    expect(server.of('login').at(-1)).not.toBe(server.of('login').at(-2))
    // The same socket: the frame before is still unanswered.
    expect(server.of('place_order')).toHaveLength(again)
    expect(placed.ended).toBe('no')
    pass(60_000)
    const [question] = questions()
    expect(question).toBeDefined()
    side.reply(question!, expired)
    pass(10)
    expect(watch(account.unresolved$).last).toHaveLength(1)
    is.answer = (frame) => side.reply(frame, expired)
    pass(80_000)
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it('is asked about again and ever more slowly while questions are lost, and settles hours later', () => {
    const { is, account, pass, questions } = scene()
    expectErrorLater(account, pass)
    pass(hour)
    expect(questions().length).toBeGreaterThan(40)
    expect(questions().length).toBeLessThan(70)
    is.answer = (frame, side) => side.reply(frame, expired)
    pass(80_000)
    expect(watch(account.unresolved$).last).toEqual([])
    const asked = questions().length
    pass(hour)
    expect(questions()).toHaveLength(asked)
  })

  it('stays Unresolved while the server says unknown, and is settled when the server has learned more', () => {
    const { is, account, pass } = scene()
    is.answer = (frame, side) => side.reply(frame, { result: false, error_message: 'no answer', unknown: true })
    expectErrorLater(account, pass)
    pass(hour)
    expect(watch(account.unresolved$).last).toHaveLength(1)
    is.answer = (frame, side) => side.reply(frame, { order_no: '7' })
    pass(80_000)
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it.each([
    ['no unknown: false', { result: false, error_message: 'insufficient balance' }],
    ['Invalid token, which is said of the connection', { ...expired, error_message: 'Invalid token' }],
  ])('stays Unresolved when the refusal has %s', (_, refusal) => {
    const { is, account, pass, away } = scene()
    const placed = watch(account.placeOrder(order))
    pass(10)
    is.answer = (frame, side) => side.reply(frame, refusal)
    away(6_000)
    pass(60_000)
    expectError(placed, Unresolved)
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('takes a late refusal for proof only after a question: one of a frame that may place it can be that frame’s alone', () => {
    const { server, account, pass, questions } = scene()
    const placed = watch(account.placeOrder(order, { maxAgeMs: 60_000 }))
    pass(15_000)
    const [first, second] = server.of('place_order')
    expect([second!.valid_until, questions()]).toEqual([first!.valid_until, []])
    pass(6_000)
    server.side.reply(first!, expired)
    pass(10)
    expectError(placed, Unresolved)
    pass(60_000)
    const asked = questions().length
    expect(asked).toBeGreaterThan(0)
    pass(20_000)
    server.side.reply(first!, expired)
    pass(10)
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it('does not take the refusal of a frame that may place it for the answer to a question that was never written', () => {
    const { server, account, pass, questions, away } = scene()
    const placed = watch(account.placeOrder(order, { maxAgeMs: 8_000 }))
    pass(10)
    away(3_000)
    pass(7_500)
    expectError(placed, Unresolved)
    const [, again] = server.of('place_order')
    expect([again?.op, questions()]).toEqual(['place_order', []])
    server.side.reply(again!, { ...expired, error_message: 'too many requests' })
    pass(10)
    expect(watch(account.unresolved$).last).toHaveLength(1)
    pass(5_000)
    expect(questions().length).toBeGreaterThan(0)
  })

  it('takes the first refusal on a connection for that of a frame that may place it, though the server was asked since', () => {
    const { server, account, pass, questions, away } = scene()
    watch(account.placeOrder(order, { maxAgeMs: 8_000 }))
    pass(10)
    away(3_000)
    pass(20_000)
    const [, again] = server.of('place_order')
    expect(questions().length).toBeGreaterThan(0)
    server.side.reply(again!, { ...expired, error_message: 'too many requests' })
    pass(10)
    expect(watch(account.unresolved$).last).toHaveLength(1)
    server.side.reply(again!, expired)
    pass(10)
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it('ends Rejected by the late reply to its first frame, though a question had a reply before that told nothing', () => {
    const { is, server, account, pass, questions } = scene()
    const placed = watch(account.placeOrder(order))
    pass(9_900)
    is.answer = (frame, side) => side.reply(frame, { result: false, error_message: 'try later', unknown: true })
    pass(200)
    expect(questions()).toHaveLength(1)
    delete is.answer
    const [first] = server.of('place_order')
    server.side.reply(first!, expired)
    pass(10)
    expectError(placed, Rejected)
  })

  it('is asked about for 24 hours, by the larger of monotonic and wall time', () => {
    for (const jumpMs of [0, 20 * hour, -20 * hour]) {
      const { server, account, pass, questions } = scene()
      expectErrorLater(account, pass)
      server.clock.jumpWall(jumpMs)
      pass(Math.min(24 * hour, 24 * hour - jumpMs) - 300_000)
      const before = questions().length
      pass(120_000)
      expect(questions().length).toBeGreaterThan(before)
      pass(hour)
      const after = questions().length
      pass(hour)
      expect(questions()).toHaveLength(after)
      expect(watch(account.unresolved$).last).toHaveLength(1)
    }
  })

  it('is not asked about where it was sent to a server without the feature, though the epoch is the same', () => {
    const { is, account, pass, questions, away } = scene()
    is.features = []
    away(10)
    pass(5_000)
    watch(account.placeOrder(order))
    pass(10)
    is.features = ['cid']
    is.answer = (frame, side) => side.reply(frame, expired)
    away(10)
    pass(60_000)
    expect(questions()).toEqual([])
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('is asked about though a cancel of all orders has swept it: a question places nothing behind that', () => {
    const { is, server, account, pass, questions, away } = scene()
    const placed = watch(account.placeOrder(order))
    pass(10)
    is.answer = (frame, side) => side.reply(frame, expired)
    watch(account.cancelOrder({ symbol: order.symbol, order_nos: [] }))
    away(10)
    pass(20_000)
    expectError(placed, Rejected)
    expect(server.of('place_order')).toHaveLength(2)
    expect(questions()).toHaveLength(1)
  })

  it('that has no age is asked about at once, since nothing would make the server refuse it for being late', () => {
    const { is, server, account, pass, questions, away } = scene()
    const placed = watch(account.placeOrder(order, { maxAgeMs: Infinity }))
    pass(10)
    is.answer = (frame, side) => side.reply(frame, expired)
    away(10)
    pass(5_000)
    expectError(placed, Rejected)
    expect([server.of('place_order').length, questions().length]).toEqual([2, 1])
  })
})

/** An order whose frames all go unanswered for now; it ends Unresolved. */
const expectErrorLater = (account: ReturnType<typeof scene>['account'], pass: (ms: number) => void) => {
  const placed = watch(account.placeOrder(order))
  pass(25_000)
  expectError(placed, Unresolved)
}

describe('an order that a predecessor has left', () => {
  const journalOf = (...entries: OrderJournalEntry[]): OrderJournal & { entries: OrderJournalEntry[] } => ({
    entries,
    write: (entry) => void entries.push(entry),
    read: () => [...entries],
  })
  const left = (sentAt: number, epoch = 'e1'): OrderJournalEntry => ({
    ...{ kind: 'sent', cid: 'b', order, sentAt, validUntil: sentAt + 5_000, epoch },
  })

  it('is asked about by its cid, and what the server says is written down', () => {
    const journal = journalOf(left(now - 23 * hour))
    const { is, server, account, pass, questions } = scene({ journal })
    is.answer = (frame, side) => side.reply(frame, expired)
    pass(30_000)
    expect(questions()[0]).toMatchObject({ cid: 'b', valid_until: 1 })
    expect(server.of('place_order')).toEqual(questions())
    expect(journal.entries.at(-1)).toEqual({ kind: 'settled', cid: 'b', fate: 'rejected' })
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it.each([
    ['is older than 24 hours', left(now - 25 * hour)],
    ['was sent in another epoch', left(now - hour, 'e0')],
    ['seems to come from the future: its age is not known', left(now + hour)],
  ])('is not asked about when it %s', (_, entry) => {
    const { is, server, account, pass } = scene({ journal: journalOf(entry) })
    is.answer = (frame, side) => side.reply(frame, expired)
    pass(2 * hour)
    expect(server.of('place_order')).toEqual([])
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('is not sent again within its age either: the predecessor may have cancelled all orders meanwhile', () => {
    const { is, server, account, pass, questions } = scene({ journal: journalOf(left(now)) })
    is.answer = (frame, side) => side.reply(frame, expired)
    pass(30_000)
    expect(server.of('place_order').length).toBeGreaterThan(0)
    expect(server.of('place_order')).toEqual(questions())
    expect(watch(account.unresolved$).last).toEqual([])
  })

  it('is still settled by a notice that carries its cid', () => {
    const { server, account, pass } = scene({ journal: journalOf(left(now - hour, 'e0')) })
    server.side.notify('order', orderNotice({ cid: 'b' }))
    pass(10)
    expect(watch(account.unresolved$).last).toEqual([])
  })
})
