import { describe, expect, it } from '@jest/globals'
import { emptySeries, quantile, sample } from '../../../src/cli/dashboard/series.js'

describe('a series over a whole run', () => {
  const ofRun = (length: number) =>
    Array.from({ length }, (_, index) => index).reduce((series, value) => sample(series, value), emptySeries)

  it('keeps every value of a short run', () => expect(ofRun(3).samples).toEqual([0, 1, 2]))

  it('keeps evenly spaced values of a long one, and never grows', () => {
    const { samples, stride } = ofRun(100_000)
    expect(samples.length).toBeLessThan(240)
    expect(samples.length).toBeGreaterThan(100)
    expect(samples.every((value, index) => index === 0 || value - (samples[index - 1] ?? 0) === stride)).toBe(true)
    expect(100_000 - (samples.at(-1) ?? 0)).toBeLessThanOrEqual(2 * stride)
  })
})

describe('a quantile', () => {
  it('is one of the values, by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1), quantile(hundred, 0)]).toEqual([
      50, 99, 100, 1,
    ])
    expect(quantile([3], 0.99)).toBe(3)
  })
  it('of nothing is not known', () => expect(quantile([], 0.5)).toBeUndefined())
})
