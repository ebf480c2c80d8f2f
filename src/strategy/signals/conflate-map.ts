import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs'

/** Settings of `conflateMap`. */
export interface ConflateOptions<T, R> {
  /** Values of one key replace each other while they wait. @default one key for all */
  readonly key?: (value: T) => unknown
  /** What is done with a value; the next is taken when it completes. */
  readonly project: (value: T) => ObservableInput<R>
}

/**
 * For consumers slower than their source: does one thing at a time, and of what came meanwhile only the latest of each key, the keys in
 * the order in which they first came. Never more waits than there are keys, and nothing old is ever done after something newer.
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
      // A loop, not a recursion: a project that completes at once must not build a stack.
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
