import { type MonoTypeOperatorFunction, Observable, Subject, takeUntil } from 'rxjs'

/**
 * Delivers one notification at a time: a value that arrives during the delivery of another waits
 * until all subscribers have received that one. All of it happens in the same turn, before the
 * outermost `next` returns.
 *
 * Otherwise, if a subscriber causes a second value while handling the first, other subscribers
 * receive the two in the wrong order.
 *
 * `observeOn(queueScheduler)` does nearly this, but its queue is one for the whole process: inside
 * queued work of other code, values would arrive after the call that caused them, and an error in
 * one action discards all others.
 *
 * ```ts
 * frame$.pipe(trampoline(), share())
 * ```
 *
 * ![trampoline in marbles](../../marbles/operators/trampoline.svg)
 */
export function trampoline<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      const waiting: T[] = []
      let delivering = false
      let end: (() => void) | undefined

      const deliver = (first: T): void => {
        delivering = true
        subscriber.next(first)
        // By index, for a burst may be long; what is added meanwhile is seen by the same loop.
        for (let at = 0; at < waiting.length && !subscriber.closed; at++) subscriber.next(waiting[at] as T)
        if (waiting.length > 0) waiting.length = 0
        delivering = false
        end?.()
      }
      const endWith = (how: () => void): void => {
        if (delivering) end = how
        else how()
      }
      // A source that emits without end while being subscribed to would not see that its subscriber
      // has gone.
      const left = new Subject<void>()
      subscriber.add(() => left.next())
      subscriber.add(
        source.pipe(takeUntil(left)).subscribe({
          next: (value) => {
            if (delivering) waiting.push(value)
            else deliver(value)
          },
          error: (error: unknown) => endWith(() => subscriber.error(error)),
          complete: () => endWith(() => subscriber.complete()),
        }),
      )
    })
}
