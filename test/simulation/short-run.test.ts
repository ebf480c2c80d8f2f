import { describe, expect, it } from '@jest/globals'
import { Hits } from './hits.js'
import { runSeed } from './run.js'

const seeds = Number(process.env.SIMULATION_SEEDS ?? 60)

describe('client and gateway over a network that fails', () => {
  it(`break no promise, with ${seeds} seeds`, () => {
    const hits = new Hits()
    const violations: string[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const result = runSeed(seed)
      hits.add(result.hits)
      violations.push(...result.violations.map((each) => `seed ${seed}: ${each} (npm run simulate -- --seed ${seed})`))
    }
    expect(violations).toEqual([])
    // A run in which nothing fails proves nothing.
    expect(hits.counts.size).toBeGreaterThan(30)
  })

  it('do the same twice with the same seed', () => {
    for (const seed of [7, 8, 9]) expect(runSeed(seed).hash).toBe(runSeed(seed).hash)
  })
})
