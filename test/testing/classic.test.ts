import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { map, merge, take } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { classic, marbles, NotationError } from '../../src/testing/index.js'

const times = (text: string) => classic(text).events.map(({ atMs, text: it }) => [atMs, it])

describe('a classic marble string', () => {
  it.each<[string, [number, string][]]>([
    [
      '-a--b|',
      [
        [1, 'a'],
        [4, 'b'],
        [5, '|'],
      ],
    ],
    [
      '--(ab)-c#',
      [
        [2, 'a'],
        [2, 'b'],
        [7, 'c'],
        [8, '#'],
      ],
    ],
    [
      'a 9ms b 1s (c|)',
      [
        [0, 'a'],
        [10, 'b'],
        [1011, 'c'],
        [1011, '|'],
      ],
    ],
    ['--a--^--b', [[3, 'b']]],
    [
      '-^--!',
      [
        [1, '^'],
        [4, '!'],
      ],
    ],
  ])('%s is at the frames that RxJS gives it', (text, expected) => {
    expect(times(text)).toEqual(expected)
  })

  it.each(['-a--b|', '--(ab)-c#', 'a 9ms b 1s (c|)', '1m a', '--a--^--b', '(a|)', ' - a - '])(
    '%s means the same to RxJS',
    (text) => {
      const scheduler = new TestScheduler(() => {})
      scheduler.run(() => {
        const theirs = TestScheduler.parseMarbles(text, undefined, undefined, false, true)
        const ours = classic(text).events.map(({ atMs, kind }) => [
          atMs,
          { next: 'N', error: 'E', complete: 'C' }[kind as 'next'],
        ])
        expect(ours).toEqual(
          theirs.filter(({ frame }) => frame >= 0).map(({ frame, notification }) => [frame, notification.kind]),
        )
      })
    },
  )

  it('stands where the text of a lane stands', () => {
    marbles({
      lanes: { a: classic('-a---c|'), b: classic('--b'), out: classic('-ab--(c|)') },
      run: ({ hot }) => ({ out: merge(hot('a'), hot('b')).pipe(take(3)) }),
    })
  })

  it('takes its letters from the scenario, or from values of its own', () => {
    marbles({
      lanes: { n: classic('-a-b|'), out: classic('-x-y|', { values: { x: 10, y: 20 } }) },
      values: { a: 1, b: 2 },
      run: ({ hot }) => ({ out: hot<number>('n').pipe(map((n) => n * 10)) }),
    })
  })

  it('asserts subscriptions as RxJS writes them, the end included', () => {
    marbles({
      lanes: { n: classic('-a-b-c-d'), out: classic('-a-(b|)'), subs: classic('^--!') },
      run: ({ hot, subscriptions }) => ({ out: hot('n').pipe(take(2)), subs: subscriptions('n') }),
    })
  })

  it('is refused where RxJS would silently read a time as letters', () => {
    expect(() => classic('a 100ms')).not.toThrow()
    expect(() => classic('a100ms b')).toThrow('"100ms" would be read as 5 events')
    expect(() => classic('a 1h b')).toThrow('"1h" would be read as 2 events')
  })

  it('is refused where a letter has no value', () => {
    expect(() => classic('ab', { values: { a: 1 } })).toThrow('"b" is not in values')
  })
})

const kindsOfRxjs: Readonly<Record<string, string>> = { next: 'N', error: 'E', complete: 'C' }

/** Frames to six places: 0.07 s is 70 ms here, and 70.00000000000001 in RxJS. */
const rounded = (frame: number): number => Number(frame.toFixed(6))

const byRxjs = (text: string): unknown[] => {
  let found: unknown[] = []
  new TestScheduler(() => {}).run(() => {
    found = TestScheduler.parseMarbles(text, undefined, undefined, false, true)
      .filter(({ frame }) => frame >= 0)
      .map(({ frame, notification }) => [
        rounded(frame),
        notification.kind,
        { N: notification as { value?: unknown }, E: { value: 'error' }, C: {} }[notification.kind].value,
      ])
  })
  return found
}

const byKit = (text: string): unknown[] =>
  classic(text)
    .events.filter(({ kind }) => kind in kindsOfRxjs)
    .map(({ atMs, kind, name, literal }) => [rounded(atMs), kindsOfRxjs[kind], literal?.value ?? name])

const spaces = fc.constantFrom('', '', '', ' ', '  ')
const time = fc
  .tuple(fc.constantFrom('1', '10', '250', '1.5', '0.07'), fc.constantFrom('ms', 's', 'm'))
  .map(([amount, unit]) => ` ${amount}${unit} `)
const letter = fc.constantFrom('a', 'b', 'm', 's', '💰')
const inGroup = fc.oneof({ arbitrary: letter, weight: 4 }, fc.constantFrom('-', ' ', '  '), time)
const group = fc.array(inGroup, { maxLength: 4 }).map((parts) => `(${parts.join('')})`)
const part = fc.oneof({ arbitrary: letter, weight: 3 }, fc.constantFrom('-', '--', ' '), group, time)
const parts = fc.array(part, { maxLength: 8 }).map((all) => all.join(''))
const end = fc.constantFrom('', '', '|', '#', '(a|)', '( b | )')
const wellFormed = fc.oneof(
  fc.tuple(spaces, parts, end).map((all) => all.join('')),
  fc.tuple(spaces, parts, spaces, fc.constant('^'), spaces, parts, end).map((all) => all.join('')),
)

describe('10,000 random classic strings', () => {
  it('are at the frames of the parser of RxJS', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        expect(byKit(text)).toEqual(byRxjs(text))
      }),
      { numRuns: 10_000 },
    )
  })

  it('of any characters are refused, or at the frames of the parser of RxJS', () => {
    const character = fc.constantFrom(...Array.from('aab--- (()^|#12sm.\t'))
    let agreed = 0
    fc.assert(
      fc.property(
        fc.array(character, { maxLength: 12 }).map((all) => all.join('')),
        (text) => {
          // A time at the very end is a time here, and letters to RxJS.
          fc.pre(!/(^| )\d+(\.\d+)?(ms|s|m)$/.test(text))
          let ours: unknown[]
          try {
            ours = byKit(text)
          } catch (error) {
            expect(error).toBeInstanceOf(NotationError)
            return
          }
          expect(ours).toEqual(byRxjs(text))
          agreed += 1
        },
      ),
      { numRuns: 10_000 },
    )
    expect(agreed).toBeGreaterThan(2_000)
  })

  it('of subscriptions are at the frames of the parser of RxJS', () => {
    const filler = fc
      .array(fc.oneof(fc.constantFrom('-', ' ', '--'), time), { maxLength: 5 })
      .map((all) => all.join(''))
    const marks = fc.oneof(
      fc.tuple(filler, fc.constant('^'), filler, fc.constantFrom('', '!')),
      fc.tuple(filler, fc.constantFrom('(^!)', '( ^ ! )')),
    )
    fc.assert(
      fc.property(
        marks.map((all) => all.join('')),
        (text) => {
          let theirs: number[] = []
          new TestScheduler(() => {}).run(() => {
            const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(text, true)
            theirs = [subscribedFrame, unsubscribedFrame].filter((frame) => frame !== Infinity)
          })
          expect(classic(text).events.map(({ atMs }) => rounded(atMs))).toEqual(theirs.map(rounded))
        },
      ),
      { numRuns: 10_000 },
    )
  })
})

it('a pictogram is one event of a classic string, and a tab is refused', () => {
  expect(times('-💰-a')).toEqual([
    [1, '💰'],
    [3, 'a'],
  ])
  expect(() => classic('a\tb')).toThrow('RxJS reads a tab or a line break as an event')
})
