import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Recent } from '../../src/strategy/recent.js'

it('is what a Map would be after the same changes, of which each leaves the one before as it was', () => {
  const change = fc.tuple(fc.integer({ min: 0, max: 60 }).map(String), fc.option(fc.integer(), { nil: undefined }))
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      let recent = Recent.of<number>(1_000)
      const map = new Map<string, number>()
      for (const [key, value] of changes) {
        const before = recent
        const entries = [...before]
        recent = value === undefined ? recent.without(key) : recent.with(key, value)
        map.delete(key)
        if (value !== undefined) map.set(key, value)
        expect(recent.get(key)).toBe(value)
        expect([...before]).toEqual(entries)
      }
      expect([...recent]).toEqual([...map])
    }),
    { numRuns: 30 },
  )
})

it('keeps the newest', () => {
  let recent = Recent.of<number>(100)
  for (let n = 0; n < 10_000; n += 1) recent = recent.with(String(n), n)
  const kept = [...recent].map(([, value]) => value)
  expect(kept.length).toBeGreaterThanOrEqual(100)
  expect(kept.length).toBeLessThan(140)
  expect(kept).toEqual(kept.map((_, index) => 10_000 - kept.length + index))
})
