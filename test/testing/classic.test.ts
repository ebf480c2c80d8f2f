import { describe, expect, it } from '@jest/globals'
import { map, merge, take } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { classic, marbles } from '../../src/testing/index.js'

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
