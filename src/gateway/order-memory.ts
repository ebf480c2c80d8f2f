import { catchError, defer, Observable, of, ReplaySubject, tap } from 'rxjs'
import type { PlaceOrderRequest, Reply } from '../protocol/index.js'
import { refusal } from './refusal.js'

export interface OrderMemoryOptions {
  /** Orders that are remembered; beyond it the oldest go, and with them the promise for their cids. @default 50000 */
  readonly most?: number
  /** How long an order is remembered, in ms. @default 86400000 (24 h) */
  readonly keepMs?: number
  /** Told of each order and its reply before anybody else is, so that it can be written down. Must not throw. */
  readonly onReply?: (order: RememberedOrder) => void
}

/** A cid and what was answered to it. */
export interface RememberedOrder {
  readonly cid: string
  /** What the order was, without its time limit: see {@link termsOf}. */
  readonly terms: string
  /** When it came, in ms since 1970. */
  readonly at: number
  readonly reply: Reply
}

interface Entry {
  readonly terms: string
  readonly at: number
  /** Until the reply is there: those who wait for it. */
  waiting: Observable<Reply> | undefined
  reply: Reply | undefined
  /** What the exchange has answered, while that is still on its way. */
  answered?: Reply
}

/** What two place_orders must have in common to be one order. When it may be carried out is no part of what it is. */
export const termsOf = ({
  symbol,
  action,
  price,
  quantity,
  order_type,
}: Pick<PlaceOrderRequest, 'symbol' | 'action' | 'price' | 'quantity' | 'order_type'>): string =>
  JSON.stringify([symbol, action, price, quantity, order_type])

/**
 * The place_orders of one account by their cids (feature `cid`): a cid that was used before makes no second order. Whoever sends it again joins
 * the first while that is in flight, and is given its reply afterwards, whatever that reply says: a refusal that was told to somebody must
 * not become an order when a late copy arrives.
 */
export class OrderMemory {
  readonly #most: number
  readonly #keepMs: number
  readonly #onReply: (order: RememberedOrder) => void
  /** Oldest first. A Map: a cid is a client's word. */
  readonly #entries = new Map<string, Entry>()

  constructor({ most = 50_000, keepMs = 86_400_000, onReply = () => undefined }: OrderMemoryOptions = {}) {
    this.#most = most
    this.#keepMs = keepMs
    this.#onReply = onReply
  }

  get size(): number {
    return this.#entries.size
  }

  /**
   * The reply to a place_order: a new one if its cid is new, by `carryOut`, which is subscribed to once and goes on whoever leaves.
   *
   * @param now - in ms since 1970
   */
  answer(request: PlaceOrderRequest, now: number, carryOut: () => Observable<Reply>): Observable<Reply> {
    return defer(() => {
      const { cid = '' } = request
      if (cid === '') return carryOut()
      const terms = termsOf(request)
      const known = this.#entries.get(cid)
      if (known === undefined)
        return this.#begin(cid, { terms, at: now, waiting: undefined, reply: undefined }, carryOut)
      if (known.terms !== terms) {
        return of(refusal('place_order', cid, 'this cid was used before, for another order; give each order a new one'))
      }
      return known.reply === undefined ? (known.waiting as Observable<Reply>) : of(known.reply)
    })
  }

  /** The exchange has answered, and the reply is on its way: whoever writes the memory down now must not leave it out. */
  answered(cid: string, reply: Reply): void {
    const entry = this.#entries.get(cid)
    if (entry?.reply === undefined && entry !== undefined) entry.answered = reply
  }

  /** Takes in what a predecessor remembered. */
  restore({ cid, terms, at, reply }: RememberedOrder): void {
    this.#entries.delete(cid)
    this.#entries.set(cid, { terms, at, waiting: undefined, reply })
    this.#forget(at)
  }

  /** Those of which the reply is known, oldest first. */
  *remembered(): IterableIterator<RememberedOrder> {
    for (const [cid, { terms, at, answered, reply = answered }] of this.#entries) {
      if (reply !== undefined) yield { cid, terms, at, reply }
    }
  }

  #begin(cid: string, entry: Entry, carryOut: () => Observable<Reply>): Observable<Reply> {
    const reply$ = new ReplaySubject<Reply>(1)
    entry.waiting = reply$
    // Before it is carried out: a copy that arrives meanwhile must find it.
    this.#entries.set(cid, entry)
    this.#forget(entry.at)
    const carriedOut$ = defer(carryOut).pipe(
      catchError(() =>
        of<Reply>({ ...refusal('place_order', cid, 'the gateway failed; the fate is not known'), unknown: true }),
      ),
      tap((reply) => {
        entry.reply = reply
        entry.waiting = undefined
        this.#onReply({ cid, terms: entry.terms, at: entry.at, reply })
      }),
    )
    return new Observable((subscriber) => {
      // Listened to first: the reply of an exchange in the same process comes before the notices, within this very call.
      subscriber.add(reply$.subscribe(subscriber))
      // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It ends by itself, with its reply, whoever leaves.
      carriedOut$.subscribe(reply$)
    })
  }

  /** Those in flight stay: they are bounded by the time that an exchange may take. */
  #forget(now: number): void {
    for (const [cid, { at, reply }] of this.#entries) {
      const isDue = now - at > this.#keepMs || this.#entries.size > this.#most
      if (!isDue || reply === undefined) return
      this.#entries.delete(cid)
    }
  }
}
