import { Observable, type Subscriber } from 'rxjs'
import type { Message } from './transport.js'

/**
 * The messages of a connection. Hot, but what comes before the first subscription waits for it: a
 * greeting must not be lost to a late reader. Not a Subject: that takes as long for its one
 * subscriber as all the rest of the way does.
 */
export class Inbox {
  #readers: readonly Subscriber<Message>[] = []
  #held: Message[] | undefined = []
  #end: ((reader: Subscriber<Message>) => void) | undefined

  readonly message$ = new Observable<Message>((reader) => {
    const held = this.#held
    if (held !== undefined) {
      // By index, and still held meanwhile: what a handler provokes is appended and keeps its
      // place.
      for (let i = 0; i < held.length && !reader.closed; i++) reader.next(held[i] as Message)
      this.#held = undefined
    }
    if (this.#end !== undefined) {
      this.#end(reader)
      return
    }
    this.#readers = [...this.#readers, reader]
    return () => {
      this.#readers = this.#readers.filter((each) => each !== reader)
    }
  })

  next(message: Message): void {
    if (this.#end !== undefined) return
    if (this.#held !== undefined) this.#held.push(message)
    else for (const reader of this.#readers) reader.next(message)
  }

  complete(): void {
    this.#finish((reader) => reader.complete())
  }

  error(error: Error): void {
    this.#finish((reader) => reader.error(error))
  }

  #finish(end: (reader: Subscriber<Message>) => void): void {
    if (this.#end !== undefined) return
    this.#end = end
    const readers = this.#readers
    this.#readers = []
    for (const reader of readers) end(reader)
  }
}
