import { describe, expect, it } from '@jest/globals'
import { ageMs, instant, VirtualScheduler, virtualClock } from '../../src/time/index.js'

describe('virtualClock', () => {
  it('shows the time of its scheduler on both clocks', () => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler, { startMs: 1000 })
    scheduler.advanceTo(25)
    expect(clock.wall()).toBe(1025)
    expect(clock.monotonic()).toBe(25)
  })

  it('starts in 2026 unless told otherwise', () => {
    expect(new Date(virtualClock(new VirtualScheduler()).wall()).toISOString()).toBe('2026-01-01T00:00:00.000Z')
  })

  it('lets the wall jump either way while the monotonic clock goes on', () => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler, { startMs: 0 })
    clock.jumpWall(3_600_000)
    scheduler.advanceBy(10)
    expect([clock.wall(), clock.monotonic()]).toEqual([3_600_010, 10])
    clock.jumpWall(-7_200_000)
    expect([clock.wall(), clock.monotonic()]).toEqual([-3_599_990, 10])
  })

  it('makes an age the larger of what the two clocks say', () => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler)
    const then = instant(clock)
    scheduler.advanceBy(10)
    expect(ageMs(clock, then)).toBe(10)
    clock.jumpWall(60_000)
    expect(ageMs(clock, then)).toBe(60_010)
    clock.jumpWall(-120_000)
    expect(ageMs(clock, then)).toBe(10)
  })
})
