import { describe, expect, it } from '@jest/globals'
import { runCampaign } from './campaign.js'
import { runSeed } from './run.js'

const seeds = Number(process.env.SIMULATION_SEEDS ?? 60)

describe('client and gateway over a network that fails', () => {
  it(
    `break no promise, with ${seeds} seeds`,
    async () => {
      const { failures, hits } = await runCampaign({ from: 1, seeds, keepGoing: true })
      expect(failures).toEqual([])
      // A run in which nothing fails proves nothing.
      const hit = Object.values(hits.faults).filter((count) => count > 0)
      expect(hit.length).toBeGreaterThan(40)
    },
    60_000 + 1_000 * seeds,
  )

  it('do the same twice with the same seed', () => {
    for (const seed of [7, 8, 9]) expect(runSeed(seed).hash).toBe(runSeed(seed).hash)
  })
})
