import type { TimestampProvider } from 'rxjs'

/**
 * Measures how long something has lasted: called to start, it gives a function that tells the
 * milliseconds since then. One that is given to an operator should be monotonic. rxjs's own
 * schedulers show the wall clock, which can jump.
 *
 * ```ts
 * const monotonic: Stopwatch = () => {
 *   const start = performance.now()
 *   return () => performance.now() - start
 * }
 * ```
 */
export type Stopwatch = () => () => number

/** A stopwatch on a scheduler's clock. It jumps when that clock does. */
export const schedulerStopwatch =
  (scheduler: TimestampProvider): Stopwatch =>
  () => {
    const startMs = scheduler.now()
    return () => scheduler.now() - startMs
  }
