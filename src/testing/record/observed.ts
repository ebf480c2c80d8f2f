import type { Observable, SchedulerLike, Subscription } from 'rxjs'
import type { LaneRecord } from './lane-record.js'

/** Writes down what an observable does, from its subscription on. */
export class Observed {
  readonly records: LaneRecord[] = []
  readonly #source: Observable<unknown>
  readonly #scheduler: SchedulerLike
  #subscription: Subscription | undefined

  constructor(source: Observable<unknown>, scheduler: SchedulerLike) {
    this.#source = source
    this.#scheduler = scheduler
  }

  subscribe(): void {
    const note = (kind: LaneRecord['kind'], value: unknown) =>
      this.records.push({ atMs: this.#scheduler.now(), kind, value })
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
