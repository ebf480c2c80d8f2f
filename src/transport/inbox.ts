import { Observable, Subject } from 'rxjs'
import type { Message } from './transport.js'

/** The messages of a connection. Hot, but what comes before the first subscription waits for it: a greeting must not be lost to a late reader. */
export class Inbox {
  readonly #subject = new Subject<Message>()
  #held: Message[] | undefined = []

  readonly message$ = new Observable<Message>((subscriber) => {
    const held = this.#held
    if (held !== undefined) {
      // By index, and still held meanwhile: what a handler provokes is appended and keeps its place.
      for (let i = 0; i < held.length && !subscriber.closed; i++) subscriber.next(held[i] as Message)
      this.#held = undefined
    }
    return this.#subject.subscribe(subscriber)
  })

  next(message: Message): void {
    if (this.#held === undefined) this.#subject.next(message)
    else this.#held.push(message)
  }

  complete(): void {
    this.#subject.complete()
  }

  error(error: Error): void {
    this.#subject.error(error)
  }
}
