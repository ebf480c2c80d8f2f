import { describe, expect, it } from '@jest/globals'
import {
  asyncScheduler,
  concat,
  delay,
  EMPTY,
  map,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  takeUntil,
  throwError,
  timer,
} from 'rxjs'
import type { OrderUpdate, Placed } from '../../src/client/index.js'
import { NotSent, Rejected } from '../../src/client/errors/errors.js'
import {
  cancel,
  cancelAll,
  execute,
  type ExecuteOptions,
  type Intent,
  limitBuy,
  limitSell,
  type IntentOutcome,
  replace,
} from '../../src/strategy/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { type Answers, fakeAccount, fillOf, gapOf, orderOf, unknownOf, unsettledOf } from './fake-account.js'
import { connect } from '../../src/client/index.js'
import { scriptedServer } from '../support/scripted-server.js'
import { moment, shortTimers } from './short-timers.js'
import { watch as seen } from '../support/watch.js'
import { virtually } from './virtually.js'

const buy = limitBuy('BTC-USDT', 100, 1)
const sell = limitSell('BTC-USDT', 101, 1)
const eth = limitBuy('ETH-USDT', 10, 1)

/** An outcome in a few words. */
const brief = (outcome: IntentOutcome): string => {
  switch (outcome._tag) {
    case 'Placed':
    case 'Filled':
      return `${outcome._tag} ${outcome.order_no}`
    case 'Ended':
      return `${outcome.status} ${outcome.order_no}`
    case 'NotSent':
      return `NotSent ${outcome.reason}`
    default:
      return outcome._tag
  }
}
const failing = (error: Error) => throwError(() => error)
const slow = (ms: number) => (_: unknown, nth: number) =>
  of<Placed>({ order_no: String(nth), cid: `c${nth}` }).pipe(delay(ms))

describe('executing intents', () => {
  it('tells what becomes of an order until its end', () => {
    const { account, order$, fill$ } = fakeAccount()
    const told: string[] = []
    of(buy)
      .pipe(execute(account, { onEnd: 'wait' }), map(brief))
      .subscribe({ next: (outcome) => told.push(outcome), complete: () => told.push('|') })
    fill$.next(fillOf('1', 'f'))
    order$.next(orderOf('1', 'FILLED'))
    expect(told).toEqual(['Placed 1', 'Filled 1', 'FILLED 1', '|'])
  })

  it('does not die of a refusal, of an order not sent, or of an unknown fate', () => {
    const errors = [
      new Rejected('place_order', 'no money'),
      new NotSent('place_order', 'queue-full', 'x'),
      unknownOf('c'),
      new TypeError('a bug'),
    ]
    const { account, placed } = fakeAccount({
      place: (_, nth) =>
        nth <= errors.length ? failing(errors[nth - 1]!) : of({ order_no: String(nth), cid: `c${nth}` }),
    })
    const told: string[] = []
    concat(of(buy, buy, buy, buy, eth), NEVER)
      .pipe(execute(account, { onUnknown: 'continue' }), map(brief))
      .subscribe((outcome) => told.push(outcome))
    expect(told).toEqual(['Rejected', 'NotSent queue-full', 'Unresolved', 'Unresolved', 'Placed 5'])
    expect(placed).toHaveLength(5)
  })

  it('sends one order per intent, however it ends', () => {
    const { account, placed } = fakeAccount({ place: () => failing(unknownOf('c')) })
    of(buy)
      .pipe(execute(account, { onEnd: 'leave' }))
      .subscribe()
    expect(placed).toHaveLength(1)
  })

  it('takes the intents of a symbol one after another, and symbols side by side', () =>
    virtually(({ cold, watch }) => {
      const { account } = fakeAccount({ place: slow(10) })
      const intents$ = cold<Intent>('(aab)', { a: buy, b: eth })
      expect(watch(intents$.pipe(execute(account), map(brief)), 50)).toEqual([
        [10, 'Placed 1'],
        [10, 'Placed 2'],
        [20, 'Placed 3'],
      ])
    }))

  it('takes them all at once when told to', () =>
    virtually(({ cold, watch }) => {
      const { account } = fakeAccount({ place: slow(10) })
      const intents$ = cold<Intent>('(aab)', { a: buy, b: eth })
      expect(watch(intents$.pipe(execute(account, { concurrency: 'parallel' }), map(brief)), 50)).toEqual([
        [10, 'Placed 1'],
        [10, 'Placed 2'],
        [10, 'Placed 3'],
      ])
    }))

  it('does not send an order that has become too old behind another, and gives what age is left to the client', () =>
    virtually(({ cold, watch }) => {
      const ages: unknown[] = []
      const { account, placed } = fakeAccount({
        place: (_, nth, options) => {
          ages.push(options?.maxAgeMs)
          return slow(nth === 1 ? 300 : 700)(_, nth)
        },
      })
      expect(
        watch(cold<Intent>('(aaa)', { a: buy }).pipe(execute(account, { orderMaxAgeMs: 1_000 }), map(brief)), 2_000),
      ).toEqual([
        [300, 'Placed 1'],
        [1_000, 'Placed 2'],
        [1_000, 'NotSent too-old'],
      ])
      expect(placed).toHaveLength(2)
      expect(ages).toEqual([1_000, 700])
    }))

  it.each([
    ['gives no order more age than it may have', 1_000, ['Placed 1', 'Placed 2'], [5_000, 5_000]],
    ['does not make an old one fresh', 6_000, ['Placed 1', 'NotSent too-old'], [5_000]],
  ])('a clock that is set back %s', (_, replyAfterMs, outcomes, maxAges) =>
    virtually(({ cold, watch }) => {
      const ages: unknown[] = []
      const { account } = fakeAccount({
        place: (order, nth, options) => {
          ages.push(options?.maxAgeMs)
          return slow(replyAfterMs)(order, nth)
        },
      })
      let setBackMs = 0
      const scheduler = {
        now: () => asyncScheduler.now() - setBackMs,
        schedule: asyncScheduler.schedule.bind(asyncScheduler),
      }
      cold('500ms x').subscribe(() => (setBackMs = 3_600_000))
      const told = watch(
        cold<Intent>('(aa)', { a: buy }).pipe(execute(account, { scheduler, onEnd: 'leave' }), map(brief)),
        20_000,
      )
      expect(told.map(([, what]) => what)).toEqual(outcomes)
      expect(ages).toEqual(maxAges)
    }),
  )

  it('does not send what is not an order', () => {
    const { account, placed } = fakeAccount()
    const told: string[] = []
    of(limitBuy('BTC-USDT', Number.NaN, 1), limitBuy('BTC-USDT', 1, -1))
      .pipe(execute(account), map(brief))
      .subscribe((outcome) => told.push(outcome))
    expect(told).toEqual(['NotSent invalid', 'NotSent invalid'])
    expect(placed).toEqual([])
  })

  it('cancels nothing, rather than everything, for an empty list of numbers', () => {
    const { account, canceled } = fakeAccount()
    of(cancel('BTC-USDT')).pipe(execute(account)).subscribe()
    expect(canceled).toEqual([])
  })

  it('cancels everything when that is what was asked', () => {
    const { account, canceled } = fakeAccount()
    of(cancelAll('BTC-USDT')).pipe(execute(account)).subscribe()
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: [] }])
  })
})

describe('an order whose fate is not known', () => {
  const unknown = unknownOf('u')
  const setup = (options: ExecuteOptions = {}, first$: Observable<never> = failing(unknown)) => {
    const fake = fakeAccount({ place: (_, nth) => (nth === 1 ? first$ : of({ order_no: '2', cid: 'c2' })) })
    const intents$ = new Subject<Intent>()
    const told: string[] = []
    intents$.pipe(execute(fake.account, options), map(brief)).subscribe((outcome) => told.push(outcome))
    return { ...fake, intents$, told }
  }

  it('holds back further orders for its symbol, and only those, until it leaves the list of the unresolved', () => {
    const { intents$, told, unresolved$ } = setup()
    intents$.next(buy)
    unresolved$.next([unsettledOf(unknown)])
    intents$.next(buy)
    intents$.next(eth)
    unresolved$.next([])
    intents$.next(buy)
    expect(told).toEqual(['Unresolved', 'NotSent unresolved', 'Placed 2', 'Placed 2'])
  })

  it('holds its symbol at once', () => {
    const { intents$, told } = setup()
    intents$.next(buy)
    intents$.next(buy)
    expect(told).toEqual(['Unresolved', 'NotSent unresolved'])
  })

  it('holds its symbol for as long as the option says, and stays among the unresolved', () => {
    const scheduler = new VirtualScheduler()
    const { intents$, told, unresolved$ } = setup({ scheduler, releaseUnknownAfterMs: 60_000 })
    intents$.next(buy)
    unresolved$.next([unsettledOf(unknown)])
    scheduler.advanceBy(59_999)
    intents$.next(buy)
    scheduler.advanceBy(1)
    unresolved$.next([unsettledOf(unknown)])
    intents$.next(buy)
    expect(told).toEqual(['Unresolved', 'NotSent unresolved', 'Placed 2'])
  })

  it('lets cancels pass', () => {
    const { intents$, told, canceled } = setup()
    intents$.next(buy)
    intents$.next(cancelAll('BTC-USDT'))
    expect(told).toEqual(['Unresolved', 'Canceled'])
    expect(canceled).toHaveLength(1)
  })

  it('is settled by a notice that carries its cid', () => {
    const { intents$, told, order$ } = setup()
    intents$.next(buy)
    order$.next(orderOf('9', 'SUBMITTED', { cid: 'u' }))
    intents$.next(buy)
    expect(told).toEqual(['Unresolved', 'Placed 9', 'Placed 2'])
  })

  it('is settled by that notice though the account still lists it, and though the notice came first', () => {
    const reply$ = new Subject<never>()
    const { intents$, told, order$, unresolved$ } = setup({}, reply$)
    intents$.next(buy)
    order$.next(orderOf('9', 'SUBMITTED', { cid: 'u' }))
    unresolved$.next([unsettledOf(unknown)])
    reply$.error(unknown)
    intents$.next(buy)
    expect(told).toEqual(['Unresolved', 'Placed 9', 'Placed 2'])
  })

  it('is told to be placed, or refused, when that is found out without a notice', () => {
    const found$ = new Subject<OrderUpdate>()
    const { account, unresolved$, canceled } = fakeAccount({
      place: (_, nth) => (nth < 3 ? failing(unknownOf(`u${nth}`)) : of({ order_no: '3', cid: 'c3' })),
      settled: () => found$.pipe(take(1)),
    })
    const told: string[] = []
    const intents$ = new Subject<Intent>()
    intents$.pipe(execute(account, { endWithinMs: 0 }), map(brief)).subscribe((outcome) => told.push(outcome))
    intents$.next(buy)
    unresolved$.next([unsettledOf(unknownOf('u1'))])
    unresolved$.next([])
    found$.next({ _tag: 'Placed', placed: { order_no: '9', cid: 'u1' } })
    intents$.next(eth)
    found$.error(new Rejected('place_order', 'no'))
    intents$.next(eth)
    expect(told).toEqual(['Unresolved', 'Placed 9', 'Unresolved', 'Rejected', 'Placed 3'])
    intents$.complete()
    expect(canceled).toEqual([
      { symbol: 'BTC-USDT', order_nos: ['9'] },
      { symbol: 'ETH-USDT', order_nos: ['3'] },
    ])
  })

  it('is cancelled when it is found to be there after the strategy has ended', () => {
    const found$ = new Subject<OrderUpdate>()
    const { account, canceled } = fakeAccount({ place: () => failing(unknown), settled: () => found$ })
    concat(of(buy), NEVER).pipe(execute(account)).subscribe().unsubscribe()
    found$.next({ _tag: 'Placed', placed: { order_no: '9', cid: 'u' } })
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['9'] }])
  })

  it('is cancelled when it is found to be there after the last cancels', () => {
    const found$ = new Subject<OrderUpdate>()
    const { account, canceled, order$ } = fakeAccount({
      place: ({ symbol }) => (symbol === 'BTC-USDT' ? failing(unknown) : of({ order_no: '1', cid: 'c' })),
      settled: () => found$,
    })
    of(buy, eth).pipe(execute(account)).subscribe()
    found$.next({ _tag: 'Placed', placed: { order_no: '9', cid: 'u' } })
    expect(canceled).toEqual([
      { symbol: 'ETH-USDT', order_nos: ['1'] },
      { symbol: 'BTC-USDT', order_nos: ['9'] },
    ])
    order$.next(orderOf('1', 'CANCELED', { symbol: 'ETH-USDT' }))
    order$.next(orderOf('9', 'CANCELED'))
  })

  it('of an earlier process holds orders back too', () => {
    const { account, unresolved$, placed } = fakeAccount()
    unresolved$.next([unsettledOf(unknown)])
    of(buy)
      .pipe(execute(account, { onEnd: 'leave' }))
      .subscribe()
    expect(placed).toEqual([])
  })

  it('ends the strategy when told to', () => {
    const { account, placed } = fakeAccount({ place: () => failing(unknown) })
    const told: string[] = []
    of(buy, eth, eth)
      .pipe(execute(account, { onUnknown: 'stop' }), map(brief))
      .subscribe({ next: (outcome) => told.push(outcome), complete: () => told.push('|') })
    expect(told).toEqual(['Unresolved', '|'])
    expect(placed).toHaveLength(1)
  })
})

describe('replacing an order', () => {
  const setup = (answer = true) => {
    const fake = fakeAccount({
      cancel: ({ order_nos }) =>
        of(order_nos.map((order_no) => ({ order_no, result: answer, error_message: answer ? '' : 'no such order' }))),
    })
    const intents$ = new Subject<Intent>()
    const told: string[] = []
    intents$.pipe(execute(fake.account), map(brief)).subscribe((outcome) => told.push(outcome))
    intents$.next(buy)
    return { ...fake, intents$, told }
  }

  it('places the new one only when the old one is heard to be gone', () => {
    const { intents$, told, order$, placed } = setup()
    intents$.next(replace('1', sell))
    expect(placed).toHaveLength(1)
    order$.next(orderOf('1', 'CANCELED'))
    expect(told).toEqual(['Placed 1', 'Canceled', 'CANCELED 1', 'Placed 2'])
  })

  it.each([
    ['fill, then end', ['fill', 'end']],
    ['end, then fill', ['end', 'fill']],
    ['end alone', ['end']],
  ])('takes off it what the old one has filled: %s', (_, notices) => {
    const { account, placed, fill$, order$ } = fakeAccount()
    const intents$ = new Subject<Intent>()
    intents$.pipe(execute(account)).subscribe()
    intents$.next(buy)
    intents$.next(replace('1', limitBuy('BTC-USDT', 101, 1.1)))
    for (const notice of notices) {
      if (notice === 'fill') fill$.next(fillOf('1', 'f', { quantity: 0.6 }))
      else order$.next(orderOf('1', 'CANCELED', { remain: 0.4 }))
    }
    expect(placed.map(({ price, quantity }) => [price, quantity])).toEqual([
      [100, 1],
      [101, 0.5],
    ])
  })

  it.each([
    ['as much as the new one is for', limitBuy('BTC-USDT', 101, 0.6), 'filled'],
    ['in part, and the new one is of the other side', sell, 'partly-filled'],
  ])('does not place it when the old one was filled %s', (_, by, reason) => {
    const { account, placed, order$ } = fakeAccount()
    const told: string[] = []
    const intents$ = new Subject<Intent>()
    intents$.pipe(execute(account), map(brief)).subscribe((outcome) => told.push(outcome))
    intents$.next(buy)
    intents$.next(replace('1', by))
    order$.next(orderOf('1', 'CANCELED', { remain: 0.4 }))
    expect(told.at(-1)).toBe(`NotSent ${reason}`)
    expect(placed).toHaveLength(1)
  })

  it('does not place it when it waited for too long behind another command', () =>
    virtually(({ watch }) => {
      const done = ({ order_nos }: { readonly order_nos: readonly string[] }) =>
        of(order_nos.map((order_no) => ({ order_no, result: true, error_message: '' })))
      const { account, placed } = fakeAccount({
        cancel: (request, nth) => (nth === 2 ? done(request).pipe(delay(20_000)) : done(request)),
      })
      const intents$ = concat(of<Intent[]>(buy, cancel('BTC-USDT', '8'), replace('1', sell)), NEVER)
      watch(intents$.pipe(execute(account, { replaceWithinMs: 1_000 })))
      expect(placed).toHaveLength(1)
    }))

  describe('that was not placed here', () => {
    /** A real client’s account, with an order of before that is filled in part; the server cancels what it is asked to. */
    const onAClient = (more: object = {}) => {
      const old = (status: string, fields: object = {}) => orderOf('old', status, { remain: 0.4, ...fields })
      const server = scriptedServer({
        open_orders: (frame, side) =>
          side.reply(frame, { data: side.of('cancel_order').length === 0 ? [old('PARTIAL-FILLED')] : [] }),
        cancel_order: (frame, side) => {
          side.reply(frame, { data: [{ order_no: 'old', result: true, error_message: '' }] })
          side.notify('order', old('CANCELED', more))
        },
        place_order: (frame, side) => side.reply(frame, { order_no: 'new' }),
      })
      const credentials = { platform: 'huobi', symbols: ['BTC-USDT'], access_key: 'a', secret_key: 's' }
      const login = seen(connect(server.transport, server.options).login(credentials))
      const pass = (ms: number) => server.scheduler.advanceBy(ms)
      pass(100)
      const told = seen(
        concat(of(replace('old', limitBuy('BTC-USDT', 101, 1))), NEVER).pipe(
          execute(login.last!, { scheduler: server.scheduler }),
          map(brief),
        ),
      )
      pass(10_000)
      return { told: told.values, sent: server.of('place_order').map(({ quantity }) => quantity) }
    }

    it('takes off what that had filled, of which no fill was told', () => {
      expect(onAClient().sent).toEqual([0.4])
    })

    it('does not place it where that was filled after all', () => {
      const { told, sent } = onAClient({ status: 'FILLED', remain: 0 })
      expect(sent).toEqual([])
      expect(told.at(-1)).toBe('NotSent filled')
    })

    it('does not place it where its end is not heard', () => {
      const { told, sent } = onAClient({ symbol: 'ETH-USDT' })
      expect(sent).toEqual([])
      expect(told.at(-1)).toBe('NotSent not-canceled')
    })
  })

  it('does not place it when the old one went while notices were missed', () => {
    const { account, placed, tradable$ } = fakeAccount({ cancelProves: false })
    const told: string[] = []
    const intents$ = new Subject<Intent>()
    intents$.pipe(execute(account), map(brief)).subscribe((outcome) => told.push(outcome))
    intents$.next(buy)
    intents$.next(replace('1', limitBuy('BTC-USDT', 101, 1)))
    tradable$.next(false)
    tradable$.next(true)
    expect(told.at(-1)).toBe('NotSent not-canceled')
    expect(placed).toHaveLength(1)
  })

  it('waits for ever for the old one to be gone where it is told to, though no timer can wait so long', async () => {
    const { account, order$, placed } = fakeAccount()
    const intents$ = concat(of<Intent[]>(buy, replace('1', sell)), NEVER)
    intents$.pipe(execute(account, { replaceWithinMs: Infinity, scheduler: shortTimers })).subscribe()
    await moment()
    order$.next(orderOf('1', 'CANCELED'))
    expect(placed).toHaveLength(2)
  })

  it('does not place it when the old one was filled after all', () => {
    const { intents$, told, order$, placed } = setup()
    intents$.next(replace('1', sell))
    order$.next(orderOf('1', 'FILLED'))
    expect(told).toEqual(['Placed 1', 'Canceled', 'FILLED 1', 'NotSent filled'])
    expect(placed).toHaveLength(1)
  })

  it('does not place it when the old one could not be cancelled', () => {
    const { intents$, told, placed } = setup(false)
    intents$.next(replace('1', sell))
    expect(told).toEqual(['Placed 1', 'Canceled', 'NotSent not-canceled'])
    expect(placed).toHaveLength(1)
  })

  it('does not place it when the end of the old one is not heard in time', () =>
    virtually(({ cold, watch }) => {
      const { account } = fakeAccount()
      expect(
        watch(
          cold<Intent>('ab', { a: buy, b: replace('1', sell) }).pipe(
            execute(account, { replaceWithinMs: 100 }),
            map(brief),
          ),
          1_000,
        ),
      ).toEqual([
        [0, 'Placed 1'],
        [1, 'Canceled'],
        [101, 'NotSent not-canceled'],
      ])
    }))
})

describe('when a strategy ends', () => {
  it('its open orders are cancelled, and it is told how they ended before it completes', () => {
    const { account, order$, fill$, canceled } = fakeAccount()
    const told: string[] = []
    of(buy, sell, eth)
      .pipe(execute(account), map(brief))
      .subscribe({ next: (outcome) => told.push(outcome), complete: () => told.push('|') })
    expect(canceled).toEqual([
      { symbol: 'BTC-USDT', order_nos: ['1', '2'] },
      { symbol: 'ETH-USDT', order_nos: ['3'] },
    ])
    fill$.next(fillOf('1', 'f'))
    order$.next(orderOf('1', 'FILLED'))
    order$.next(orderOf('2', 'CANCELED'))
    expect(told).not.toContain('|')
    order$.next(orderOf('3', 'CANCELED', { symbol: 'ETH-USDT' }))
    expect(told.slice(3)).toEqual(['Canceled', 'Canceled', 'Filled 1', 'FILLED 1', 'CANCELED 2', 'CANCELED 3', '|'])
  })

  it('it does not wait for ever to hear of their end', () =>
    virtually(({ cold, watch }) => {
      const { account } = fakeAccount()
      expect(watch(cold<Intent>('(a|)', { a: buy }).pipe(execute(account, { endWithinMs: 50 }), map(brief)))).toEqual([
        [0, 'Placed 1'],
        [0, 'Canceled'],
        [50, '|'],
      ])
    }))

  it('it waits for ever to hear of their end where it is told to, though no timer can wait so long', async () => {
    const { account, order$ } = fakeAccount()
    const told: string[] = []
    of(buy)
      .pipe(execute(account, { endWithinMs: Infinity, scheduler: shortTimers }), map(brief))
      .subscribe({ next: (outcome) => told.push(outcome), complete: () => told.push('|') })
    await moment()
    expect(told).toEqual(['Placed 1', 'Canceled'])
    order$.next(orderOf('1', 'CANCELED'))
    expect(told).toEqual(['Placed 1', 'Canceled', 'CANCELED 1', '|'])
  })

  it('by an error, they are cancelled first and the error is passed on', () => {
    const { account, canceled, order$ } = fakeAccount()
    const told: unknown[] = []
    concat(
      of(buy),
      throwError(() => new Error('oops')),
    )
      .pipe(execute(account), map(brief))
      .subscribe({ next: (outcome) => told.push(outcome), error: (error: unknown) => told.push(error) })
    expect(canceled).toHaveLength(1)
    order$.next(orderOf('1', 'CANCELED'))
    expect(told).toEqual(['Placed 1', 'Canceled', 'CANCELED 1', new Error('oops')])
  })

  it('by an intent that is none, they are cancelled', () => {
    const { account, canceled } = fakeAccount()
    const errors: unknown[] = []
    concat(of<Intent[]>(buy, { _tag: 'Buy', symbol: 'BTC-USDT' } as never), NEVER)
      .pipe(execute(account))
      .subscribe({ error: (error: unknown) => errors.push(error) })
    expect(errors).toHaveLength(1)
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['1'] }])
  })

  it('by being unsubscribed from, they are cancelled', () => {
    const { account, canceled } = fakeAccount()
    concat(of(buy), NEVER).pipe(execute(account)).subscribe().unsubscribe()
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['1'] }])
  })

  it('by being unsubscribed from, an order that is on the wire is cancelled once its number is known', () => {
    const reply$ = new Subject<Placed>()
    const { account, canceled } = fakeAccount({ place: () => reply$ })
    concat(of(buy), NEVER).pipe(execute(account)).subscribe().unsubscribe()
    expect(canceled).toEqual([])
    reply$.next({ order_no: '1', cid: 'c' })
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['1'] }])
  })

  it('by being unsubscribed from, an order that still waits to be written is taken back', () => {
    const reply$ = new Subject<Placed>()
    const { account, tradable$ } = fakeAccount({ place: () => reply$ })
    tradable$.next(false)
    const running = concat(of(buy), NEVER).pipe(execute(account)).subscribe()
    running.unsubscribe()
    expect(reply$.observed).toBe(false)
  })

  it.each([
    ['was on the wire before a drop', [true, false]],
    ['waited, and was written between two drops', [false, true, false]],
  ])('by being unsubscribed from, an order that %s is cancelled once its number is known', (_, tradable) => {
    const reply$ = new Subject<Placed>()
    const { account, tradable$, canceled } = fakeAccount({ place: () => reply$ })
    const [before = true, ...after] = tradable
    tradable$.next(before)
    const running = concat(of(buy), NEVER).pipe(execute(account)).subscribe()
    for (const each of after) tradable$.next(each)
    running.unsubscribe()
    reply$.next({ order_no: '1', cid: 'c' })
    expect(canceled).toEqual([{ symbol: 'BTC-USDT', order_nos: ['1'] }])
  })

  it('an order in flight is waited for, and then cancelled', () =>
    virtually(({ cold, watch }) => {
      const { account, canceled } = fakeAccount({ place: slow(20) })
      expect(
        watch(cold<Intent>('a 4ms |', { a: buy }).pipe(execute(account, { endWithinMs: 10 }), map(brief))),
      ).toEqual([
        [20, 'Placed 1'],
        [20, 'Canceled'],
        [30, '|'],
      ])
      expect(canceled).toHaveLength(1)
    }))

  it('they are left alone, or all orders of its symbols are cancelled, when told to', () => {
    const left = fakeAccount()
    of(buy)
      .pipe(execute(left.account, { onEnd: 'leave' }))
      .subscribe()
    expect(left.canceled).toEqual([])
    const all = fakeAccount()
    of(buy, eth)
      .pipe(execute(all.account, { onEnd: 'cancel-all', endWithinMs: 0 }))
      .subscribe()
    expect(all.canceled).toEqual([
      { symbol: 'BTC-USDT', order_nos: [] },
      { symbol: 'ETH-USDT', order_nos: [] },
    ])
  })

  it('after a refusal, when told to, nothing that still waited is sent', () =>
    virtually(({ cold, watch }) => {
      const { account, placed } = fakeAccount({
        place: () =>
          timer(5).pipe(
            map(() => {
              throw new Rejected('place_order', 'no')
            }),
          ),
      })
      expect(watch(cold<Intent>('(aa)', { a: buy }).pipe(execute(account, { onRefusal: 'stop' }), map(brief)))).toEqual(
        [
          [5, 'Rejected'],
          [5, 'NotSent stopped'],
          [5, '|'],
        ],
      )
      expect(placed).toHaveLength(1)
    }))

  it('each subscription has a state of its own', () => {
    const { account, order$ } = fakeAccount()
    const running$ = concat(of(buy), NEVER).pipe(execute(account, { onEnd: 'leave' }), map(brief), takeUntil(EMPTY))
    const first: string[] = []
    running$.subscribe((outcome) => first.push(outcome))
    const second: string[] = []
    running$.subscribe((outcome) => second.push(outcome))
    order$.next(orderOf('1', 'FILLED'))
    expect(first).toEqual(['Placed 1', 'FILLED 1'])
    expect(second).toEqual(['Placed 2'])
  })
})

describe('an order that went while notices were missed', () => {
  const executed = (answers: Answers = {}) => {
    const fake = fakeAccount(answers)
    const told: string[] = []
    of(buy)
      .pipe(execute(fake.account, { onEnd: 'wait' }), map(brief))
      .subscribe({ next: (outcome) => told.push(outcome), complete: () => told.push('|') })
    return { ...fake, told }
  }

  it('is told as lost, and not waited for any longer', () => {
    const { told, gap$ } = executed()
    gap$.next(gapOf())
    expect(told).toEqual(['Placed 1', 'Lost', '|'])
  })

  it('is none while the server lists it, or where every notice is sent again', () => {
    const { told, gap$ } = executed({ openOrders: () => of([orderOf('1', 'SUBMITTED')]) })
    gap$.next(gapOf())
    gap$.next(gapOf({ recovered: true }))
    expect(told).toEqual(['Placed 1'])
  })

  it('is not taken from a list where orders went on meanwhile: there the client has compared', () => {
    const { told, gap$ } = executed()
    gap$.next(gapOf({ cause: 'undecodable-notice' }))
    expect(told).toEqual(['Placed 1'])
    const gone = { ...orderOf('1', 'SUBMITTED'), filled: 0, averagePrice: 0, missing: true }
    gap$.next(gapOf({ cause: 'undecodable-notice', missing: [gone] }))
    expect(told).toEqual(['Placed 1', 'Lost', '|'])
  })
})
