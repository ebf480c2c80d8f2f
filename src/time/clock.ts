/**
 * The clocks of the machine. Ages are measured on both: the wall clock may jump (an hour, on a
 * correction), the monotonic one may stand still while the machine sleeps, so the larger of the two
 * differences is the safe one.
 */
export interface Clock {
  /** Milliseconds since 1970. May jump either way. */
  wall(): number
  /** Milliseconds since some fixed instant. Never goes back. */
  monotonic(): number
}

/** An instant on both clocks. */
export interface Instant {
  readonly wall: number
  readonly monotonic: number
}

/** The present instant. */
export const instant = (clock: Clock): Instant => ({
  wall: clock.wall(),
  monotonic: clock.monotonic(),
})

/** Milliseconds since `then`: the larger of what the two clocks say, and never negative. */
export const ageMs = (clock: Clock, then: Instant): number =>
  // mutant: age-by-wall-clock
  Math.max(0, clock.wall() - then.wall, clock.monotonic() - then.monotonic)
