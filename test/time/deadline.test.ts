import { describe, expect, it } from '@jest/globals'
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import fc from 'fast-check'
import { deadline, scheduleDeadline, VirtualScheduler } from '../../src/time/index.js'

/** A scheduler in a process that stands still for `pauseMs` from `at` on: what is due meanwhile runs when it goes on. */
const pausing = (scheduler: VirtualScheduler, at: number, pauseMs: number): SchedulerLike => ({
  now: () => scheduler.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0): Subscription {
    const running = new Subscription()
    const arm = (delayMs: number): Subscription => {
      const now = scheduler.now()
      const due = now + delayMs
      const dueThen = due >= at && due < at + pauseMs ? at + pauseMs : due
      running.add(scheduler.schedule(() => work.call(action), dueThen - now))
      return running
    }
    const action = { schedule: (_state?: T, delayMs = 0) => arm(delayMs) } as SchedulerAction<T>
    return arm(delay)
  },
})

describe('deadline', () => {
  it('comes at its time to the millisecond where the process does not pause', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), (ms) => {
        const scheduler = new VirtualScheduler()
        const came: number[] = []
        scheduleDeadline(scheduler, ms, () => came.push(scheduler.now()))
        scheduler.advanceTo(200_000)
        expect(came).toHaveLength(1)
        expect(came[0]).toBeCloseTo(ms, 6)
        expect(scheduler.pending).toBe(0)
      }),
    )
  })

  it('lets what arrives in its very instant come first', () => {
    const scheduler = new VirtualScheduler()
    const seen: string[] = []
    scheduler.schedule(() => scheduler.schedule(() => seen.push('answer'), 500), 500)
    deadline(1_000, scheduler).subscribe(() => seen.push('deadline'))
    scheduler.advanceTo(1_000)
    expect(seen).toEqual(['answer', 'deadline'])
  })

  it('never comes for a wait that no timer keeps, and not after it was let go', () => {
    const scheduler = new VirtualScheduler()
    scheduleDeadline(scheduler, Infinity, () => expect('this').toBe('never called'))
    expect(scheduler.pending).toBe(0)
    scheduleDeadline(scheduler, 10, () => expect('this').toBe('never called')).unsubscribe()
    scheduler.advanceTo(20)
  })

  it('counts a pause as one part of the wait at most, wherever it falls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 100_000 }), (at, pauseMs) => {
        const scheduler = new VirtualScheduler()
        let came = -1
        scheduleDeadline(pausing(scheduler, at, pauseMs), 1_000, () => (came = scheduler.now()))
        scheduler.advanceTo(200_000)
        expect(came - pauseMs).toBeGreaterThanOrEqual(Math.min(750, 1_000 - pauseMs))
        expect(came).toBeLessThanOrEqual(1_000 + pauseMs)
      }),
    )
  })
})
