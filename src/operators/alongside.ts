import { defer, merge, type MonoTypeOperatorFunction, type Observable, Subject, takeUntil, tap } from 'rxjs'

/**
 * Runs `side$` for as long as the source is subscribed to and has not ended. What goes wrong in it
 * goes wrong in the result.
 */
export function alongside<T>(side$: Observable<never>): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      const ended = new Subject<void>()
      // The side goes first: a source may emit, and end, while it is being subscribed to.
      return merge(side$.pipe(takeUntil(ended)), source.pipe(tap({ complete: () => ended.next() })))
    })
}
