import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { delay, from, map, of, Subject, toArray, type Observable } from 'rxjs'
import { asOf, type Bar, bars, conflateMap, rolling } from '../../../src/strategy/index.js'
import { virtually } from '../virtually.js'

const all = <T>(stream$: Observable<T>): T[] => {
  let result: T[] = []
  stream$.pipe(toArray()).subscribe((values) => (result = values))
  return result
}
const trade = (timestamp: number, price: number, quantity = 1) => ({ timestamp, price, quantity })
const brief = ({ timestamp, open, high, low, close, volume }: Bar) => [timestamp, open, high, low, close, volume]

describe('bars from trades', () => {
  it('hold open, high, low, close and volume of their period, and come when it is over', () => {
    const trades = [trade(60_000, 10), trade(60_001, 12), trade(90_000, 9, 2), trade(119_999, 11), trade(120_000, 20)]
    expect(all(from(trades).pipe(bars({ periodMs: 60_000 }))).map(brief)).toEqual([[60_000, 10, 12, 9, 11, 5]])
  })

  it('are not emitted for an unfinished period, even at the end', () => {
    expect(all(of(trade(0, 10)).pipe(bars({ periodMs: 60_000 })))).toEqual([])
  })

  it('leave out a trade that comes after its bar', () => {
    const trades = [trade(0, 10), trade(100, 11), trade(50, 99), trade(200, 12), trade(150, 99), trade(300, 1)]
    expect(all(from(trades).pipe(bars({ periodMs: 100 }))).map(({ high }) => high)).toEqual([10, 11, 12])
  })

  it('leave gaps, or fill them flat at the last close, when told to', () => {
    const trades = [trade(0, 10), trade(300, 12)]
    expect(all(from(trades).pipe(bars({ periodMs: 100 }))).map(brief)).toEqual([[0, 10, 10, 10, 10, 1]])
    expect(all(from(trades).pipe(bars({ periodMs: 100, gaps: 'flat' }))).map(brief)).toEqual([
      [0, 10, 10, 10, 10, 1],
      [100, 10, 10, 10, 10, 0],
      [200, 10, 10, 10, 10, 0],
    ])
  })

  it('are closed by the clock when no trade comes, and gaps before the next trade are filled all the same', () =>
    virtually(({ cold, watch }) => {
      const trades$ = cold('a 349ms b', { a: trade(0, 10), b: trade(350, 12) })
      const bars$ = trades$.pipe(
        bars({ periodMs: 100, graceMs: 20, gaps: 'flat' }),
        map(({ timestamp }) => timestamp),
      )
      expect(watch(bars$, 1_000)).toEqual([
        [120, 0],
        [350, 100],
        [350, 200],
        [420, 300],
      ])
    }))

  it('are closed by the clock in market time, though the scheduler shows another year', () => {
    for (const year of [Date.UTC(1990, 0, 1), Date.UTC(2090, 0, 1)]) {
      virtually(({ cold, watch }) => {
        const trades$ = cold('a 29ms b', { a: trade(year + 40, 10), b: trade(year + 70, 12) })
        expect(watch(trades$.pipe(bars({ periodMs: 100, graceMs: 20 })), 1_000)).toEqual([
          [80, expect.objectContaining({ timestamp: year, open: 10, close: 12, trades: 2 })],
        ])
      })
    }
  })

  it('are not closed early by a late trade', () =>
    virtually(({ cold, watch }) => {
      const trades$ = cold('a 99ms b 9ms c', { a: trade(0, 10), b: trade(100, 12), c: trade(99, 50) })
      expect(
        watch(
          trades$.pipe(
            bars({ periodMs: 100, graceMs: 20 }),
            map(({ timestamp, high }) => [timestamp, high]),
          ),
          1_000,
        ),
      ).toEqual([
        [100, [0, 10]],
        [220, [100, 12]],
      ])
    }))
})

describe('bars from trades with wrong stamps', () => {
  const MINUTE = 60_000
  const DAY = 86_400_000
  const JANUARY = Date.UTC(2024, 0, 1)
  const minutes = (count: number) => Array.from({ length: count }, (_, n) => trade(JANUARY + n * MINUTE, 100 + n))
  const at = ({ timestamp }: Bar) => timestamp

  it.each([
    ['microseconds', JANUARY * 1_000],
    ['the year 2030', Date.UTC(2030, 0, 1)],
    ['seconds', JANUARY / 1_000],
    ['nothing', NaN],
  ])('lose one bar at most to a trade stamped in %s, wherever it stands', (_, stamp) => {
    const right = all(from(minutes(50)).pipe(bars({ periodMs: MINUTE }))).map(at)
    for (const gaps of ['none', 'flat'] as const)
      for (const place of [0, 1, 25, 50]) {
        const trades = minutes(50)
        trades.splice(place, 0, trade(stamp, 100))
        const times = all(from(trades).pipe(bars({ periodMs: MINUTE, gaps }))).map(at)
        expect(right.filter((time) => !times.includes(time)).length).toBeLessThanOrEqual(1)
        expect(times.filter((time) => !right.includes(time))).toEqual([])
      }
  })

  it('go on after a real gap of a year', () => {
    const later = minutes(3).map(({ timestamp, price }) => trade(timestamp + 365 * DAY, price))
    const times = all(from([...minutes(3), ...later]).pipe(bars({ periodMs: MINUTE }))).map((bar) => at(bar) - JANUARY)
    expect(times).toEqual([0, MINUTE, 2 * MINUTE, 365 * DAY, 365 * DAY + MINUTE])
  })

  it('end with an error rather than fill a gap with millions of bars', () => {
    const later = minutes(3).map(({ timestamp, price }) => trade(timestamp * 1_000, price))
    let failure: unknown
    let count = 0
    from([...minutes(3), ...later])
      .pipe(bars({ periodMs: MINUTE, gaps: 'flat' }))
      .subscribe({ next: () => (count += 1), error: (error: unknown) => (failure = error) })
    expect(failure).toBeInstanceOf(RangeError)
    expect(count).toBeLessThanOrEqual(3)
  })

  it('skip trades whose price or quantity is not finite', () => {
    const trades = [trade(0, 10), trade(1, NaN), trade(2, 11, NaN), trade(3, Infinity), trade(MINUTE, 12)]
    expect(all(from(trades).pipe(bars({ periodMs: MINUTE }))).map(brief)).toEqual([[0, 10, 10, 10, 10, 1]])
  })

  it('begin at an offset: weeks on Monday, sessions at their opening hour', () => {
    const days = Array.from({ length: 22 }, (_, n) => trade(JANUARY + n * DAY + 15 * 3_600_000, n))
    const weeks = all(from(days).pipe(bars({ periodMs: 7 * DAY, offsetMs: 4 * DAY })))
    expect(weeks.map(at)).toEqual([JANUARY, JANUARY + 7 * DAY, JANUARY + 14 * DAY])
    expect(new Date(JANUARY).getUTCDay()).toBe(1)
    const opening = 14.5 * 3_600_000
    const sessions = all(from(days).pipe(bars({ periodMs: DAY, offsetMs: opening })))
    expect(sessions.map((bar) => at(bar) % DAY)).toEqual(sessions.map(() => opening))
  })

  it('of a month are not closed early by a timer longer than the platform has', () =>
    virtually(({ cold, watch }) => {
      const trades$ = cold('a', { a: trade(0, 10) })
      const times = watch(trades$.pipe(bars({ periodMs: 30 * DAY, graceMs: 1_000 }), map(at)), 40 * DAY)
      expect(times).toEqual([[30 * DAY + 1_000, 0]])
    }))

  it.each([
    { periodMs: 0 },
    { periodMs: NaN },
    { periodMs: Infinity },
    { periodMs: 1, offsetMs: NaN },
    { periodMs: 1, graceMs: NaN },
    { periodMs: 1, graceMs: -1 },
  ])('refuse the options %j', (options) => {
    expect(() => bars(options)).toThrow(RangeError)
  })
})

describe('rolling statistics', () => {
  const value = (item: number) => item

  it('of a count come from the first full window on', () => {
    expect(all(of(1, 2, 6).pipe(rolling({ count: 2, value })))).toEqual([
      { count: 2, mean: 1.5, deviation: Math.sqrt(0.5), min: 1, max: 2, first: 1, last: 2 },
      { count: 2, mean: 4, deviation: Math.sqrt(8), min: 2, max: 6, first: 2, last: 6 },
    ])
  })

  it('of a time drop what is as old as the window', () => {
    const items = [trade(0, 1), trade(50, 3), trade(100, 5)]
    const means$ = from(items).pipe(rolling({ withinMs: 100, at: (t) => t.timestamp, value: (t) => t.price }))
    expect(all(means$).map(({ count, mean }) => [count, mean])).toEqual([
      [1, 1],
      [2, 2],
      [2, 4],
    ])
  })

  it('do not drift: a flat price has no deviation after any past', () => {
    const prices = [1e9, 1e-3, ...Array.from({ length: 10 }, () => 0.1)]
    const last = all(from(prices).pipe(rolling({ count: 5, value }))).at(-1)
    expect(last?.deviation).toBe(0)
  })
})

describe('aligning two series', () => {
  interface Stamped {
    readonly t: number
    readonly v: string
  }
  const align = (left$: Observable<Stamped>, right$: Observable<Stamped>, toleranceMs?: number) =>
    left$.pipe(
      asOf(right$, {
        at: ({ t }) => t,
        otherAt: ({ t }) => t,
        ...(toleranceMs === undefined ? {} : { toleranceMs }),
      }),
      map(([left, right]) => `${left.v}${right.v}`),
    )

  it('pairs each with the newest of the other that had happened and arrived by then', () =>
    virtually(({ cold, watch }) => {
      const left$ = cold('--a--b', { a: { t: 2, v: 'a' }, b: { t: 5, v: 'b' } })
      const right$ = cold('x--y', { x: { t: 0, v: 'x' }, y: { t: 3, v: 'y' } })
      expect(watch(align(left$, right$), 10)).toEqual([
        [2, 'ax'],
        [5, 'by'],
      ])
    }))

  it('does not use what is stamped later, even when it came earlier', () =>
    virtually(({ cold, watch }) => {
      const left$ = cold('----a', { a: { t: 1, v: 'a' } })
      const right$ = cold('xy', { x: { t: 0, v: 'x' }, y: { t: 2, v: 'y' } })
      expect(watch(align(left$, right$), 10)).toEqual([[4, 'ax']])
    }))

  it('says nothing when the other is missing or too old', () =>
    virtually(({ cold, watch }) => {
      const left$ = cold('ab-c', { a: { t: 0, v: 'a' }, b: { t: 100, v: 'b' }, c: { t: 101, v: 'c' } })
      const right$ = cold('-x', { x: { t: 1, v: 'x' } })
      expect(watch(align(left$, right$, 99), 10)).toEqual([[1, 'bx']])
    }))

  it('never looks ahead, in whatever order things arrive', () => {
    const stamped = fc.record({ right: fc.boolean(), t: fc.integer({ min: 0, max: 50 }) })
    fc.assert(
      fc.property(fc.array(stamped, { maxLength: 60 }), (arrivals) => {
        const left$ = new Subject<number>()
        const right$ = new Subject<number>()
        const pairs: (readonly [number, number])[] = []
        left$.pipe(asOf(right$, { at: (t) => t, otherAt: (t) => t, keep: 1_000 })).subscribe((pair) => pairs.push(pair))
        const seen: number[] = []
        for (const { right, t } of arrivals) {
          if (right) {
            seen.push(t)
            right$.next(t)
            continue
          }
          const before = pairs.length
          left$.next(t)
          const best = Math.max(...seen.filter((each) => each <= t))
          expect(pairs.slice(before)).toEqual(best === -Infinity ? [] : [[t, best]])
        }
      }),
    )
  })
})

describe('conflating for a slow consumer', () => {
  const project = (value: string) => of(value).pipe(delay(10))
  const key = (value: string) => value[0]

  it('does the latest of each key, the keys in the order they first came', () =>
    virtually(({ cold, watch }) => {
      const values$ = cold('abcde|', { a: 'x1', b: 'y1', c: 'x2', d: 'y2', e: 'x3' })
      expect(watch(values$.pipe(conflateMap({ key, project })))).toEqual([
        [10, 'x1'],
        [20, 'y2'],
        [30, 'x3'],
        [30, '|'],
      ])
    }))

  it('does everything when the consumer keeps up', () =>
    virtually(({ cold, watch }) => {
      const values$ = cold('a 19ms b 19ms (c|)', { a: 'x1', b: 'x2', c: 'x3' })
      expect(watch(values$.pipe(conflateMap({ key, project })))).toEqual([
        [10, 'x1'],
        [30, 'x2'],
        [50, 'x3'],
        [50, '|'],
      ])
    }))

  it('passes on an error thrown by the projection', () => {
    const errors: unknown[] = []
    const fail = (error: unknown) => errors.push(error)
    of(1)
      .pipe(
        conflateMap({
          project: () => {
            throw new Error('projection')
          },
        }),
      )
      .subscribe({ error: fail })
    expect(errors).toEqual([new Error('projection')])
  })

  it('does not build a stack when the projection is done at once', () => {
    const many = Array.from({ length: 100_000 }, (_, n) => n)
    let done = 0
    from(many)
      .pipe(conflateMap({ key: (n: number) => n, project: (n) => of(n) }))
      .subscribe(() => (done += 1))
    expect(done).toBe(100_000)
  })
})
