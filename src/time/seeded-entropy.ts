import type { Entropy } from './entropy.js'

/**
 * Randomness that repeats: the same seed gives the same numbers and ids. For tests and backtests
 * only. Against a real gateway a restarted process would give its predecessor's cids again, and an
 * old reply could be taken for the answer to a new order.
 *
 * ```ts
 * const entropy = seededEntropy(7)
 * entropy.id() // => 'seed-7-1'
 * entropy.id() // => 'seed-7-2'
 * ```
 */
export function seededEntropy(seed: number): Entropy {
  let state = seed | 0
  let ids = 0
  return {
    uniform: () => {
      // mulberry32: small, and even enough for jitter.
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
    // Says aloud what it is, so that it is recognised where it should not be.
    id: () => `seed-${seed}-${++ids}`,
  }
}
