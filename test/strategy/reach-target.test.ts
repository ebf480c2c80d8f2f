import { describe, expect, it } from '@jest/globals'
import { of, type SchedulerLike, Subject, throwError } from 'rxjs'
import { Rejected } from '../../src/client/errors.js'
import { type Outcome, type Prices, reachTarget, type ReachTargetOptions } from '../../src/strategy/index.js'
import { type Answers, fakeAccount, fillOf, orderOf } from './fake-account.js'

const setup = (options: Partial<ReachTargetOptions> = {}, answers: Answers = {}) => {
  const fake = fakeAccount(answers)
  const clock = { now: 0 }
  const target$ = new Subject<number>()
  const price$ = new Subject<Prices>()
  const told: (Outcome | '|')[] = []
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
  const end = (order_no: string, status: string) => fake.order$.next(orderOf(order_no, status))
  return { ...fake, clock, target$, price, told, orders, fill, end }
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
    fill('1', 1)
    expect(told).not.toContain('|')
    end('1', 'FILLED')
    expect(told.at(-1)).toBe('|')
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
