import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  asyncScheduler,
  concat,
  delay,
  interval,
  map,
  NEVER,
  of,
  type SchedulerLike,
  Subject,
  tap,
  throwError,
} from 'rxjs'
import { Rejected } from '../../src/client/errors/errors.js'
import {
  type IntentOutcome,
  type Prices,
  reachTarget,
  type ReachTargetOptions,
  OrderDenied,
} from '../../src/strategy/index.js'
import type { Gap, OrderRequest, OrderUpdate, Placed } from '../../src/client/index.js'
import type { Order, Position } from '../../src/protocol/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { type Answers, fakeAccount, fillOf, orderOf } from './fake-account.js'
import { virtually } from './virtually.js'

const setup = (options: Partial<ReachTargetOptions> = {}, answers: Answers = {}) => {
  const fake = fakeAccount(answers)
  const clock = { now: 0 }
  const target$ = new Subject<number>()
  const price$ = new Subject<Prices>()
  const told: (IntentOutcome | '|')[] = []
  const scheduler = {
    now: () => clock.now,
    schedule: () => ({ unsubscribe: () => undefined }),
  } as never as SchedulerLike
  target$
    .pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$, scheduler, ...options }))
    .subscribe({ next: (outcome) => told.push(outcome), complete: () => told.push('|') })
  const price = (at = 100) => price$.next({ buy: at + 1, sell: at - 1 })
  const orders = () =>
    fake.placed.map(({ action, price: limit, quantity, order_type }) => [order_type, action, quantity, limit].join(' '))
  const fill = (order_no: string, quantity: number, side = 'BUY') =>
    fake.fill$.next(fillOf(order_no, `${order_no}-${quantity}`, { quantity, side }))
  const end = (order_no: string, status: string, more: Partial<Order> = {}) =>
    fake.order$.next(orderOf(order_no, status, more))
  const drop = () => {
    fake.tradable$.next(false)
    fake.tradable$.next(true)
  }
  return { ...fake, clock, target$, price, told, orders, fill, end, drop }
}

describe('reaching a target', () => {
  it('buys and sells what is missing, at the price for it', () => {
    const { target$, price, orders, fill, end } = setup()
    target$.next(2)
    expect(orders()).toEqual([])
    price()
    fill('1', 2)
    end('1', 'FILLED')
    target$.next(0.5)
    expect(orders()).toEqual(['IOC BUY 2 101', 'IOC SELL 1.5 99'])
  })

  it('makes up at a later price for what was not filled, after a pause', () => {
    const { target$, price, orders, fill, end, clock } = setup({ pauseMs: 500 })
    price()
    target$.next(2)
    fill('1', 0.5)
    end('1', 'CANCELED')
    price(101)
    expect(orders()).toHaveLength(1)
    clock.now = 500
    price(102)
    expect(orders()).toEqual(['IOC BUY 2 101', 'IOC BUY 1.5 103'])
  })

  it('has one round under way at a time', () => {
    const { target$, price, orders } = setup({ pauseMs: 0 })
    price()
    target$.next(2)
    price()
    price()
    expect(orders()).toHaveLength(1)
  })

  it('cancels what works against a new target, and places only when that is heard to be over', () => {
    const { target$, price, orders, canceled, end } = setup({ order_type: 'LIMIT' })
    price()
    target$.next(2)
    target$.next(-1)
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['1'] }])
    expect(orders()).toHaveLength(1)
    end('1', 'CANCELED')
    expect(orders()).toEqual(['LIMIT BUY 2 101', 'LIMIT SELL 1 99'])
  })

  it('does not hammer at a refusal', () => {
    const { target$, price, placed, clock } = setup(
      {},
      { place: () => throwError(() => new Rejected('place_order', 'no money')) },
    )
    price()
    target$.next(1)
    for (let n = 0; n < 50; n += 1) {
      clock.now += 100
      price()
    }
    expect(placed).toHaveLength(6)
  })

  it('tries again at the last price when a pause ends in which one came', () =>
    virtually(({ cold, watch }) => {
      const fake = fakeAccount({ place: (_, nth) => of({ order_no: String(nth), cid: `c${nth}` }).pipe(delay(10)) })
      const at: number[] = []
      // The first misses; the price that fills comes within the pause, and no other for a minute.
      const price$ = cold<Prices>('1s a 99ms b 58s c', {
        a: { buy: 100, sell: 90 },
        b: { buy: 105, sell: 95 },
        c: { buy: 110, sell: 99 },
      })
      cold('1050ms e').subscribe(() =>
        fake.order$.next(orderOf('1', 'CANCELED', { action: 'SELL', order_type: 'IOC' })),
      )
      const track: typeof fake.account.track = (...args) => {
        at.push(asyncScheduler.now())
        return fake.account.track(...args)
      }
      watch(of(0).pipe(reachTarget({ ...fake.account, track }, { symbol: 'BTC-USDT', price$, held: 1 })), 30_000)
      expect(fake.placed.map(({ price }) => price)).toEqual([90, 95])
      expect(at).toEqual([1_000, 2_000])
    }))

  it('does not try again at a price at which it has missed already', () =>
    virtually(({ cold, watch }) => {
      const fake = fakeAccount()
      cold('1050ms e').subscribe(() => fake.order$.next(orderOf('1', 'CANCELED', { order_type: 'IOC' })))
      const price$ = cold<Prices>('1s a', { a: { buy: 100, sell: 90 } })
      watch(concat(of(1), NEVER).pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$ })), 60_000)
      expect(fake.placed).toHaveLength(1)
    }))

  it('asks about an order that should be over though no price comes', () =>
    virtually(({ cold, watch }) => {
      let asked = 0
      const fake = fakeAccount({ openOrders: () => of([]).pipe(tap(() => (asked += 1))) })
      const price$ = cold<Prices>('a', { a: { buy: 100, sell: 90 } })
      watch(concat(of(1), NEVER).pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$ })), 5_000)
      expect(asked).toBe(1)
    }))

  it.each([
    ['rejected', () => new Rejected('place_order', 'no')],
    ['refused by the risk gate', () => new OrderDenied('position', 'too much', {} as OrderRequest)],
  ])('is tried ever more rarely while it is %s, whatever prices come', (_, no) => {
    const scheduler = new VirtualScheduler()
    const fake = fakeAccount({ place: () => throwError(() => no()) })
    const price$ = interval(250, scheduler).pipe(map((n) => ({ buy: 100 + (n % 5), sell: 90 })))
    concat(of(1), NEVER)
      .pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$, scheduler }))
      .subscribe()
    scheduler.advanceBy(3_600_000)
    expect(fake.placed.length).toBeGreaterThan(60)
    expect(fake.placed.length).toBeLessThan(150)
    const before = fake.placed.length
    fake.tradable$.next(false)
    fake.tradable$.next(true)
    scheduler.advanceBy(2_000)
    expect(fake.placed.length).toBeGreaterThanOrEqual(before + 2)
  })

  it('tells once of a rest that no order can close', () => {
    const { target$, price, told, orders } = setup({ held: 0.005 })
    price()
    target$.next(0)
    price()
    price(101)
    expect(orders()).toEqual([])
    expect(told).toMatchObject([{ _tag: 'NotSent', reason: 'below-step', intent: { action: 'SELL', quantity: 0.005 } }])
  })

  it('sells what is free when a sell is refused, and asks the balance for that', () =>
    virtually(({ cold, watch }) => {
      const balance = { BTC: { free: 0.998, locked: 0, total: 0.998 } }
      const fake = fakeAccount({
        asset: () => of(balance),
        place: ({ quantity }, nth) =>
          quantity > 0.998
            ? throwError(() => new Rejected('place_order', 'no coins'))
            : of({ order_no: String(nth), cid: '' }),
      })
      const price$ = cold<Prices>('a', { a: { buy: 101, sell: 99 } })
      const sold = { action: 'SELL', quantity: 0.99, order_type: 'IOC' } as const
      cold('1500ms e').subscribe(() => {
        fake.fill$.next(fillOf('2', 'f', { side: 'SELL', quantity: 0.99 }))
        fake.order$.next(orderOf('2', 'FILLED', sold))
      })
      const told = watch(of(0).pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$, held: 1 })))
      expect(fake.placed.map(({ quantity }) => quantity)).toEqual([1, 0.99])
      expect(told.at(-1)).toEqual([1_500, '|'])
      expect(told.at(-2)).toMatchObject([1_500, { _tag: 'NotSent', words: 'BTC-USDT: 0.008 is below the lot 0.01' }])
    }))

  it('does not buy because a balance that is out of date shows less than there is', () =>
    virtually(({ cold, watch }) => {
      const fake = fakeAccount({
        asset: () => of({}),
        place: () => throwError(() => new Rejected('place_order', 'busy')),
      })
      const price$ = cold<Prices>('a', { a: { buy: 101, sell: 99 } })
      watch(concat(of(1), NEVER).pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$, held: 2 })), 10_000)
      expect(fake.placed.map(({ action }) => action)).toEqual(['SELL'])
    }))

  it('counts what is held at the start', () => {
    const { target$, price, orders } = setup({ held: 3 })
    price()
    target$.next(1)
    expect(orders()).toEqual(['IOC SELL 2 99'])
  })

  it('of contracts closes the one side and opens the other, and keeps both counts', () => {
    const { target$, price, placed, fill, end } = setup({ held: { long: 0, short: 0 }, order_type: 'MARKET' })
    price()
    target$.next(-2)
    fill('1', 2, 'SELL')
    end('1', 'FILLED')
    target$.next(1)
    expect(placed.map(({ action, quantity }) => `${action} ${quantity}`)).toEqual(['SELL -2', 'BUY -2', 'BUY 1'])
  })

  it('completes when the last target is reached', () => {
    const { target$, price, told, fill, end } = setup()
    price()
    target$.next(1)
    target$.complete()
    fill('1', 0.4)
    expect(told).not.toContain('|')
    fill('1', 0.6)
    end('1', 'FILLED')
    expect(told.at(-1)).toBe('|')
  })

  it.each([Number.NaN, Infinity])('that is %s is an error of the stream, and what is open is cancelled', (none) => {
    const fake = fakeAccount()
    const target$ = new Subject<number>()
    const errors: unknown[] = []
    const price$ = concat(of({ buy: 101, sell: 99 }), NEVER)
    target$
      .pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', order_type: 'LIMIT', price$ }))
      .subscribe({ error: (error: unknown) => errors.push(error) })
    target$.next(1)
    target$.next(none)
    expect(fake.canceled).toMatchObject([{ order_nos: ['1'] }])
    fake.order$.next(orderOf('1', 'CANCELED'))
    expect(errors).toEqual([new RangeError(`the target should be a number, but is ${none}`)])
  })

  it('is not tried at a price that is none, and a market order is reckoned by the last that was one', () => {
    const fake = fakeAccount()
    const price$ = new Subject<Prices>()
    const reply$ = new Subject<Placed>()
    const errors: unknown[] = []
    const running = concat(of(1), NEVER)
      .pipe(
        reachTarget(
          { ...fake.account, track: () => reply$.pipe(map((placed): OrderUpdate => ({ _tag: 'Placed', placed }))) },
          { symbol: 'BTC-USDT', order_type: 'MARKET', price$ },
        ),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) })
    for (const buy of [Number.NaN, 0, Infinity]) price$.next({ buy, sell: 1 })
    expect(reply$.observed).toBe(false)
    price$.next({ buy: 100, sell: 1 })
    expect(reply$.observed).toBe(true)
    price$.next({ buy: Number.NaN, sell: 1 })
    reply$.next({ order_no: '1', cid: 'c' })
    expect(errors).toEqual([])
    running.unsubscribe()
  })

  it('completes at once without a target', () => {
    const { target$, told } = setup()
    target$.complete()
    expect(told).toEqual(['|'])
  })

  it('fails when the symbol cannot be looked up', () => {
    const errors: unknown[] = []
    const { account } = fakeAccount({ symbolInfo: () => throwError(() => new Error('no such symbol')) })
    of(1)
      .pipe(reachTarget(account, { symbol: 'X', price$: of({ buy: 1, sell: 1 }) }))
      .subscribe({ error: (error: unknown) => errors.push(error) })
    expect(errors).toEqual([new Error('no such symbol')])
  })
})

describe('what is held', () => {
  it('counts what FILLED says before its fills, once', () => {
    const { target$, price, orders, fill, end, clock } = setup({ order_type: 'LIMIT' })
    price()
    target$.next(2)
    clock.now = 5_000
    end('1', 'FILLED', { quantity: 2 })
    price()
    fill('1', 2)
    price()
    expect(orders()).toEqual(['LIMIT BUY 2 101'])
    target$.next(0)
    expect(orders()[1]).toBe('LIMIT SELL 2 99')
  })

  it('counts what CANCELED says before its fills, once', () => {
    const { target$, price, orders, fill, end } = setup({ order_type: 'LIMIT' })
    price()
    target$.next(2)
    target$.next(1)
    end('1', 'CANCELED', { quantity: 2, remain: 0.8 })
    fill('1', 1.2)
    expect(orders()).toEqual(['LIMIT BUY 2 101', 'LIMIT SELL 0.2 99'])
  })

  it('counts a fill that is never told', () => {
    const { target$, price, orders, end, clock } = setup()
    price()
    target$.next(2)
    end('1', 'FILLED', { quantity: 2 })
    clock.now = 1_500
    price()
    expect(orders()).toEqual(['IOC BUY 2 101'])
  })

  it('counts CANCELED that turns out FILLED', () => {
    const { target$, price, orders, end, clock } = setup()
    price()
    target$.next(2)
    end('1', 'CANCELED', { quantity: 2, remain: 2 })
    end('1', 'FILLED', { quantity: 2 })
    clock.now = 1_500
    price()
    expect(orders()).toEqual(['IOC BUY 2 101'])
  })

  it('of a buy at the market on spot is a quantity, not money, which would buy more when the price falls on its way', () => {
    const { target$, price, orders, fill, end, clock } = setup({ order_type: 'MARKET', maxSlippage: 0.05 })
    price()
    target$.next(2)
    clock.now = 1_500
    price()
    end('1', 'FILLED', { quantity: 2 })
    clock.now = 3_000
    price()
    fill('1', 2)
    clock.now = 5_000
    price()
    expect(orders()).toEqual(['IOC BUY 2 106'])
    target$.next(1)
    expect(orders()[1]).toBe('MARKET SELL 1 0')
  })

  it('is less a fee that a fill tells in base currency, and not one in another', () => {
    const { target$, price, orders, fill$, end } = setup()
    price()
    target$.next(2)
    fill$.next(fillOf('1', 'a', { quantity: 1, fee: 0.05, fee_currency: 'BTC' }))
    fill$.next(fillOf('1', 'b', { quantity: 1, fee: 1, fee_currency: 'BNB' }))
    end('1', 'FILLED', { quantity: 2 })
    target$.next(0)
    expect(orders()).toEqual(['IOC BUY 2 101', 'IOC SELL 1.95 99'])
  })

  it('is the same, and never too much on the way, in whatever order the notices of an order come, and if fills are lost', () => {
    const lots = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 })
    const run = fc.record({ lots, lost: fc.nat(4), at: fc.nat(4), rest: fc.nat(3) })
    fc.assert(
      fc.property(run, ({ lots: fills, lost, at, rest }) => {
        const bought = fills.reduce((sum, each) => sum + each, 0)
        const quantity = bought + rest
        fc.pre(quantity > 0)
        const { target$, price, orders, fill$, end } = setup({ order_type: 'LIMIT' })
        price()
        target$.next(quantity)
        const tellEnd = () => end('1', rest === 0 ? 'FILLED' : 'CANCELED', { quantity, remain: rest })
        fills.forEach((each, nth) => {
          if (nth === at) tellEnd()
          if (nth !== lost) fill$.next(fillOf('1', `f${nth}`, { quantity: each }))
        })
        if (at >= fills.length) tellEnd()
        target$.next(0)
        expect(orders().slice(1)).toEqual(bought === 0 ? [] : [`LIMIT SELL ${bought} 99`])
      }),
    )
  })
})

describe('an order whose end was not heard', () => {
  it('does not hold up the way: after a drop no more is bought than is missing in any case, or sold than is held in any case', () => {
    const { target$, price, orders, canceled, fill, drop } = setup({ order_type: 'LIMIT' })
    price()
    target$.next(2)
    fill('1', 0.5)
    drop()
    target$.next(1)
    expect(orders()).toHaveLength(1)
    target$.next(3)
    target$.next(0)
    expect(orders()).toEqual(['LIMIT BUY 2 101', 'LIMIT BUY 1 101'])
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['2'] }])
  })

  it('that is told after all is no doubt any more', () => {
    const { target$, price, orders, fill, drop, end } = setup({})
    price()
    target$.next(2)
    drop()
    target$.next(1)
    end('1', 'CANCELED', { quantity: 2, remain: 1.6 })
    fill('1', 0.4)
    price()
    expect(orders()).toEqual(['IOC BUY 2 101', 'IOC BUY 0.6 101'])
  })

  it('is asked about after a gap in the notices, and one that is open goes on', () => {
    const { target$, price, orders, canceled, gap$ } = setup(
      { order_type: 'LIMIT' },
      { openOrders: () => of([orderOf('1', 'SUBMITTED')]) },
    )
    price()
    target$.next(2)
    gap$.next({ recovered: false } as Gap)
    target$.next(0)
    expect(canceled).toHaveLength(1)
    expect(orders()).toHaveLength(1)
  })

  it('is asked about without any drop, when it should have been over for long', () => {
    let asked = 0
    const openOrders = () => {
      asked += 1
      return of([])
    }
    const { target$, price, orders, clock } = setup({}, { openOrders })
    price()
    target$.next(2)
    clock.now = 2_900
    price()
    expect(asked).toBe(0)
    clock.now = 3_000
    price()
    expect(asked).toBe(1)
    clock.now = 60_000
    price()
    expect(orders()).toHaveLength(1)
    target$.next(3)
    expect(orders()).toEqual(['IOC BUY 2 101', 'IOC BUY 1 101'])
  })

  it('of contracts has what is held looked up, until that works, and nothing is placed meanwhile', () =>
    virtually(({ cold, watch }) => {
      let looks = 0
      const position = () => {
        looks += 1
        if (looks === 1) return throwError(() => new Error('busy'))
        return of({ long_quantity: 3, short_quantity: 0 } as Position).pipe(delay(50))
      }
      const fake = fakeAccount({ position })
      const price$ = cold<Prices>('100ms p 4s p', { p: { buy: 101, sell: 99 } })
      cold('200ms d').subscribe(() => {
        fake.tradable$.next(false)
        fake.tradable$.next(true)
      })
      watch(
        cold<number>('100ms a 300ms b', { a: 10, b: -5 }).pipe(
          reachTarget(fake.account, { symbol: 'BTC-USDT', price$, held: { long: 0, short: 0 } }),
        ),
        4_000,
      )
      expect(looks).toBe(2)
      expect(fake.placed.map(({ action, quantity }) => `${action} ${quantity}`)).toEqual([
        'BUY 10',
        'SELL 3',
        'SELL -5',
      ])
    }))

  it('of spot has what is held looked up by the way that is given', () =>
    virtually(({ cold, watch }) => {
      const fake = fakeAccount()
      const price$ = cold<Prices>('100ms p', { p: { buy: 101, sell: 99 } })
      cold('200ms d').subscribe(() => {
        fake.tradable$.next(false)
        fake.tradable$.next(true)
      })
      watch(
        cold<number>('100ms a', { a: 2 }).pipe(
          reachTarget(fake.account, { symbol: 'BTC-USDT', price$, lookUp: () => of(1.5) }),
        ),
        2_000,
      )
      expect(fake.placed.map(({ quantity }) => quantity)).toEqual([2, 0.5])
    }))

  it('is waited for at the end, but not for ever', () =>
    virtually(({ cold, watch }) => {
      const fake = fakeAccount()
      const price$ = cold<Prices>('p', { p: { buy: 101, sell: 99 } })
      cold('100ms e').subscribe(() => fake.order$.next(orderOf('1', 'FILLED', { quantity: 2 })))
      const reach = (endWithinMs: number) =>
        watch(
          cold<number>('(a|)', { a: 2 }).pipe(reachTarget(fake.account, { symbol: 'BTC-USDT', price$, endWithinMs })),
        ).at(-1)
      expect(reach(700)).toEqual([800, '|'])
    }))
})
