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
  readonly line: CommandQueue
  readonly ledger: OrderStore
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

/** Verdict where a written order got no reply. */
const unansweredReply = (error: unknown): Unsure => ({
  _tag: 'Unsure',
  cause: error instanceof ReplyTimeout ? 'timeout' : 'connection-lost',
  evidence: [],
})

class InFlightTracker implements InFlightOrders {
  readonly #deps: Dependencies
  readonly #log: OrderJournalWriter
  readonly #unresolved: UnresolvedOrders
  readonly #past: KnownOrders
  readonly #proof: OrderReconciler
  readonly #secondFrames: SecondFrames
  readonly #inFlight$ = new BehaviorSubject(0)
  /** Emits the cause of the login's end. */
  readonly #ended$ = new ReplaySubject<UnresolvedCause>(1)
  /**
   * Orders whose subscribers have not been given an end, and how the end of the login ends each.
   */
  readonly #airborne = new Map<InFlightOrder, (cause: UnresolvedCause) => void>()
  readonly #open = new Set<SentOrder>()
  /** The outcome of one of them has become known. */
  readonly #landed$ = new Subject<void>()
  /**
   * Orders that a cancel of all orders covers: sent again they would be placed behind the cancel.
   */
  readonly #swept = new Set<SentOrder>()
  readonly #settledUnknowns = new BoundedMap<Resolution>()
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
    const { settings, line, ledger, snapshots, exclusiveAccount, journal, left, late$ } = deps
    this.#deps = deps
    this.#log = createOrderJournalWriter(journal)
    this.#unresolved = createUnresolvedOrders(journal)
    this.unresolved$ = this.#unresolved.unresolved$
    this.#past = createKnownOrders(left)
    const secondFrames = createSecondFrames({
      write: (link, intent) => this.#write(link, intent, settings.requestTimeoutMs),
      onReply: (link, reply) => this.#noteToken(link, reply),
      classifyReply: (intent, reply) => this.#classifyReply(intent, reply),
    })
    this.#secondFrames = secondFrames
    this.#proof = createOrderReconciler({
      settings,
      line,
      ledger,
      snapshots,
      exclusiveAccount,
      late$: (intent) =>
        late$.pipe(
          filter((reply) => reply.cid === intent.cid),
          // mutant: late-refusal-of-second-frame
          filter((reply) => secondFrames.proves(intent.cid, reply)),
          map((reply) => this.#classifyReply(intent, reply)),
        ),
      mayBeResent: (intent) => !this.#swept.has(intent),
      resend: (link, intent, frame) => secondFrames.write(link, intent, frame),
      isKnown: (order) => this.#past.isKnown(order),
      ambiguousMatches: (intent) => countIndistinguishable(intent, this.#open) + this.#past.ambiguousMatches(intent),
      resolved$: this.#landed$,
    })
    // mutant: inherited-intents
    for (const entry of openEntries(left)) this.#inherit(entry)
  }

  submit(link: ActiveSession, order: OrderRequest, timeoutMs: number, { validUntil, isTooOld }: Expiry): InFlightOrder {
    const { clock, entropy } = this.#deps.settings
    const intent: SentOrder = {
      cid: entropy.id(),
      order,
      sentAt: clock.wall(),
      mark: this.#deps.ledger.mark,
      losses: this.#deps.ledger.losses,
      validUntil,
      // Without the feature the server does not remember the cid, whatever epoch it tells.
      epoch: link.features.has('cid') ? link.epoch : undefined,
      isTooOld,
      ageMs: stopwatchOf(clock)(),
    }
    // mutant: intent-before-frame
    this.#log.sent(intent)
    this.#open.add(intent)
    const flight = new InFlightOrder(intent.cid, link.connection.generation)
    this.#deps.events.take({ _tag: 'Submitted', cid: intent.cid, order })
    this.#inFlight$.next(this.#inFlight$.value + 1)
    this.#fly(flight, intent, link, timeoutMs)
    return flight
  }

  resolutionOf(cid: string): Resolution | undefined {
    return this.#settledUnknowns.get(cid)
  }

  doNotResend(symbol: string): void {
    for (const intent of this.#open) if (intent.order.symbol === symbol) this.#swept.add(intent)
  }

  end(cause: UnresolvedCause): void {
    this.#ended$.next(cause)
    for (const endBy of [...this.#airborne.values()]) endBy(cause)
    this.#unresolved.end()
    this.#inFlight$.complete()
  }

  /** Writes the order, and leads it to its end: by the reply, by proof, or unknown. */
  #fly(flight: InFlightOrder, intent: SentOrder, link: ActiveSession, timeoutMs: number): void {
    const waiting = new Subscription()
    const conclude = (verdict: ReplyClass): void => {
      // Once: what the end itself causes may be further proof.
      if (!this.#airborne.delete(flight)) return
      this.#conclude(flight, intent, verdict)
      waiting.unsubscribe()
    }
    const settleOr = (verdict: ReplyClass): void => {
      if (isFinal(verdict)) conclude(verdict)
      else waiting.add(this.#settle(intent, verdict).subscribe({ next: conclude, error: () => conclude(verdict) }))
    }
    this.#airborne.set(flight, (cause) => conclude({ _tag: 'Unsure', cause, evidence: [] }))
    const request = new Subscription()
    waiting.add(request)
    request.add(
      this.#write(link, intent, timeoutMs).subscribe({
        next: (reply) => {
          this.#noteToken(link, reply)
          settleOr(this.#classifyReply(intent, reply))
        },
        error: (error: unknown) => {
          // The cid is free at once: the search for proof may send it again.
          request.unsubscribe()
          if (!this.#airborne.has(flight)) return
          if (!(error instanceof NotWritten) || !this.#log.canRelease(intent, 'unsent'))
            settleOr(unansweredReply(error))
          else {
            this.#airborne.delete(flight)
            this.#land(flight, intent, 'unsent')
            this.#tell(flight, {
              _tag: 'Failed',
              error: new NotSent('place_order', 'not-ready-in-time', lostBeforeWriting),
            })
          }
        },
      }),
    )
  }

  #conclude(flight: InFlightOrder, intent: SentOrder, verdict: ReplyClass): void {
    if (isFinal(verdict)) {
      this.#landAs(flight, intent, verdict)
      this.#tell(flight, verdict._tag === 'Placed' ? verdict : { _tag: 'Failed', error: verdict.error })
    } else {
      const unknown = this.#unknownOf(intent, verdict.cause, verdict.evidence)
      this.#keep(flight, intent, unknown)
      this.#tell(flight, { _tag: 'Failed', error: unknown })
    }
  }

  /** The subscriber first: the end of the login may wait for nothing to be in flight. */
  #tell(flight: InFlightOrder, end: InFlightEnd): void {
    flight.end(end)
    this.#inFlight$.next(this.#inFlight$.value - 1)
  }

  #write({ connection, token, features }: ActiveSession, { cid, order, validUntil }: SentOrder, timeoutMs: number) {
    const expiry = features.has('cid') && validUntil !== undefined ? { valid_until: validUntil } : {}
    // Not a spread, which is slow: see the order ledger's stateOf.
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
  #classifyReply(intent: SentOrder, reply: ReplyOrFailure): ReplyClass {
    const { settings, redactor } = this.#deps
    const verdict = classifyReply(intent.cid, reply, settings.isDefiniteRefusal, redactor)
    return verdict._tag !== 'Rejected' || this.#log.canRelease(intent, 'rejected')
      ? verdict
      : unrecordedRefusal(verdict.error)
  }

  /** Looks for proof, for a while, where the reply told nothing or never came. */
  #settle(intent: SentOrder, unsure: Unsure): Observable<ReplyClass> {
    const { resolveWithinMs, scheduler } = this.#deps.settings
    // After a drop the snapshots are taken again by themselves.
    const looking$ = unsure.cause === 'connection-lost' ? EMPTY : this.#proof.lookFor(intent)
    const nothing$ = deadline(resolveWithinMs, scheduler).pipe(map(() => unsure))
    return merge(this.#proof.outcomeOf(intent), nothing$, looking$).pipe(take(1))
  }

  #unknownOf(intent: SentOrder, cause: UnresolvedCause, evidence: readonly Evidence[]): Unresolved {
    const candidates = this.#proof.candidates(intent)
    return new Unresolved({
      cid: intent.cid,
      request: summary(intent.order),
      sentAt: intent.sentAt,
      cause,
      evidence: [
        ...evidence,
        ...candidates.map(({ symbol, order_no }): Evidence => ({ kind: 'matching-order', symbol, order_no })),
      ],
    })
  }

  /** The outcome is known. */
  #land(
    flight: InFlightOrder,
    intent: SentOrder,
    fate: Exclude<RequestOutcome, 'open'>,
    order_no?: string,
    words = '',
  ): void {
    const { cid, order } = intent
    const { events, ledger } = this.#deps
    const wasUnresolved = this.#unresolved.has(cid)
    flight.outcome = fate
    this.#open.delete(intent)
    this.#swept.delete(intent)
    this.#secondFrames.forget(cid)
    if (order_no !== undefined) {
      this.#past.placed(order.symbol, order_no)
      ledger.placed(order, order_no, intent)
    }
    if (wasUnresolved) this.#settledUnknowns.set(cid, { outcome: fate, order_no })
    this.#unresolved.resolve(cid)
    if (wasUnresolved) events.take({ _tag: 'Resolved', cid, order, outcome: resolutions[fate], order_no })
    else if (order_no !== undefined) events.take({ _tag: 'Taken', cid, symbol: order.symbol, order_no })
    else if (fate === 'rejected') events.take({ _tag: 'Rejected', cid, order, words })
    else events.take({ _tag: 'NotWritten', cid, symbol: order.symbol })
    this.#landed$.next()
  }

  #landAs(flight: InFlightOrder, intent: SentOrder, verdict: FinalReply): void {
    if (verdict._tag === 'Rejected') {
      this.#land(flight, intent, 'rejected', undefined, verdict.error.serverMessage)
      return
    }
    const { line, ledger, snapshots, mayHaveEnded } = this.#deps
    const { order_no } = verdict.placed
    this.#log.settled(intent.cid, 'placed', order_no)
    this.#land(flight, intent, 'placed', order_no)
    const name = { symbol: intent.order.symbol, order_no }
    const isOfThisConnection = flight.generation === line.session?.connection.generation
    // The notice of its end may have gone to the lost connection, or could not be read: only a
    // question that is asked now shows its absence.
    // mutant: late-order-is-looked-for
    if (mayHaveEnded(name) || (!isOfThisConnection && ledger.find(name.symbol, order_no) === undefined))
      snapshots.lookAtOrders(name.symbol)
  }

  /** Keeps looking for as long as the login lasts: no timer closes an unresolved order. */
  #keep(flight: InFlightOrder, intent: SentOrder, unknown: Unresolved): void {
    const settled$ = this.#proof.outcomeOf(intent).pipe(
      takeUntil(this.#ended$),
      // Once resolved it leaves `#looking`, which lasts as long as the login.
      finalize(() => looking.unsubscribe()),
    )
    const looking = new Subscription()
    this.#deps.events.take({ _tag: 'Unresolved', cid: intent.cid, order: intent.order, words: unknown.message })
    this.#unresolved.add(unknown, () => {
      // mutant: close-is-written
      this.#log.released(intent.cid, 'closed-by-caller')
      // The search ends, and above all the order is not sent again: the caller may place another.
      looking.unsubscribe()
      this.#past.placedWithoutNumber(intent.cid, intent)
      this.#land(flight, intent, 'closed-by-caller')
    })
    // A subscriber of the event or of the list may have closed it.
    if (looking.closed) return
    looking.add(
      settled$.subscribe({ next: (verdict) => this.#landAs(flight, intent, verdict), error: orStaysOpen.error }),
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
    const intent: SentOrder = { cid, order, sentAt, mark: 0, losses: -1, validUntil, epoch, isTooOld, ageMs }
    // Where it could be sent again, the journal does not hold whether it was.
    // mutant: inherited-second-frame
    if (epoch !== undefined) this.#secondFrames.inherit(cid)
    this.#open.add(intent)
    this.#keep(new InFlightOrder(cid), intent, this.#unknownOf(intent, 'connection-lost', []))
    this.#looking.add(this.#proof.lookFor(intent).subscribe(orStaysOpen))
  }
}

export const createInFlightOrders = (deps: Dependencies): InFlightOrders => new InFlightTracker(deps)
