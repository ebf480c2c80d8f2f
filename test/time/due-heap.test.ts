import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { DueHeap } from '../../src/time/due-heap.js'
import { leftBehindMb } from './garbage.js'

interface Item {
  readonly dueMs: number
  readonly order: number
  wanted: boolean
}

/** Some hundred items, half of the instants shared, many of them cancelled: far beyond what makes the heap tidy up. */
const plan = fc.array(
  fc.record({
    dueMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, max: 1000, noNaN: true })),
    cancels: fc.option(fc.nat(), { freq: 2 }),
    pops: fc.boolean(),
  }),
  { minLength: 100, maxLength: 400, size: 'max' },
)

describe('DueHeap', () => {
  it('gives what is wanted by instant and then by order, and tidies up what is not', () => {
    fc.assert(
      fc.property(plan, (steps) => {
        const heap = new DueHeap<Item>((item) => item.wanted)
        let inside: Item[] = []
        const popBoth = () => {
          const first = [...inside].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0]
          expect(heap.nextDueMs()).toBe(first?.dueMs ?? Infinity)
          expect(heap.pop()).toBe(first)
          inside = inside.filter((item) => item !== first)
        }
        steps.forEach(({ dueMs, cancels, pops }, order) => {
          const item = { dueMs, order, wanted: true }
          inside.push(item)
          heap.push(dueMs, order, item)
          const cancelled = cancels === null ? undefined : inside[cancels % inside.length]
          if (cancelled !== undefined) {
            inside = inside.filter((each) => each !== cancelled)
            cancelled.wanted = false
            heap.noteCancelled()
          }
          if (pops && order % 4 === 0) popBoth()
          expect(heap.size).toBe(inside.length)
          expect(heap.sizeWithCancelled - heap.size).toBeLessThanOrEqual(Math.max(64, heap.size))
        })
        expect(heap.list().map(({ item }) => item)).toEqual(
          [...inside].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order),
        )
        while (inside.length > 0) popBoth()
        popBoth()
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  it('keeps nothing of what was taken out, nor its place', () => {
    const heap = new DueHeap<{ readonly ballast: number[] }>(() => true)
    const left = leftBehindMb(() => {
      for (let n = 0; n < 100; n++) heap.push(n, n, { ballast: Array.from({ length: 20_000 }, () => n) })
      while (heap.size > 0) heap.pop()
      for (let n = 0; n < 1_000_000; n++) {
        heap.push(n, n, { ballast: [] })
        heap.pop()
      }
    })
    // 15 MB of ballast, 8 MB of places.
    expect(left).toBeLessThan(4)
  })

  it('is in order after it has thrown out the cancelled in one pass', () => {
    const heap = new DueHeap<Item>((item) => item.wanted)
    const items = Array.from({ length: 500 }, (_, order) => ({ dueMs: (order * 7919) % 1009, order, wanted: true }))
    for (const item of items) heap.push(item.dueMs, item.order, item)
    for (const item of items.filter(({ dueMs }) => dueMs < 600)) {
      item.wanted = false
      heap.noteCancelled()
    }
    const got: number[] = []
    while (heap.size > 0) got.push(heap.pop()!.dueMs)
    expect(got).toEqual(items.flatMap(({ dueMs, wanted }) => (wanted ? [dueMs] : [])).sort((a, b) => a - b))
  })
})
