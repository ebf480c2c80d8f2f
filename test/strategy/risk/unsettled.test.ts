import { describe, expect, it } from '@jest/globals'
import { concat, NEVER, of } from 'rxjs'
import { connect } from '../../../src/client/index.js'
import { withRiskLimits, limitBuy, type RiskLimits } from '../../../src/strategy/index.js'
import { toOrderRequest } from '../../../src/strategy/intent.js'
import { scriptedServer } from '../../support/scripted-server.js'
import { watch } from '../../support/watch.js'
import { fakeAccount, orderOf as noticeOf, unknownOf, unsettledOf } from '../fake-account.js'

const limits: RiskLimits = {
  maxOrderSize: 10,
  maxOrderValue: 10_000,
  maxPosition: 10,
  reference$: concat(of({ symbol: 'BTC-USDT', price: 100 }), NEVER),
  referenceMaxAgeMs: 3_600_000,
}
const order = toOrderRequest(limitBuy('BTC-USDT', 100, 2))

/** A gate on the account of a real client, whose server answers what the test says. */
const onAClient = (more: Partial<RiskLimits> = {}) => {
  const server = scriptedServer()
  const credentials = { platform: 'huobi', symbols: ['BTC-USDT'], access_key: 'a', secret_key: 's' }
  const login = watch(connect(server.transport, server.options).login(credentials))
  const pass = (ms: number) => server.scheduler.advanceBy(ms)
  pass(100)
  const account = login.last!
  const guarded = withRiskLimits(account, { ...limits, ...more }, { scheduler: server.scheduler })
  const state = watch(guarded.risk.state$)
  const btc = () => state.last!.symbols[0]!
  const cid = () => server.of('place_order').at(-1)!['cid']
  return { server, pass, account, guarded, btc, cid }
}

describe('an order of unknown fate', () => {
  it('counts until the server is heard to have refused it, and may then be placed anew', () => {
    const { server, guarded, pass, btc, cid } = onAClient()
    const first = watch(guarded.placeOrder(order))
    pass(30_000)
    expect(first.error).toMatchObject({ _tag: 'Unresolved' })
    expect(btc()).toMatchObject({ unknown: 1, long: { max: 2 } })
    server.side.send({ op: 'place_order', cid: cid(), result: false, error_message: 'insufficient balance' })
    pass(100)
    expect(btc()).toMatchObject({ unknown: 0, working: 0, long: { max: 0 } })
    watch(guarded.placeOrder(order))
    pass(10)
    expect(server.of('place_order')).toHaveLength(2)
  })

  it('counts once when it is heard to have been placed, whatever its notices carry', () => {
    const { server, guarded, pass, btc, cid } = onAClient()
    watch(guarded.placeOrder(order))
    pass(30_000)
    server.side.send({ op: 'place_order', cid: cid(), result: true, error_message: '', order_no: '7' })
    server.side.notify('order', noticeOf('7', 'SUBMITTED', { quantity: 2, remain: 2 }))
    pass(100)
    expect(btc()).toMatchObject({ unknown: 0, working: 1, long: { min: 0, max: 2 } })
  })

  it('counts until its caller closes the matter', () => {
    const { account, guarded, pass, btc } = onAClient()
    watch(guarded.placeOrder(order))
    pass(30_000)
    watch(account.unresolved$).last![0]!.close()
    expect(btc()).toMatchObject({ unknown: 0, working: 0, long: { max: 0 } })
  })

  it('is followed though whoever tracked it has left', () => {
    const { server, guarded, pass, btc, cid } = onAClient()
    const tracked = watch(guarded.track(order))
    pass(30_000)
    tracked.unsubscribe()
    expect(btc().unknown).toBe(1)
    server.side.send({ op: 'place_order', cid: cid(), result: false, error_message: 'insufficient balance' })
    pass(100)
    expect(btc().working).toBe(0)
  })

  it('stays unknown when the login ends', () => {
    const { guarded, pass, btc } = onAClient()
    watch(guarded.placeOrder(order))
    pass(30_000)
    watch(guarded.drain())
    pass(60_000)
    expect(btc().unknown).toBe(1)
  })
})

describe('an order whose caller has left', () => {
  it('before it could be written, counts no more', () => {
    const { server, guarded, pass, btc } = onAClient({ whileUnknown: 'hold' })
    server.side.state(4, 'token-1-1')
    pass(10)
    const queued = watch(guarded.placeOrder(order))
    expect(btc().long.max).toBe(2)
    queued.unsubscribe()
    expect(btc()).toMatchObject({ working: 0, long: { max: 0 } })
    server.side.state(6, 'token-1-1')
    pass(60_000)
    expect(server.of('place_order')).toEqual([])
  })

  it.each([
    ['refused', { result: false, error_message: 'insufficient balance' }],
    ['placed, and then cancelled', { result: true, error_message: '', order_no: '7' }],
  ])('counts until it is heard to have been %s', (_, reply) => {
    const { server, guarded, pass, btc, cid } = onAClient()
    const left = watch(guarded.placeOrder(order))
    pass(10)
    left.unsubscribe()
    expect(btc().long.max).toBe(2)
    server.side.send({ op: 'place_order', cid: cid(), ...reply })
    server.side.notify('order', noticeOf('7', 'CANCELED', { quantity: 2, remain: 2 }))
    pass(10)
    expect(btc()).toMatchObject({ unknown: 0, working: 0, long: { max: 0 } })
  })

  it('counts when it could have been written, be it that it waited first', () => {
    const fake = fakeAccount({ place: () => NEVER })
    const guarded = withRiskLimits(fake.account, { ...limits, whileUnknown: 'hold' })
    const state = watch(guarded.risk.state$)
    fake.tradable$.next(false)
    const waiting = watch(guarded.placeOrder(order))
    fake.tradable$.next(true)
    fake.tradable$.next(false)
    waiting.unsubscribe()
    expect(state.last!.symbols[0]).toMatchObject({ unknown: 1, long: { max: 2 } })
  })
})

describe('an order that waits in the client’s queue', () => {
  it('is taken back when the kill switch is pulled, and never written', () => {
    const { server, guarded, pass, btc } = onAClient({ whileUnknown: 'hold' })
    server.side.state(4, 'token-1-1')
    pass(10)
    const waiting = watch(guarded.placeOrder(order))
    guarded.risk.halt('enough')
    expect(waiting.error).toMatchObject({ _tag: 'OrderDenied', code: 'halted' })
    expect(btc()).toMatchObject({ working: 0, long: { max: 0 } })
    server.side.state(6, 'token-1-1')
    pass(5_000)
    expect(server.of('place_order')).toEqual([])
  })

  it.each([
    ['at once', 6],
    ['after it had waited', 4],
  ])('is left alone once it may have been written, %s: its caller hears what becomes of it', (_, state) => {
    const { server, guarded, pass, cid } = onAClient({ whileUnknown: 'hold' })
    server.side.state(state, 'token-1-1')
    pass(10)
    const sent = watch(guarded.placeOrder(order))
    server.side.state(6, 'token-1-1')
    pass(10)
    guarded.risk.halt('enough')
    server.side.send({ op: 'place_order', cid: cid(), result: true, error_message: '', order_no: '7' })
    pass(10)
    expect(sent.values).toMatchObject([{ order_no: '7' }])
  })
})

describe('an order that an earlier process has left', () => {
  const left = () => {
    const unknown = unknownOf('u')
    Object.assign(unknown, { request: { op: 'place_order', ...order } })
    return unsettledOf(unknown)
  }

  it.each(['rejected', 'not-sent', 'closed-by-caller'] as const)('counts until it is resolved as %s', (outcome) => {
    const fake = fakeAccount()
    fake.unresolved$.next([left()])
    const state = watch(withRiskLimits(fake.account, limits).risk.state$)
    expect(state.last!.symbols[0]).toMatchObject({ unknown: 1, long: { max: 2 } })
    fake.events.take({ _tag: 'Resolved', cid: 'v', order, outcome: 'rejected', order_no: undefined })
    expect(state.last!.symbols[0]!.unknown).toBe(1)
    fake.events.take({ _tag: 'Resolved', cid: 'u', order, outcome, order_no: undefined })
    expect(state.last!.symbols[0]).toMatchObject({ unknown: 0, working: 0, long: { max: 0 } })
  })

  it('goes on counting when it is resolved as accepted, and no question is asked for it', () => {
    let asked = 0
    const fake = fakeAccount({
      openOrders: () => {
        asked += 1
        return NEVER
      },
    })
    fake.unresolved$.next([left()])
    const state = watch(withRiskLimits(fake.account, limits).risk.state$)
    fake.events.take({ _tag: 'Resolved', cid: 'u', order, outcome: 'accepted', order_no: '9' })
    expect(state.last!.symbols[0]).toMatchObject({ unknown: 0, working: 1, long: { max: 2 } })
    fake.order$.next(noticeOf('9', 'CANCELED', { quantity: 2, remain: 2 }))
    expect(state.last!.symbols[0]).toMatchObject({ working: 0, long: { max: 0 } })
    expect(state.values.slice(0, -1).every(({ symbols }) => symbols[0]!.long.max >= 2)).toBe(true)
    expect(asked).toBe(0)
  })
})
