import { formatMs } from '../notation/duration.js'
import type { InputLane } from '../record/input-lane.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { ScenarioFault } from './scenario-run.js'
import type { ScriptLane } from '../script.js'

/** Ends that an event of an input can lie behind. */
interface Ends {
  /** End of the run, where the scenario gives one. */
  readonly untilMs: number | undefined
  /** Instant of the last `!` of the asserted lanes; Infinity where one has none. */
  readonly leftAtMs: number
  /**
   * True where the scenario says when an input is unsubscribed from: later events are there to show
   * it.
   */
  readonly isTold: boolean
}

const untold = 'leave it out, or tell where inputs are unsubscribed from, by a "!" in their lanes or by subscriptions()'

/**
 * Faults of events that no subscriber can see: after the end of the run, or after the `!` of every
 * subscriber.
 */
export const neverPlayed = (
  lane: ScriptLane,
  input: InputLane,
  { untilMs, leftAtMs, isTold }: Ends,
): ScenarioFault[] => {
  const unheard = input.unheard()
  const fault = (event: LaneRecord | undefined, when: string): ScenarioFault[] =>
    event === undefined
      ? []
      : [
          {
            kind: 'lane-misused',
            lane,
            message: `the lane "${lane.name}" is to play ${event.text ?? 'an event'} at ${formatMs(event.atMs)}, but ${when}`,
          },
        ]
  if (input.kind === 'hot') {
    const endMs = untilMs ?? Infinity
    const behindEnd = unheard.find(({ atMs }) => atMs > endMs)
    if (behindEnd !== undefined)
      return fault(behindEnd, `the run ends at ${formatMs(endMs)}: raise untilMs, or leave it out`)
    if (isTold) return []
    const behindLeaving = unheard.find(({ atMs }) => atMs > leftAtMs)
    return fault(behindLeaving, `the last "!" is at ${formatMs(leftAtMs)}, and no subscriber is left: ${untold}`)
  }
  const last = input.subscriptions[input.subscriptions.length - 1]
  if (last?.byKit !== true) return []
  if (last.atMs === untilMs) {
    return fault(unheard[0], `the run ends at ${formatMs(last.atMs)}: raise untilMs, or leave it out`)
  }
  return isTold ? [] : fault(unheard[0], `a "!" ends its subscription at ${formatMs(last.atMs)}: ${untold}`)
}
