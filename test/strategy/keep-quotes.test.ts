import { describe, expect, it } from '@jest/globals'
import { NEVER, of, type SchedulerLike, Subject, throwError } from 'rxjs'
import type { OrderUpdate } from '../../src/client/index.js'
import type { Order, SymbolInfo } from '../../src/protocol/index.js'
import { NotSent, Rejected } from '../../src/client/errors/errors.js'
import {
  withRiskLimits,
  keepQuotes,
  type KeepQuotesOptions,
  type IntentOutcome,
  type Quotes,
} from '../../src/strategy/index.js'
import { type Answers, fakeAccount, gapOf, info, orderOf, unknownOf, unsettledOf } from './fake-account.js'

const setup = (options: Partial<KeepQuotesOptions> = {}, answers: Answers = {}, exclusiveAccount = false) => {
  const fake = fakeAccount(answers)
  Object.assign(fake.account, { exclusiveAccount })
  const clock = { now: 0 }
  const quotes$ = new Subject<Quotes>()
  const told: IntentOutcome[] = []
  const scheduler = {
    now: () => clock.now,
    schedule: () => ({ unsubscribe: () => undefined }),
  } as never as SchedulerLike
  const running = quotes$
    .pipe(keepQuotes(fake.account, { symbol: 'BTC-USDT', scheduler, ...options }))
    .subscribe((outcome) => told.push(outcome))
  const quote = (bid?: number, ask?: number, quantity = 1) =>
    quotes$.next({
      bid: bid === undefined ? undefined : { price: bid, quantity },
      ask: ask === undefined ? undefined : { price: ask, quantity },
    })
  const shown = () => fake.placed.map(({ action, price }) => `${action} ${price}`)
  const canceled = () => fake.canceled.flatMap(({ order_nos }) => order_nos)
  const end = (order_no: string, status: string) => fake.order$.next(orderOf(order_no, status))
  return { ...fake, clock, quote, quotes$, told, shown, canceled, end, running }
}

describe('keeping quotes', () => {
  it('shows one order on each side, and leaves it alone while it is where it is wanted', () => {
    const { quote, shown, canceled } = setup({ tolerance: 1 })
    quote(99, 101)
    quote(99, 101)
    quote(100, 102)
    expect(shown()).toEqual(['BUY 99', 'SELL 101'])
    expect(canceled()).toEqual([])
  })

  it('puts a bid down and an ask up to the tick, and leaves them alone while they are there', () => {
    const { quotes$, shown, canceled } = setup()
    const around = (mid: number) =>
      quotes$.next({ bid: { price: mid - 5, quantity: 0.0123 }, ask: { price: mid + 5, quantity: 0.0123 } })
    // The mid of 60,000.00 and 60,000.10, on a tick of 0.1.
    around(60_000.05)
    around(60_000.05)
    around(60_000.09)
    expect(shown()).toEqual(['BUY 59995', 'SELL 60005.1'])
    expect(canceled()).toEqual([])
  })

  it('waits for the steps of the symbol before it shows anything', () => {
    const info$ = new Subject<SymbolInfo>()
    const { quote, shown } = setup({}, { symbolInfo: () => info$ })
    quote(99.99)
    expect(shown()).toEqual([])
    info$.next(info)
    expect(shown()).toEqual(['BUY 99.9'])
  })

  it.each([Number.NaN, 0, -1, Infinity])('tells of a price of %s and shows none, once a pause', (price) => {
    const { quote, shown, told } = setup()
    quote(price)
    quote(price)
    expect(shown()).toEqual([])
    expect(told).toMatchObject([{ _tag: 'NotSent', reason: 'invalid' }])
  })

  it('tells of a quote below the limits of the symbol instead of sending it', () => {
    const { quote, shown, told } = setup()
    quote(99, undefined, 0.01)
    expect(shown()).toEqual([])
    expect(told).toMatchObject([{ _tag: 'NotSent', reason: 'below-value-limit' }])
  })

  it('shows the new one only when the old one is heard to be over, and then the latest', () => {
    const { quote, shown, canceled, end } = setup()
    quote(99)
    quote(98)
    quote(97)
    expect(shown()).toEqual(['BUY 99'])
    expect(canceled()).toEqual(['1'])
    end('1', 'CANCELED')
    expect(shown()).toEqual(['BUY 99', 'BUY 97'])
  })

  it('takes a side away that is not wanted any more, or is wanted in another size', () => {
    const { quote, canceled, shown, end } = setup()
    quote(99, 101)
    quote(99)
    expect(canceled()).toEqual(['2'])
    quote(99, undefined, 2)
    expect(canceled()).toEqual(['2', '1'])
    end('1', 'CANCELED')
    expect(shown().slice(2)).toEqual(['BUY 99'])
  })

  it('does not show again what was taken before it is quoted again', () => {
    const { quote, shown, end } = setup()
    quote(99)
    end('1', 'FILLED')
    expect(shown()).toHaveLength(1)
    quote(99)
    expect(shown()).toHaveLength(2)
  })

  it('asks again when the end of a cancelled order is not heard', () => {
    const { quote, canceled, clock } = setup({ pauseMs: 500 })
    quote(99)
    quote(98)
    quote(97)
    clock.now = 500
    quote(96)
    expect(canceled()).toEqual(['1', '1'])
  })

  it('tries a refused side again after a pause', () => {
    const refusals = [new Rejected('place_order', 'no'), new NotSent('place_order', 'queue-full', 'x')]
    const { quote, placed, clock } = setup(
      { pauseMs: 500 },
      {
        place: (_, nth) => {
          const error = refusals[nth - 1]
          return error === undefined ? of({ order_no: '3', cid: 'c' }) : throwError(() => error)
        },
      },
    )
    quote(99)
    quote(99)
    expect(placed).toHaveLength(1)
    clock.now = 500
    quote(99)
    clock.now = 1_000
    quote(99)
    quote(99)
    expect(placed).toHaveLength(3)
  })

  it('after a disconnect shows anew what ended unheard, and not what is still open', () => {
    const open$ = new Subject<readonly Order[]>()
    const { quote, shown, gap$ } = setup({}, { openOrders: () => open$ })
    quote(99, 101)
    gap$.next(gapOf())
    open$.next([orderOf('1', 'SUBMITTED')])
    expect(shown()).toEqual(['BUY 99', 'SELL 101', 'SELL 101'])
  })

  it('does not take an order for ended that was placed after the server was asked', () => {
    const open$ = new Subject<readonly Order[]>()
    const { quote, shown, gap$ } = setup({}, { openOrders: () => open$ })
    gap$.next(gapOf())
    quote(99)
    open$.next([])
    quote(99)
    expect(shown()).toEqual(['BUY 99'])
  })

  it('cancels what it shows when it is unsubscribed from', () => {
    const { quote, canceled, running } = setup()
    quote(99, 101)
    running.unsubscribe()
    expect(canceled()).toEqual(['1', '2'])
  })
})

describe('a quote whose outcome is not known', () => {
  const unknown = unknownOf('u')
  const lost: Answers = { place: (_, nth) => (nth === 1 ? throwError(() => unknown) : of({ order_no: '2', cid: 'c' })) }

  it.each([
    ['for ever, where others may trade the account', false, {}, Infinity],
    ['for a minute, for a exclusive account', true, {}, 60_000],
    ['for as long as the option says', false, { releaseUnknownAfterMs: 5_000 }, 5_000],
    ['for ever, for a exclusive account who says so', true, { releaseUnknownAfterMs: Infinity }, Infinity],
  ])('holds the quotes %s', (_, exclusiveAccount, options, ms) => {
    const { quote, shown, clock, unresolved$ } = setup(options, lost, exclusiveAccount)
    quote(99)
    unresolved$.next([unsettledOf(unknown)])
    for (clock.now = 2_000; clock.now < Math.min(ms, 86_400_000); clock.now += 1_000) quote(98)
    expect(shown()).toEqual(['BUY 99'])
    if (ms === Infinity) unresolved$.next([])
    clock.now += 2_000
    quote(97)
    expect(shown()).toEqual(['BUY 99', 'BUY 97'])
  })

  it('is cancelled where it turns up while another shows its side, and the other is kept', () => {
    const found$ = new Subject<OrderUpdate>()
    const { quote, shown, canceled, clock, end } = setup(
      { releaseUnknownAfterMs: 5_000 },
      { ...lost, settled: () => found$ },
    )
    quote(99)
    clock.now = 6_000
    quote(98)
    expect(shown()).toEqual(['BUY 99', 'BUY 98'])
    found$.next({ _tag: 'Placed', placed: { order_no: '9', cid: 'u' } })
    quote(98)
    expect(canceled()).toEqual(['9'])
    end('9', 'CANCELED')
    quote(97)
    expect(canceled()).toEqual(['9', '2'])
    end('2', 'CANCELED')
    expect(shown()).toEqual(['BUY 99', 'BUY 98', 'BUY 97'])
  })

  it('leaves the order that shows its side alone where it is found to have been refused', () => {
    const found$ = new Subject<OrderUpdate>()
    const { quote, shown, canceled, clock } = setup(
      { releaseUnknownAfterMs: 5_000 },
      { ...lost, settled: () => found$ },
    )
    quote(99)
    clock.now = 6_000
    quote(98)
    found$.error(new Rejected('place_order', 'no'))
    clock.now = 12_000
    quote(98)
    quote(97)
    expect([shown(), canceled()]).toEqual([['BUY 99', 'BUY 98'], ['2']])
  })

  it('is cancelled again while its end is not heard, and nothing more is shown before', () => {
    const found$ = new Subject<OrderUpdate>()
    const { quote, shown, canceled, clock, end } = setup(
      { releaseUnknownAfterMs: 5_000 },
      { ...lost, settled: () => found$, cancelProves: false },
    )
    quote(99)
    clock.now = 6_000
    quote(98)
    found$.next({ _tag: 'Placed', placed: { order_no: '9', cid: 'u' } })
    end('2', 'CANCELED')
    clock.now = 8_000
    quote(97)
    expect([shown(), canceled()]).toEqual([
      ['BUY 99', 'BUY 98'],
      ['9', '9'],
    ])
    end('9', 'CANCELED')
    expect(shown()).toEqual(['BUY 99', 'BUY 98', 'BUY 97'])
  })

  it('is shown as it is where it turns up while nothing else is', () => {
    const found$ = new Subject<OrderUpdate>()
    const { quote, shown, canceled, clock } = setup({}, { ...lost, settled: () => found$ })
    quote(99)
    found$.next({ _tag: 'Placed', placed: { order_no: '9', cid: 'u' } })
    clock.now = 6_000
    quote(99)
    expect([shown(), canceled()]).toEqual([['BUY 99'], []])
    quote(98)
    expect(canceled()).toEqual(['9'])
  })

  it.each([true, false, undefined])(
    'is held by the login behind a risk gate too (exclusive account: %s)',
    (exclusiveAccount) => {
      const { account } = fakeAccount()
      Object.assign(account, { exclusiveAccount })
      const limits = { maxOrderSize: 1, maxOrderValue: 1, maxPosition: 1, reference$: NEVER }
      expect(withRiskLimits(account, limits).exclusiveAccount).toBe(exclusiveAccount)
    },
  )
})
