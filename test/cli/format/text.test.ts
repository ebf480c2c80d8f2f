import { describe, expect, it } from '@jest/globals'
import {
  cut,
  harmless,
  justify,
  painted,
  padEnd,
  padStart,
  sparkline,
  widthOf,
  wrap,
} from '../../../src/cli/format/text.js'

describe('text for a terminal', () => {
  it('is as wide as it looks: paint takes no column, a Chinese character takes two', () => {
    expect(widthOf(painted('good', 'READY'))).toBe(5)
    expect(widthOf('交易')).toBe(4)
  })

  it('is cut to a width, with its paint taken off again', () => {
    expect(cut(painted('bad', 'profit'), 4)).toBe('\u001B[31mpro…\u001B[39m')
    expect(cut('profit', 6)).toBe('profit')
    expect(cut('交易所', 4)).toBe('交…')
    expect(cut('profit', 0)).toBe('')
  })

  it('is broken into lines between its words, and within one that is too long; nothing is lost', () => {
    expect(wrap('run that copy’s own command', 12)).toEqual(['run that', 'copy’s own', 'command'])
    expect(wrap('see /a/very/long/path.ts', 8)).toEqual(['see', '/a/very/', 'long/pat', 'h.ts'])
    expect(wrap('交易所 交易', 5)).toEqual(['交易', '所', '交易'])
    expect(wrap('short', 8)).toEqual(['short'])
  })

  it('is padded by what is seen of it', () => {
    expect(padEnd(painted('good', 'ab'), 4)).toBe('\u001B[32mab\u001B[39m  ')
    expect(padStart('ab', 4)).toBe('  ab')
    expect(padStart('abcdef', 4)).toBe('abcdef')
  })

  it('puts one text left and one right, and cuts the left one', () => {
    expect(justify('left', 'right', 12)).toBe('left   right')
    expect(justify('much too long', 'right', 12)).toBe('much … right')
  })

  it("lets no stranger's text move the cursor, clear the screen or break the line", () => {
    expect(harmless('bad\u001B[2J\u001B[Hkey\r\nREADY\u202Ex')).toBe('bad [2J [Hkey READY x')
  })
})

describe('a curve of one line', () => {
  it('goes from the lowest value to the highest', () => expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe('▁▂▃▄▅▆▇█'))
  it('takes no more columns than it is given, and keeps both ends', () => {
    const curve = sparkline(
      Array.from({ length: 100 }, (_, index) => index),
      10,
    )
    expect([curve.length, curve.at(0), curve.at(-1)]).toEqual([10, '▁', '█'])
  })
  it('is flat in the middle when nothing moves', () => expect(sparkline([5, 5, 5], 8)).toBe('▄▄▄'))
  it('is nothing for less than two values, or no room', () => {
    expect([sparkline([1], 8), sparkline([], 8), sparkline([1, 2], 0)]).toEqual(['', '', ''])
  })
})
