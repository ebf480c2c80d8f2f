import { type MonoTypeOperatorFunction, Observable, tap, type TapObserver } from 'rxjs'

/**
 * Runs `side$` for as long as the source is subscribed to and has not ended. What goes wrong in it
 * goes wrong in the result. Calls `onNext` with each value before it passes: the values then take
 * one step, where merge would have them take three.
 */
export function alongside<T>(side$: Observable<never>, onNext?: (value: T) => void): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      // The side goes first: a source may emit, and end, while it is being subscribed to.
      const side = side$.subscribe({ error: (error: unknown) => subscriber.error(error) })
      subscriber.add(side)
      const observer: Partial<TapObserver<T>> = { complete: () => side.unsubscribe() }
      if (onNext !== undefined) observer.next = onNext
      if (!subscriber.closed) source.pipe(tap(observer)).subscribe(subscriber)
    })
}
