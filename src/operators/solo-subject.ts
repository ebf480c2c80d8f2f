import { Observable, type Observer, type Subscriber } from 'rxjs'

/**
 * A Subject for at most one subscriber, whose values are dropped while there is none. A Subject of
 * rxjs sets up an error context and walks a copy of its list for each value: on the way of a frame
 * that costs more than several operators.
 */
export class SoloSubject<T> implements Observer<T> {
  #subscriber: Subscriber<T> | undefined
  #end: ((subscriber: Subscriber<T>) => void) | undefined

  readonly value$ = new Observable<T>((subscriber) => {
    if (this.#end !== undefined) {
      this.#end(subscriber)
      return undefined
    }
    if (this.#subscriber !== undefined) throw new Error('a SoloSubject has one subscriber at most')
    this.#subscriber = subscriber
    return () => {
      this.#subscriber = undefined
    }
  })

  next(value: T): void {
    this.#subscriber?.next(value)
  }

  error(error: unknown): void {
    this.#finish((subscriber) => subscriber.error(error))
  }

  complete(): void {
    this.#finish((subscriber) => subscriber.complete())
  }

  #finish(end: (subscriber: Subscriber<T>) => void): void {
    if (this.#end !== undefined) return
    this.#end = end
    if (this.#subscriber !== undefined) end(this.#subscriber)
  }
}
