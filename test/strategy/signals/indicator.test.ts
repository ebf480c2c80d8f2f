import { describe, expect, it } from '@jest/globals'
import { filter, from, identity, map, type Observable, of, Subject, toArray } from 'rxjs'
import { SMA } from 'trading-signals'
import {
  adx,
  atr,
  bollinger,
  crossover,
  ema,
  indicator,
  macd,
  rsi,
  sma,
  stochastic,
  combineIndicators,
  wma,
} from '../../../src/strategy/index.js'
import { virtually } from '../virtually.js'

const all = <T>(stream$: Observable<T>): T[] => {
  let result: T[] = []
  stream$.pipe(toArray()).subscribe((values) => (result = values))
  return result
}
const round = (value: number) => Number(value.toFixed(4))
const wave = Array.from({ length: 60 }, (_, n) => 100 + 10 * Math.sin(n / 5))
const barsOf = (closes: readonly number[]) => closes.map((close) => ({ high: close + 1, low: close - 1, close }))

describe('an indicator as an operator', () => {
  it('says nothing before it rests on enough inputs, and answers at the instant of each input', () =>
    virtually(({ cold, watch }) => {
      const prices$ = cold('a-b-c-d|', { a: 1, b: 2, c: 3, d: 7 })
      expect(watch(prices$.pipe(sma(3)))).toEqual([
        [4, 2],
        [6, 4],
        [7, '|'],
      ])
    }))

  it('passes an error on', () =>
    virtually(({ cold, watch }) => {
      expect(watch(cold('a-#', { a: 1 }).pipe(ema(1)))).toEqual([
        [0, 1],
        [2, '#'],
        [2, 'error'],
      ])
    }))

  it('keeps a state of its own for each subscription', () => {
    const price$ = new Subject<number>()
    const average$ = price$.pipe(indicator(() => new SMA(2)))
    const first: number[] = []
    const second: number[] = []
    average$.subscribe((value) => first.push(value))
    price$.next(1)
    price$.next(3)
    average$.subscribe((value) => second.push(value))
    price$.next(5)
    price$.next(7)
    expect(first).toEqual([2, 4, 6])
    expect(second).toEqual([6])
  })

  it('is not poisoned by a NaN', () => {
    expect(all(of(1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5).pipe(ema(1)))).toEqual([1, 3, 5])
    expect(all(from(barsOf([1, Number.NaN, 1, 1, 1])).pipe(atr(3)))).toHaveLength(1)
  })
})

describe('the values of', () => {
  it('sma, ema and wma are those of their definitions', () => {
    const prices$ = of(1, 2, 3, 4, 8)
    expect(all(prices$.pipe(sma(3)))).toEqual([2, 3, 5])
    // The mean of the first three, then weight 1/2.
    expect(all(prices$.pipe(ema(3)))).toEqual([2, 3, 5.5])
    expect(all(prices$.pipe(wma(3))).map(round)).toEqual([2.3333, 3.3333, 5.8333])
  })

  it('rsi is 100 when nothing fell and 0 when nothing rose', () => {
    expect(all(of(1, 2, 3, 4).pipe(rsi(3)))).toEqual([100])
    expect(all(of(4, 3, 2, 1).pipe(rsi(3)))).toEqual([0])
  })

  it('bollinger are two standard deviations of the window around its mean', () => {
    expect(all(of(1, 3).pipe(bollinger({ period: 2 })))).toEqual([{ lower: 0, middle: 2, upper: 4 }])
    expect(all(of(1, 3).pipe(bollinger({ period: 2, width: 1 })))).toEqual([{ lower: 1, middle: 2, upper: 3 }])
  })

  it('macd come once its signal line, too, rests on enough values', () => {
    const results = all(from(wave).pipe(macd()))
    expect(results).toHaveLength(60 - 25 - 8)
    for (const { macd: line, signal, histogram } of results) expect(histogram).toBeCloseTo(line - signal, 12)
  })

  it('atr is the reach of bars that stand still', () => {
    expect(all(from(barsOf([5, 5, 5, 5, 5])).pipe(atr(3)))).toEqual([2, 2])
  })

  it('adx and stochastic lie between 0 and 100', () => {
    for (const value of all(from(barsOf(wave)).pipe(adx(14)))) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(100)
    }
    const stochastics = all(from(barsOf(wave)).pipe(stochastic()))
    expect(stochastics.length).toBeGreaterThan(30)
    for (const { k, d } of stochastics) {
      expect(k).toBeGreaterThanOrEqual(0)
      expect(d).toBeLessThanOrEqual(100)
    }
  })
})

describe('a study of several indicators', () => {
  it('pairs what they say to the same input', () => {
    const results = all(
      from([1, 2, 3, 4, 5]).pipe(combineIndicators({ price: map(identity<number>), fast: sma(2), slow: sma(4) })),
    )
    expect(results).toEqual([
      { price: 4, fast: 3.5, slow: 2.5 },
      { price: 5, fast: 4.5, slow: 3.5 },
    ])
  })

  it('is silent where one of them is', () => {
    const even$ = from([1, 2, 3, 4]).pipe(
      combineIndicators({ price: map(identity<number>), even: filter((n: number) => n % 2 === 0) }),
    )
    expect(all(even$)).toEqual([
      { price: 2, even: 2 },
      { price: 4, even: 4 },
    ])
  })

  it('can be subscribed to twice', () => {
    const both$ = of(1, 2).pipe(combineIndicators({ mean: sma(2) }))
    expect(all(both$)).toEqual([{ mean: 1.5 }])
    expect(all(both$)).toEqual([{ mean: 1.5 }])
  })
})

describe('a crossover', () => {
  const crossings = (...pairs: readonly (readonly [number, number])[]) => all(from(pairs).pipe(crossover()))

  it('is told when the line passes the other, at that instant', () =>
    virtually(({ cold, watch }) => {
      const line$ = cold('abcd', { a: 1, b: 3, c: 4, d: 1 }).pipe(map((line) => [line, 2] as const))
      expect(watch(line$.pipe(crossover()), 10)).toEqual([
        [1, 'up'],
        [3, 'down'],
      ])
    }))

  it('is not told of the first pair', () => {
    expect(crossings([3, 2])).toEqual([])
  })

  it('is not told of a touch', () => {
    expect(crossings([1, 2], [2, 2], [1, 2])).toEqual([])
  })

  it('is told once when it passes through a touch', () => {
    expect(crossings([1, 2], [2, 2], [3, 2], [4, 2])).toEqual(['up'])
  })

  it('is not told of a NaN', () => {
    expect(crossings([1, 2], [Number.NaN, 2], [1, 2], [3, 2])).toEqual(['up'])
  })
})
