import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AgeOrderedSet } from '../../src/operators/age-ordered-set.js'

describe('AgeOrderedSet', () => {
  it('gives the oldest member again after it was empty', () => {
    const set = new AgeOrderedSet<string>()
    set.add('a')
    expect([set.takeOldest(), set.takeOldest()]).toEqual(['a', undefined])
    set.add('b')
    expect(set.takeOldest()).toBe('b')
  })

  it('is a list without doubles from which the first is taken', () => {
    const step = fc.record({ do: fc.constantFrom('add', 'delete', 'take'), n: fc.nat(8) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const set = new AgeOrderedSet<number>()
        let list: number[] = []
        for (const { do: what, n } of steps) {
          if (what === 'take') expect(set.takeOldest()).toBe(list.shift())
          else if (what === 'delete') {
            expect(set.delete(n)).toBe(list.includes(n))
            list = list.filter((each) => each !== n)
          } else {
            set.add(n)
            if (!list.includes(n)) list.push(n)
          }
          expect([set.size, set.has(n)]).toEqual([list.length, list.includes(n)])
        }
      }),
    )
  })
})
