import { describe, expect, it } from '@jest/globals'
import { brailleCurve } from '../../../src/cli/format/braille.js'

const label = (value: number): string => value.toFixed(0)

describe('a curve of braille characters', () => {
  it('rises from the lower left to the upper right, between its lowest and highest value', () => {
    expect(brailleCurve([0, 1, 2, 3, 4, 5, 6, 7], { width: 4, height: 2, label })).toEqual(['7 ┤⠀⠀⣠⠞', '0 ┤⣠⠞⠁⠀'])
  })

  it('keeps a dip that is shorter than a column', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => (index === 501 ? 0 : 10))
    const lines = brailleCurve(values, { width: 10, height: 4, label })
    expect(lines.at(-1)).toMatch(/[\u2801-\u28FF]/)
  })

  it('is a line in the middle where nothing moves, and nothing of less than two values', () => {
    expect(brailleCurve([5, 5, 5], { width: 3, height: 1, label })).toEqual(['5 ┤⠤⠤⠤'])
    expect(brailleCurve([5], { width: 3, height: 1, label })).toEqual([])
  })
})
