import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatMs } from '../../src/testing/notation/duration.js'
import { NotationError } from '../../src/testing/notation/problem.js'
import { parseLanes } from '../../src/testing/notation/parse.js'

const events = (text: string, tickMs?: number) =>
  parseLanes(`x ${text}`, tickMs === undefined ? {} : { tickMs })[0]?.events.map(({ atMs, text: it }) => [atMs, it])

const problems = (text: string, tickMs?: number): string[] => {
  try {
    parseLanes(text, tickMs === undefined ? {} : { tickMs })
  } catch (error) {
    if (error instanceof NotationError) {
      return error.problems.map(({ span, message }) => `${span.line}:${span.column} ${message}`)
    }
    throw error
  }
  return []
}

describe('a lane', () => {
  it('has events of any length that take no time, and gaps as durations', () => {
    expect(events('login 250ms ready 2s tick 1m tick 1h sub:BTC')).toEqual([
      [0, 'login'],
      [250, 'ready'],
      [2250, 'tick'],
      [62250, 'tick'],
      [3662250, 'sub:BTC'],
    ])
  })

  it('has dashes of a declared tick', () => {
    expect(events('--a-b---|', 10)).toEqual([
      [20, 'a'],
      [30, 'b'],
      [60, '|'],
    ])
  })

  it('does not care about spaces', () => {
    expect(events('  1s    a  1s      b')).toEqual(events('1s a 1s b'))
  })

  it('has several events at one instant, in their order', () => {
    expect(events('1s (a b |)')).toEqual([
      [1000, 'a'],
      [1000, 'b'],
      [1000, '|'],
    ])
  })

  it('ends, errs, subscribes and unsubscribes', () => {
    const kinds = parseLanes('x ^ 1s a 1s #timeout !')[0]?.events.map(({ kind }) => kind)
    expect(kinds).toEqual(['subscribe', 'next', 'error', 'unsubscribe'])
  })

  it('has words with arguments, in which anything may stand', () => {
    const [fill, book] =
      parseLanes(`x fill(o1, BUY 2 @ 101.5) 1s book({bids: [[1, 2]], of: 'A, B'}, true, null, -3)`)[0]?.events ?? []
    expect(fill).toMatchObject({ name: 'fill', args: ['o1', 'BUY 2 @ 101.5'] })
    expect(book).toMatchObject({ name: 'book', args: [{ bids: [[1, 2]], of: 'A, B' }, true, null, -3] })
  })

  it('has literals for values', () => {
    const values = parseLanes(`x 1.5 1s -2 1s 'a b' 1s {"a": {b: 1}} 1s [1, 2] 1s true 1s undefined`)[0]?.events
    expect(values?.map(({ literal }) => literal?.value)).toEqual([
      1.5,
      -2,
      'a b',
      { a: { b: 1 } },
      [1, 2],
      true,
      undefined,
    ])
  })

  it('takes a __proto__ in an object for a field and not for a prototype', () => {
    const value = parseLanes('x {__proto__: 1}')[0]?.events[0]?.literal?.value as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__'])
  })

  it('goes on in lines that are indented deeper, has comments, and says how it is compared', () => {
    const lanes = parseLanes(`
      // a comment
      orders [within 50ms]   1s a   // another
                             1s b
      login →                5ms ok
      calm [silent]
      seq [in order]         a b`)
    expect(lanes.map(({ name, isReply, qualifiers, endMs }) => [name, isReply, qualifiers, endMs])).toEqual([
      ['orders', false, { withinMs: 50 }, 2000],
      ['login', true, {}, 5],
      ['calm', false, { silent: true }, 0],
      ['seq', false, { inOrder: true }, 0],
    ])
    expect(lanes[0]?.events[1]?.span).toEqual({ line: 4, column: 33, length: 1 })
  })
})

describe('faults are reported with line and column:', () => {
  it.each<[string, string, RegExp]>([
    ['stray text', 'x  1s a 1q', /^1:9 "1q" means nothing here/],
    ['a unit that there is not', 'x  100us a', /^1:4 "100us" means nothing/],
    ['durations that run together', 'x  1m30s a', /^1:4 "1m30s" means nothing/],
    ['a gap that lost its unit', 'x  a 100 b', /^1:6 a bare number among named events: write 100ms/],
    ['dashes without a tick', 'x  --a', /^1:4 a dash is one tick, but no tick is declared/],
    ['an instant that is not closed', 'x  (a b', /^1:4 this "\(" is never closed/],
    ['an instant that is not opened', 'x  a b)', /^1:7 this "\)" closes nothing/],
    ['an empty instant', 'x  1s ()', /^1:7 an instant without an event/],
    ['a gap within an instant', 'x  (a 1s b)', /^1:7 a gap inside/],
    ['arguments that are not closed', 'x  fill(o1, 2', /^1:8 the "\(" of fill is never closed/],
    ['an event after the end', 'x  a | 1s b', /^1:11 nothing comes after "\|"/],
    ['an end after an error', 'x  #a 1s |', /^1:10 nothing comes after "#a"/],
    ['an error without a name', 'x  #', /^1:4 an error needs a name/],
    ['two lanes of one name', 'x  a\nx  b', /^2:1 there are two lanes named "x"/],
    ['a qualifier that there is not', 'x [within a bit] a', /^1:1 \[within a bit\] is none of/],
    ['no lane at all', '  \n // nothing', /^1:1 there is no lane/],
  ])('%s', (_what, text, expected) => {
    expect(problems(text)[0]).toMatch(expected)
  })

  it('all at once, each with its line and a caret', () => {
    expect(() => parseLanes('a  1q x\nb  () y')).toThrow(
      [
        'line 1, column 4: "1q" means nothing here: a gap is a number with ms, s, m or h, and a name begins with a letter',
        '    a  1q x',
        '       ^^',
        'line 2, column 4: an instant without an event',
        '    b  () y',
        '       ^^',
      ].join('\n'),
    )
  })

  it('a NotationError, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab1 -|#^!()[]{},\'"5ms→\n.@')) }), (text) => {
        try {
          parseLanes(text, { tickMs: 1 })
        } catch (error) {
          expect(error).toBeInstanceOf(NotationError)
        }
      }),
    )
  })
})

describe('a time', () => {
  it.each([
    [0, '0'],
    [250, '250ms'],
    [1500, '1.5s'],
    [60_000, '1m'],
    [61_000, '61s'],
    [7_200_000, '2h'],
    [0.5, '0.5ms'],
    [-5, '-5ms'],
  ])('%d ms is written %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text)
  })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (ms) => {
        expect(events(`${formatMs(ms)} a`)?.[0]?.[0]).toBe(ms)
      }),
    )
  })
})
