import {
  BehaviorSubject,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  map,
  merge,
  type Observable,
  ReplaySubject,
  Subject,
  Subscription,
  take,
  takeUntil,
} from 'rxjs'
import { ReplyTimeout } from '../../operators/index.js'
import { deadline } from '../../time/index.js'
import { type Evidence, NotSent, Unresolved, type UnresolvedCause } from '../errors/errors.js'
import {
  type Expiry,
  type RequestOutcome,
  InFlightOrder,
  type InFlightEnd,
  type InFlightOrders,
  type Resolution,
} from './in-flight-order.js'
import { type OrderJournalEntry, type OrderJournal, openEntries } from './order-journal.js'
import { createOrderJournalWriter, type OrderJournalWriter } from './order-journal-writer.js'
import type { OrderEvents } from './order-events.js'
import type { OrderStore } from '../state/stores/index.js'
import { type CommandQueue, type ActiveSession, lostBeforeWriting } from '../requests/command-queue.js'
import { type Settings, stopwatchOf } from '../options.js'
import { createKnownOrders, type KnownOrders } from './known-orders.js'
import { countIndistinguishable, type OrderName, type OrderRequest } from '../../orders/index.js'
import { createOrderReconciler, type SentOrder, type OrderReconciler } from './order-reconciler.js'
import type { Redactor } from '../errors/redact.js'
import { BoundedMap } from '../bounded-map.js'
import { createSecondFrames, type SecondFrames } from './second-frames.js'
import type { Snapshots } from '../state/snapshots.js'
import { createUnresolvedOrders, type UnresolvedOrders } from './unresolved-orders.js'
import { isFinal, unrecordedRefusal, type ReplyClass, classifyReply } from './classify-reply.js'
import { NotWritten, saysInvalidToken, type ReplyOrFailure } from '../connection/protocol-connection.js'

interface Dependencies {
  readonly settings: Settings
  readonly redactor: Redactor
  readonly queue: CommandQueue
  readonly orderStore: OrderStore
  readonly events: OrderEvents
  readonly snapshots: Snapshots
  /** True if nothing is known of an order, and the notice of its end may have been missed. */
  readonly mayHaveEnded: (order: OrderName) => boolean
  readonly exclusiveAccount: boolean
  readonly journal: OrderJournal | undefined
  /** Entries of the journal when the login began. */
  readonly left: readonly OrderJournalEntry[]
  /** Replies that came after their request had ended. */
  readonly late$: Observable<ReplyOrFailure>
  /** Called for a refusal that says that the token is void. */
  readonly onInvalidToken: (token: string) => void
}

type FinalReply = Exclude<ReplyClass, { _tag: 'Unsure' }>
type Unsure = Extract<ReplyClass, { _tag: 'Unsure' }>

const summary = ({ symbol, action, price, quantity, order_type }: OrderRequest) =>
  ({ op: 'place_order', symbol, action, price, quantity, order_type }) as const

const resolutions = {
  placed: 'accepted',
  rejected: 'rejected',
  unsent: 'not-sent',
  'closed-by-caller': 'closed-by-caller',
} as const

/** An order that cannot be looked for stays unresolved, and does not disturb other orders. */
const orStaysOpen = { error: () => undefined }

/** Class of the reply to an order that got none. */
const unansweredReply = (error: unknown): Unsure => ({
  _tag: 'Unsure',
  cause: error instanceof ReplyTimeout ? 'timeout' : 'connection-lost',
  evidence: [],
})

class InFlightTracker implements InFlightOrders {
  readonly #deps: Dependencies
  readonly #journal: OrderJournalWriter
  readonly #unresolved: UnresolvedOrders
  readonly #knownOrders: KnownOrders
  readonly #reconciler: OrderReconciler
  readonly #secondFrames: SecondFrames
  readonly #inFlight$ = new BehaviorSubject(0)
  /** Emits the cause of the login's end. */
  readonly #ended$ = new ReplaySubject<UnresolvedCause>(1)
  /**
   * Orders whose subscribers have not been given an end, and how the end of the login ends each.
   */
  readonly #awaitingEnd = new Map<InFlightOrder, (cause: UnresolvedCause) => void>()
  readonly #open = new Set<SentOrder>()
  /** The outcome of one of them has become known. */
  readonly #resolved$ = new Subject<void>()
  /**
   * Orders that a cancel of all orders covers: sent again they would be placed behind the cancel.
   */
  readonly #notToResend = new Set<SentOrder>()
  readonly #resolutions = new BoundedMap<Resolution>()
  /** Goes on when subscribers leave: every order that was written is accounted for. */
  readonly #looking = new Subscription()

  readonly unresolved$: UnresolvedOrders['unresolved$']
  readonly inFlight$ = this.#inFlight$.pipe(distinctUntilChanged())
  readonly idle$ = this.#inFlight$.pipe(
    filter((n) => n === 0),
    take(1),
    map(() => undefined),
  )

  constructor(deps: Dependencies) {
    const { settings, queue, orderStore, snapshots, exclusiveAccount, journal, left, late$ } = deps
    this.#deps = deps
    this.#journal = createOrderJournalWriter(journal)
    this.#unresolved = createUnresolvedOrders(journal)
    this.unresolved$ = this.#unresolved.unresolved$
    this.#knownOrders = createKnownOrders(left)
    const secondFrames = createSecondFrames({
      write: (session, sent) => this.#write(session, sent, settings.requestTimeoutMs),
      onReply: (session, reply) => this.#noteToken(session, reply),
      classifyReply: (sent, reply) => this.#classifyReply(sent, reply),
    })
    this.#secondFrames = secondFrames
    this.#reconciler = createOrderReconciler({
      settings,
      queue,
      orderStore,
      snapshots,
      exclusiveAccount,
      late$: (sent) =>
        late$.pipe(
          filter((reply) => reply.cid === sent.cid),
          // mutant: late-refusal-of-second-frame
          filter((reply) => secondFrames.proves(sent.cid, reply)),
          map((reply) => this.#classifyReply(sent, reply)),
        ),
      mayBeResent: (sent) => !this.#notToResend.has(sent),
      resend: (session, sent, frame) => secondFrames.write(session, sent, frame),
      isKnown: (order) => this.#knownOrders.isKnown(order),
      ambiguousMatches: (sent) => countIndistinguishable(sent, this.#open) + this.#knownOrders.ambiguousMatches(sent),
      resolved$: this.#resolved$,
    })
    // mutant: inherited-intents
    for (const entry of openEntries(left)) this.#inherit(entry)
  }

  submit(
    session: ActiveSession,
    order: OrderRequest,
    timeoutMs: number,
    { validUntil, isTooOld }: Expiry,
  ): InFlightOrder {
    const { clock, entropy } = this.#deps.settings
    const sent: SentOrder = {
      cid: entropy.id(),
      order,
      sentAt: clock.wall(),
      mark: this.#deps.orderStore.mark,
      losses: this.#deps.orderStore.losses,
      validUntil,
      // Without the feature the server does not remember the cid, whatever epoch it tells.
      epoch: session.features.has('cid') ? session.epoch : undefined,
      isTooOld,
      ageMs: stopwatchOf(clock)(),
    }
    // mutant: intent-before-frame
    this.#journal.sent(sent)
    this.#open.add(sent)
    const inFlightOrder = new InFlightOrder(sent.cid, session.connection.generation)
    this.#deps.events.take({ _tag: 'Submitted', cid: sent.cid, order })
    this.#inFlight$.next(this.#inFlight$.value + 1)
    this.#follow(inFlightOrder, sent, session, timeoutMs)
    return inFlightOrder
  }

  resolutionOf(cid: string): Resolution | undefined {
    return this.#resolutions.get(cid)
  }

  doNotResend(symbol: string): void {
    for (const sent of this.#open) if (sent.order.symbol === symbol) this.#notToResend.add(sent)
  }

  end(cause: UnresolvedCause): void {
    this.#ended$.next(cause)
    for (const endBy of [...this.#awaitingEnd.values()]) endBy(cause)
    this.#unresolved.end()
    this.#inFlight$.complete()
  }

  /** Writes the order, and leads it to its end: by the reply, by evidence, or unresolved. */
  #follow(inFlightOrder: InFlightOrder, sent: SentOrder, session: ActiveSession, timeoutMs: number): void {
    const waiting = new Subscription()
    const conclude = (classified: ReplyClass): void => {
      // Once: what the end itself causes may be further evidence.
      if (!this.#awaitingEnd.delete(inFlightOrder)) return
      this.#conclude(inFlightOrder, sent, classified)
      waiting.unsubscribe()
    }
    const concludeOrSeek = (classified: ReplyClass): void => {
      if (isFinal(classified)) conclude(classified)
      else
        waiting.add(
          this.#seekOutcome(sent, classified).subscribe({ next: conclude, error: () => conclude(classified) }),
        )
    }
    this.#awaitingEnd.set(inFlightOrder, (cause) => conclude({ _tag: 'Unsure', cause, evidence: [] }))
    const request = new Subscription()
    waiting.add(request)
    request.add(
      this.#write(session, sent, timeoutMs).subscribe({
        next: (reply) => {
          this.#noteToken(session, reply)
          concludeOrSeek(this.#classifyReply(sent, reply))
        },
        error: (error: unknown) => {
          // The cid is free at once: the search for evidence may send it again.
          request.unsubscribe()
          if (!this.#awaitingEnd.has(inFlightOrder)) return
          if (!(error instanceof NotWritten) || !this.#journal.canRelease(sent, 'unsent'))
            concludeOrSeek(unansweredReply(error))
          else {
            this.#awaitingEnd.delete(inFlightOrder)
            this.#record(inFlightOrder, sent, 'unsent')
            this.#tell(inFlightOrder, {
              _tag: 'Failed',
              error: new NotSent('place_order', 'not-ready-in-time', lostBeforeWriting),
            })
          }
        },
      }),
    )
  }

  #conclude(inFlightOrder: InFlightOrder, sent: SentOrder, classified: ReplyClass): void {
    if (isFinal(classified)) {
      this.#recordReply(inFlightOrder, sent, classified)
      this.#tell(inFlightOrder, classified._tag === 'Placed' ? classified : { _tag: 'Failed', error: classified.error })
    } else {
      const unresolved = this.#unresolvedOf(sent, classified.cause, classified.evidence)
      this.#keep(inFlightOrder, sent, unresolved)
      this.#tell(inFlightOrder, { _tag: 'Failed', error: unresolved })
    }
  }

  /** The subscriber first: the end of the login may wait for nothing to be in flight. */
  #tell(inFlightOrder: InFlightOrder, end: InFlightEnd): void {
    inFlightOrder.end(end)
    this.#inFlight$.next(this.#inFlight$.value - 1)
  }

  #write({ connection, token, features }: ActiveSession, { cid, order, validUntil }: SentOrder, timeoutMs: number) {
    const expiry = features.has('cid') && validUntil !== undefined ? { valid_until: validUntil } : {}
    // Not a spread, which is slow: see the stateOf of the order records.
    const request = Object.assign({ op: 'place_order', token, cid } as const, summary(order), expiry)
    return connection.request(request, timeoutMs)
  }

  #noteToken({ token }: ActiveSession, reply: ReplyOrFailure): void {
    if (!('reason' in reply) && saysInvalidToken(reply)) this.#deps.onInvalidToken(token)
  }

  /**
   * Reads a reply. A refusal that the journal could not hold proves nothing: the server need not
   * remember it, and sent again by a successor the order might be taken.
   */
  #classifyReply(sent: SentOrder, reply: ReplyOrFailure): ReplyClass {
    const { settings, redactor } = this.#deps
    const classified = classifyReply(sent.cid, reply, settings.isDefiniteRefusal, redactor)
    return classified._tag !== 'Rejected' || this.#journal.canRelease(sent, 'rejected')
      ? classified
      : unrecordedRefusal(classified.error)
  }

  /** Looks for evidence, for a while, where the reply told nothing or never came. */
  #seekOutcome(sent: SentOrder, unsure: Unsure): Observable<ReplyClass> {
    const { resolveWithinMs, scheduler } = this.#deps.settings
    // After a drop the snapshots are taken again by themselves.
    const looking$ = unsure.cause === 'connection-lost' ? EMPTY : this.#reconciler.lookFor(sent)
    const nothing$ = deadline(resolveWithinMs, scheduler).pipe(map(() => unsure))
    return merge(this.#reconciler.outcomeOf(sent), nothing$, looking$).pipe(take(1))
  }

  #unresolvedOf(sent: SentOrder, cause: UnresolvedCause, evidence: readonly Evidence[]): Unresolved {
    const candidates = this.#reconciler.candidates(sent)
    return new Unresolved({
      cid: sent.cid,
      request: summary(sent.order),
      sentAt: sent.sentAt,
      cause,
      evidence: [
        ...evidence,
        ...candidates.map(({ symbol, order_no }): Evidence => ({ kind: 'matching-order', symbol, order_no })),
      ],
    })
  }

  /** The outcome is known. */
  #record(
    inFlightOrder: InFlightOrder,
    sent: SentOrder,
    outcome: Exclude<RequestOutcome, 'open'>,
    order_no?: string,
    words = '',
  ): void {
    const { cid, order } = sent
    const { events, orderStore } = this.#deps
    const wasUnresolved = this.#unresolved.has(cid)
    inFlightOrder.outcome = outcome
    this.#open.delete(sent)
    this.#notToResend.delete(sent)
    this.#secondFrames.forget(cid)
    if (order_no !== undefined) {
      this.#knownOrders.placed(order.symbol, order_no)
      orderStore.placed(order, order_no, sent)
    }
    if (wasUnresolved) this.#resolutions.set(cid, { outcome, order_no })
    this.#unresolved.resolve(cid)
    if (wasUnresolved) events.take({ _tag: 'Resolved', cid, order, outcome: resolutions[outcome], order_no })
    else if (order_no !== undefined) events.take({ _tag: 'Taken', cid, symbol: order.symbol, order_no })
    else if (outcome === 'rejected') events.take({ _tag: 'Rejected', cid, order, words })
    else events.take({ _tag: 'NotWritten', cid, symbol: order.symbol })
    this.#resolved$.next()
  }

  #recordReply(inFlightOrder: InFlightOrder, sent: SentOrder, classified: FinalReply): void {
    if (classified._tag === 'Rejected') {
      this.#record(inFlightOrder, sent, 'rejected', undefined, classified.error.serverMessage)
      return
    }
    const { queue, orderStore, snapshots, mayHaveEnded } = this.#deps
    const { order_no } = classified.placed
    this.#journal.settled(sent.cid, 'placed', order_no)
    this.#record(inFlightOrder, sent, 'placed', order_no)
    const name = { symbol: sent.order.symbol, order_no }
    const isOfThisConnection = inFlightOrder.generation === queue.session?.connection.generation
    // The notice of its end may have gone to the lost connection, or could not be read: only a
    // question that is asked now shows its absence.
    // mutant: late-order-is-looked-for
    if (mayHaveEnded(name) || (!isOfThisConnection && orderStore.find(name.symbol, order_no) === undefined))
      snapshots.lookAtOrders(name.symbol)
  }

  /** Keeps looking for as long as the login lasts: no timer closes an unresolved order. */
  #keep(inFlightOrder: InFlightOrder, sent: SentOrder, unresolved: Unresolved): void {
    const outcome$ = this.#reconciler.outcomeOf(sent).pipe(
      takeUntil(this.#ended$),
      // Once resolved it leaves `#looking`, which lasts as long as the login.
      finalize(() => looking.unsubscribe()),
    )
    const looking = new Subscription()
    this.#deps.events.take({ _tag: 'Unresolved', cid: sent.cid, order: sent.order, words: unresolved.message })
    this.#unresolved.add(unresolved, () => {
      // mutant: close-is-written
      this.#journal.released(sent.cid, 'closed-by-caller')
      // The search ends, and above all the order is not sent again: the caller may place another.
      looking.unsubscribe()
      this.#knownOrders.placedWithoutNumber(sent.cid, sent)
      this.#record(inFlightOrder, sent, 'closed-by-caller')
    })
    // A subscriber of the event or of the list may have closed it.
    if (looking.closed) return
    looking.add(
      outcome$.subscribe({
        next: (classified) => this.#recordReply(inFlightOrder, sent, classified),
        error: orStaysOpen.error,
      }),
    )
    this.#looking.add(looking)
  }

  /** Resumes an order that a predecessor left: sent, as far as is known, and without an end. */
  #inherit({ cid, order, sentAt, validUntil, epoch }: Extract<OrderJournalEntry, { kind: 'sent' }>): void {
    const { clock } = this.#deps.settings
    const sinceStartMs = stopwatchOf(clock)()
    const atStartMs = clock.wall() - sentAt
    // A clock that shows less than when it was sent has been set back: its age is then not known.
    const ageMs = (): number => (atStartMs < 0 ? Infinity : Math.max(clock.wall() - sentAt, atStartMs + sinceStartMs()))
    // It is only asked about: a cancel of all orders by the predecessor is in no journal, and the
    // order would be placed behind it.
    // mutant: successor-only-asks
    const isTooOld = (): boolean => true
    const sent: SentOrder = { cid, order, sentAt, mark: 0, losses: -1, validUntil, epoch, isTooOld, ageMs }
    // Where it could be sent again, the journal does not hold whether it was.
    // mutant: inherited-second-frame
    if (epoch !== undefined) this.#secondFrames.inherit(cid)
    this.#open.add(sent)
    this.#keep(new InFlightOrder(cid), sent, this.#unresolvedOf(sent, 'connection-lost', []))
    this.#looking.add(this.#reconciler.lookFor(sent).subscribe(orStaysOpen))
  }
}

export const createInFlightOrders = (deps: Dependencies): InFlightOrders => new InFlightTracker(deps)
