import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs'

/** Settings of `conflateMap`. */
export interface ConflateOptions<T, R> {
  /** Key of a value. Waiting values of one key replace each other. @default one key for all */
  readonly key?: (value: T) => unknown
  /** Processes a value. The next value starts when this completes. */
  readonly project: (value: T) => ObservableInput<R>
}

/**
 * Conflates values for a consumer that is slower than its source. Processes one value at a time,
 * and keeps only the latest waiting value of each key; keys take turns in the order of their first
 * arrival. At most one value per key waits, and no value is processed after a newer one of its key.
 *
 * ```ts
 * tickers$.pipe(conflateMap({ key: (t) => t.symbol, project: (t) => requote(t) }))
 * ```
 *
 * ![conflateMap in marbles](../../../marbles/signals/conflate-map.svg)
 */
export const conflateMap =
  <T, R>({ key = () => undefined, project }: ConflateOptions<T, R>): OperatorFunction<T, R> =>
  (values$) =>
    new Observable((subscriber) => {
      const waiting = new Map<unknown, T>()
      let busy = false
      let ended = false
      let draining = false

      const start = (value: T) => {
        busy = true
        subscriber.add(
          attempt(value).subscribe({
            next: (result) => subscriber.next(result),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              busy = false
              next()
            },
          }),
        )
      }
      const attempt = (value: T): Observable<R> => from(project(value))
      // A loop, not a recursion: a `project` that completes synchronously must not grow the stack.
      const next = () => {
        if (draining) return
        draining = true
        while (!busy && !subscriber.closed) {
          const first = waiting.entries().next()
          if (first.done === true) break
          const [name, value] = first.value
          waiting.delete(name)
          try {
            start(value)
          } catch (error) {
            subscriber.error(error)
          }
        }
        draining = false
        if (!busy && ended && waiting.size === 0) subscriber.complete()
      }
      subscriber.add(
        values$.subscribe({
          next: (value) => {
            waiting.set(key(value), value)
            next()
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            ended = true
            next()
          },
        }),
      )
    })
