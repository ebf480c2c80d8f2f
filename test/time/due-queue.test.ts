import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { DueQueue } from '../../src/time/virtual/due-queue.js'
import { seededEntropy } from '../../src/time/index.js'
import { leftBehindMb } from './garbage.js'

interface Item {
  readonly dueMs: number
  readonly order: number
  wanted: boolean
}

/** Some hundred items, half of the instants shared, many of them cancelled: far beyond what makes the queue tidy up. */
const plan = fc.array(
  fc.record({
    dueMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, max: 1000, noNaN: true })),
    cancels: fc.option(fc.nat(), { freq: 2 }),
    pops: fc.boolean(),
  }),
  { minLength: 100, maxLength: 400, size: 'max' },
)

/** Thousands of items in bursts, so that there are buckets, some empty and some crowded, and a pile behind them that is dealt out again and again. */
const bursts = fc.array(
  fc.record({
    pushes: fc.nat(900),
    fromMs: fc.constantFrom(0, 50, 1e4),
    spanMs: fc.constantFrom(0, 1, 100, 1e5, 1e12),
    cancels: fc.nat(400),
    pops: fc.nat(700),
    seed: fc.nat(),
  }),
  { minLength: 4, maxLength: 12, size: 'max' },
)

describe('DueQueue', () => {
  it('gives thousands in order, pushed and cancelled in bursts, near and far', () => {
    fc.assert(
      fc.property(bursts, (steps) => {
        const queue = new DueQueue<Item>((item) => item.wanted)
        let inside: Item[] = []
        let nowMs = 0
        let order = 0
        for (const { pushes, fromMs, spanMs, cancels, pops, seed } of steps) {
          const { uniform } = seededEntropy(seed)
          for (let n = 0; n < pushes; n++) {
            const item = {
              dueMs: nowMs + fromMs + Math.floor(uniform() * 64) * (spanMs / 64),
              order: order++,
              wanted: true,
            }
            inside.push(item)
            queue.push(item.dueMs, item.order, item)
          }
          for (let n = 0; n < cancels; n++) {
            const item = inside[Math.floor(uniform() * inside.length)]
            if (item?.wanted !== true) continue
            item.wanted = false
            queue.noteCancelled()
          }
          inside = inside.filter(({ wanted }) => wanted).sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
          expect(queue.size).toBe(inside.length)
          expect(queue.sizeWithCancelled - queue.size).toBeLessThanOrEqual(Math.max(64, queue.size))
          const due = inside.splice(0, pops)
          expect(due.map(() => queue.pop()?.order)).toEqual(due.map((item) => item.order))
          nowMs = due.at(-1)?.dueMs ?? nowMs
        }
        expect(queue.list().map(({ item }) => item.order)).toEqual(inside.map((item) => item.order))
        expect(inside.map(() => queue.pop()?.order)).toEqual(inside.map((item) => item.order))
        expect(queue.nextDueMs()).toBe(Infinity)
      }),
      { numRuns: 30 },
    )
  })

  it('gives what is wanted by instant and then by order, and tidies up what is not', () => {
    fc.assert(
      fc.property(plan, (steps) => {
        const queue = new DueQueue<Item>((item) => item.wanted)
        let inside: Item[] = []
        const popBoth = () => {
          const first = [...inside].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0]
          expect(queue.nextDueMs()).toBe(first?.dueMs ?? Infinity)
          expect(queue.pop()).toBe(first)
          inside = inside.filter((item) => item !== first)
        }
        steps.forEach(({ dueMs, cancels, pops }, order) => {
          const item = { dueMs, order, wanted: true }
          inside.push(item)
          queue.push(dueMs, order, item)
          const cancelled = cancels === null ? undefined : inside[cancels % inside.length]
          if (cancelled !== undefined) {
            inside = inside.filter((each) => each !== cancelled)
            cancelled.wanted = false
            queue.noteCancelled()
          }
          if (pops && order % 4 === 0) popBoth()
          expect(queue.size).toBe(inside.length)
          expect(queue.sizeWithCancelled - queue.size).toBeLessThanOrEqual(Math.max(64, queue.size))
        })
        expect(queue.list().map(({ item }) => item)).toEqual(
          [...inside].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order),
        )
        while (inside.length > 0) popBoth()
        popBoth()
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  it('keeps nothing of what was taken out, nor its place', () => {
    const queue = new DueQueue<{ readonly ballast: number[] }>(() => true)
    const left = leftBehindMb(() => {
      for (let n = 0; n < 100; n++) queue.push(n, n, { ballast: Array.from({ length: 20_000 }, () => n) })
      while (queue.size > 0) queue.pop()
      for (let n = 0; n < 1_000_000; n++) {
        queue.push(n, n, { ballast: [] })
        queue.pop()
      }
    })
    // 15 MB of ballast, 8 MB of places.
    expect(left).toBeLessThan(4)
  })

  it('is in order after it has thrown out the cancelled in one pass', () => {
    const queue = new DueQueue<Item>((item) => item.wanted)
    const items = Array.from({ length: 500 }, (_, order) => ({ dueMs: (order * 7919) % 1009, order, wanted: true }))
    for (const item of items) queue.push(item.dueMs, item.order, item)
    for (const item of items.filter(({ dueMs }) => dueMs < 600)) {
      item.wanted = false
      queue.noteCancelled()
    }
    const got: number[] = []
    while (queue.size > 0) got.push(queue.pop()!.dueMs)
    expect(got).toEqual(items.flatMap(({ dueMs, wanted }) => (wanted ? [dueMs] : [])).sort((a, b) => a - b))
  })
})
