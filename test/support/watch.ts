import type { Observable, Subscription } from 'rxjs'

/** What a stream did, for a test to look at. */
export interface Watched<T> {
  readonly values: readonly T[]
  readonly last: T | undefined
  readonly error: unknown
  readonly ended: 'no' | 'completed' | 'errored'
  readonly subscription: Subscription
  unsubscribe(): void
}

export function watch<T>(source: Observable<T>): Watched<T> {
  const values: T[] = []
  let error: unknown
  let ended: Watched<T>['ended'] = 'no'
  const subscription = source.subscribe({
    next: (value) => values.push(value),
    error: (thrown: unknown) => {
      error = thrown
      ended = 'errored'
    },
    complete: () => (ended = 'completed'),
  })
  return {
    values,
    get last() {
      return values.at(-1)
    },
    get error() {
      return error
    },
    get ended() {
      return ended
    },
    subscription,
    unsubscribe: () => subscription.unsubscribe(),
  }
}
