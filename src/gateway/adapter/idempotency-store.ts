import { catchError, defer, map, Observable, of, ReplaySubject, tap } from 'rxjs'
import { type PlaceOrderRequest, type Reply } from '../../protocol/index.js'
import { PASSED_BY_ANY_CLOCK } from '../../protocol/internal.js'
import { termsOf } from '../../orders/index.js'
import { refusal } from './refusal.js'

export interface IdempotencyStoreOptions {
  /**
   * Orders that are remembered; beyond it the oldest go, and with them the promise for their cids.
   * @default 50000
   */
  readonly most?: number
  /**
   * Time for which an order is remembered, in ms. Clients ask about a cid for 24 h; the second day
   * is for a wall clock that is set forward meanwhile.
   * @default 172800000 (48 h)
   */
  readonly keepMs?: number
  /**
   * Called with each order and its reply before the reply is sent, so that both can be written to a
   * journal. Called once more, with `isCorrection`, when the outcome of an order that was answered
   * with `unknown: true` becomes known. Must not throw.
   */
  readonly onReply?: (order: RememberedOrder, isCorrection: boolean) => void
}

/**
 * Outcome of an order that was answered with `unknown: true`: its number, or why the exchange
 * refused it.
 */
export type LearnedOutcome = { readonly order_no: string } | { readonly refused: string }

/** A cid and what was answered to it. */
export interface RememberedOrder {
  readonly cid: string
  /** Terms of the order, without its time limit: see {@link termsOf}. */
  readonly terms: string
  /** Time of arrival, in ms since 1970. */
  readonly at: number
  readonly reply: Reply
}

interface Entry {
  readonly terms: string
  readonly at: number
  /** Until the reply is there: those who wait for it. */
  waiting: Observable<Reply> | undefined
  reply: Reply | undefined
  /** Answer of the exchange, while the reply is still on its way. */
  answered?: Reply
  /** Reply to be recorded if the one on its way says `unknown`. */
  learned?: Reply
}

const saysUnknown = (reply: Reply): boolean => !reply.result && reply.unknown === true

const forgotten = (cid: string): Reply => ({
  ...refusal(
    'place_order',
    cid,
    'this cid is not known, but the oldest cids of this account were dropped to make room',
  ),
  unknown: true,
})

/**
 * The place_orders of one account by their cids (feature `cid`): a cid that was used before makes
 * no second order. A repeated request joins the first while that is in flight, and gets the same
 * reply afterwards, whatever it is: a refusal that a client has received must not become an order
 * when a late copy arrives.
 */
export class IdempotencyStore {
  readonly #most: number
  readonly #keepMs: number
  readonly #onReply: (order: RememberedOrder, isCorrection: boolean) => void
  /** Oldest first. A Map: a cid is a client's word. */
  readonly #entries = new Map<string, Entry>()

  constructor({ most = 50_000, keepMs = 2 * 86_400_000, onReply = () => undefined }: IdempotencyStoreOptions = {}) {
    this.#most = most
    this.#keepMs = keepMs
    this.#onReply = onReply
  }

  get size(): number {
    return this.#entries.size
  }

  /**
   * The reply to a place_order: a new one if its cid is new, by `carryOut`, which is subscribed to
   * once and continues after unsubscription.
   *
   * @param now - in ms since 1970
   */
  answer(request: PlaceOrderRequest, now: number, carryOut: () => Observable<Reply>): Observable<Reply> {
    return defer(() => {
      const { cid = '' } = request
      if (cid === '') return carryOut()
      const terms = termsOf(request)
      const known = this.#entries.get(cid)
      if (known === undefined) {
        const asksOnly = request.valid_until !== undefined && request.valid_until <= PASSED_BY_ANY_CLOCK
        // mutant: questions-are-remembered
        const entry: Entry = { terms, at: now, waiting: undefined, reply: undefined }
        return this.#begin(cid, entry, asksOnly && this.#mayHaveForgotten(now) ? () => of(forgotten(cid)) : carryOut)
      }
      if (known.terms !== terms) {
        return of(refusal('place_order', cid, 'this cid was used before, for another order; give each order a new one'))
      }
      // mutant: copy-joins-the-first
      return known.reply === undefined ? (known.waiting as Observable<Reply>) : of(known.reply)
    })
  }

  /**
   * Records the answer of the exchange while the reply is still on its way, so that a snapshot
   * taken now includes it.
   */
  answered(cid: string, reply: Reply): void {
    const entry = this.#entries.get(cid)
    if (entry?.reply === undefined && entry !== undefined) entry.answered = reply
  }

  /**
   * Replaces the recorded `unknown: true` of a cid by what an adapter has learned since: a client
   * that asks again is given the truth. A definite reply is never replaced.
   *
   * @returns false if there is nothing to correct
   */
  correct(cid: string, outcome: LearnedOutcome): boolean {
    const entry = this.#entries.get(cid)
    if (entry === undefined) return false
    const reply: Reply =
      'order_no' in outcome
        ? { op: 'place_order', cid, result: true, error_message: '', order_no: outcome.order_no }
        : refusal('place_order', cid, outcome.refused)
    if (entry.reply === undefined) {
      entry.learned = reply
      return true
    }
    if (!saysUnknown(entry.reply)) return false
    entry.reply = reply
    this.#onReply({ cid, terms: entry.terms, at: entry.at, reply }, true)
    return true
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
      map((reply) => (saysUnknown(reply) ? (entry.learned ?? reply) : reply)),
      tap((reply) => {
        entry.reply = reply
        entry.waiting = undefined
        this.#onReply({ cid, terms: entry.terms, at: entry.at, reply }, reply === entry.learned)
      }),
    )
    return new Observable((subscriber) => {
      // Listened to first: the reply of an exchange in the same process comes before the notices,
      // within this very call.
      subscriber.add(reply$.subscribe(subscriber))
      // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It ends by itself, with its reply, also after unsubscription.
      carriedOut$.subscribe(reply$)
    })
  }

  /**
   * True if orders younger than `keepMs` may have been dropped to make room: then an unknown cid
   * proves nothing.
   */
  #mayHaveForgotten(now: number): boolean {
    this.#forget(now)
    return this.#entries.size >= this.#most
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
