import type { EscapeWatch } from './escape-watch.js'
import { formatMs } from '../notation/duration.js'
import type { ScenarioFault } from './scenario-run.js'

/** Fault of a scenario whose run returns nothing to compare. */
export const nothingAsserted: ScenarioFault = {
  kind: 'asserts-nothing',
  message:
    'nothing is asserted: run should return what must behave as a lane says, such as { orders: strategy(hot("market")) }',
}

/** Fault of something that `at` was to do after the end of the run. */
export const neverDone = (atMs: number, endMs: number): ScenarioFault => ({
  kind: 'lane-misused',
  message: `what at(${atMs}) was to do at ${formatMs(atMs)} was never done: the run ends at ${formatMs(endMs)}; raise untilMs, or leave it out`,
})

/** Fault of timers that outlive the last unsubscription. */
export const timersLeft = (endMs: number, windDownMs: number, waiting: string): ScenarioFault => ({
  kind: 'timers-left',
  message: `all was unsubscribed at ${formatMs(endMs)}, but timers are still running ${formatMs(windDownMs)} later\n${waiting}`,
})

/** Faults of work that left virtual time. */
export const escapeFaults = (watch: EscapeWatch): ScenarioFault[] => {
  const places = watch.promises()
  const promise: ScenarioFault = {
    kind: 'promise',
    message: `a promise was met (${places.join(', ')}): virtual time cannot follow it, and what comes of it is not seen; use an observable instead`,
  }
  const others = watch.others().map(
    (what): ScenarioFault => ({
      kind: 'escaped',
      message: `${what}: virtual time cannot follow it, and what comes of it is not seen; use an observable or a global timer instead`,
    }),
  )
  return [...(places.length > 0 ? [promise] : []), ...others]
}

/** Fault of dates that show the real clock. */
export const realClockFault = (places: readonly string[]): ScenarioFault => ({
  kind: 'escaped',
  message: `a date of the real clock was used (${places.join(', ')}): its class was taken before the run (a captured Date, a class that extends Date), so virtual time cannot reach it; give it the time, as in new Stamp(Date.now())`,
})
