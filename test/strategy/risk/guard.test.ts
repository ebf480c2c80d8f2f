import { describe, expect, it } from '@jest/globals'
import { concat, map, NEVER, Observable, of, type SchedulerLike, Subject, Subscription, throwError } from 'rxjs'
import { type OrderRequest, outcome, type Placed } from '../../../src/client/index.js'
import { NotSent, Rejected } from '../../../src/client/errors/errors.js'
import type { Position } from '../../../src/protocol/index.js'
import {
  closeLong,
  closeShort,
  execute,
  FlattenFailed,
  withRiskLimits,
  limitBuy,
  limitSell,
  marketBuyCost,
  marketSell,
  openLong,
  openShort,
  type IntentOutcome,
  type PlaceOrder,
  type Reference,
  OrderDenied,
  type RiskLimits,
  type RiskState,
} from '../../../src/strategy/index.js'
import { watchGates } from '../../../src/strategy/internal.js'
import { toOrderRequest } from '../../../src/strategy/intent.js'
import { type Answers, fakeAccount, fillOf, orderOf as noticeOf, unknownOf, unsettledOf } from '../fake-account.js'
import { moment, shortTimers } from '../short-timers.js'
import { virtually } from '../virtually.js'

/** A gate around a fake account, with a clock in the test's hand and a reference price of 100. */
const gate = (limits: Partial<RiskLimits> = {}, answers: Answers = {}) => {
  const fake = fakeAccount(answers)
  const clock = { now: 0 }
  const reference$ = new Subject<Reference>()
  const account = withRiskLimits(
    fake.account,
    { maxOrderSize: 10, maxOrderValue: 1_000, maxPosition: 10, reference$, ...limits },
    // Its timers never fire.
    { scheduler: { now: () => clock.now, schedule: () => new Subscription() } as SchedulerLike },
  )
  const says: RiskState[] = []
  account.risk.state$.subscribe((state) => says.push(state))
  const price = (at: number, symbol = 'BTC-USDT') => reference$.next({ symbol, price: at })
  price(100)
  price(100, 'ETH-USDT')
  /** `ok`, or the code of the refusal, or the tag of the error. */
  const place = (intent: PlaceOrder | OrderRequest): string => {
    let told = 'no reply yet'
    account.placeOrder('_tag' in intent ? toOrderRequest(intent) : intent).subscribe({
      next: () => (told = 'ok'),
      error: (error: unknown) =>
        (told = error instanceof OrderDenied ? error.code : ((error as { _tag?: string })._tag ?? 'untagged')),
    })
    return told
  }
  const state = () => says.at(-1)!
  const btc = () => state().symbols.find(({ symbol }) => symbol === 'BTC-USDT')!
  return { ...fake, guarded: account, clock, price, reference$, place, state, btc }
}
const buy = (quantity = 1, price = 100) => limitBuy('BTC-USDT', price, quantity)
const sell = (quantity = 1, price = 100) => limitSell('BTC-USDT', price, quantity)
const btc100: Reference = { symbol: 'BTC-USDT', price: 100 }
const never: Answers = { place: () => NEVER }
const always = (error: Error): Answers => ({ place: () => throwError(() => error) })

describe('the risk gate', () => {
  it('lets an order within the limits pass, as it is', () => {
    const { place, placed } = gate()
    expect(place(buy())).toBe('ok')
    expect(placed).toEqual([toOrderRequest(buy())])
  })

  it('refuses at subscription, sends nothing, and says why in words', () => {
    const { guarded, placed, state } = gate()
    const order = toOrderRequest(buy(11))
    let error: unknown
    const placing$ = guarded.placeOrder(order)
    expect(state().refusals).toEqual({})
    placing$.subscribe({ error: (e: unknown) => (error = e) })
    expect(error).toMatchObject({
      _tag: 'OrderDenied',
      code: 'order-size',
      order,
      message: 'the risk engine denied an order (order-size): BTC-USDT: the order size would be 11, above the limit 10',
    })
    expect(placed).toEqual([])
    expect(state()).toMatchObject({ refusals: { 'order-size': 1 }, lastRefusal: { code: 'order-size', order } })
  })

  it('takes a fee that a fill tells in base currency off what is held, once', () => {
    const { place, fill$, order$, btc } = gate({ maxPosition: 2 })
    place(buy(2))
    const fill = fillOf('1', 'f', { quantity: 2, fee: 0.004, fee_currency: 'BTC' })
    fill$.next(fill)
    fill$.next(fill)
    order$.next(noticeOf('1', 'FILLED', { quantity: 2 }))
    expect(btc().long).toEqual({ min: 1.996, max: 1.996 })
    expect(place(sell(4))).toBe('position')
    expect(place(sell(3.99))).toBe('ok')
  })

  it('leaves what is held alone by a fee in another currency, or of a contract', () => {
    const { fill$, order$, btc } = gate({ contracts: ['ETH-USDT'] })
    fill$.next(fillOf('1', 'f', { quantity: 2, fee: 0.004, fee_currency: 'BNB' }))
    order$.next(noticeOf('1', 'FILLED', { quantity: 2 }))
    expect(btc().long.min).toBe(2)
    const contract = gate({ contracts: ['BTC-USDT'] })
    contract.fill$.next(fillOf('1', 'f', { quantity: 2, offset: 'open', fee: 0.004, fee_currency: 'BTC' }))
    contract.order$.next(noticeOf('1', 'FILLED', { quantity: 2, offset: 'open' }))
    expect(contract.btc().long.min).toBe(2)
  })

  it('judges each subscription anew', () => {
    const { guarded, price, placed } = gate()
    const codes: unknown[] = []
    const placing$ = guarded.placeOrder(toOrderRequest(buy()))
    placing$.subscribe()
    price(1_000)
    placing$.subscribe({ error: (error: unknown) => codes.push((error as OrderDenied).code) })
    expect(codes).toEqual(['price-collar'])
    expect(placed).toHaveLength(1)
  })

  it('judges and sends an order that is made of one that exists: to place is not to follow', () => {
    const { place, placed } = gate({ maxOrderSize: 1 })
    const like = { ...toOrderRequest(buy(2)), order_no: '7' }
    expect(place(like)).toBe('order-size')
    expect(place({ ...like, quantity: 1 })).toBe('ok')
    expect(placed).toEqual([toOrderRequest(buy(1))])
  })

  it('sends what it judged, whatever happens to the object meanwhile', () => {
    const { guarded, placed } = gate()
    const order = { ...toOrderRequest(buy()) }
    const placing$ = guarded.placeOrder(order)
    Object.assign(order, { quantity: 1_000_000 })
    placing$.subscribe()
    expect(placed).toEqual([toOrderRequest(buy())])
  })

  it.each([
    ['order-size', buy(10.01)],
    ['order-value', buy(9.9, 104)],
    ['order-value', marketBuyCost('BTC-USDT', 1_000.01)],
    ['price-collar', buy(1, 105.01)],
    ['price-collar', buy(1, 94.99)],
    ['price-collar', sell(1, 94.99)],
    ['symbol-not-allowed', limitBuy('DOGE-USDT', 100, 1)],
    ['symbol-not-allowed', limitBuy('__proto__', 100, 1)],
    ['invalid-order', { ...toOrderRequest(buy()), quantity: Number.NaN }],
    ['invalid-order', { ...toOrderRequest(buy()), quantity: -1 }],
    ['invalid-order', { ...toOrderRequest(buy()), price: Number.NaN }],
    ['invalid-order', { ...toOrderRequest(buy()), price: 0 }],
    ['invalid-order', { ...toOrderRequest(marketSell('BTC-USDT', 1)), price: 100 }],
    ['ok', buy(9, 105)],
    ['ok', sell(10, 95)],
    ['ok', marketSell('BTC-USDT', 10)],
    ['ok', marketBuyCost('BTC-USDT', 900)],
  ])('answers %s to %j', (answer, order) => {
    expect(gate().place(order)).toBe(answer)
  })

  it('takes limits per symbol, and trades no symbol that has none', () => {
    const { place } = gate({ maxOrderSize: { 'BTC-USDT': 1 } })
    expect(place(buy(1))).toBe('ok')
    expect(place(buy(2))).toBe('order-size')
    expect(place(limitBuy('ETH-USDT', 100, 1))).toBe('symbol-not-allowed')
  })

  it.each([
    [{ maxOrderSize: Number.NaN }, 'risk limits: maxOrderSize must be 0 or more, but is NaN'],
    [{ maxPosition: { A: -1 } }, 'risk limits: maxPosition must be 0 or more, but is -1'],
    [{ maxDeviation: Number.NaN }, 'risk limits: maxDeviation must be a fraction from 0 to 1, or Infinity, but is NaN'],
    [{ rate: { count: Number.NaN, withinMs: 1 } }, 'risk limits: the count of rate must be 0 or more, but is NaN'],
  ])('is not made with limits that make no sense: %j', (limits, words) => {
    expect(() => gate(limits)).toThrow(new RangeError(words))
  })

  it('lets cancels and queries pass', () => {
    const { guarded, canceled } = gate()
    guarded.risk.halt('test')
    guarded.cancelOrder({ symbol: 'BTC-USDT', order_nos: [] }).subscribe()
    expect(canceled).toHaveLength(1)
  })

  it('shows nothing of the account behind it', () => {
    const { guarded, account } = gate()
    const reachable = new Set<unknown>()
    const walk = (value: unknown, depth: number) => {
      if (depth === 0 || typeof value !== 'object' || value === null || value instanceof Observable) return
      reachable.add(value)
      for (const key of Reflect.ownKeys(value)) walk(Reflect.get(value, key), depth - 1)
    }
    walk(guarded, 4)
    walk(Object.getPrototypeOf(guarded), 4)
    expect(reachable.has(account)).toBe(false)
  })

  it('is told apart by execute as a refusal', () => {
    const { guarded } = gate()
    const told: IntentOutcome[] = []
    of(buy(11))
      .pipe(execute(guarded))
      .subscribe((outcome) => told.push(outcome))
    expect(told).toMatchObject([{ _tag: 'Refused', code: 'order-size', intent: buy(11) }])
  })
})

describe('a refusal of the gate', () => {
  it('is one of the ends of a command that the client turns into values', () => {
    const ends: string[] = []
    gate()
      .guarded.placeOrder(toOrderRequest(buy(11)))
      .pipe(outcome())
      .subscribe(({ _tag }) => ends.push(_tag))
    expect(ends).toEqual(['OrderDenied'])
  })
})

describe('the reference price', () => {
  it('missing, refuses', () => {
    expect(gate({ reference$: NEVER }).place(buy())).toBe('no-reference')
  })

  it('stale, refuses, until a fresh one comes', () => {
    const { place, clock, price } = gate({ referenceMaxAgeMs: 1_000 })
    clock.now = 1_000
    expect(place(buy())).toBe('ok')
    clock.now = 1_001
    expect(place(buy())).toBe('stale-reference')
    expect(place(marketSell('BTC-USDT', 1))).toBe('stale-reference')
    price(100)
    expect(place(buy(2))).toBe('ok')
  })

  it('that is no price takes the old one away', () => {
    const { place, price } = gate()
    price(Number.NaN)
    expect(place(buy())).toBe('no-reference')
    price(0)
    expect(place(buy())).toBe('no-reference')
  })

  it('that fails, refuses', () => {
    const { place, reference$ } = gate()
    reference$.error(new Error('feed'))
    expect(place(buy())).toBe('no-reference')
  })

  it('that is no reference at all refuses, and does not end the process', () => {
    const { reference$, place } = gate()
    reference$.next(undefined as never)
    expect(place(buy())).toBe('no-reference')
  })

  it('of another symbol does not count', () => {
    const { place, price } = gate()
    price(Number.NaN)
    price(100, 'ETH-USDT')
    expect(place(buy())).toBe('no-reference')
  })
})

describe('the position', () => {
  it('counts what is held at the start', () => {
    const { place } = gate({ held: { 'BTC-USDT': { long: 8 } } })
    expect(place(buy(3))).toBe('position')
    expect(place(buy(2))).toBe('ok')
  })

  it('counts orders without a reply, open orders and fills, each once', () => {
    const { place, order$, fill$, btc } = gate()
    place(buy(6))
    expect(place(buy(5))).toBe('position')
    fill$.next(fillOf('1', 'f1', { quantity: 2 }))
    fill$.next(fillOf('1', 'f1', { quantity: 2 }))
    order$.next(noticeOf('1', 'PARTIAL-FILLED', { quantity: 6, remain: 4 }))
    expect(btc().long).toEqual({ min: 2, max: 6 })
    expect(place(buy(5))).toBe('position')
    expect(place(buy(4))).toBe('ok')
    expect(gate({}, never).place(buy(6))).toBe('no reply yet')
  })

  it('counts an order without a reply', () => {
    const { place } = gate({}, never)
    place(buy(6))
    expect(place(buy(5))).toBe('position')
  })

  it('lets go of a cancelled order, but not of what it had filled before it is told', () => {
    const { place, order$, fill$, btc } = gate()
    place(buy(10))
    order$.next(noticeOf('1', 'CANCELED', { quantity: 10, remain: 4 }))
    expect(btc().long).toEqual({ min: 0, max: 6 })
    fill$.next(fillOf('1', 'f1', { quantity: 6 }))
    expect(btc().long).toEqual({ min: 6, max: 6 })
    expect(place(buy(5))).toBe('position')
    expect(place(buy(4))).toBe('ok')
  })

  it('believes FILLED after CANCELED', () => {
    const { place, order$, btc } = gate()
    place(buy(10))
    order$.next(noticeOf('1', 'CANCELED', { quantity: 10, remain: 10 }))
    order$.next(noticeOf('1', 'FILLED', { quantity: 10 }))
    expect(btc().long).toEqual({ min: 10, max: 10 })
  })

  it('lets go of what was rejected or not sent', () => {
    const rejected = gate({}, always(new Rejected('place_order', 'no')))
    expect(rejected.place(buy(10))).toBe('Rejected')
    expect(rejected.btc().working).toBe(0)
    const unsent = gate({}, always(new NotSent('place_order', 'queue-full', 'x')))
    expect(unsent.place(buy(10))).toBe('NotSent')
    expect(unsent.btc().working).toBe(0)
  })

  it('lets go of an order that was not sent, though an order of the same terms got its reply first', () => {
    const replies = [new Subject<Placed>(), new Subject<Placed>()] as const
    const { place, btc, order$ } = gate({}, { place: (_, nth) => replies[nth - 1] ?? NEVER })
    place(sell(3))
    place(sell(3))
    replies[1].next({ order_no: '2', cid: 'c2' })
    replies[0].error(new NotSent('place_order', 'queue-full', 'x'))
    expect(btc()).toMatchObject({ working: 1, long: { min: -3, max: 0 } })
    order$.next(noticeOf('2', 'CANCELED', { action: 'SELL', quantity: 3, remain: 3 }))
    expect(btc()).toMatchObject({ working: 0, long: { min: 0, max: 0 } })
  })

  it('keeps counting an order of unknown fate, and one whose error says nothing', () => {
    const unknown = gate({}, always(unknownOf('u')))
    expect(unknown.place(buy(6))).toBe('Unresolved')
    expect(unknown.place(buy(5))).toBe('position')
    expect(unknown.btc()).toMatchObject({ unknown: 1, long: { min: 0, max: 6 } })
    const bug = gate({}, always(new TypeError('bug')))
    bug.place(buy(6))
    expect(bug.place(buy(5))).toBe('position')
  })

  it('keeps counting an order whose caller has left', () => {
    const { guarded, place, btc } = gate({}, never)
    guarded
      .placeOrder(toOrderRequest(buy(6)))
      .subscribe()
      .unsubscribe()
    expect(place(buy(5))).toBe('position')
    expect(btc().unknown).toBe(1)
  })

  it('learns the number of an order of unknown fate from a notice with its cid', () => {
    const { place, order$, btc } = gate({}, always(unknownOf('u')))
    place(buy(6))
    order$.next(noticeOf('9', 'CANCELED', { quantity: 6, remain: 6, cid: 'u' }))
    expect(btc()).toMatchObject({ unknown: 0, working: 0, long: { min: 0, max: 0 } })
  })

  it('counts orders left unresolved by an earlier process', () => {
    const fake = fakeAccount()
    const unknown = unknownOf('u')
    Object.assign(unknown, { request: { op: 'place_order', ...toOrderRequest(buy(6)) } })
    fake.unresolved$.next([unsettledOf(unknown)])
    const account = withRiskLimits(fake.account, {
      maxOrderSize: 10,
      maxOrderValue: Infinity,
      maxPosition: 10,
      reference$: of({ symbol: 'BTC-USDT', price: 100 }),
    })
    const codes: string[] = []
    account
      .placeOrder(toOrderRequest(buy(5)))
      .subscribe({ error: (error: unknown) => codes.push((error as OrderDenied).code) })
    expect(codes).toEqual(['position'])
  })

  it('counts orders and fills of others', () => {
    const { place, order$, fill$ } = gate()
    order$.next(noticeOf('other', 'SUBMITTED', { quantity: 3 }))
    fill$.next(fillOf('third', 'f', { quantity: 3 }))
    order$.next(noticeOf('third', 'FILLED', { quantity: 3 }))
    expect(place(buy(5))).toBe('position')
    expect(place(buy(4))).toBe('ok')
  })

  it('does not count an order twice whose notices came before its reply', () => {
    const reply$ = new Subject<Placed>()
    const { place, order$, fill$, btc } = gate({}, { place: () => reply$ })
    place(buy(4))
    fill$.next(fillOf('7', 'f', { quantity: 1 }))
    order$.next(noticeOf('7', 'PARTIAL-FILLED', { quantity: 4, remain: 3 }))
    reply$.next({ order_no: '7', cid: 'c' })
    expect(btc()).toMatchObject({ working: 1, long: { min: 1, max: 4 } })
  })

  it('counts an order once though another is placed within its events, before its reply', () => {
    const { place, guarded, fill$, order$ } = gate(
      {},
      {
        cidOf: (nth) => `c${nth}`,
        place: (_, nth) => {
          if (nth === 1) {
            order$.next(noticeOf('1', 'SUBMITTED', { quantity: 6, cid: 'c1' }))
            fill$.next(fillOf('1', 'f', { quantity: 6 }))
          }
          return of({ order_no: String(nth), cid: `c${nth}` })
        },
      },
    )
    const told: string[] = []
    guarded.orderEvent$.subscribe((event) => {
      if (event._tag === 'Closed') told.push(place(buy(4, 101)), place(buy(1, 102)))
    })
    place(buy(6))
    expect(told).toEqual(['ok', 'position'])
  })

  it('may always be led back', () => {
    const { place } = gate({ held: { 'BTC-USDT': { long: 50 } } })
    expect(place(buy(1))).toBe('position')
    expect(place(sell(10))).toBe('ok')
    const short = gate({ held: { 'BTC-USDT': { long: -50 } } })
    expect(short.place(sell(1))).toBe('position')
    expect(short.place(buy(9))).toBe('ok')
  })

  it('is judged at the lowest price that the collar allows when money buys at the market', () => {
    const { place, btc, fill$, order$ } = gate({ maxPosition: 10 })
    expect(place(marketBuyCost('BTC-USDT', 960))).toBe('position')
    expect(place(marketBuyCost('BTC-USDT', 950))).toBe('ok')
    expect(btc().long).toEqual({ min: 0, max: 10 })
    order$.next(noticeOf('1', 'FILLED', { quantity: 950, remain: 0, order_type: 'MARKET' }))
    expect(btc().long).toEqual({ min: 0, max: 10 })
    fill$.next(fillOf('1', 'f', { price: 100, quantity: 9.5 }))
    expect(btc().long).toEqual({ min: 9.5, max: 9.5 })
  })

  it('is exact in decimals: three times 0.1 is 0.3', () => {
    const { place } = gate({ maxPosition: 0.3 })
    expect([place(buy(0.1)), place(buy(0.1, 101)), place(buy(0.1, 102))]).toEqual(['ok', 'ok', 'ok'])
    expect(place(buy(0.0001, 99))).toBe('position')
  })

  it('of contracts is kept on both sides, whose notices carry no sign', () => {
    const { place, order$, fill$, btc } = gate({ contracts: ['BTC-USDT'] })
    const terms = { price: 100 }
    expect(place(openLong('BTC-USDT', 10, terms))).toBe('ok')
    expect(place(openShort('BTC-USDT', 10, terms))).toBe('ok')
    expect(place(openShort('BTC-USDT', 1, terms))).toBe('position')
    fill$.next(fillOf('2', 'f', { side: 'SELL', quantity: 10 }))
    order$.next(noticeOf('2', 'FILLED', { action: 'SELL', quantity: 10 }))
    expect(btc()).toMatchObject({ long: { min: 0, max: 10 }, short: { min: 10, max: 10 } })
    expect(place(closeShort('BTC-USDT', 10, terms))).toBe('ok')
    expect(place(closeLong('BTC-USDT', 10, terms))).toBe('ok')
    expect(place(openShort('BTC-USDT', 1, terms))).toBe('position')
  })

  it('of contracts may be moved by others on either side, and no order of theirs that is over is kept for that', () => {
    const { order$, fill$, btc } = gate({ contracts: ['BTC-USDT'] })
    for (let i = 0; i < 20; i++) {
      order$.next(noticeOf(`n${i}`, 'SUBMITTED', { quantity: 4, remain: 4 }))
      fill$.next(fillOf(`n${i}`, `f${i}`, { quantity: 1 }))
      order$.next(noticeOf(`n${i}`, 'CANCELED', { quantity: 4, remain: 3 }))
    }
    expect(btc()).toMatchObject({ working: 0, long: { min: 0, max: 20 }, short: { min: -20, max: 0 } })
    fill$.next(fillOf('n0', 'late', { quantity: 1, side: 'BUY' }))
    expect(btc().long).toEqual({ min: 0, max: 21 })
  })

  it('can be set right by hand', () => {
    const { place, guarded, btc } = gate({}, always(unknownOf('u')))
    place(buy(10))
    guarded.risk.rebase('BTC-USDT', { long: 2 })
    expect(btc()).toMatchObject({ unknown: 0, long: { min: 2, max: 2 } })
  })

  it('set right by hand keeps what is open', () => {
    const { place, guarded, fill$, btc } = gate()
    place(buy(10))
    fill$.next(fillOf('1', 'f1', { quantity: 4 }))
    guarded.risk.rebase('BTC-USDT', { long: 4 })
    expect(btc().long).toEqual({ min: 4, max: 10 })
    fill$.next(fillOf('1', 'f2', { quantity: 6 }))
    expect(btc().long.min).toBe(10)
  })
})

describe('paces', () => {
  it('beyond the rate, orders are refused, and pass again later', () => {
    const { place, clock } = gate({ rate: { count: 2, withinMs: 1_000 } })
    expect([place(buy(1, 100)), place(buy(1, 101)), place(buy(1, 102))]).toEqual(['ok', 'ok', 'rate'])
    clock.now = 999
    expect(place(buy(1, 102))).toBe('rate')
    clock.now = 1_000
    expect(place(buy(1, 102))).toBe('ok')
  })

  it('a clock set back opens nothing', () => {
    const { place, clock } = gate({ rate: { count: 1, withinMs: 1_000 } })
    clock.now = 0
    place(buy(1, 100))
    clock.now = -100
    expect(place(buy(1, 101))).toBe('rate')
  })

  it('too many attempts shut the gate until it is reopened by hand, refused attempts too', () => {
    const { place, clock, guarded, price, state } = gate({ runaway: { count: 3, withinMs: 1_000 } })
    expect([place(buy(99)), place(buy(99)), place(buy(99)), place(buy())]).toEqual([
      'order-size',
      'order-size',
      'order-size',
      'runaway',
    ])
    clock.now = 3_600_000
    price(100)
    expect(place(buy())).toBe('tripped')
    expect(state().lock).toMatchObject({ _tag: 'Tripped', code: 'runaway' })
    guarded.risk.reopen()
    expect(place(buy())).toBe('ok')
  })

  it('orders just alike shut the gate until it is reopened by hand', () => {
    const { place, clock, guarded, price } = gate({ duplicates: { count: 2, withinMs: 1_000 } })
    expect([place(buy()), place(buy()), place(sell()), place(buy()), place(sell(2))]).toEqual([
      'ok',
      'ok',
      'ok',
      'duplicate',
      'tripped',
    ])
    clock.now = 3_600_000
    price(100)
    expect(place(sell(2))).toBe('tripped')
    guarded.risk.reopen()
    expect(place(buy())).toBe('ok')
  })

  it('an order just like one of unknown fate is refused however late', () => {
    const { place, clock, price } = gate({}, always(unknownOf('u')))
    expect(place(buy())).toBe('Unresolved')
    clock.now = 3_600_000
    price(100)
    expect(place(buy())).toBe('twin-of-unresolved')
    expect(place(buy(2))).toBe('Unresolved')
  })
})

describe('the kill switch', () => {
  it('stops new orders until it is reopened by hand', () => {
    const { place, guarded, state } = gate()
    guarded.risk.halt('lunch')
    expect(place(buy())).toBe('halted')
    expect(state().lock).toEqual({ _tag: 'Halted', reason: 'lunch', at: 0 })
    guarded.risk.reopen()
    expect(place(buy())).toBe('ok')
  })

  it('can be pulled by who watches the state, and nobody else sees last that it was not', () => {
    const { guarded, place, state } = gate({}, { place: () => NEVER })
    const watcher = guarded.risk.state$.subscribe(({ lock, symbols }) => {
      if (lock._tag === 'Open' && symbols.some(({ used }) => used > 0)) guarded.risk.halt('enough')
    })
    const says: RiskState[] = []
    guarded.risk.state$.subscribe((each) => says.push(each))
    place(buy())
    watcher.unsubscribe()
    expect(state().lock._tag).toBe('Halted')
    expect(says.at(-1)?.lock._tag).toBe('Halted')
  })

  it('can be pulled by a stream, whose failure is a pull', () => {
    const kill$ = new Subject<{ readonly reason: string }>()
    const pulled = gate({ kill$ })
    kill$.next({ reason: 'drawdown' })
    expect(pulled.place(buy())).toBe('halted')
    const failing$ = new Subject<never>()
    const failed = gate({ kill$: failing$ })
    failing$.error(new Error('lost'))
    expect(failed.place(buy())).toBe('halted')
  })

  it('that flattens cancels everything, hears that it is over, and closes what is held for certain', () => {
    const kill$ = new Subject<{ readonly reason: string; readonly flatten: boolean }>()
    const { place, placed, canceled, order$, fill$ } = gate({ kill$, symbols: ['BTC-USDT'] })
    place(buy(4))
    fill$.next(fillOf('1', 'f1', { quantity: 1.009 }))
    kill$.next({ reason: 'drawdown', flatten: true })
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: [] }])
    expect(placed).toHaveLength(1)
    fill$.next(fillOf('1', 'f2', { quantity: 1 }))
    order$.next(noticeOf('1', 'CANCELED', { quantity: 4, remain: 1.991 }))
    expect(placed.slice(1)).toEqual([toOrderRequest(marketSell('BTC-USDT', 2))])
    expect(place(buy())).toBe('halted')
  })

  it('that flattens contracts closes what the server says is free to close', () => {
    const flat = { symbol: 'BTC-USDT', long_avail_qty: 3, short_avail_qty: 2 } as Position
    const { guarded, placed } = gate({ contracts: ['BTC-USDT'], symbols: ['BTC-USDT'] }, { position: () => of(flat) })
    const told: string[] = []
    guarded.risk.flatten('end of day').subscribe(({ _tag }) => told.push(_tag))
    expect(placed).toEqual([toOrderRequest(closeLong('BTC-USDT', 3)), toOrderRequest(closeShort('BTC-USDT', 2))])
    expect(told).toEqual(['Canceled', 'Placed', 'Placed'])
  })
})

describe('flattening', () => {
  const held = { 'BTC-USDT': { long: 1 } }
  const symbols = ['BTC-USDT']
  const flat = { reason: 'drawdown', flatten: true }
  /** What flattening came to: the tags of its outcomes, then `|` or the failures. */
  const flattening = (guarded: ReturnType<typeof gate>['guarded']) => {
    const told: unknown[] = []
    guarded.risk.flatten('end of day').subscribe({
      next: ({ _tag }) => told.push(_tag),
      error: (error: unknown) => told.push(...(error as FlattenFailed).failures),
      complete: () => told.push('|'),
    })
    return told
  }

  it('is one at a time: kills that come meanwhile join it, and one closing order is sent', () => {
    const kill$ = new Subject<typeof flat>()
    const { placed, canceled } = gate({ kill$, symbols, held })
    kill$.next(flat)
    kill$.next(flat)
    kill$.next(flat)
    expect(placed).toEqual([toOrderRequest(marketSell('BTC-USDT', 1))])
    expect(canceled).toHaveLength(1)
  })

  it('is one at a time though it be begun anew as it ends', () => {
    const { guarded, order$, placed, canceled } = gate({ symbols, held })
    guarded.risk.flatten('one').subscribe({
      complete: () => {
        guarded.risk.rebase('BTC-USDT', { long: 1 })
        guarded.risk.flatten('two').subscribe()
      },
    })
    order$.next(noticeOf('1', 'FILLED', { action: 'SELL' }))
    guarded.risk.flatten('three').subscribe()
    expect(placed).toHaveLength(2)
    expect(canceled).toHaveLength(2)
  })

  it('tells whoever joins all that has happened', () => {
    const { guarded, order$, placed } = gate({ symbols, held })
    const first = flattening(guarded)
    const second = flattening(guarded)
    order$.next(noticeOf('1', 'FILLED', { action: 'SELL' }))
    expect(first).toEqual(['Canceled', 'Placed', 'Ended', '|'])
    expect(second).toEqual(first)
    expect(placed).toHaveLength(1)
  })

  it('a second time closes only what the first has not', () => {
    const { guarded, order$, fill$, placed, btc } = gate({ symbols, held })
    flattening(guarded)
    fill$.next(fillOf('1', 'f', { side: 'SELL', quantity: 0.4 }))
    order$.next(noticeOf('1', 'CANCELED', { action: 'SELL', remain: 0.6 }))
    expect(btc().long).toEqual({ min: 0.6, max: 0.6 })
    expect(flattening(guarded)).toEqual(['Canceled', 'Placed'])
    expect(placed.map(({ quantity }) => quantity)).toEqual([1, 0.6])
  })

  it('a second time does not close again what an unheard order may have closed', () => {
    const { guarded, placed } = gate({ symbols, held })
    const impatient = guarded.risk.flatten('one').subscribe()
    impatient.unsubscribe()
    flattening(guarded)
    expect(placed).toHaveLength(1)
  })

  it('fails when what is to be closed cannot be asked, after the other symbols have been closed', () => {
    const kill$ = new Subject<typeof flat>()
    const broken: Answers = { position: () => throwError(() => new Error('no route')) }
    const limits = { contracts: ['BTC-USDT'], held: { 'ETH-USDT': { long: 3 } }, kill$ }
    const { guarded, placed, order$, state } = gate(limits, broken)
    const told = flattening(guarded)
    expect(placed).toEqual([toOrderRequest(marketSell('ETH-USDT', 3))])
    order$.next(noticeOf('1', 'FILLED', { symbol: 'ETH-USDT', action: 'SELL', quantity: 3 }))
    const failure = 'BTC-USDT: the query of the position failed: Error: no route'
    expect(told.at(-1)).toBe(failure)
    expect(state().lock).toMatchObject({ _tag: 'Halted', reason: `end of day; flattening failed: ${failure}` })
    guarded.risk.reopen()
    kill$.next(flat)
    expect(state().lock).toMatchObject({ _tag: 'Halted', reason: `drawdown; flattening failed: ${failure}` })
  })

  it.each([
    [
      'is refused',
      {
        place: () => throwError(() => new Rejected('place_order', 'no margin')),
        asset: () => of({ BTC: { free: 1, locked: 0, total: 1 } }),
      },
      /Rejected: .*no margin/,
    ],
    ['has an unknown fate', { place: () => throwError(() => unknownOf('u')) }, /Unresolved/],
  ])('fails when a closing order %s', (_, answers: Answers, words) => {
    const { guarded } = gate({ symbols, held }, answers)
    expect(flattening(guarded).at(-1)).toMatch(words)
  })

  it('waits for ever for the cancelled orders where it is told to, though no timer can wait so long', async () => {
    const { guarded, order$ } = gate({ symbols })
    order$.next(noticeOf('9', 'SUBMITTED'))
    const told: unknown[] = []
    const endless = { cancelWithinMs: Infinity, closeWithinMs: Infinity, scheduler: shortTimers }
    guarded.risk.flatten('end of day', endless).subscribe({
      error: (error: unknown) => told.push(error),
      complete: () => told.push('|'),
    })
    await moment()
    expect(told).toEqual([])
    order$.next(noticeOf('9', 'CANCELED'))
    expect(told).toEqual(['|'])
  })

  it.each([
    [
      'the server does not say that the orders are cancelled, and lists some',
      [['1'], ['1']],
      /1 orders are still open/,
    ],
    ['the server does not say so, and does not list them', [undefined], /orders may still be open/],
    ['the server does not say so, and lists none', [[]], '|'],
    ['the server does not say so at first, and lists none later', [['1'], []], '|'],
  ])('%s: it cancels once more, and fails where that did not help', (_, lists, end) => {
    const left = lists.map((list) => list?.map((order_no) => noticeOf(order_no, 'SUBMITTED')))
    const { guarded, canceled, order$ } = gate(
      { symbols },
      {
        cancel: () => throwError(() => new Rejected('cancel_order', 'busy')),
        openOrders: () => {
          const next = left.length > 1 ? left.shift() : left[0]
          if (next?.length === 0) order$.next(noticeOf('1', 'CANCELED'))
          return next === undefined ? throwError(() => new Error('no route')) : of(next)
        },
      },
    )
    const told = flattening(guarded)
    order$.next(noticeOf('1', 'CANCELED'))
    expect(told.at(-1)).toEqual(typeof end === 'string' ? end : expect.stringMatching(end))
    expect(canceled.length).toBeGreaterThanOrEqual(lists[0]?.length === 0 ? 1 : 2)
  })

  it('fails when a closing order ends without having closed', () => {
    const { guarded, order$ } = gate({ symbols, held })
    const told = flattening(guarded)
    order$.next(noticeOf('1', 'CANCELED', { action: 'SELL', remain: 1 }))
    expect(told.at(-1)).toBe('BTC-USDT: the closing order 1 ended CANCELED')
  })

  it('fails where a short has no reference price to be bought back by', () => {
    const { guarded, price } = gate({ symbols, held: { 'BTC-USDT': { long: -1 } } })
    price(Number.NaN)
    expect(flattening(guarded).at(-1)).toMatch(/no reference price to buy back the short position of -1/)
  })

  it('tells of a rest below the limits, which is no failure', () => {
    const { guarded } = gate({ symbols, held: { 'BTC-USDT': { long: 0.001 } } })
    expect(flattening(guarded)).toEqual(['Canceled', 'NotSent', '|'])
  })

  it('cancels once more, and says so, where orders were not heard to be over, for they may have come after it; and closes what is held for certain, in the end', () =>
    virtually(({ watch }) => {
      const fake = fakeAccount()
      const limits = { maxOrderSize: 10, maxOrderValue: 1_000, maxPosition: 10, reference$: concat(of(btc100), NEVER) }
      const guarded = withRiskLimits(fake.account, { ...limits, held, symbols })
      guarded.placeOrder(toOrderRequest(buy(2))).subscribe()
      expect(watch(guarded.risk.flatten('x').pipe(map(({ _tag }) => _tag)))).toEqual([
        [0, 'Canceled'],
        [3_000, 'Canceled'],
        [3_000, 'Placed'],
        [13_000, '#'],
        [
          13_000,
          new FlattenFailed([
            'BTC-USDT: 1 orders did not end within 3000 ms after the cancel',
            'BTC-USDT: the position is not known exactly: between 1 and 3',
            'BTC-USDT: the closing orders did not end within 10000 ms',
          ]),
        ],
      ])
      expect(fake.placed.at(-1)).toEqual(toOrderRequest(marketSell('BTC-USDT', 1)))
    }))
})

describe('the gate of an account that is not known', () => {
  it('refuses new orders after a drop until the views stand again, and lets cancels pass', () => {
    const { place, tradable$, guarded, canceled, state } = gate()
    expect(place(buy())).toBe('ok')
    tradable$.next(false)
    expect(state().account).toBe('unknown')
    expect(place(buy(2))).toBe('account-unknown')
    guarded.cancelOrder({ symbol: 'BTC-USDT', order_nos: ['1'] }).subscribe()
    expect(canceled).toHaveLength(1)
    tradable$.next(true)
    expect(place(buy(2))).toBe('ok')
  })

  it('leaves an order to the client’s queue where that is wanted, and at the beginning, when there is nothing to have missed', () => {
    const held = gate({ whileUnknown: 'hold' })
    held.tradable$.next(false)
    expect(held.place(buy())).toBe('ok')

    const fake = fakeAccount()
    fake.tradable$.next(false)
    const reference$ = of({ symbol: 'BTC-USDT', price: 100 })
    const limits = { maxOrderSize: 10, maxOrderValue: 1_000, maxPosition: 10, reference$ }
    let told: unknown
    withRiskLimits(fake.account, limits)
      .placeOrder(toOrderRequest(buy()))
      .subscribe({ next: () => (told = 'ok'), error: (e: unknown) => (told = e) })
    expect(told).toBe('ok')
  })
})

describe('whoever runs a strategy', () => {
  it('is told of every gate that it puts on its account, also one on top of another, and may reopen it', () => {
    const fake = fakeAccount()
    const gates: RiskState[][] = []
    const controls: { reopen(): void }[] = []
    const account = watchGates(fake.account, (risk) => {
      const says: RiskState[] = []
      gates.push(says)
      controls.push(risk)
      risk.state$.subscribe((state) => says.push(state))
    })
    const limits = { maxOrderSize: 10, maxOrderValue: 1_000, maxPosition: 10, reference$: NEVER }
    const inner = withRiskLimits(account, limits)
    withRiskLimits(inner, limits)
    expect(gates).toHaveLength(2)
    inner.risk.halt('enough')
    expect(gates[0]?.at(-1)?.lock).toMatchObject({ _tag: 'Halted', reason: 'enough' })
    expect(gates[1]?.at(-1)?.lock._tag).toBe('Open')
    for (const each of controls) each.reopen()
    expect(gates[0]?.at(-1)?.lock._tag).toBe('Open')
  })

  it('sees what is used of which limit', () => {
    const { place, btc } = gate({ maxPosition: { 'BTC-USDT': 8 } })
    place(buy(3))
    expect(btc()).toMatchObject({ used: 3, limits: { orderSize: 10, orderValue: 1_000, position: 8 } })
  })
})
