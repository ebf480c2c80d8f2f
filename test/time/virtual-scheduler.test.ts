import { describe, expect, it } from '@jest/globals'
import { interval, take, timer } from 'rxjs'
import { VirtualScheduler } from '../../src/time/index.js'

describe('VirtualScheduler', () => {
  it('runs actions in the order of their instants, and at one instant in the order of scheduling', () => {
    const scheduler = new VirtualScheduler()
    const seen: string[] = []
    scheduler.schedule(() => seen.push('late'), 20)
    scheduler.schedule(() => seen.push('a'), 10)
    scheduler.schedule(() => seen.push('b'), 10)
    scheduler.flush()
    expect(seen).toEqual(['a', 'b', 'late'])
    expect(scheduler.now()).toBe(20)
  })

  it('drives interval and timer of rxjs', () => {
    const scheduler = new VirtualScheduler()
    const seen: [number, number][] = []
    interval(1000, scheduler)
      .pipe(take(3))
      .subscribe((n) => seen.push([scheduler.now(), n]))
    timer(500, 1000, scheduler)
      .pipe(take(2))
      .subscribe((n) => seen.push([scheduler.now(), n]))
    scheduler.flush()
    expect(seen).toEqual([
      [500, 0],
      [1000, 0],
      [1500, 1],
      [2000, 1],
      [3000, 2],
    ])
    expect(scheduler.pending).toBe(0)
  })
})
