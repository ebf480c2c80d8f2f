import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { catchError, EMPTY, retry } from 'rxjs'
import { type Account, NotSent } from '../../src/client/index.js'
import { expectError, limitOrder, loggedIn, loggingIn } from '../support/logged-in.js'
import type { Frame, Handler, ScriptedServer } from '../support/scripted-server.js'
import { type Watched, watch } from '../support/watch.js'

const BTC = 'BTC/USDT'
const ETH = 'ETH/USDT'
const takesOnly: Handler = (frame, side) => side.reply(frame, { token: 'token' })

/** What was asked for, in the order in which it was: each has a name of its own on the wire. */
interface Asked {
  readonly name: string
  readonly kind: 'order' | 'cancel-all' | 'cancel' | 'query'
  readonly symbol: string
  readonly answer: Watched<unknown>
  /** What was on the wire before it was asked for. */
  readonly before: readonly string[]
}

const ofOurs = new Set(['place_order', 'cancel_order', 'symbol_info'])
const nameOf = ({ op, symbol, price, order_nos }: Frame): string => {
  if (op === 'place_order') return `order ${String(price)}`
  if (op === 'symbol_info') return String(symbol)
  const [first] = order_nos as readonly string[]
  return first ?? `cancel-all ${String(symbol)}`
}
const written = (server: ScriptedServer): readonly string[] =>
  server.sides.flatMap(({ frames }) => frames.filter(({ op }) => ofOurs.has(op)).map(nameOf))

type Command = readonly [kind: Asked['kind'], symbol: string]
const command = fc.tuple(
  fc.constantFrom<Asked['kind'][]>('order', 'order', 'order', 'cancel-all', 'cancel', 'query'),
  fc.constantFrom(BTC, ETH),
)

const ask = (account: Account, [kind, symbol]: Command, nth: number): Omit<Asked, 'before'> => {
  switch (kind) {
    case 'order': {
      const order = { ...limitOrder, symbol, price: 100 + nth }
      return { name: `order ${100 + nth}`, kind, symbol, answer: watch(account.placeOrder(order)) }
    }
    case 'cancel-all':
      return {
        name: `cancel-all ${symbol}`,
        kind,
        symbol,
        answer: watch(account.cancelOrder({ symbol, order_nos: [] })),
      }
    case 'cancel':
      return {
        name: `cancel ${nth}`,
        kind,
        symbol,
        answer: watch(account.cancelOrder({ symbol, order_nos: [`cancel ${nth}`] })),
      }
    case 'query':
      return { name: `query ${nth}`, kind, symbol, answer: watch(account.symbolInfo(`query ${nth}`)) }
  }
}

const isTakenBack = ({ error }: Watched<unknown>): boolean => error instanceof NotSent && error.reason === 'taken-back'

describe('commands that wait', () => {
  it('leave in the order in which they were asked for; a cancel-all takes back the orders before it', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const account = login.values[0]!
    const order = (price: number) => watch(account.placeOrder({ ...limitOrder, price }))
    const taken = order(100)
    watch(account.cancelOrder({ symbol: BTC, order_nos: [] }))
    order(101)
    expect(expectError(taken, NotSent).reason).toBe('taken-back')
    expect(taken.error).toMatchObject({ message: expect.stringContaining(`a cancel of all orders of ${BTC}`) })
    server.side.state(6)
    pass(10)
    expect(written(server)).toEqual([`cancel-all ${BTC}`, 'order 101'])
  })

  it('before READY: all leave in the order asked, but for the orders that a cancel-all took back', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        const { server, login, pass } = loggingIn({ login: takesOnly })
        pass(10)
        const asked = commands.map((each, nth) => ask(login.values[0]!, each, nth))
        pass(1_000)
        server.side.state(6)
        pass(10)
        const covered = (nth: number): boolean =>
          commands.some(([kind, symbol], at) => at > nth && kind === 'cancel-all' && symbol === commands[nth]?.[1])
        const left = asked.filter(({ kind }, nth) => !(kind === 'order' && covered(nth)))
        expect(written(server)).toEqual(left.map(({ name }) => name))
        expect(asked.filter(({ answer }) => isTakenBack(answer))).toHaveLength(asked.length - left.length)
      }),
      { numRuns: 100 },
    )
  })

  const event = fc.constantFrom('ready', 'interface lost', 'drop', 'views stand', 'time passes')
  type Event = 'ready' | 'interface lost' | 'drop' | 'views stand' | 'time passes'

  it('in drops and while the views are made anew: no order leaves behind a cancel-all asked for after it', () => {
    let [takenBack, overtaken] = [0, 0]
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: command }, { weight: 1, arbitrary: event }), {
          minLength: 8,
          maxLength: 30,
        }),
        (later) => {
          const steps = ['interface lost', ...later]
          const snapshots: Frame[] = []
          const { server, account, pass } = loggedIn(
            { open_orders: (frame) => void snapshots.push(frame) },
            { orderMaxAgeMs: 60_000, resyncWithinMs: 600_000 },
          )
          watch(account.orders(BTC))
          const asked: Asked[] = []
          const happens: Record<Event, () => void> = {
            ready: () => server.side.state(6),
            'interface lost': () => server.side.state(4),
            drop: () => server.side.connection.abandon(),
            'views stand': () => {
              for (const frame of snapshots.splice(0)) server.side.reply(frame, { data: [] })
            },
            'time passes': () => undefined,
          }
          for (const step of steps) {
            if (typeof step === 'string') {
              happens[step as Event]()
              pass(step === 'time passes' ? 1_000 : 5)
              continue
            }
            const before = written(server)
            asked.push({ ...ask(account, step, asked.length), before })
            pass(2)
          }
          server.on('open_orders', (frame, side) => side.reply(frame, { data: [] }))
          for (let round = 0; round < 4; round++) {
            pass(5_000)
            happens['views stand']()
            server.side.state(6)
          }
          pass(10)

          const log = written(server)
          const at = ({ name }: Asked): number => log.indexOf(name)
          asked.forEach((order, nth) => {
            if (order.kind !== 'order') return
            const isCovered = asked
              .slice(nth + 1)
              .some(({ kind, symbol }) => kind === 'cancel-all' && symbol === order.symbol)
            if (isTakenBack(order.answer)) {
              takenBack++
              expect([isCovered, at(order)]).toEqual([true, -1])
            }
            // What a cancel-all finds unwritten is never written.
            for (const { kind, symbol, before } of asked.slice(nth + 1)) {
              if (kind === 'cancel-all' && symbol === order.symbol && !before.includes(order.name)) {
                expect(at(order)).toBe(-1)
              }
            }
            expect(log.filter((name) => name === order.name).length).toBeLessThan(2)
          })
          for (const group of [['order'], ['cancel', 'query']] as const) {
            const first = asked.filter(({ kind }) => (group as readonly string[]).includes(kind)).map(at)
            const seen = first.filter((place) => place >= 0)
            expect(seen).toEqual([...seen].sort((a, b) => a - b))
          }
          overtaken += asked.filter(
            ({ kind }, nth) =>
              kind !== 'order' &&
              asked
                .slice(0, nth)
                .some((order) => order.kind === 'order' && at(order) > at(asked[nth]!) && at(asked[nth]!) >= 0),
          ).length
        },
      ),
      { numRuns: 150 },
    )
    // Both kinds of thing did happen.
    expect(takenBack).toBeGreaterThan(5)
    expect(overtaken).toBeGreaterThan(5)
  })
})

describe('a cancel-all', () => {
  /** READY, but its orders wait for the views. */
  const resyncing = () => {
    const scene = loggedIn({ open_orders: () => undefined }, { resyncWithinMs: 4_000 })
    watch(scene.account.orders(BTC))
    scene.server.side.state(4)
    scene.pass(10)
    scene.server.side.state(6)
    scene.pass(10)
    expect([watch(scene.account.ready$).last, watch(scene.account.tradable$).last]).toEqual([true, false])
    return scene
  }

  it('takes back orders that wait for the views, and passes at once; those of other symbols stay', () => {
    const { server, account, pass } = resyncing()
    const order = (price: number, symbol = BTC) => watch(account.placeOrder({ ...limitOrder, symbol, price }))
    const [taken, other] = [order(100), order(200, ETH)]
    watch(account.cancelOrder({ symbol: BTC, order_nos: [] }))
    order(101)
    pass(10)
    expect(expectError(taken, NotSent).reason).toBe('taken-back')
    expect(other.ended).toBe('no')
    expect(written(server)).toEqual([`cancel-all ${BTC}`])
    pass(4_500)
    expect(written(server)).toEqual([`cancel-all ${BTC}`, 'order 200', 'order 101'])
  })

  it('takes back an order that is tracked, and leaves orders alone where it names some', () => {
    const { server, account, pass } = resyncing()
    const tracked = watch(account.track({ ...limitOrder, price: 100 }))
    watch(account.cancelOrder({ symbol: BTC, order_nos: ['7'] }))
    expect(tracked.ended).toBe('no')
    watch(account.cancelOrder({ symbol: BTC, order_nos: [] }))
    expect(expectError(tracked, NotSent).reason).toBe('taken-back')
    pass(5_000)
    expect(written(server)).toEqual(['7', `cancel-all ${BTC}`])
  })

  it('stands before the order that is placed again by who hears that it was taken back', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const account = login.values[0]!
    const placed = watch(account.placeOrder(limitOrder).pipe(retry(1)))
    const reaction = account.placeOrder({ ...limitOrder, price: 102 })
    const reacting = watch(account.placeOrder({ ...limitOrder, price: 101 }).pipe(catchError(() => reaction)))
    watch(account.cancelOrder({ symbol: BTC, order_nos: [] }))
    server.side.state(6)
    pass(10)
    expect(written(server)).toEqual([`cancel-all ${BTC}`, 'order 100', 'order 102'])
    expect([placed.ended, reacting.ended]).toEqual(['no', 'no'])
  })

  it('covers the order that is being written as it is asked for', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly })
    pass(10)
    const account = login.values[0]!
    watch(account.placeOrder({ ...limitOrder, price: 100 }))
    watch(account.placeOrder({ ...limitOrder, price: 101 }))
    // Hears of READY behind the queue, and asks within that.
    account.ready$.subscribe((ready) => {
      if (ready) watch(account.cancelOrder({ symbol: BTC, order_nos: [] }))
    })
    server.side.state(6)
    pass(10)
    expect(written(server)).toEqual(['order 100', 'order 101', `cancel-all ${BTC}`])
  })

  it('finds a place though as many orders wait as may', () => {
    const { server, login, pass } = loggingIn({ login: takesOnly }, { maxQueued: 2 })
    pass(10)
    const account = login.values[0]!
    for (const price of [100, 101]) watch(account.placeOrder({ ...limitOrder, price }))
    watch(account.cancelOrder({ symbol: BTC, order_nos: [] }))
    const next = watch(account.placeOrder({ ...limitOrder, price: 102 }).pipe(catchError(() => EMPTY)))
    server.side.state(6)
    pass(10)
    expect(written(server)).toEqual([`cancel-all ${BTC}`, 'order 102'])
    expect(next.ended).toBe('no')
  })
})
