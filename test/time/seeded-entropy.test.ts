import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { seededEntropy } from '../../src/time/index.js'

const first = (seed: number, count: number) => {
  const entropy = seededEntropy(seed)
  return Array.from({ length: count }, () => entropy.uniform())
}

describe('seededEntropy', () => {
  it('gives the same numbers and ids for the same seed', () => {
    expect(first(7, 100)).toEqual(first(7, 100))
    expect(seededEntropy(7).id()).toBe(seededEntropy(7).id())
  })

  it('gives other numbers for another seed', () => {
    expect(first(7, 10)).not.toEqual(first(8, 10))
  })

  it('gives numbers in [0, 1), evenly spread', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const numbers = first(seed, 1000)
        const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length
        return numbers.every((each) => each >= 0 && each < 1) && Math.abs(mean - 0.5) < 0.06
      }),
    )
  })

  it('never gives an id twice, and ids that say what they are', () => {
    const entropy = seededEntropy(7)
    const ids = Array.from({ length: 1000 }, () => entropy.id())
    expect(new Set(ids).size).toBe(1000)
    expect(ids[0]).toBe('seed-7-1')
  })
})
