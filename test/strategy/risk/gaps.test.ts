import { describe, expect, it } from '@jest/globals'
import { defer, map, NEVER, type Observable, of, Subject, throwError } from 'rxjs'
import type { Gap } from '../../../src/client/index.js'
import type { Order, Position } from '../../../src/protocol/index.js'
import {
  withRiskLimits,
  type WithRiskLimitsOptions,
  limitBuy,
  openLong,
  type PlaceOrder,
  type Reference,
  OrderDenied,
  type RiskLimits,
  type RiskState,
} from '../../../src/strategy/index.js'
import { toOrderRequest } from '../../../src/strategy/intent.js'
import { VirtualScheduler } from '../../../src/time/index.js'
import { type Answers, fakeAccount, fillOf, gapOf, orderOf as noticeOf } from '../fake-account.js'

const symbol = 'BTC-USDT'
const long = (quantity: number): Position => ({ long_quantity: quantity, short_quantity: 0 }) as Position

/** A gate on contracts, around an account of which the test plays the server; the reference price is 100. */
const gate = (answers: Answers = {}, limits: Partial<RiskLimits> = {}, options: WithRiskLimitsOptions = {}) => {
  const fake = fakeAccount(answers)
  const scheduler = new VirtualScheduler()
  const account = withRiskLimits(
    fake.account,
    {
      maxOrderSize: 10,
      maxOrderValue: 2_000,
      maxPosition: 10,
      contracts: [symbol],
      reference$: of<Reference>({ symbol, price: 100 }),
      referenceMaxAgeMs: 1_000_000,
      ...limits,
    },
    { scheduler, ...options },
  )
  let state: RiskState | undefined
  account.risk.state$.subscribe((now) => (state = now))
  const place = (intent: PlaceOrder): string => {
    let told = 'no reply yet'
    account.placeOrder(toOrderRequest(intent)).subscribe({
      next: () => (told = 'ok'),
      error: (error: unknown) => (told = error instanceof OrderDenied ? error.code : 'another error'),
    })
    return told
  }
  const miss = (gap: Partial<Gap> = {}) => fake.gap$.next(gapOf(gap))
  const btc = () => state?.symbols.find((each) => each.symbol === symbol)
  return { ...fake, account, scheduler, place, miss, btc }
}
const buy = (quantity: number, price = 100) => openLong(symbol, quantity, { price })
const gone = (order_no: string, more: Partial<Order> = {}) => ({
  ...noticeOf(order_no, 'SUBMITTED', more),
  filled: 0,
  averagePrice: 0,
  missing: true,
})

describe('after a gap that was not made up for', () => {
  it('an order that went meanwhile counts both ways until the position has been looked up, and then not at all', () => {
    const { place, miss, btc, scheduler } = gate({ position: () => of(long(0)) })
    expect(place(buy(10))).toBe('ok')
    miss({ missing: [gone('1', { quantity: 10 })] })
    expect(btc()).toMatchObject({ long: { min: 0, max: 10 }, working: 0, missing: 1, missed: true })
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ long: { min: 0, max: 0 }, working: 0, missing: 0, missed: false })
    expect(place(buy(10, 101))).toBe('ok')
  })

  it('what it turns out to have filled counts', () => {
    const { place, miss, btc, scheduler } = gate({ position: () => of(long(6)) })
    place(buy(10))
    miss({ missing: [gone('1', { quantity: 10 })] })
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ long: { min: 6, max: 6 }, missed: false })
    expect(place(buy(5, 101))).toBe('position')
    expect(place(buy(4, 101))).toBe('ok')
  })

  it('what others did meanwhile counts: positions that we did not open, and orders that we did not place', () => {
    const open = noticeOf('other', 'PARTIAL-FILLED', { quantity: 5, remain: 3, offset: 'open' })
    const { miss, btc, scheduler } = gate({ position: () => of(long(2)) })
    miss({ appeared: [{ ...open, filled: 0, averagePrice: 0, missing: false }] })
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ long: { min: 2, max: 5 }, missed: false })
  })

  it('orders are refused while the position is looked up, and no longer than that', () => {
    const position$ = new Subject<Position>()
    const { place, miss, scheduler } = gate({ position: () => position$ })
    miss()
    expect(place(buy(1))).toBe('account-unknown')
    scheduler.advanceBy(500)
    expect(place(buy(1))).toBe('account-unknown')
    position$.next(long(0))
    expect(place(buy(1))).toBe('ok')
  })

  it('they pass again, judged for the worst, when the server does not answer', () => {
    const { place, miss, scheduler, btc } = gate({ position: () => NEVER })
    place(buy(6))
    miss({ missing: [gone('1', { quantity: 6 })] })
    scheduler.advanceBy(2_999)
    expect(place(buy(4, 101))).toBe('account-unknown')
    scheduler.advanceBy(1)
    expect(btc()?.long).toEqual({ min: 0, max: 6 })
    expect(place(buy(5, 101))).toBe('position')
    expect(place(buy(4, 101))).toBe('ok')
  })

  it('orders pass once the position is set by hand, and the server is asked no more', () => {
    let asked = 0
    const { place, miss, account, scheduler, btc } = gate({
      position: () =>
        defer(() => {
          asked += 1
          return NEVER
        }),
    })
    miss()
    account.risk.rebase(symbol, { long: 2 })
    expect(place(buy(1))).toBe('ok')
    scheduler.advanceBy(60_000)
    expect(place(buy(1, 101))).toBe('ok')
    expect(btc()).toMatchObject({ long: { min: 2, max: 4 }, missed: false })
    expect(asked).toBe(0)
  })

  it('the server is asked again, ever more rarely, when it fails to answer', () => {
    let asked = 0
    const { miss, scheduler, btc } = gate({
      position: () => {
        return defer(() => {
          asked += 1
          return asked < 4 ? throwError(() => new Error('busy')) : of(long(1))
        })
      },
    })
    miss()
    scheduler.advanceBy(500 + 1_000 + 2_000 + 3_999)
    expect(asked).toBe(3)
    scheduler.advanceBy(1)
    expect(btc()).toMatchObject({ long: { min: 1, max: 1 }, missed: false })
  })

  it('a gap whose notices were all sent again changes nothing', () => {
    const { place, miss, btc, scheduler } = gate({ position: () => of(long(3)) })
    place(buy(6))
    miss({ recovered: true })
    expect(btc()).toMatchObject({ long: { min: 0, max: 6 }, missed: false })
    scheduler.advanceBy(60_000)
    expect(btc()?.long).toEqual({ min: 0, max: 6 })
  })

  it('an order of unknown fate goes on counting: that it is not in the list proves nothing', () => {
    const { account, miss, btc, scheduler } = gate({ place: () => NEVER, position: () => of(long(0)) })
    account
      .placeOrder(toOrderRequest(buy(6)))
      .subscribe()
      .unsubscribe()
    miss()
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ unknown: 1, long: { min: 0, max: 6 }, missed: false })
  })
})

describe('what was looked up does not count', () => {
  const quiet = { ...noticeOf('1', 'SUBMITTED', { quantity: 10, remain: 10 }) }

  it('when something was heard meanwhile: nobody knows whether it is in it', () => {
    const position$ = new Subject<Position>()
    const { place, miss, fill$, btc, scheduler } = gate({ position: () => position$, openOrders: () => of([quiet]) })
    place(buy(10))
    miss()
    scheduler.advanceBy(500)
    fill$.next(fillOf('1', 'f1', { quantity: 4 }))
    position$.next(long(0))
    expect(btc()).toMatchObject({ long: { min: 4, max: 10 }, missed: true })
  })
})

describe('the question for the position', () => {
  it('waits after a fill, which the server may count later than it tells it', () => {
    let held = 0
    const { place, miss, order$, fill$, btc, scheduler } = gate({ position: () => defer(() => of(long(held))) })
    place(buy(6))
    place(buy(4, 101))
    miss()
    scheduler.advanceBy(499)
    order$.next(noticeOf('1', 'FILLED', { quantity: 6 }))
    fill$.next(fillOf('1', 'f1', { quantity: 6, offset: 'open' }))
    scheduler.advanceBy(499)
    expect(btc()).toMatchObject({ long: { min: 6 }, missed: true })
    held = 6
    scheduler.advanceBy(1)
    expect(btc()).toMatchObject({ long: { min: 6 }, missed: false })
  })
})

describe('after the position has been looked up', () => {
  it('an order that is still open counts for what is left of it, and exactly once it has ended', () => {
    let held = 6
    const open = noticeOf('1', 'PARTIAL-FILLED', { quantity: 10, remain: 4 })
    const { place, miss, order$, fill$, btc, scheduler } = gate({
      position: () => defer(() => of(long(held))),
      openOrders: () => of([open]),
    })
    place(buy(10))
    miss()
    scheduler.advanceBy(500)
    expect(btc()?.long).toEqual({ min: 6, max: 10 })
    // Perhaps an old one, that came late; perhaps not.
    fill$.next(fillOf('1', 'f1', { quantity: 1 }))
    expect(btc()?.long).toEqual({ min: 6, max: 10 })
    order$.next(noticeOf('1', 'PARTIAL-FILLED', { quantity: 10, remain: 3 }))
    expect(btc()?.long).toEqual({ min: 6, max: 10 })
    order$.next(noticeOf('1', 'CANCELED', { quantity: 10, remain: 3 }))
    // The last of its fills may be in the position that was looked up.
    expect(btc()).toMatchObject({ long: { min: 6, max: 7 }, missed: true })
    held = 7
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ long: { min: 7, max: 7 }, working: 0, missed: false })
  })

  it('a late fill of an order that was over by then may be news: it counts until another look', () => {
    let held = 6
    const { place, miss, fill$, btc, scheduler } = gate({ position: () => defer(() => of(long(held))) })
    place(buy(10))
    miss({ missing: [gone('1', { quantity: 10 })] })
    scheduler.advanceBy(500)
    fill$.next(fillOf('1', 'f9', { quantity: 2 }))
    expect(btc()).toMatchObject({ long: { min: 6, max: 8 }, missed: true })
    held = 8
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ long: { min: 8, max: 8 }, missed: false })
  })

  it('news of an order that nobody knew may be old, such as that of one of unknown fate: it counts, but not for certain', () => {
    const { account, miss, order$, fill$, btc, scheduler } = gate({ place: () => NEVER, position: () => of(long(2)) })
    account
      .placeOrder(toOrderRequest(buy(6)))
      .subscribe()
      .unsubscribe()
    miss()
    scheduler.advanceBy(500)
    fill$.next(fillOf('9', 'f1', { quantity: 2, offset: 'open' }))
    order$.next(noticeOf('9', 'FILLED', { quantity: 2, offset: 'open' }))
    expect(btc()?.long).toEqual({ min: 2, max: 10 })
  })

  it('it can still be set right by hand', () => {
    const open = noticeOf('1', 'PARTIAL-FILLED', { quantity: 10, remain: 4 })
    const { place, miss, account, order$, btc, scheduler } = gate({
      position: () => of(long(6)),
      openOrders: () => of([open]),
    })
    place(buy(10))
    miss()
    scheduler.advanceBy(500)
    account.risk.rebase(symbol, { long: 2 })
    expect(btc()?.long).toEqual({ min: 2, max: 6 })
    order$.next(noticeOf('1', 'FILLED', { quantity: 10 }))
    expect(btc()?.long).toEqual({ min: 6, max: 6 })
  })
})

describe('on spot', () => {
  it('nobody knows which of the coins are the strategy’s: what went in a gap counts both ways, until rebase', () => {
    const { place, miss, btc, account, scheduler } = gate({}, { contracts: [] })
    expect(place(limitBuy(symbol, 100, 6))).toBe('ok')
    miss({ missing: [gone('1', { quantity: 6 })] })
    expect(place(limitBuy(symbol, 100, 5))).toBe('position')
    scheduler.advanceBy(600_000)
    expect(btc()).toMatchObject({ long: { min: 0, max: 6 }, missing: 1, missed: true })
    account.risk.rebase(symbol, { long: 0 })
    expect(btc()).toMatchObject({ long: { min: 0, max: 0 }, missing: 0, missed: false })
  })

  it('unless the strategy says how to look', () => {
    const total$ = of(5.5)
    const lookUp = (): Observable<{ readonly long: number }> => total$.pipe(map((total) => ({ long: total - 5 })))
    const { place, miss, btc, scheduler } = gate({}, { contracts: [] }, { lookUp })
    place(limitBuy(symbol, 100, 6))
    miss({ missing: [gone('1', { quantity: 6 })] })
    scheduler.advanceBy(500)
    expect(btc()).toMatchObject({ long: { min: 0.5, max: 0.5 }, missing: 0, missed: false })
  })
})
