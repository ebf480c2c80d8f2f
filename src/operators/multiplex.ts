import { EMPTY, Observable, type Observer, Subject, type Subscriber, Subscription, throwError } from 'rxjs'
import { checkBound } from '../time/index.js'
import { AgeOrderedSet } from './age-ordered-set.js'

/** Settings of {@link multiplex}. */
export interface MultiplexOptions {
  /**
   * Number of values kept for keys without a subscriber, over all keys. Beyond it the oldest goes
   * to `unclaimed$`.
   * @default 0
   */
  readonly holdLimit?: number
}

/** One stream, taken apart by key. */
export interface Multiplexed<K, T> {
  /**
   * The values of one key. Hot; any number may subscribe. The first subscriber of a key gets what
   * was held for it, in order. Ends as the source does.
   */
  select(key: K): Observable<T>
  /** Values without a key, values of keys without a subscriber, and evicted ones. */
  readonly unclaimed$: Observable<T>
  /**
   * Begins to take values from the source, once; those who have selected a key by then miss
   * nothing.
   */
  connect(): Subscription
}

/**
 * Takes a stream apart by key: each value finds its way through one Map, whether there are ten keys
 * or ten thousand. A predicate per subscriber (as in rxjs's WebSocketSubject.multiplex) costs each
 * value a call for each subscriber.
 *
 * A key is forgotten when its last subscriber leaves. `keyOf` must not throw; if it does, that is
 * an error of the source.
 *
 * ```ts
 * const byTopic = multiplex((notice: Notice) => notice.topic)(notice$)
 * byTopic.select('trade').subscribe(console.log)
 * byTopic.connect()
 * ```
 *
 * ![multiplex in marbles](../../marbles/operators/multiplex.svg)
 *
 * @param keyOf tells a value's key; undefined for one that has none
 */
export function multiplex<T, K>(
  keyOf: (value: T) => K | undefined,
  { holdLimit = 0 }: MultiplexOptions = {},
): (source$: Observable<T>) => Multiplexed<K, T> {
  checkBound('holdLimit', holdLimit)
  return (source$) => new Router(source$, keyOf, holdLimit)
}

/**
 * Those who have selected one key. Not a Subject: with thousands of keys a value's way to its
 * subscriber is as long as the objects on it that are not in the cache, and a Subject would be four
 * more.
 */
interface Route<T> {
  /** Never changed, but replaced: a value goes to those who were there when it came. */
  subscribers: readonly Subscriber<T>[]
  /** The only subscriber, the usual case: saves two objects per value. */
  only: Subscriber<T> | undefined
  /** While held values are being delivered; whatever arrives meanwhile goes to the end of them. */
  delivering: boolean
}

function seat<T>(route: Route<T>, subscribers: readonly Subscriber<T>[]): void {
  route.subscribers = subscribers
  route.only = subscribers.length === 1 ? subscribers[0] : undefined
}

function deliver<T>(route: Route<T>, value: T): void {
  if (route.only !== undefined) route.only.next(value)
  else for (const subscriber of route.subscribers) subscriber.next(value)
}

interface Held<K, T> {
  readonly key: K
  readonly value: T
}

/**
 * Hears the source itself: an observer made for it would be three more objects on a value's way.
 */
class Router<K, T> implements Multiplexed<K, T>, Observer<T> {
  /** Maps, since keys come from a peer: `__proto__` is a key like any other. */
  readonly #routes = new Map<K, Route<T>>()
  readonly #held = new Map<K, Set<Held<K, T>>>()
  readonly #heldByAge = new AgeOrderedSet<Held<K, T>>()
  readonly #unclaimed = new Subject<T>()
  readonly #source$: Observable<T>
  readonly #keyOf: (value: T) => K | undefined
  readonly #holdLimit: number
  #connection: Subscription | undefined
  /** Ends as the source did. Kept for those who come later. */
  #ended: Observable<never> | undefined
  /** Keys whose held values are being delivered, and an end that waits until they have been. */
  #deliveries = 0
  #endsAfterwards: Observable<never> | undefined

  readonly unclaimed$ = this.#unclaimed.asObservable()

  constructor(source$: Observable<T>, keyOf: (value: T) => K | undefined, holdLimit: number) {
    this.#source$ = source$
    this.#keyOf = keyOf
    this.#holdLimit = holdLimit
  }

  connect(): Subscription {
    if (this.#connection === undefined || this.#connection.closed) {
      // Assigned before subscribing to the source, which may emit and cause another connect
      // synchronously.
      const connection = new Subscription()
      this.#connection = connection
      if (this.#ended !== undefined) connection.unsubscribe()
      else connection.add(this.#source$.subscribe(this))
    }
    return this.#connection
  }

  select(key: K): Observable<T> {
    return new Observable<T>((subscriber) => {
      if (this.#ended !== undefined) return this.#ended.subscribe(subscriber)
      const known = this.#routes.get(key)
      const route: Route<T> = known ?? { subscribers: [], only: undefined, delivering: false }
      if (known === undefined) this.#routes.set(key, route)
      seat(route, [...route.subscribers, subscriber])
      subscriber.add(() => {
        seat(
          route,
          route.subscribers.filter((each) => each !== subscriber),
        )
        if (route.subscribers.length === 0) this.#routes.delete(key)
      })
      if (known === undefined) this.#deliverHeld(key, route)
      return undefined
    })
  }

  next(value: T): void {
    let key: K | undefined
    try {
      key = this.#keyOf(value)
    } catch (error) {
      this.error(error)
      return
    }
    this.#route(key, value)
  }

  error(error: unknown): void {
    // The cast is for the type alone: whatever was thrown is handed on as it is.
    this.#end(throwError(() => error as Error))
    this.#connection?.unsubscribe()
  }

  complete(): void {
    this.#end(EMPTY)
    this.#connection?.unsubscribe()
  }

  #route(key: K | undefined, value: T): void {
    if (this.#ended !== undefined) return
    const route = key === undefined ? undefined : this.#routes.get(key)
    if (route?.delivering === false) deliver(route, value)
    else if (key === undefined || this.#holdLimit <= 0) this.#unclaimed.next(value)
    else {
      this.#hold(key, value)
      // While they are being delivered the limit does not count: these values have a taker.
      if (route === undefined) this.#keepLimit()
    }
  }

  #hold(key: K, value: T): void {
    const held: Held<K, T> = { key, value }
    const ofKey = this.#held.get(key)
    if (ofKey === undefined) this.#held.set(key, new Set([held]))
    else ofKey.add(held)
    this.#heldByAge.add(held)
  }

  #keepLimit(limit = this.#holdLimit): void {
    while (this.#heldByAge.size > limit) {
      const held = this.#heldByAge.takeOldest()
      if (held === undefined) return
      this.#letGo(held)
      this.#unclaimed.next(held.value)
    }
  }

  #letGo(held: Held<K, T>): void {
    this.#heldByAge.delete(held)
    const ofKey = this.#held.get(held.key)
    ofKey?.delete(held)
    if (ofKey?.size === 0) this.#held.delete(held.key)
  }

  #deliverHeld(key: K, route: Route<T>): void {
    if (!this.#held.has(key)) return
    this.#deliveries += 1
    route.delivering = true
    // What arrives while the last is delivered is held in a new Set.
    for (let ofKey = this.#held.get(key); ofKey !== undefined; ofKey = this.#held.get(key)) {
      // One by one: what is left when the subscriber goes in between (with take(1), say) waits for
      // the next one, in its place.
      for (const held of ofKey) {
        if (route.subscribers.length === 0) break
        this.#letGo(held)
        deliver(route, held.value)
      }
      if (route.subscribers.length === 0) break
    }
    route.delivering = false
    this.#deliveries -= 1
    this.#keepLimit()
    if (this.#endsAfterwards !== undefined) this.#end(this.#endsAfterwards)
  }

  #end(how: Observable<never>): void {
    if (this.#ended !== undefined) return
    if (this.#deliveries > 0) {
      this.#endsAfterwards ??= how
      return
    }
    this.#ended = how
    const routes = [...this.#routes.values()]
    this.#routes.clear()
    this.#keepLimit(0)
    for (const { subscribers } of routes) {
      for (const subscriber of subscribers) this.#connection?.add(how.subscribe(subscriber))
    }
    this.#connection?.add(how.subscribe(this.#unclaimed))
  }
}
