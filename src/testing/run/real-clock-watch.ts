import { Replacements } from '../../time/index.js'
import { placeIn } from '../call-site.js'

/** Dates of the real clock that were used since the watch began. */
export interface RealClockWatch {
  /** Places at which one was read: the first few. */
  readonly places: readonly string[]
  stop(): void
}

const enough = 3
const dayMs = 86_400_000
/**
 * Readings of a clock after which it is taken for one that stands still, as that of a test runner's
 * fake timers does.
 */
const mostReadings = 1_000_000

/**
 * Watches for dates that show the real clock although they were made during the run. A class that
 * was taken before (`class Stamp extends Date`, `const RealDate = Date`) makes such, and no
 * replacement reaches it: its dates are known by their time, which lies between the real beginning
 * of the run and the real present.
 *
 * A run whose virtual time is within a day of the real one is not watched: both would look alike.
 */
export const watchRealClock = (virtualMs: () => number): RealClockWatch => {
  const places: string[] = []
  const replaced = new Replacements()
  // eslint-disable-next-line no-restricted-properties -- it is the real clock that is looked for
  const realMs = Date.now.bind(Date)
  const beforeMs = realMs()
  const isNearReal = Math.abs(virtualMs() - beforeMs) < dayMs
  if (isNearReal || !hasTicked(realMs, beforeMs)) return { places, stop: () => {} }
  const RealDate = Date
  const isReal = (ms: number) => ms > beforeMs && ms <= realMs() && Math.abs(virtualMs() - ms) >= dayMs
  const prototype = RealDate.prototype as unknown as Readonly<Record<PropertyKey, (...args: unknown[]) => unknown>>
  const timeOf = prototype.getTime as (this: Date) => number
  for (const key of Reflect.ownKeys(prototype)) {
    const original = prototype[key]
    if (key === 'constructor' || typeof original !== 'function') continue
    replaced.replace(prototype, key, function readDate(this: unknown, ...args: unknown[]) {
      if (this instanceof RealDate && isReal(timeOf.call(this))) notePlace(places)
      return original.apply(this, args)
    })
  }
  return { places, stop: () => replaced.undo() }
}

/**
 * Waits until the clock shows another millisecond, so that no date of before the run has one of
 * within it.
 */
const hasTicked = (realMs: () => number, beforeMs: number): boolean => {
  for (let i = 0; i < mostReadings; i++) if (realMs() !== beforeMs) return true
  return false
}

const notePlace = (places: string[]): void => {
  if (places.length >= enough) return
  const where = placeIn(new Error('for its stack').stack)
  if (!places.includes(where)) places.push(where)
}
