import { describe, expect, it } from '@jest/globals'
import { asyncScheduler, queueScheduler, type SchedulerLike, Subscription } from 'rxjs'
import { scheduleOnce, VirtualScheduler, withVirtualTime } from '../../src/time/index.js'
import { WatchedScheduler } from '../support/retained-actions.js'

describe('scheduleOnce', () => {
  it('runs the work once, after the delay', () => {
    const scheduler = new VirtualScheduler()
    const ran: number[] = []
    scheduleOnce(new Subscription(), scheduler, () => ran.push(scheduler.now()), 5)
    scheduler.flush()
    expect(ran).toEqual([5])
  })

  it('does not run the work when the parent ends before', () => {
    const scheduler = new VirtualScheduler()
    const ran: number[] = []
    const parent = new Subscription()
    scheduleOnce(parent, scheduler, () => ran.push(scheduler.now()), 5)
    parent.unsubscribe()
    scheduler.flush()
    expect(ran).toEqual([])
  })

  it('has left the parent by the time the work runs, also when the work throws', () => {
    const scheduler = new VirtualScheduler()
    const action = scheduleOnce(new Subscription(), scheduler, () => {
      expect(action.closed).toBe(true)
      throw new Error('thrown by the work')
    })
    expect(() => scheduler.flush()).toThrow('thrown by the work')
  })

  it.each<[string, SchedulerLike]>([
    ['asyncScheduler', asyncScheduler],
    ['queueScheduler, which runs the work before schedule returns', queueScheduler],
  ])('works with %s', (_, real) => {
    const scheduler = new VirtualScheduler()
    let ran = 0
    withVirtualTime(scheduler, () => {
      expect(scheduleOnce(new Subscription(), real, () => ran++).closed).toBe(real === queueScheduler)
      scheduler.flush()
    })
    expect(ran).toBe(1)
  })

  it('leaves nothing behind in a parent that lives on', async () => {
    const scheduler = new WatchedScheduler(new VirtualScheduler())
    const parent = new Subscription()
    for (let i = 0; i < 1_000; i++) scheduleOnce(parent, scheduler, () => undefined, i)
    scheduler.inner.flush()
    expect(await scheduler.retained()).toBeLessThan(10)
    expect(parent.closed).toBe(false)
  })
})
