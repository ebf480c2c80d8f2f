import { describe, expect, it } from '@jest/globals'
import { asyncScheduler, concat, mergeMap, NEVER, type Observable, of, throwError, timer } from 'rxjs'
import { Rejected, Unresolved } from '../../../src/client/errors/errors.js'
import type { CommandOptions } from '../../../src/client/index.js'
import { FlattenFailed, withRiskLimits, type RiskLimits } from '../../../src/strategy/index.js'
import type { Position } from '../../../src/protocol/index.js'
import { type Answers, fakeAccount, fillOf, orderOf as noticeOf, unknownOf } from '../fake-account.js'
import { type Virtual, virtually } from '../virtually.js'

const symbol = 'BTC-USDT'
const later = <T>(ms: number, answer$: Observable<T>): Observable<T> => timer(ms).pipe(mergeMap(() => answer$))
const timedOut = () => new Unresolved({ cid: 'x', request: { op: 'cancel_order' }, sentAt: 0, cause: 'timeout' })

/** A gate that flattens at 1 s; what was placed later, and the end, by the time since. */
const scene = (
  { watch, cold }: Virtual,
  {
    answers = {},
    limits = {},
    at = {},
  }: {
    readonly answers?: Answers
    readonly limits?: Partial<RiskLimits>
    /** Events by their time after the pull, in ms. */
    readonly at?: Readonly<Record<number, (fake: ReturnType<typeof fakeAccount>) => void>>
  },
) => {
  const fake = fakeAccount(answers)
  const asked: (CommandOptions | undefined)[] = []
  const closed: (readonly [ms: number, quantity: number])[] = []
  const account = {
    ...fake.account,
    cancelOrder: (...args: Parameters<typeof fake.account.cancelOrder>) => {
      asked.push(args[1])
      return fake.account.cancelOrder(...args)
    },
    position: (...args: Parameters<typeof fake.account.position>) => {
      asked.push(args[1])
      return fake.account.position(...args)
    },
    track: ((...args) => {
      const [order] = args
      if ('quantity' in order && asyncScheduler.now() >= 1_000)
        closed.push([asyncScheduler.now() - 1_000, order.quantity])
      return fake.account.track(...args)
    }) as typeof fake.account.track,
  }
  const reference$ = concat(of({ symbol, price: 100 }), NEVER)
  const guarded = withRiskLimits(account, {
    ...{ maxOrderSize: 10, maxOrderValue: 1e4, maxPosition: 10, symbols: [symbol], reference$ },
    ...limits,
  })
  for (const [ms, work] of Object.entries(at)) cold(`${1_000 + Number(ms)}ms x`).subscribe(() => work(fake))
  const timeline = watch(timer(1_000).pipe(mergeMap(() => guarded.risk.flatten('x'))))
  const [endedAt = 0, end] = timeline.at(-1) ?? []
  return { asked, closed, timeline, endedAt: endedAt - 1_000, end }
}
const openOrder = (fake: ReturnType<typeof fakeAccount>, more = {}) =>
  fake.order$.next(noticeOf('9', 'SUBMITTED', { quantity: 5, remain: 5, ...more }))
const filled = (order_no: string, quantity: number) => (fake: ReturnType<typeof fakeAccount>) => {
  fake.fill$.next(fillOf(order_no, `f${order_no}`, { side: 'SELL', quantity }))
  fake.order$.next(noticeOf(order_no, 'FILLED', { action: 'SELL', quantity }))
}
const held = { [symbol]: { long: 1 } }

describe('the kill switch', () => {
  it.each<[string, Answers['cancel']]>([
    ['is never answered', () => NEVER],
    [
      'is answered by a refusal',
      () =>
        later(
          100,
          throwError(() => new Rejected('cancel_order', 'busy')),
        ),
    ],
  ])('closes as soon as the orders are heard CANCELED, though the cancel %s', (_, cancel) =>
    virtually((virtual) => {
      const { closed } = scene(virtual, {
        answers: { cancel, openOrders: () => of([noticeOf('9', 'SUBMITTED')]) } as Answers,
        limits: { held },
        at: {
          [-500]: (fake) => openOrder(fake),
          300: ({ order$ }) => order$.next(noticeOf('9', 'CANCELED', { quantity: 5, remain: 5 })),
          400: filled('1', 1),
        },
      })
      expect(closed).toEqual([[300, 1]])
    }),
  )

  it('closes after cancelWithinMs where the cancel is never answered and nothing is heard, and asks no longer for that', () =>
    virtually((virtual) => {
      const { closed, asked } = scene(virtual, { answers: { cancel: () => NEVER }, limits: { held } })
      expect(closed).toEqual([[3_000, 1]])
      expect(asked[0]).toEqual({ timeoutMs: 3_000 })
    }))

  it('completes though the cancel has no answer, where the server lists no order then', () =>
    virtually((virtual) => {
      const { closed, end } = scene(virtual, {
        answers: {
          cancel: () =>
            later(
              3_000,
              throwError(() => timedOut()),
            ),
          openOrders: () => of([]),
        },
        limits: { held },
        at: { 3_100: filled('1', 1) },
      })
      expect(closed).toEqual([[3_000, 1]])
      expect(end).toBe('|')
    }))

  it('does not take it for over where the server lists it still', () =>
    virtually((virtual) => {
      const { closed, end } = scene(virtual, {
        answers: {
          cancel: () => of([{ order_no: '9', result: true, error_message: '' }]),
          openOrders: () => of([noticeOf('9', 'SUBMITTED')]),
        },
        limits: { held },
        at: { [-500]: (fake) => openOrder(fake) },
      })
      expect(closed).toEqual([[3_000, 1]])
      expect(end).toBeInstanceOf(FlattenFailed)
    }))

  it('waits for the account while orders cannot be written', () =>
    virtually((virtual) => {
      const { closed } = scene(virtual, {
        answers: { cancel: () => later(8_100, of([])) },
        limits: { held },
        at: { [-100]: ({ tradable$ }) => tradable$.next(false), 8_000: ({ tradable$ }) => tradable$.next(true) },
      })
      expect(closed).toEqual([[8_100, 1]])
    }))

  it('closes what the gate has counted where the position is never told, and says so', () =>
    virtually((virtual) => {
      const { closed, asked, end } = scene(virtual, {
        answers: {
          position: () =>
            later(
              3_000,
              throwError(() => timedOut()),
            ),
        },
        limits: { contracts: [symbol], held: { [symbol]: { long: 2, short: 1 } } },
        at: {
          3_100: (fake) => {
            fake.order$.next(noticeOf('1', 'FILLED', { action: 'SELL', quantity: 2 }))
            fake.order$.next(noticeOf('2', 'FILLED', { action: 'BUY', quantity: 1 }))
          },
        },
      })
      expect(closed).toEqual([
        [3_000, 2],
        [3_000, -1],
      ])
      expect(asked[1]).toEqual({ timeoutMs: 3_000 })
      expect((end as FlattenFailed).failures).toEqual([expect.stringMatching(/the query of the position failed/)])
    }))

  it('has not failed where an order of unknown fate is found to have closed everything', () =>
    virtually((virtual) => {
      const { end, endedAt } = scene(virtual, {
        answers: { place: () => throwError(() => unknownOf('u')) },
        limits: { held },
        at: {
          2_000: ({ fill$, order$ }) => {
            order$.next(noticeOf('1', 'FILLED', { action: 'SELL', cid: 'u' }))
            fill$.next(fillOf('1', 'f', { side: 'SELL' }))
          },
        },
      })
      expect(endedAt).toBe(2_000)
      expect(end).toBe('|')
    }))

  it('has failed where nobody finds out', () =>
    virtually((virtual) => {
      const { end, endedAt } = scene(virtual, {
        answers: { place: () => throwError(() => unknownOf('u')) },
        limits: { held },
      })
      expect((end as FlattenFailed).failures).toEqual([expect.stringMatching(/the closing order: Unresolved/)])
      expect(endedAt).toBe(10_000)
    }))

  it('has not failed where a contract turns out to be closed, whatever went wrong on the way', () =>
    virtually((virtual) => {
      let position = { long_avail_qty: 1, short_avail_qty: 0, long_quantity: 1, short_quantity: 0 } as Position
      const { end } = scene(virtual, {
        answers: { position: () => of(position) },
        limits: { contracts: [symbol] },
        at: {
          100: ({ order$ }) => {
            position = { ...position, long_avail_qty: 0, long_quantity: 0 }
            order$.next(noticeOf('1', 'CANCELED', { action: 'SELL' }))
          },
        },
      })
      expect(end).toBe('|')
    }))

  it.each([
    ['a fee', 0.998],
    ['more than a fee', 0.9],
  ])('sells what is free where %s is missing, and says so', (_, free) =>
    virtually((virtual) => {
      let total = free
      const { closed, end, timeline } = scene(virtual, {
        answers: {
          place: ({ quantity }, nth) =>
            quantity > free
              ? throwError(() => new Rejected('place_order', 'no coins'))
              : of({ order_no: String(nth), cid: 'c' }),
          asset: () => of({ BTC: { free: total, locked: 0, total } }),
        },
        limits: { held },
        at: {
          100: (fake) => {
            total -= Math.floor(free * 100) / 100
            filled('2', Math.floor(free * 100) / 100)(fake)
          },
        },
      })
      expect(closed.map(([, quantity]) => quantity)).toEqual([1, Math.floor(free * 100) / 100])
      expect(timeline.map(([, what]) => what)).toContainEqual(
        expect.objectContaining({ _tag: 'NotSent', reason: 'not-held' }),
      )
      expect(end).toBe('|')
    }),
  )

  it('fails where the balance shows that much is held still', () =>
    virtually((virtual) => {
      const { end } = scene(virtual, {
        answers: {
          place: () => throwError(() => new Rejected('place_order', 'closed for today')),
          asset: () => of({ BTC: { free: 0.5, locked: 0.5, total: 1 } }),
        },
        limits: { held },
      })
      expect(end).toBeInstanceOf(FlattenFailed)
    }))

  it('closes the rest once it is known what an order of unknown fate had bought', () =>
    virtually((virtual) => {
      const { closed, end } = scene(virtual, {
        limits: { held },
        answers: { cancel: () => NEVER },
        at: {
          [-500]: (fake) => openOrder(fake, { quantity: 2, remain: 2 }),
          3_500: ({ fill$, order$ }) => {
            fill$.next(fillOf('9', 'f', { quantity: 2 }))
            order$.next(noticeOf('9', 'FILLED', { quantity: 2 }))
          },
          3_600: filled('1', 1),
          3_700: filled('2', 2),
        },
      })
      expect(closed).toEqual([
        [3_000, 1],
        [3_600, 2],
      ])
      expect(end).toEqual(expect.anything())
    }))
})
