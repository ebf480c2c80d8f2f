import type { TimestampProvider } from 'rxjs'
import type { Clock } from '../clock.js'

/**
 * A {@link Clock} for tests: it shows the time of a scheduler, and its wall clock can be made to
 * jump.
 */
export interface VirtualClock extends Clock {
  /** Moves the wall clock, forwards or backwards, in ms; the monotonic one does not notice. */
  jumpWall(byMs: number): void
}

/** Start of a virtual wall clock. */
export interface VirtualClockOptions {
  /** Wall time at scheduler time 0, in ms since 1970. @default 2026-01-01T00:00Z */
  readonly startMs?: number
}

/**
 * Both clocks of a machine, driven by a virtual scheduler.
 *
 * ```ts
 * const clock = virtualClock(scheduler, { startMs: 0 })
 * clock.jumpWall(3_600_000)
 * scheduler.advanceBy(10)
 * clock.wall()      // => 3600010
 * clock.monotonic() // => 10
 * ```
 */
export function virtualClock(
  scheduler: TimestampProvider,
  { startMs = Date.UTC(2026, 0, 1) }: VirtualClockOptions = {},
): VirtualClock {
  let wallAheadMs = startMs
  return {
    wall: () => wallAheadMs + scheduler.now(),
    monotonic: () => scheduler.now(),
    jumpWall: (byMs) => {
      wallAheadMs += byMs
    },
  }
}
