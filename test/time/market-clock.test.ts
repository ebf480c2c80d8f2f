import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { MarketClock, type MarketClockOptions, VirtualScheduler, virtualClock } from '../../src/time/index.js'

const year2024 = Date.UTC(2024, 0, 1)
const year2026 = Date.UTC(2026, 10, 29)

const made = (options?: MarketClockOptions) => {
  const scheduler = new VirtualScheduler()
  const wall = virtualClock(scheduler, { startMs: year2026 })
  return { scheduler, wall, clock: new MarketClock(wall, options) }
}

describe('market time', () => {
  it('is that of the wall clock, or of the known beginning, until the first event', () => {
    expect(made().clock.now()).toBe(year2026)
    expect(made({ startMs: year2024 }).clock.now()).toBe(year2024)
  })

  it('is that of the last event, and advances at the speed of the market', () => {
    const { scheduler, clock } = made({ speed: 600 })
    clock.played(year2024)
    expect(clock.now()).toBe(year2024)
    scheduler.advanceBy(1_000)
    expect(clock.now()).toBe(year2024 + 600_000)
    clock.played(year2024 + 900_000)
    expect(clock.now()).toBe(year2024 + 900_000)
  })

  it('is in whole milliseconds, as the wall clock is', () => {
    const { scheduler, clock } = made({ startMs: year2024 + 0.5, speed: 10 })
    expect(clock.now()).toBe(year2024)
    clock.played(year2024 + 1)
    scheduler.advanceBy(0.19)
    expect(clock.now()).toBe(year2024 + 2)
    scheduler.advanceBy(0.19)
    expect(clock.now()).toBe(year2024 + 4)
    clock.expect(year2024 + 9, 0.19, 10)
    expect(clock.now()).toBe(year2024 + 7)
  })

  it('stands still between the events of a market that is played as fast as possible', () => {
    const { scheduler, clock } = made({ speed: Infinity })
    clock.played(year2024)
    scheduler.advanceBy(1_000)
    expect(clock.now()).toBe(year2024)
  })

  it('waits for an announced event that is late, and goes on after the last', () => {
    const { scheduler, clock } = made()
    clock.played(year2024)
    clock.expect(year2024 + 60_000, 100, 600)
    scheduler.advanceBy(50)
    expect(clock.now()).toBe(year2024 + 30_000)
    scheduler.advanceBy(10_000)
    expect(clock.now()).toBe(year2024 + 60_000)
    clock.played(year2024 + 60_000)
    scheduler.advanceBy(10_000)
    expect(clock.now()).toBe(year2024 + 60_000)
    clock.ended()
    scheduler.advanceBy(1_000)
    expect(clock.now()).toBe(year2024 + 660_000)
  })

  it('does not notice that the wall clock is set', () => {
    const { wall, clock } = made()
    clock.played(year2024)
    wall.jumpWall(-3_600_000)
    expect(clock.now()).toBe(year2024)
    wall.jumpWall(7_200_000)
    expect(clock.now()).toBe(year2024)
  })

  it('is earlier again only where a market begins anew', () => {
    const { clock } = made()
    clock.played(year2024 + 5_000)
    clock.played(year2024)
    expect(clock.now()).toBe(year2024 + 5_000)
    clock.begin()
    clock.played(year2024)
    expect(clock.now()).toBe(year2024)
  })

  it.each([NaN, Infinity, -Infinity])('ignores an event of the time %d', (noTime) => {
    const { scheduler, clock } = made()
    clock.played(noTime)
    expect(clock.now()).toBe(year2026)
    clock.played(year2024)
    clock.expect(noTime, 100, 1)
    clock.played(noTime)
    scheduler.advanceBy(1_000)
    expect(clock.now()).toBe(year2024 + 1_000)
  })

  it('never decreases and never passes an announced event, whatever the speed and the delays', () => {
    const step = fc.record({
      gapMs: fc.integer({ min: -500, max: 100_000 }),
      readingMs: fc.integer({ min: 0, max: 2_000 }),
      lateMs: fc.integer({ min: 0, max: 50 }),
      looks: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(step), fc.constantFrom(0.5, 1, 60, 600, Infinity), (steps, speed) => {
        const { scheduler, clock } = made({ startMs: year2024 })
        let last = -Infinity
        const look = (limitMs: number) => {
          const now = clock.now()
          expect(now).toBeGreaterThanOrEqual(last)
          expect(now).toBeLessThanOrEqual(limitMs)
          last = now
        }
        let timestamp = year2024
        let latest = year2024
        for (const { gapMs, readingMs, lateMs, looks } of steps) {
          scheduler.advanceBy(readingMs)
          look(latest)
          timestamp = Math.max(year2024, timestamp + gapMs)
          const limitMs = Math.max(latest, timestamp)
          const inMs = speed === Infinity ? 0 : (limitMs - latest) / speed
          clock.expect(timestamp, inMs, speed)
          for (let count = 0; count < looks; count++) {
            scheduler.advanceBy((inMs + lateMs) / looks)
            look(limitMs)
          }
          clock.played(timestamp)
          latest = limitMs
          expect(clock.now()).toBe(latest)
        }
      }),
    )
  })
})
