import type { RecordPair } from '../compare/align.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { ScriptLane } from '../script.js'

/** Role of a lane in the run. */
export type LaneRole = 'input' | 'output' | 'server' | 'client'

/** A lane as the run left it. */
export interface RunLane {
  readonly name: string
  readonly role: LaneRole
  readonly script: ScriptLane
  /** Received records. */
  readonly records: readonly LaneRecord[]
  /** Expected and received records, aligned; undefined for a lane without assertions. */
  readonly pairs: readonly RecordPair[] | undefined
  /** Subscriptions to it; inputs only. */
  readonly subscriptions: readonly LaneRecord[]
}

/** Something that makes a scenario fail, beside lanes that differ. */
export interface ScenarioFault {
  readonly kind:
    | 'asserts-nothing'
    | 'nothing-happened'
    | 'lane-unused'
    | 'lane-unknown'
    | 'not-subscribed'
    | 'no-event'
    | 'still-running'
    | 'timers-left'
    | 'promise'
    /** Work that goes on in real time, or a clock that shows it. */
    | 'escaped'
    | 'threw'
    | 'run-threw'
    | 'async-run'
    | 'lane-misused'
  readonly message: string
  /** Error that was thrown, if any. */
  readonly error?: unknown
  readonly lane?: ScriptLane
}

/** A scenario that was run: what happened, what was expected, and what is wrong. */
export interface ScenarioRun {
  readonly lanes: readonly RunLane[]
  readonly faults: readonly ScenarioFault[]
  /** Time of the last record, in virtual ms. */
  readonly endMs: number
  readonly passed: boolean
  /** A record as a lane would write it. */
  label(record: LaneRecord): string
}
