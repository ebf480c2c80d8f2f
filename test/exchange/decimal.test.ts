import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decimalsOf, formatUnits, Grid, parseUnits, unitsToNumber } from '../../src/exchange/numbers/decimal.js'

describe('decimal text', () => {
  it.each<[string, number, bigint | undefined]>([
    ['1.5', 8, 150_000_000n],
    ['-0.00000001', 8, -1n],
    ['1e-7', 8, 10n],
    ['1e21', 0, 10n ** 21n],
    ['1.50000', 1, 15n],
    ['1.05', 1, undefined],
    ['', 1, undefined],
    ['.5', 1, undefined],
    ['NaN', 1, undefined],
    ['Infinity', 1, undefined],
    ['0x10', 1, undefined],
    ['1e999999999', 1, undefined],
  ])('%j of %d places is %s units', (text, decimals, units) => {
    expect(parseUnits(text, decimals)).toBe(units)
  })

  it('comes back the same from units and back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 18 }),
        (units, decimals) => {
          expect(parseUnits(formatUnits(units, decimals), decimals)).toBe(units)
        },
      ),
    )
  })

  it('on the wire is the double nearest to the exact amount', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
        fc.integer({ min: 0, max: 12 }),
        (units, decimals) => {
          expect(unitsToNumber(units, decimals)).toBe(Number(formatUnits(units, decimals)) + 0)
        },
      ),
    )
  })

  it('has as many places as it needs', () => {
    expect(['1', '0.10', '0.00000001', '5e-4'].map(decimalsOf)).toEqual([0, 1, 8, 4])
  })
})

describe('a grid', () => {
  it.each(['0.01', '0.05', '0.5', '0.003', '1', '25', '0.00000001'])(
    'of %s takes exactly the numbers whose shortest text is a multiple of it',
    (step) => {
      const grid = new Grid(step)
      const decimals = decimalsOf(step)
      const unit = parseUnits(step, decimals)!
      fc.assert(
        fc.property(
          fc.oneof(
            fc.integer({ min: 0, max: 1e9 }).map((count) => grid.value(count)),
            fc.integer({ min: 0, max: 1e9 }).map((units) => units / 10 ** decimals),
            fc.double({ min: 0, max: 1e6, noNaN: true }),
          ),
          (value) => {
            const units = parseUnits(String(value), decimals)
            const expected = units !== undefined && units % unit === 0n ? Number(units / unit) : undefined
            expect(grid.steps(value)).toBe(expected)
          },
        ),
      )
    },
  )

  it('puts what lies between two steps on the lower or the upper one, and leaves what is on it', () => {
    const grid = new Grid('0.05')
    expect([grid.stepsDown(1.07), grid.stepsUp(1.07)]).toEqual([21, 22])
    expect([grid.stepsDown(1.15), grid.stepsUp(1.15)]).toEqual([23, 23])
  })

  it('takes no number that has more digits than a double can name', () => {
    expect(new Grid('0.01').steps(10_000_000_000_000.25)).toBeUndefined()
    expect(new Grid('0.01').steps(NaN)).toBeUndefined()
    expect(new Grid('0.01').steps(Infinity)).toBeUndefined()
  })
})
