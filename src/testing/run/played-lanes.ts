import type { Observable, SchedulerLike } from 'rxjs'
import type { ExpectedRecord } from '../compare/align.js'
import { coldLane, hotLane, type InputLane, type Leaving } from '../record/input-lane.js'
import { isEvent } from '../record/lane-record.js'
import type { ScriptLane } from '../script.js'
import { isOnlyExpectable } from '../vocabulary.js'

/** The lanes that a scenario asks to be played, as it asks for them. */
export class PlayedLanes {
  /** By name. */
  readonly lanes = new Map<string, InputLane & { start?(): void }>()
  readonly #script: readonly ScriptLane[]
  readonly #resolved: ReadonlyMap<string, readonly ExpectedRecord[]>
  readonly #scheduler: SchedulerLike
  readonly #leaving: Leaving
  #started = false

  constructor(
    script: readonly ScriptLane[],
    resolved: ReadonlyMap<string, readonly ExpectedRecord[]>,
    scheduler: SchedulerLike,
    leaving: Leaving,
  ) {
    this.#script = script
    this.#resolved = resolved
    this.#scheduler = scheduler
    this.#leaving = leaving
  }

  /**
   * A lane as an observable. Throws when there is none, when it is played in the other way already,
   * or cannot be played.
   */
  play(name: string, kind: 'hot' | 'cold'): Observable<unknown> {
    const before = this.lanes.get(name)
    if (before !== undefined) {
      if (before.kind === kind) return before.observable
      throw new Error(`the lane "${name}" is asked for as ${kind}, but is ${before.kind} already`)
    }
    if (!this.#script.some((each) => each.name === name)) {
      throw new Error(`there is no lane "${name}"; there are ${this.#script.map((each) => each.name).join(', ')}`)
    }
    const records = (this.#resolved.get(name) ?? []).filter(isEvent)
    const only = records.find(({ value }) => isOnlyExpectable(value))
    if (only !== undefined) {
      throw new Error(
        `the lane "${name}" is played, so ${only.text} must be an error and not only what to expect of one`,
      )
    }
    if (kind === 'cold') {
      const lane = coldLane(this.#scheduler, records, this.#leaving)
      this.lanes.set(name, lane)
      return lane.observable
    }
    const lane = hotLane(this.#scheduler, records, this.#leaving)
    this.lanes.set(name, lane)
    if (this.#started) lane.start()
    return lane.observable
  }

  /** Begins with all hot lanes, in the order of the script. */
  start(): void {
    this.#started = true
    for (const { name } of this.#script) this.lanes.get(name)?.start?.()
  }
}
