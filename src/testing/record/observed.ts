import type { Observable, SchedulerLike, Subscription } from 'rxjs'
import { asTaken, type Snapshots } from '../compare/snapshot.js'
import type { LaneRecord } from './lane-record.js'

/** Writes down what an observable does, from its subscription on. */
export class Observed {
  readonly #records: LaneRecord[] = []
  /** Of each record: its value as it was when it came. */
  readonly #taken: unknown[] = []
  readonly #source: Observable<unknown>
  readonly #scheduler: SchedulerLike
  readonly #snapshots: Snapshots
  #subscription: Subscription | undefined

  constructor(source: Observable<unknown>, scheduler: SchedulerLike, snapshots: Snapshots) {
    this.#source = source
    this.#scheduler = scheduler
    this.#snapshots = snapshots
  }

  /** Records of its events, with each value as it was when it came. */
  records(): readonly LaneRecord[] {
    return this.#records.map((record, i) => ({ ...record, value: asTaken(record.value, this.#taken[i]) }))
  }

  subscribe(): void {
    const note = (kind: LaneRecord['kind'], value: unknown) => {
      this.#records.push({ atMs: this.#scheduler.now(), kind, value })
      this.#taken.push(this.#snapshots.take(value))
    }
    this.#subscription = this.#source.subscribe({
      next: (value) => note('next', value),
      error: (error: unknown) => note('error', error),
      complete: () => note('complete', undefined),
    })
  }

  unsubscribe(): void {
    this.#subscription?.unsubscribe()
  }
}
