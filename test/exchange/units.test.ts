import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Share, shareUp } from '../../src/exchange/numbers/rate.js'
import { minus, plus, times, unitsOf } from '../../src/exchange/numbers/units.js'

/** Small ones, ones about 2^53, where a double begins to skip, and ones far beyond; of either sign. */
const amount = fc.oneof(
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: -1000n, max: 1000n }).map((off) => 2n ** 53n + off),
  fc.bigInt({ min: -1000n, max: 1000n }).map((off) => -(2n ** 53n) + off),
  fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }),
)

describe('money as a number or a bigint', () => {
  it('counts as bigints count, and is a number whenever it can be', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        expect(plus(unitsOf(a), unitsOf(b))).toBe(unitsOf(a + b))
        expect(minus(unitsOf(a), unitsOf(b))).toBe(unitsOf(a - b))
        expect(times(unitsOf(a), unitsOf(b))).toBe(unitsOf(a * b))
        expect(typeof unitsOf(a)).toBe(a > -(2n ** 53n) && a < 2n ** 53n ? 'number' : 'bigint')
      }),
      { numRuns: 5000 },
    )
  })

  it('has the same share taken of it by a fraction in lowest terms as by a rate, to the unit', () => {
    const rate = fc.oneof(fc.bigInt({ min: -1_000_000n, max: 1_000_000n }), fc.constantFrom(200_000n, 80_000n, 0n))
    fc.assert(
      fc.property(
        amount.filter((units) => units >= 0n),
        rate,
        (units, share) => expect(new Share(share).up(unitsOf(units))).toBe(unitsOf(shareUp(units, share))),
      ),
      { numRuns: 5000 },
    )
  })

  it('is rounded up by a whole unit where the quotient is a hair above or below an integer', () => {
    const near = fc.record({
      whole: fc.constantFrom(500n, 1250n, 2500n, 100_000_000n),
      back: fc.bigInt(0n, 1_000_000n),
    })
    fc.assert(
      fc.property(near, fc.constantFrom(-1n, 0n, 1n), ({ whole, back }, off) => {
        const units = ((2n ** 53n - 2n) / whole - back) * whole + off
        const share = 100_000_000n / whole
        expect(new Share(share).up(unitsOf(units))).toBe(unitsOf(shareUp(units, share)))
      }),
      { numRuns: 5000 },
    )
  })
})
