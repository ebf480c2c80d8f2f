import { describe, expect, it } from '@jest/globals'
import { ignoreElements, NEVER, throwError } from 'rxjs'
import { runStrategy } from '../../../src/cli/run/run-strategy.js'
import { connect } from '../../../src/client/index.js'
import { type Strategy, strategy } from '../../../src/strategy/index.js'
import { limitOrder, orderNotice } from '../../support/logged-in.js'
import { type Handler, scriptedServer } from '../../support/scripted-server.js'
import { watch } from '../../support/watch.js'

const oneOrder = strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: (account) => account.placeOrder(limitOrder).pipe(ignoreElements()),
})

/** A run of a second, in virtual time. */
const running = (
  handlers: Record<string, Handler>,
  options: { cancelOnExit?: boolean; outcomesWithinMs?: number; strategy?: Strategy } = {},
) => {
  const server = scriptedServer({ asset: (frame, side) => side.reply(frame, { data: {} }), ...handlers })
  const { scheduler } = server
  const run = watch(
    runStrategy({
      strategy: options.strategy ?? oneOrder,
      gateway: connect(server.transport, server.options),
      keysOf: () => ({ access_key: 'a', secret_key: 's' }),
      forMs: 1_000,
      stop$: NEVER,
      cancelOnExit: false,
      now: () => scheduler.now(),
      scheduler,
      ...options,
    }),
  )
  const notes = (): readonly string[] => run.values.flatMap((event) => (event.type === 'note' ? [event.text] : []))
  return { server, run, notes, pass: (ms: number) => scheduler.advanceBy(ms) }
}

describe('the end of a run', () => {
  it('is at once where every order has its outcome', () => {
    const { server, run, notes, pass } = running({ place_order: (frame, side) => side.reply(frame, { order_no: '1' }) })
    pass(1_200)
    expect(server.of('logout')).toHaveLength(1)
    expect([run.ended, notes()]).toEqual(['completed', []])
  })

  it('waits for the reply to an order, and shows that it does', () => {
    const { server, run, notes, pass } = running({})
    pass(8_000)
    expect(server.of('logout')).toHaveLength(0)
    expect(notes()).toEqual([
      'waiting for the outcome of 1 order',
      'still waiting for the outcome of 1 order, for 25 s more at most',
    ])
    server.side.reply(server.of('place_order')[0]!, { order_no: '1' })
    pass(100)
    expect(server.of('logout')).toHaveLength(1)
    expect(run.ended).toBe('completed')
  })

  it('waits for an unresolved order, and cancels it where it proves to be open', () => {
    const { server, run, pass } = running(
      {
        place_order: (frame, side) => side.reply(frame, { result: false, error_message: 'Server disconnected' }),
        cancel_order: (frame, side) =>
          side.reply(frame, { data: [{ order_no: '1', result: true, error_message: '' }] }),
      },
      { cancelOnExit: true },
    )
    pass(15_000)
    expect([server.of('logout').length, server.of('cancel_order').length]).toEqual([0, 0])
    const { cid } = server.of('place_order')[0]!
    server.on('open_orders', (frame, side) => side.reply(frame, { data: [orderNotice({ cid })] }))
    server.side.notify('order', orderNotice({ cid }))
    pass(100)
    expect(server.of('cancel_order')).toMatchObject([{ order_nos: ['1'] }])
    pass(3_000)
    expect([server.of('logout').length, run.ended]).toEqual([1, 'completed'])
  })

  it('waits no longer than it may: the order stays unresolved', () => {
    const { server, run, pass } = running({}, { outcomesWithinMs: 25_000 })
    pass(25_900)
    expect([server.of('logout').length, run.ended]).toEqual([0, 'no'])
    pass(5_000)
    expect([server.of('logout').length, run.ended]).toEqual([1, 'completed'])
    const last = run.values.filter(({ type }) => type === 'unsettled').at(-1)
    expect(last).toMatchObject({ count: 1, orders: [{ cause: 'timeout' }] })
  })
})

describe('the time of a run', () => {
  it('counts from the start: a login that is never READY ends the run, and says so', () => {
    const { run, pass } = running({ login: () => undefined })
    pass(990)
    expect(run.ended).toBe('no')
    pass(10)
    expect(run.values).toContainEqual(expect.objectContaining({ type: 'error', source: 'login' }))
    pass(60_000)
    expect(run.ended).toBe('errored')
    expect(run.error).toMatchObject({ message: expect.stringMatching(/never began: .*huobi.* within the 1 s/) })
  })

  it('is less for the strategy by what its logins took', () => {
    const idle = strategy({ logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }], run: () => NEVER })
    const { server, run, pass } = running({ login: () => undefined }, { strategy: idle })
    pass(400)
    server.side.reply(server.of('login')[0]!, { token: 'token' })
    server.side.state(2, 'token')
    server.side.state(6, 'token')
    pass(100)
    expect(run.values).toContainEqual({ type: 'began', forMs: 599 })
    pass(490)
    expect(run.ended).toBe('no')
    pass(100)
    expect(server.of('logout')).toHaveLength(1)
  })
})

describe('market data that the server does not offer', () => {
  const needy = strategy({
    logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['trade'] }],
    run: (account) => account.trade$(),
  })
  const words = 'huobi: the strategy needs market data (trade), and the server does not offer it (feature market)'

  it('is told at the beginning, and fails the run where none came', () => {
    const { run, notes, pass } = running({}, { strategy: needy })
    pass(100)
    expect(notes()).toEqual([words])
    pass(20_000)
    expect(run.error).toMatchObject({ message: words })
  })

  it('fails no run in which it came all the same', () => {
    const { server, run, pass } = running({}, { strategy: needy })
    pass(100)
    server.side.notify('trade', { symbol: 'BTC/USDT', action: 'BUY', price: 1, quantity: 1, timestamp: 1 })
    pass(20_000)
    expect(run.ended).toBe('completed')
  })

  it('leaves the error of a strategy that failed as it is', () => {
    const failing = strategy({ ...needy, run: () => throwError(() => new Error('the strategy broke')) })
    const { run, pass } = running({}, { strategy: failing })
    pass(20_000)
    expect(run.error).toMatchObject({ message: 'the strategy broke' })
  })

  it('is not missed by a server that offers it', () => {
    const login: Handler = (frame, side) => {
      side.reply(frame, { token: 'token', features: ['market'] })
      side.state(6, 'token')
    }
    const { run, notes, pass } = running({ login }, { strategy: needy })
    pass(20_000)
    expect([run.ended, notes()]).toEqual(['completed', []])
  })
})
