import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { from, type OperatorFunction, toArray } from 'rxjs'
import type * as Talib from 'talib-web'
import { CCI } from 'trading-signals'
import { adx, atr, bollinger, ema, indicator, macd, rsi, sma, stochastic, wma } from '../../../src/strategy/index.js'

// TA-Lib's C code, compiled to WebAssembly. It must be loaded as CommonJS, and fetches a data: URL only.
const require = createRequire(import.meta.url)
const talib = require('talib-web') as typeof Talib

beforeAll(async () => {
  const wasm = readFileSync(require.resolve('talib-web/lib/talib.wasm')).toString('base64')
  await talib.init(`data:application/wasm;base64,${wasm}`)
})

interface Series {
  readonly high: number[]
  readonly low: number[]
  readonly close: number[]
}

/** Repeatable numbers from 0 to 1 (mulberry32). */
const numbersFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const walk = (seed: number, length: number, step: (random: () => number, price: number) => number, first: number) => {
  const random = numbersFrom(seed)
  const series: Series = { high: [], low: [], close: [] }
  let price = first
  for (let n = 0; n < length; n += 1) {
    const open = price
    price = step(random, price)
    series.high.push(Math.max(open, price) + Math.abs(step(random, price) - price))
    series.low.push(Math.min(open, price) - Math.abs(step(random, price) - price))
    series.close.push(price)
  }
  return series
}
const joined = (...parts: readonly Series[]): Series => ({
  high: parts.flatMap(({ high }) => high),
  low: parts.flatMap(({ low }) => low),
  close: parts.flatMap(({ close }) => close),
})
const flat = (price: number, length: number) => walk(0, length, () => price, price)
const coarse = (seed: number, length: number) =>
  walk(seed, length, (random, price) => price + (Math.floor(random() * 3) - 1), 50)
const random = (seed: number, length: number, scale = 1) =>
  walk(seed, length, (next, price) => price + (next() - 0.5) * scale, 100 * scale)

const SERIES: Readonly<Record<string, Series>> = {
  'a random walk': random(1, 300),
  'another random walk': random(2, 300, 1e4),
  'a series of few levels': coarse(3, 300),
  'a tiny series': random(4, 300, 1e-8),
  'a flat series': flat(42, 100),
  'a flat start': joined(flat(50, 40), coarse(5, 200)),
  'a flat end': joined(coarse(6, 200), flat(50, 100)),
  'a rising series': walk(0, 100, (_, price) => price + 1, 1),
  'a falling series': walk(0, 100, (_, price) => price - 0.25, 100),
}
const PERIODS = [2, 3, 5, 14]

const run = <In, Out>(inputs: readonly In[], operator: OperatorFunction<In, Out>): Out[] => {
  let results: Out[] = []
  from(inputs)
    .pipe(operator, toArray())
    .subscribe((all) => (results = all))
  return results
}
const barsOf = ({ high, low, close }: Series) =>
  close.map((price, n) => ({ high: high[n] ?? NaN, low: low[n] ?? NaN, close: price }))

/** Asserts that our results are the reference's, of which the first inputs − lookback values count; the rest is filled with zeros. */
const expectEqual = (ours: readonly number[], reference: readonly number[], lookback: number, scale: number) => {
  expect(ours).toHaveLength(Math.max(0, reference.length - lookback))
  for (const [n, value] of ours.entries()) {
    const right = reference[n] ?? NaN
    const tolerance = 1e-9 * Math.max(Math.abs(right), scale)
    if (!(Math.abs(value - right) <= tolerance)) throw new Error(`result ${n + 1}: ${value}, TA-Lib says ${right}`)
  }
}

describe.each(Object.entries(SERIES))('on %s, equal to TA-Lib are', (_, series) => {
  // Differences of averages are compared relative to a price, indexes relative to themselves.
  const scale = Math.max(...series.close) * 1e-3

  it.each(PERIODS)('sma, ema and wma of %i', (timePeriod) => {
    const inReal = series.close
    expectEqual(run(inReal, sma(timePeriod)), talib.SMA({ inReal, timePeriod }).output, timePeriod - 1, scale)
    expectEqual(run(inReal, ema(timePeriod)), talib.EMA({ inReal, timePeriod }).output, timePeriod - 1, scale)
    expectEqual(run(inReal, wma(timePeriod)), talib.WMA({ inReal, timePeriod }).output, timePeriod - 1, scale)
  })

  it.each([
    [2, 3, 2],
    [12, 26, 9],
    [26, 12, 9],
    [5, 5, 3],
  ])('macd of %i, %i and %i', (fast, slow, signal) => {
    const reference = talib.MACD({ inReal: series.close, fastPeriod: fast, slowPeriod: slow, signalPeriod: signal })
    const ours = run(series.close, macd({ fast, slow, signal }))
    const lookback = Math.max(fast, slow) + signal - 2
    const lineOf = (name: keyof (typeof ours)[number]) => ours.map((result) => result[name])
    expectEqual(lineOf('macd'), reference.MACD, lookback, scale)
    expectEqual(lineOf('signal'), reference.MACDSignal, lookback, scale)
    expectEqual(lineOf('histogram'), reference.MACDHist, lookback, scale)
  })

  it.each(PERIODS)('rsi, atr and adx of %i', (timePeriod) => {
    const { high, low, close } = series
    const bars = barsOf(series)
    expectEqual(run(close, rsi(timePeriod)), talib.RSI({ inReal: close, timePeriod }).output, timePeriod, 0)
    expectEqual(run(bars, atr(timePeriod)), talib.ATR({ high, low, close, timePeriod }).output, timePeriod, 0)
    expectEqual(run(bars, adx(timePeriod)), talib.ADX({ high, low, close, timePeriod }).output, 2 * timePeriod - 1, 0)
  })
})

// talib-web returns garbled BBANDS and STOCH: these are compared with their definitions, computed here.
describe.each(Object.entries(SERIES))('on %s, equal to their definitions are', (_, series) => {
  const { high, low, close } = series
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const movingMean = (values: readonly number[], period: number) =>
    values.slice(period - 1).map((__, n) => meanOf(values.slice(n, n + period)))

  it.each(PERIODS)('bollinger bands of %i: the mean and two deviations of the whole window', (period) => {
    const ours = run(close, bollinger({ period }))
    expect(ours).toHaveLength(close.length - period + 1)
    for (const [n, { lower, middle, upper }] of ours.entries()) {
      const window = close.slice(n, n + period)
      const mean = meanOf(window)
      const deviation = Math.sqrt(meanOf(window.map((value) => (value - mean) ** 2)))
      expectEqual([middle, upper, lower], [mean, mean + 2 * deviation, mean - 2 * deviation], 0, mean)
    }
  })

  it.each([
    [2, 1, 1],
    [5, 3, 3],
    [14, 3, 5],
  ])('stochastic of %i, %i and %i: 0 where the range is 0', (period, slowing, signal) => {
    const fast = close.slice(period - 1).map((price, n) => {
      const lowest = Math.min(...low.slice(n, n + period))
      const highest = Math.max(...high.slice(n, n + period))
      return highest === lowest ? 0 : (100 * (price - lowest)) / (highest - lowest)
    })
    const slow = movingMean(fast, slowing)
    const ours = run(barsOf(series), stochastic({ period, slowing, signal }))
    expectEqual(
      ours.map(({ k }) => k),
      slow.slice(signal - 1),
      0,
      100,
    )
    expectEqual(
      ours.map(({ d }) => d),
      movingMean(slow, signal),
      0,
      100,
    )
  })
})

describe('known cases', () => {
  it('seed ema by the mean of the first prices, or by the first one on request', () => {
    expect(run([10, 1, 1, 5], ema(3))).toEqual([4, 4.5])
    expect(run([10, 1, 1], ema(3, { seed: 'first' }))).toEqual([3.25])
  })

  it('count neither of two equal moves up and down in adx', () => {
    const bars = [
      { high: 10, low: 8, close: 9 },
      { high: 12, low: 6, close: 9 },
      { high: 13, low: 7, close: 12 },
      { high: 14, low: 8, close: 13 },
      { high: 15, low: 9, close: 14 },
    ]
    expect(run(bars, adx(2))).toEqual([100, 100])
  })

  it('recover from a flat start', () => {
    const bars = [...Array.from({ length: 50 }, () => 10), 11, 12, 13].map((close) => ({
      high: close,
      low: close,
      close,
    }))
    expect(run(bars, adx(2)).every((value) => Number.isFinite(value))).toBe(true)
    expect(run(bars, adx(2)).at(-1)).toBeGreaterThan(80)
  })

  it('leave out what an indicator cannot say of a price that stands still', () => {
    const bars = [5, 5, 5, 5, 5, 6, 7].map((close) => ({ high: close, low: close, close }))
    const results = run(
      bars,
      indicator(() => new CCI(3)),
    )
    expect(results.length).toBeGreaterThan(0)
    expect(results.every((value) => Number.isFinite(value))).toBe(true)
  })

  it.each([0, -1, 1.5, NaN, Infinity])('refuse a period of %d', (period) => {
    for (const make of [
      adx,
      atr,
      ema,
      rsi,
      sma,
      wma,
      (n: number) => bollinger({ period: n }),
      (n: number) => macd({ slow: n }),
    ])
      expect(() => (make as (n: number) => unknown)(period)).toThrow(RangeError)
    expect(() => stochastic({ period })).toThrow(RangeError)
  })
})
