import { describe, expect, it } from '@jest/globals'
import { map, retry } from 'rxjs'
import {
  connect,
  type OrderJournalEntry,
  type OrderJournal,
  LoginFailed,
  NotSent,
  Rejected,
  Unresolved,
  type UnresolvedOrder,
} from '../../src/client/index.js'
import {
  credentials,
  expectError,
  limitOrder as order,
  loggedIn,
  loggingIn,
  orderNotice,
} from '../support/logged-in.js'
import { type Frame, type Handler, scriptedServer } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'
import { seededEntropy } from '../../src/time/index.js'

const now = Date.UTC(2026, 0, 1)

/** A notice of an order that looks like ours. */
const lookAlike = (fields: object = {}) => orderNotice({ order_no: 'x', ctime: now + 50, utime: now + 50, ...fields })

/** A server with the `cid` feature: it remembers what it replied to each cid. */
const withCids = (
  epoch: string,
  answers: (frame: Frame, nth: number) => object | undefined,
): Record<string, Handler> => ({
  login: (frame, side) => {
    side.reply(frame, { token: `token-${side.nth}`, features: ['cid'], epoch })
    side.state(6)
  },
  place_order: (frame, side) => {
    const fields = answers(frame, side.nth)
    if (fields !== undefined) side.reply(frame, fields)
  },
})

describe('an order whose reply is lost', () => {
  it('ends with its order when a notice carries its cid', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10_500)
    server.side.notify('order', lookAlike({ cid: server.of('place_order')[0]!.cid }))
    pass(10)
    expect(placed.values).toMatchObject([{ order_no: 'x' }])
  })

  it('ends with its order when the notice that carries its cid came before the timeout', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike({ cid: server.of('place_order')[0]!.cid }))
    pass(10_500)
    expect(placed.values).toMatchObject([{ order_no: 'x' }])
  })

  it('ends with its order when, after a drop, an open order carries its cid', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10)
    const { cid } = server.of('place_order')[0]!
    server.on('open_orders', (frame, side) => side.reply(frame, { data: [lookAlike({ cid, symbol: undefined })] }))
    server.side.connection.abandon()
    pass(3_000)
    expect(placed.values).toMatchObject([{ order_no: 'x', cid }])
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('ends with its order when a notice without a cid came first, and the one with it tells nothing else that is new', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike())
    pass(10)
    server.side.notify('order', lookAlike({ cid: server.of('place_order')[0]!.cid }))
    pass(10_500)
    expect(placed.values).toMatchObject([{ order_no: 'x' }])
  })

  it('ends with its order when an answer carries its cid, which a notice without one has overtaken', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10)
    const { cid } = server.of('place_order')[0]!
    server.side.notify('order', lookAlike())
    server.on('open_orders', (frame, side) => {
      side.notify('order', lookAlike())
      side.reply(frame, { data: [lookAlike({ cid, symbol: undefined })] })
    })
    pass(21_000)
    expect(placed.values).toMatchObject([{ order_no: 'x' }])
  })

  it('asks the server for open orders, rather than guess', () => {
    const { server, account, pass } = loggedIn()
    watch(account.placeOrder(order))
    pass(20_500)
    expect(server.of('open_orders').length).toBeGreaterThanOrEqual(1)
  })

  it('asks once for many that time out together, and once more if they are still in doubt', () => {
    const { server, account, pass } = loggedIn()
    server.on('open_orders', (frame, side) => side.reply(frame, { data: [] }))
    const before = server.of('open_orders').length
    for (let i = 0; i < 50; i++) watch(account.placeOrder({ ...order, quantity: i + 1 }))
    pass(21_000)
    // The first that looks asks; the rest, which look while its answer is on its way, ask once more together. And so again.
    expect(server.of('open_orders').length - before).toBeLessThanOrEqual(4)
    expect(server.of('open_orders').length - before).toBeGreaterThanOrEqual(2)
    expect(watch(account.unresolved$).last).toHaveLength(50)
  })

  it('has orders that look alike as evidence only: nobody says that we trade alone', () => {
    const { server, account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike())
    server.side.notify('order', lookAlike({ order_no: 'other', quantity: 3 }))
    pass(21_000)
    expect(expectError(placed, Unresolved).evidence).toEqual([
      { kind: 'matching-order', symbol: 'BTC/USDT', order_no: 'x' },
    ])
  })

  it('takes an order that was there before, or that another placeOrder made, for no matching order', () => {
    const { server, account, pass } = loggedIn()
    server.side.notify('order', lookAlike({ order_no: 'before' }))
    pass(10)
    const other = watch(account.placeOrder(order))
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike({ order_no: 'other' }))
    server.side.reply(server.of('place_order')[0]!, { order_no: 'other' })
    pass(21_000)
    expect(other.values).toHaveLength(1)
    expect(expectError(placed, Unresolved).evidence).toEqual([])
  })

  it('never takes absence from open_orders for proof: a filled order is absent too', () => {
    const { account, pass } = loggedIn()
    const placed = watch(account.placeOrder(order))
    pass(60_000)
    expectError(placed, Unresolved)
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('is settled by a notice that comes after the Unresolved: the entry closes', () => {
    const { server, account, pass } = loggedIn()
    watch(account.placeOrder(order))
    pass(60_000)
    const unresolved = watch(account.unresolved$)
    server.side.notify('order', lookAlike({ cid: server.of('place_order')[0]!.cid, status: 'FILLED' }))
    pass(10)
    expect(unresolved.values.map((open) => open.length)).toEqual([1, 0])
  })
})

describe('a exclusive account', () => {
  const alone = () => loggingIn({}, {}, { exclusiveAccount: true })

  it('takes the single order that looks like it for proof', () => {
    const { server, login, pass } = alone()
    pass(100)
    const placed = watch(login.values[0]!.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike())
    pass(10_500)
    expect(placed.values).toMatchObject([{ order_no: 'x' }])
  })

  it('takes the server’s wall clock for the age of an order whose ctime is market time', () => {
    const oldMs = Date.UTC(2024, 0, 1)
    const laterMs = Date.UTC(2031, 0, 1)
    const endOf = (fields: object) => {
      const { server, login, pass } = alone()
      pass(100)
      const placed = watch(login.values[0]!.placeOrder(order))
      pass(10)
      server.side.notify('order', lookAlike(fields))
      pass(30_000)
      return placed.values.length === 1 ? 'placed' : 'unknown'
    }
    expect(endOf({ ctime: oldMs, wall_ctime: now + 50 })).toBe('placed')
    expect(endOf({ ctime: laterMs, wall_ctime: now + 50 })).toBe('placed')
    // An order of a minute ago, whatever its market time says.
    expect(endOf({ ctime: laterMs, wall_ctime: now - 60_000 })).toBe('unknown')
    expect(endOf({ ctime: oldMs, wall_ctime: now - 60_000 })).toBe('unknown')
    // A server that tells one time only is taken at its word.
    expect(endOf({ ctime: oldMs })).toBe('unknown')
    expect(endOf({ ctime: now + 50 })).toBe('placed')
  })

  it('does not take for it one that was called another’s, though nobody calls it so any more', () => {
    const { server, login, pass } = alone()
    pass(100)
    const placed = watch(login.values[0]!.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike({ cid: 'another' }))
    server.side.notify('order', lookAlike({ utime: now + 60, remain: order.quantity / 2, status: 'PARTIAL-FILLED' }))
    pass(30_000)
    expect(expectError(placed, Unresolved).evidence).toEqual([])
  })

  it('does not guess between two', () => {
    const { server, login, pass } = alone()
    pass(100)
    const placed = watch(login.values[0]!.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike())
    server.side.notify('order', lookAlike({ order_no: 'y' }))
    pass(30_000)
    expect(expectError(placed, Unresolved).evidence).toHaveLength(2)
  })

  it('knows which of two the one order is as soon as the other is refused: neither is placed again by retry', () => {
    const { server, login, pass } = loggingIn({}, {}, { exclusiveAccount: true })
    pass(100)
    const a = watch(login.values[0]!.placeOrder(order).pipe(retry(3)))
    const b = watch(login.values[0]!.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike())
    pass(12_000)
    server.side.reply(server.of('place_order')[1]!, { result: false, error_message: 'insufficient balance' })
    pass(10)
    expectError(b, Rejected)
    expect(a.values).toMatchObject([{ order_no: 'x' }])
    pass(60_000)
    expect(server.of('place_order')).toHaveLength(2)
  })

  it('does not guess what an order is whose price is not told, nor that it is another', () => {
    const { server, login, pass } = alone()
    pass(100)
    const [alone$, beside$] = [
      watch(login.values[0]!.placeOrder(order)),
      watch(login.values[0]!.placeOrder({ ...order, quantity: order.quantity * 2 })),
    ]
    pass(10)
    server.side.notify('order', lookAlike({ price: null }))
    server.side.notify('order', lookAlike({ order_no: 'y', quantity: order.quantity * 2 }))
    server.side.notify('order', lookAlike({ order_no: 'z', quantity: order.quantity * 2, price: null }))
    pass(30_000)
    expect(expectError(alone$, Unresolved).evidence).toHaveLength(1)
    expect(expectError(beside$, Unresolved).evidence).toHaveLength(2)
  })

  it('does not take for an order the one that its caller has closed, which shows up late', () => {
    const { server, login, pass } = alone()
    pass(100)
    const account = login.values[0]!
    watch(account.placeOrder(order))
    pass(21_000)
    watch(account.unresolved$).last?.[0]?.close()
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.notify('order', lookAlike({ ctime: now + 21_000 }))
    pass(30_000)
    expect(expectError(placed, Unresolved).evidence).toHaveLength(1)
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('does not guess which of two orders of unknown fate the one is', () => {
    const { server, login, pass } = alone()
    pass(100)
    const [a, b] = [watch(login.values[0]!.placeOrder(order)), watch(login.values[0]!.placeOrder(order))]
    pass(10)
    server.side.notify('order', lookAlike())
    pass(30_000)
    expectError(a, Unresolved)
    expectError(b, Unresolved)
  })

  it('does not guess whether an order of contracts is the one that opens or the one that closes: notices have no sign', () => {
    const { server, login, pass } = alone()
    pass(100)
    const account = login.values[0]!
    const [opens, closes] = [order.quantity, -order.quantity].map((quantity) =>
      watch(account.placeOrder({ ...order, quantity })),
    )
    pass(10)
    server.side.notify('order', lookAlike())
    pass(30_000)
    expectError(opens!, Unresolved)
    expectError(closes!, Unresolved)
  })
})

describe('with the cid feature', () => {
  it('an unanswered order is sent again after a drop, with its old cid, and ends with its reply', () => {
    const { server, account, pass } = loggedIn(
      withCids('e1', (_, nth) => (nth === 1 ? undefined : { order_no: 'once' })),
    )
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.connection.abandon()
    pass(3_000)
    const sent = server.of('place_order')
    expect(placed.values).toMatchObject([{ order_no: 'once' }])
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual({ ...sent[0], token: 'token-2' })
  })

  it('says until when the order may be taken: as long as it may wait', () => {
    const { server, account, pass } = loggedIn(withCids('e1', () => ({ order_no: 'once' })))
    watch(account.placeOrder(order, { maxAgeMs: 2_000 }))
    pass(10)
    expect(server.of('place_order')[0]!.valid_until).toBe(now + 100 + 2_000)
  })

  it.each([
    ['the server has lost its memory', { epoch: 'e2' }],
    ['the server no longer has the feature', { features: [] }],
  ])('is neither sent again nor asked about when %s', (_, fields) => {
    const { server, account, pass } = loggedIn(withCids('e1', () => undefined))
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.on('login', (frame, side) => {
      side.reply(frame, { token: 't2', features: ['cid'], epoch: 'e1', ...fields })
      side.state(6)
    })
    server.side.connection.abandon()
    pass(30_000)
    expectError(placed, Unresolved)
    expect(server.of('place_order')).toHaveLength(1)
  })

  it('is not sent again once the caller has closed the matter: he may have placed another', () => {
    const { server, account, pass } = loggedIn(
      withCids('e1', () => undefined),
      { requestTimeoutMs: 100, resolveWithinMs: 100 },
    )
    watch(account.placeOrder(order, { maxAgeMs: 60_000 }))
    pass(1_000)
    const sent = server.of('place_order').length
    watch(account.unresolved$).last?.[0]?.close()
    server.side.connection.abandon()
    pass(5_000)
    expect(server.of('place_order')).toHaveLength(sent)
  })

  it('is not sent again when the caller closes the matter as he hears of it, and nobody else hears that it is open', () => {
    const { server, account, pass } = loggedIn(
      withCids('e1', () => undefined),
      { requestTimeoutMs: 100, resolveWithinMs: 100 },
    )
    let sent = 0
    const close = ({ close }: UnresolvedOrder) => {
      sent = server.of('place_order').length
      close()
    }
    account.unresolved$.subscribe((open) => open.forEach(close))
    const unresolved = watch(account.unresolved$)
    watch(account.placeOrder(order, { maxAgeMs: 60_000 }))
    pass(5_000)
    expect(sent).toBeGreaterThan(0)
    expect(server.of('place_order')).toHaveLength(sent)
    expect(unresolved.last).toEqual([])
  })

  it('is not sent again once all orders of its symbol were to be cancelled: it would be made behind that', () => {
    const { server, account, pass } = loggedIn(withCids('e1', () => undefined))
    server.on('cancel_order', (frame, side) => side.reply(frame, { data: [] }))
    watch(account.placeOrder(order))
    watch(account.placeOrder({ ...order, symbol: 'ETH/USDT' }))
    pass(10)
    server.side.connection.abandon()
    pass(10)
    watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: [] }))
    pass(3_000)
    expect(server.of('cancel_order')).toHaveLength(1)
    expect(server.of('place_order').map(({ symbol }) => symbol)).toEqual(['BTC/USDT', 'ETH/USDT', 'ETH/USDT'])
  })

  it('the order that the second of two replies names is believed, though the first was no proof', () => {
    const { server, account, pass } = loggedIn(
      withCids('e1', () => undefined),
      { requestTimeoutMs: 1_000 },
    )
    const placed = watch(account.placeOrder(order))
    pass(1_500)
    const [first, second] = server.of('place_order')
    server.side.reply(first!, { result: false, error_message: 'busy', unknown: true })
    pass(100)
    expect(placed.values).toEqual([])
    server.side.reply(second!, { order_no: 'once' })
    pass(100)
    expect(placed.values).toMatchObject([{ order_no: 'once' }])
  })

  it('a refusal of the second frame proves nothing: the first may have been taken', () => {
    const refused = { result: false, error_message: 'Invalid token' }
    const { server, account, pass } = loggedIn(withCids('e1', (_, nth) => (nth === 1 ? undefined : refused)))
    const placed = watch(account.placeOrder(order))
    pass(10)
    server.side.connection.abandon()
    pass(30_000)
    expectError(placed, Unresolved)
    expect(watch(account.unresolved$).last).toHaveLength(1)
  })

  it('is not sent again when the wall clock was set back: the other clock counts as well', () => {
    const { server, account, pass } = loggedIn(withCids('e1', () => undefined))
    watch(account.placeOrder(order))
    pass(10)
    server.unreachable = true
    server.side.connection.abandon()
    pass(6_000)
    server.clock.jumpWall(-3_600_000)
    server.unreachable = false
    pass(30_000)
    // Questions can never place it.
    expect(server.of('place_order').filter(({ valid_until }) => valid_until !== 1)).toHaveLength(1)
  })
})

describe('a cancel without a reply', () => {
  it('is done when the orders are no longer open', () => {
    const { server, account, pass } = loggedIn()
    const canceled = watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: ['1'] }))
    pass(11_000)
    expect(canceled.values).toEqual([[{ order_no: '1', result: true, error_message: '' }]])
    expect(server.of('cancel_order')).toHaveLength(1)
  })

  it('is Unresolved when one of them still is', () => {
    const { account, pass } = loggedIn({
      open_orders: (frame, side) => side.reply(frame, { data: [orderNotice({ order_no: '1', symbol: undefined })] }),
    })
    const canceled = watch(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: ['1'] }))
    pass(11_000)
    expect(expectError(canceled, Unresolved).cause).toBe('timeout')
  })
})

describe('the order journal', () => {
  const memoryJournal = (entries: OrderJournalEntry[] = []): OrderJournal & { entries: OrderJournalEntry[] } => ({
    entries,
    write: (entry) => void entries.push(entry),
    read: () => [...entries],
  })

  const withJournal = (journal: OrderJournal, handlers: Record<string, Handler> = {}) => {
    const scene = loggingIn(handlers, {}, { journal })
    scene.pass(100)
    return { ...scene, account: scene.login.values[0]! }
  }

  it('has the order before the wire has, and its end after', () => {
    const journal = memoryJournal()
    const { server, account, pass } = withJournal(journal, {
      place_order: (frame, side) => {
        expect(journal.entries).toMatchObject([{ kind: 'sent', cid: frame.cid, order }])
        side.reply(frame, { order_no: '1' })
      },
    })
    watch(account.placeOrder(order))
    pass(10)
    expect(server.of('place_order')).toHaveLength(1)
    expect(journal.entries).toMatchObject([{ kind: 'sent' }, { kind: 'settled', fate: 'placed' }])
  })

  it('lets no refusal settle what the login before may have sent twice: it may be the second frame’s alone', () => {
    const journal = memoryJournal()
    const { server, gateway, login, account, pass } = withJournal(
      journal,
      withCids('e1', () => undefined),
    )
    watch(gateway.login({ ...credentials, platform: 'okex' }))
    pass(100)
    watch(account.placeOrder(order, { maxAgeMs: 12_000 }))
    pass(11_000)
    expect(server.of('place_order')).toHaveLength(2)
    login.unsubscribe()
    pass(5_000)
    const next = watch(gateway.login(credentials, { journal }))
    pass(100)
    server.side.reply(server.of('place_order')[1]!, { result: false, error_message: 'too many requests' })
    pass(10)
    expect(watch(next.values[0]!.unresolved$).last).toHaveLength(1)
  })

  it('has an order closed for good at the Account that is over: the login after it neither sends it again nor looks for it', () => {
    const journal = memoryJournal()
    const { server, gateway, login, account, pass } = withJournal(
      journal,
      withCids('e1', () => undefined),
    )
    watch(account.placeOrder(order, { maxAgeMs: 60_000 }))
    pass(10)
    login.unsubscribe()
    pass(4_000)
    const left = watch(account.unresolved$)
    server.on('login', (frame, side) => side.reply(frame, { token: 'next', features: ['cid'], epoch: 'e1' }))
    const next = watch(gateway.login(credentials, { journal }))
    pass(100)
    left.last?.[0]?.close()
    server.side.state(6)
    pass(1_000)
    expect(server.of('place_order')).toHaveLength(1)
    expect([watch(account.unresolved$).last, watch(next.values[0]!.unresolved$).last]).toEqual([[], []])
    expect(journal.entries).toMatchObject([{ kind: 'sent' }, { kind: 'settled', fate: 'closed-by-caller' }])
  })

  it('is of one login at a time: the orders of one are none of another’s, at whichever gateway', () => {
    const journal = memoryJournal()
    const { server, login, account, pass } = withJournal(
      journal,
      withCids('e1', () => undefined),
    )
    watch(account.placeOrder(order))
    pass(10)
    const other = { ...credentials, access_key: 'another-key' }
    const elsewhere = connect(server.transport, { ...server.options, entropy: seededEntropy(2) })
    expect(expectError(watch(elsewhere.login(other, { journal })), LoginFailed).reason).toBe('invalid')
    pass(1_000)
    expect(server.of('place_order')).toHaveLength(1)
    login.unsubscribe()
    pass(10_000)
    const next = watch(elsewhere.login(credentials, { journal }))
    pass(100)
    expect(next.values).toHaveLength(1)
  })

  it('fails the login, and leaves nothing running, when it cannot be read', () => {
    const broken: OrderJournal = {
      ...memoryJournal(),
      read: () => {
        throw new Error('EIO')
      },
    }
    const { server, login } = loggingIn({}, {}, { journal: broken, resyncEveryMs: 1_000 })
    expect(login.error).toMatchObject({ message: 'EIO' })
    expect(server.scheduler.pending).toBe(0)
  })

  it('holds no key and no token', () => {
    const journal = memoryJournal()
    const { account, pass } = withJournal(journal)
    watch(account.placeOrder(order))
    pass(10)
    expect(JSON.stringify(journal.entries)).not.toMatch(/my-|token/)
  })

  it('refuses the order, NotSent, when it cannot be written', () => {
    const full: OrderJournal = {
      write: () => {
        throw new Error('ENOSPC: no space left on device')
      },
      read: () => [],
    }
    const { server, account, pass } = withJournal(full)
    const placed = watch(account.placeOrder(order))
    pass(10)
    expect(expectError(placed, NotSent).reason).toBe('journal-failed')
    expect(server.of('place_order')).toHaveLength(0)
  })

  it('refuses the order where it would be written later, and the order sent before', () => {
    const late: OrderJournal = { write: () => Promise.resolve() as never, read: () => [] }
    const { server, account, pass } = withJournal(late)
    const placed = watch(account.placeOrder(order))
    pass(10)
    expect(expectError(placed, NotSent)).toMatchObject({ reason: 'journal-failed', cause: expect.any(TypeError) })
    expect(server.of('place_order')).toHaveLength(0)
  })

  it('names what a predecessor left unresolved, at once', () => {
    const left: OrderJournalEntry[] = [
      { kind: 'sent', cid: 'a', order, sentAt: now - 60_000 },
      { kind: 'sent', cid: 'b', order, sentAt: now - 60_000 },
      { kind: 'settled', cid: 'a', fate: 'placed' },
    ]
    const { account } = withJournal(memoryJournal(left))
    expect(watch(account.unresolved$).last?.map(({ error }) => error.cid)).toEqual(['b'])
  })

  it('settles it by an open order that carries its cid, and writes that down', () => {
    const journal = memoryJournal([{ kind: 'sent', cid: 'b', order, sentAt: now - 1_000 }])
    const { account, pass } = withJournal(journal, {
      open_orders: (frame, side) => side.reply(frame, { data: [lookAlike({ cid: 'b', symbol: undefined })] }),
    })
    pass(1_000)
    expect(watch(account.unresolved$).last).toEqual([])
    expect(journal.entries.at(-1)).toEqual({ kind: 'settled', cid: 'b', fate: 'placed', order_no: 'x' })
  })

  describe('of a exclusive account', () => {
    const sent = (cid: string, sentAt: number): OrderJournalEntry => ({ kind: 'sent', cid, order, sentAt })
    const settledBy = (...entries: OrderJournalEntry[]) => {
      const data = [lookAlike({ order_no: '1', symbol: undefined, ctime: now - 2_000 })]
      const open_orders: Handler = (frame, side) => side.reply(frame, { data })
      const { login, pass } = loggingIn(
        { open_orders },
        {},
        { journal: memoryJournal(entries), exclusiveAccount: true },
      )
      pass(20_000)
      return watch(login.values[0]!.unresolved$).last?.map(({ error }) => error.cid)
    }

    it('settles it by the single order that looks like it', () => {
      expect(settledBy(sent('b', now - 2_000))).toEqual([])
    })

    it.each<[string, object]>([
      ['was placed before it under that number', { fate: 'placed', order_no: '1' }],
      ['was placed before it, under a number that was not written down', { fate: 'placed' }],
      ['its caller had found and closed before it', { fate: 'closed-by-caller' }],
    ])('does not take an order for it that %s', (_, end) => {
      const before = [sent('a', now - 3_000), { kind: 'settled', cid: 'a', ...end } as OrderJournalEntry]
      expect(settledBy(...before, sent('b', now - 2_000))).toEqual(['b'])
    })

    it('does not take for it one that was placed before ten thousand others', () => {
      const before = Array.from({ length: 10_001 }, (_, i): OrderJournalEntry[] => [
        sent(`a${i}`, now - 3_000),
        { kind: 'settled', cid: `a${i}`, fate: 'placed', order_no: String(i + 1) },
      ])
      expect(settledBy(...before.flat(), sent('b', now - 2_000))).toEqual(['b'])
    })

    it('takes one for it, though one like it was placed long before, or refused', () => {
      const placed = [sent('a', now - 600_000), { kind: 'settled', cid: 'a', fate: 'placed' } as const]
      const refused = [sent('c', now - 3_000), { kind: 'settled', cid: 'c', fate: 'rejected' } as const]
      expect(settledBy(...placed, ...refused, sent('b', now - 2_000))).toEqual([])
    })
  })

  it('has the number of an order that was placed, for a successor', () => {
    const journal = memoryJournal()
    const { account, pass } = withJournal(journal, {
      place_order: (frame, side) => side.reply(frame, { order_no: '17' }),
    })
    watch(account.placeOrder(order))
    pass(10)
    expect(journal.entries.at(-1)).toMatchObject({ kind: 'settled', fate: 'placed', order_no: '17' })
  })

  it('asks about it by its old cid while the server that got it remembers it', () => {
    const intent = { kind: 'sent', cid: 'b', order, sentAt: now, validUntil: now + 5_000 } as const
    for (const [epoch, times] of [
      ['e1', 1],
      ['e0', 0],
    ] as const) {
      const journal = memoryJournal([{ ...intent, epoch }])
      const { server, account, pass } = withJournal(
        journal,
        withCids('e1', () => ({ order_no: 'once' })),
      )
      pass(1_000)
      expect(server.of('place_order')).toHaveLength(times)
      expect(watch(account.unresolved$).last).toHaveLength(1 - times)
    }
  })

  it('does not send it again where the wall clock was set back since: nobody knows how old it is', () => {
    const later = now + 3_600_000
    const left = { kind: 'sent', cid: 'b', order, sentAt: later, validUntil: later + 5_000, epoch: 'e1' } as const
    const { server, pass } = withJournal(
      memoryJournal([left]),
      withCids('e1', () => ({ order_no: 'late' })),
    )
    pass(1_000)
    expect(server.of('place_order')).toHaveLength(0)
  })

  describe('that cannot be written for a while', () => {
    const withFaultyJournal = (handlers: Record<string, Handler> = {}) => {
      const entries: OrderJournalEntry[] = []
      const disk = { isFull: false }
      const journal: OrderJournal = {
        write: (entry) => {
          if (disk.isFull) throw new Error('ENOSPC: no space left on device')
          entries.push(entry)
        },
        read: () => [...entries],
      }
      return { ...withJournal(journal, handlers), entries, disk }
    }

    it('gets the end of an order later, and before any other order', () => {
      const { account, pass, entries, disk, server } = withFaultyJournal({
        place_order: (frame, side) => {
          disk.isFull = true
          side.reply(frame, { order_no: '1' })
        },
      })
      watch(account.placeOrder(order))
      pass(10)
      const next = watch(account.placeOrder(order))
      pass(10)
      expect(expectError(next, NotSent).reason).toBe('journal-failed')
      disk.isFull = false
      watch(account.placeOrder(order))
      pass(10)
      expect(entries.slice(0, 3)).toMatchObject([
        { kind: 'sent' },
        { kind: 'settled', fate: 'placed', cid: server.of('place_order')[0]?.cid },
        { kind: 'sent' },
      ])
    })

    it.each([
      ['NotSent, where no successor would send it', {}, 0, 'NotSent'],
      [
        'its end once it could be sent, where a successor would have',
        { features: ['cid'], epoch: 'e1' },
        1,
        'placed on connection 2',
      ],
    ])('gives an order that did not get onto the wire either: %s', (_, extensions, times, end) => {
      const server = scriptedServer({
        ...withCids('e1', (_frame, nth) => ({ order_no: `placed on connection ${nth}` })),
        login: (frame, side) => {
          side.reply(frame, { token: `token-${side.nth}`, ...extensions })
          side.state(6)
        },
      })
      let isCut = false
      const transport = server.transport.pipe(
        map((connection) => ({
          message$: connection.message$,
          bufferedAmount: 0,
          send: (text: string) => !isCut && connection.send(text),
          close: () => connection.close(),
          abandon: () => connection.abandon(),
        })),
      )
      const entries: OrderJournalEntry[] = []
      const journal: OrderJournal = {
        read: () => [],
        write: (entry) => {
          if (isCut) throw new Error('ENOSPC: no space left on device')
          entries.push(entry)
          isCut = true
        },
      }
      const login = watch(connect(transport, server.options).login(credentials, { journal }))
      server.scheduler.advanceBy(100)
      const placed = watch(login.values[0]!.placeOrder(order))
      server.side.connection.abandon()
      server.scheduler.advanceBy(1)
      isCut = false
      server.scheduler.advanceBy(10_000)
      expect(placed.values[0]?.order_no ?? (placed.error as Error).name).toBe(end)
      expect(server.of('place_order')).toHaveLength(times)
    })

    it.each([
      ['Rejected, where no successor would send it', {}, 'Rejected'],
      [
        'Unresolved, where one would: the server need not remember what it refused',
        { features: ['cid'], epoch: 'e1' },
        'Unresolved',
      ],
    ])('tells an order that was refused meanwhile as %s', (_, extensions, end) => {
      const { account, pass, disk } = withFaultyJournal({
        login: (frame, side) => {
          side.reply(frame, { token: 'token-1', ...extensions })
          side.state(6)
        },
        place_order: (frame, side) => {
          disk.isFull = true
          side.reply(frame, { result: false, error_message: 'too many requests', unknown: false })
        },
      })
      const placed = watch(account.placeOrder(order))
      pass(30_000)
      expect((placed.error as Error).name).toBe(end)
      expect(watch(account.unresolved$).last).toHaveLength(end === 'Unresolved' ? 1 : 0)
    })

    it('keeps an order among the unresolved whose caller would close it', () => {
      const { account, pass, disk } = withFaultyJournal({ place_order: () => undefined })
      watch(account.placeOrder(order))
      pass(60_000)
      const unresolved = watch(account.unresolved$)
      disk.isFull = true
      expect(() => unresolved.last?.[0]?.close()).toThrow('ENOSPC')
      expect(unresolved.last).toHaveLength(1)
      disk.isFull = false
      unresolved.last?.[0]?.close()
      expect(unresolved.last).toEqual([])
    })
  })
})
