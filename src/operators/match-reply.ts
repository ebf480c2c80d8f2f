import { asyncScheduler, Observable, type SchedulerLike, Subject, type Subscriber, Subscription } from 'rxjs'
import { AgeOrderedSet } from './age-ordered-set.js'
import { SharedDeadlines, type Waiting } from './shared-deadlines.js'
import { checkBound } from '../time/index.js'

/** Settings of {@link matchReply}. */
export interface MatchReplyOptions<R, Id> {
  /**
   * Which request a reply belongs to; undefined where it does not say. If it throws, that is an
   * error of the replies.
   */
  readonly idOf: (reply: R) => Id | undefined
  /**
   * Number of timed-out requests that are remembered, so that a late reply is recognised.
   * @default 10000
   */
  readonly tombstones?: number
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** Settings of one request. */
export interface RequestOptions {
  /** Longest wait for the reply, in ms. Infinity: until `reply$` ends. */
  readonly timeoutMs: number
}

/** Requests and their replies over one wire. */
export interface ReplyMatcher<Id, R> {
  /**
   * One request. Cold: at subscription it takes its place under `id` and then calls `write`; it
   * emits the reply and completes. Errors with
   * - what `write` throws: then nothing is left behind,
   * - {@link ReplyTimeout}: the other side may have acted all the same,
   * - the error of the replies' stream, or {@link RepliesEnded} when it completed or was left,
   * - {@link IdInUse}: nothing was written.
   *
   * After a timeout and after unsubscription, the id is remembered and its reply goes to `late$`.
   * An id that was given up may be used again; then whichever reply comes first is the answer, and
   * the other goes to `late$`.
   */
  request(id: Id, write: () => void, options: RequestOptions): Observable<R>
  /** Replies to requests that were given up, each once. Completes when the replies end. */
  readonly late$: Observable<R>
  /**
   * Replies that belong to no request, or to one that had its reply. Completes when the replies
   * end.
   */
  readonly unmatched$: Observable<R>
  /** Requests that wait for their replies. */
  readonly inFlight: number
  /**
   * Begins to listen for replies, once. Unsubscribing ends every request in flight with
   * {@link RepliesEnded}.
   */
  connect(): Subscription
}

/** No reply came in time. The request was written: what became of it is not known. */
export class ReplyTimeout extends Error {
  readonly _tag = 'ReplyTimeout'
  override readonly name = 'ReplyTimeout'
  readonly timeoutMs: number

  constructor(timeoutMs: number) {
    super(`no reply within ${timeoutMs} ms; the request was written and may have been carried out`)
    this.timeoutMs = timeoutMs
  }
}

/** The stream of replies came to its end, or was left, while the request was in flight. */
export class RepliesEnded extends Error {
  readonly _tag = 'RepliesEnded'
  override readonly name = 'RepliesEnded'

  constructor() {
    super('no more replies will come; a request that was written may have been carried out')
  }
}

/** A request with this id is in flight already: their replies could not be distinguished. */
export class IdInUse extends Error {
  readonly _tag = 'IdInUse'
  override readonly name = 'IdInUse'

  constructor() {
    super('a request with the same id is in flight: nothing was written; give every request an id of its own')
  }
}

/**
 * Ties replies to requests by an id, through one Map. Every request ends exactly once. A repeated
 * reply counts once; a late reply is distinguished from one without a request.
 *
 * A pause of this process does not count as a late reply, and a reply that is already in the socket
 * buffer wins over a timeout that is due.
 *
 * ```ts
 * const matcher = matchReply(reply$, { idOf: (reply: Reply) => reply.cid })
 * matcher.connect()
 * const write = () => socket.send('{"op":"asset","cid":"7"}')
 * matcher.request('7', write, { timeoutMs: 10_000 }).subscribe(console.log)
 * ```
 *
 * ![matchReply in marbles](../../marbles/operators/match-reply.svg)
 */
export function matchReply<R, Id>(
  reply$: Observable<R>,
  { idOf, tombstones = 10_000, scheduler = asyncScheduler }: MatchReplyOptions<R, Id>,
): ReplyMatcher<Id, R> {
  checkBound('tombstones', tombstones)
  return new Matcher(reply$, idOf, tombstones, scheduler)
}

/** A request in flight. */
class InFlight<R> implements Waiting {
  leftMs = 0
  timer: Subscription | undefined = undefined
  readonly subscriber: Subscriber<R>
  readonly timeoutMs: number

  constructor(subscriber: Subscriber<R>, timeoutMs: number) {
    this.subscriber = subscriber
    this.timeoutMs = timeoutMs
  }

  expired(): void {
    this.subscriber.error(new ReplyTimeout(this.timeoutMs))
  }
}

class Matcher<R, Id> implements ReplyMatcher<Id, R> {
  readonly #waiting = new Map<Id, InFlight<R>>()
  readonly #deadlines: SharedDeadlines
  /** The ids of requests that were given up. */
  readonly #tombstones = new AgeOrderedSet<Id>()
  readonly #late = new Subject<R>()
  readonly #unmatched = new Subject<R>()
  readonly #reply$: Observable<R>
  readonly #idOf: (reply: R) => Id | undefined
  readonly #tombstoneLimit: number
  #connection: Subscription | undefined
  #ended: { readonly error: unknown } | undefined

  readonly late$ = this.#late.asObservable()
  readonly unmatched$ = this.#unmatched.asObservable()

  constructor(
    reply$: Observable<R>,
    idOf: (reply: R) => Id | undefined,
    tombstoneLimit: number,
    scheduler: SchedulerLike,
  ) {
    this.#reply$ = reply$
    this.#idOf = idOf
    this.#tombstoneLimit = tombstoneLimit
    this.#deadlines = new SharedDeadlines(scheduler)
  }

  get inFlight(): number {
    return this.#waiting.size
  }

  connect(): Subscription {
    if (this.#connection === undefined) {
      const connection = new Subscription(() => this.#end(new RepliesEnded()))
      // Known before the replies are subscribed to: they may come at once.
      this.#connection = connection
      connection.add(
        this.#reply$.subscribe({
          next: (reply) => this.#match(reply),
          error: (error: unknown) => this.#end(error),
          complete: () => this.#end(new RepliesEnded()),
        }),
      )
    }
    return this.#connection
  }

  request(id: Id, write: () => void, { timeoutMs }: RequestOptions): Observable<R> {
    checkBound('timeoutMs', timeoutMs)
    return new Observable<R>((subscriber) => {
      if (this.#ended !== undefined) {
        subscriber.error(this.#ended.error)
        return
      }
      if (this.#waiting.has(id)) {
        subscriber.error(new IdInUse())
        return
      }
      const request = new InFlight(subscriber, timeoutMs)
      // Before it is written: over a wire in memory the reply comes while write() still runs.
      this.#waiting.set(id, request)
      const wasGivenUp = this.#tombstones.has(id)
      subscriber.add(() => this.#giveUp(id, request))
      try {
        write()
      } catch (error) {
        this.#forget(id, request, wasGivenUp)
        subscriber.error(error)
        return
      }
      if (!subscriber.closed) this.#deadlines.add(request, timeoutMs)
    })
  }

  #match(reply: R): void {
    let id: Id | undefined
    try {
      id = this.#idOf(reply)
    } catch (error) {
      this.#end(error)
      return
    }
    const request = id === undefined ? undefined : this.#waiting.get(id)
    if (id !== undefined && request !== undefined) {
      const { subscriber } = request
      // Delete before emitting: the subscriber may send a request of the same id while it handles
      // the reply.
      this.#waiting.delete(id)
      subscriber.next(reply)
      subscriber.complete()
    } else if (id !== undefined && this.#tombstones.delete(id)) this.#late.next(reply)
    else this.#unmatched.next(reply)
  }

  /** The request has ended; if without a reply of its own, its id is remembered. */
  #giveUp(id: Id, request: InFlight<R>): void {
    this.#deadlines.delete(request, request.timeoutMs)
    if (this.#waiting.get(id) !== request) return
    this.#waiting.delete(id)
    // mutant: tombstones
    this.#tombstones.add(id)
    if (this.#tombstones.size > this.#tombstoneLimit) this.#tombstones.takeOldest()
  }

  /** The request was never written. */
  #forget(id: Id, request: InFlight<R>, wasGivenUp: boolean): void {
    if (this.#waiting.get(id) === request) this.#waiting.delete(id)
    else if (!wasGivenUp) this.#tombstones.delete(id)
  }

  #end(error: unknown): void {
    if (this.#ended !== undefined) return
    this.#ended = { error }
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { subscriber } of waiting) subscriber.error(error)
    this.#deadlines.close()
    this.#late.complete()
    this.#unmatched.complete()
    this.#connection?.unsubscribe()
  }
}
