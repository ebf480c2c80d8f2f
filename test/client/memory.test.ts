import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { BoundedMap } from '../../src/client/bounded-map.js'

describe('Memory', () => {
  it('forgets the oldest, and says which, when there are more than it may hold', () => {
    const memory = new BoundedMap<number>(2)
    expect(['a', 'b', 'c', 'd'].map((key, n) => memory.set(key, n))).toEqual([undefined, undefined, 'a', 'b'])
    expect([...memory.values()]).toEqual([2, 3])
  })

  it('does what a list would, whatever is set and deleted', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', '__proto__')
    const step = fc.record({ key, value: fc.integer(), deletes: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
        const memory = new BoundedMap<number>(most)
        let list: [string, number][] = []
        for (const { key, value, deletes } of steps) {
          if (deletes) {
            memory.delete(key)
            list = list.filter(([known]) => known !== key)
          } else {
            const forgotten = memory.set(key, value)
            const known = list.find((entry) => entry[0] === key)
            if (known === undefined) list.push([key, value])
            else known[1] = value
            expect(forgotten).toBe(list.length > most ? list.shift()?.[0] : undefined)
          }
          expect([...memory.values()]).toEqual(list.map((entry) => entry[1]))
          for (const [each, stands] of list) expect([memory.has(each), memory.get(each)]).toEqual([true, stands])
        }
      }),
    )
  })
})
