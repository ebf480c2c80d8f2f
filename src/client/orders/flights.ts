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
import { type Evidence, NotSent, Unknown, type UnknownCause } from '../errors.js'
import { type Expiry, type Fate, Flight, type FlightEnd, type Flights, type Settled } from './flight.js'
import { type IntentEntry, type IntentJournal, openIntents } from './intent-journal.js'
import { createIntentLog, type IntentLog } from './intent-log.js'
import type { OrderEvents } from './order-events.js'
import type { OrderLedger } from '../state/ledger/index.js'
import { type Line, type Link, lostBeforeWriting } from '../requests/line.js'
import { type Settings, stopwatchOf } from '../options.js'
import { createPastOrders, type PastOrders } from './past-orders.js'
import { countIndistinguishable, type OrderName, type OrderRequest } from '../../orders/index.js'
import { createProofFinder, type Intent, type ProofFinder } from './proof.js'
import type { Redactor } from '../redact.js'
import { Memory } from '../memory.js'
import { createSecondFrames, type SecondFrames } from './second-frames.js'
import type { Snapshots } from '../state/snapshots.js'
import { createUnsettledOrders, type UnsettledOrders } from './unsettled.js'
import { isProof, refusedInVain, type Verdict, verdictOf } from './verdict.js'
import { NotWritten, saysInvalidToken, type WireReply } from '../connection/wire.js'

interface Dependencies {
  readonly settings: Settings
  readonly redactor: Redactor
  readonly line: Line
  readonly ledger: OrderLedger
  readonly events: OrderEvents
  readonly snapshots: Snapshots
  /** True if nothing is known of an order, and the notice of its end may have been missed. */
  readonly mayHaveEnded: (order: OrderName) => boolean
  readonly soleTrader: boolean
  readonly journal: IntentJournal | undefined
  /** Entries of the journal when the login began. */
  readonly left: readonly IntentEntry[]
  /** Replies that came after their request had ended. */
  readonly late$: Observable<WireReply>
  /** Called for a refusal that says that the token is void. */
  readonly onInvalidToken: (token: string) => void
}

type Proof = Exclude<Verdict, { _tag: 'Unsure' }>
type Unsure = Extract<Verdict, { _tag: 'Unsure' }>

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
const unansweredVerdict = (error: unknown): Unsure => ({
  _tag: 'Unsure',
  cause: error instanceof ReplyTimeout ? 'timeout' : 'connection-lost',
  evidence: [],
})

class FlightControl implements Flights {
  readonly #deps: Dependencies
  readonly #log: IntentLog
  readonly #unsettled: UnsettledOrders
  readonly #past: PastOrders
  readonly #proof: ProofFinder
  readonly #secondFrames: SecondFrames
  readonly #inFlight$ = new BehaviorSubject(0)
  /** Emits the cause of the login's end. */
  readonly #ended$ = new ReplaySubject<UnknownCause>(1)
  /**
   * Orders whose subscribers have not been given an end, and how the end of the login ends each.
   */
  readonly #airborne = new Map<Flight, (cause: UnknownCause) => void>()
  readonly #open = new Set<Intent>()
  /** The outcome of one of them has become known. */
  readonly #landed$ = new Subject<void>()
  /**
   * Orders that a cancel of all orders covers: sent again they would be placed behind the cancel.
   */
  readonly #swept = new Set<Intent>()
  readonly #settledUnknowns = new Memory<Settled>()
  /** Goes on when subscribers leave: every order that was written is accounted for. */
  readonly #looking = new Subscription()

  readonly unsettled$: UnsettledOrders['unsettled$']
  readonly inFlight$ = this.#inFlight$.pipe(distinctUntilChanged())
  readonly landed$ = this.#inFlight$.pipe(
    filter((n) => n === 0),
    take(1),
    map(() => undefined),
  )

  constructor(deps: Dependencies) {
    const { settings, line, ledger, snapshots, soleTrader, journal, left, late$ } = deps
    this.#deps = deps
    this.#log = createIntentLog(journal)
    this.#unsettled = createUnsettledOrders(journal)
    this.unsettled$ = this.#unsettled.unsettled$
    this.#past = createPastOrders(left)
    const secondFrames = createSecondFrames({
      write: (link, intent) => this.#write(link, intent, settings.requestTimeoutMs),
      onReply: (link, reply) => this.#noteToken(link, reply),
      verdictOf: (intent, reply) => this.#verdictOf(intent, reply),
    })
    this.#secondFrames = secondFrames
    this.#proof = createProofFinder({
      settings,
      line,
      ledger,
      snapshots,
      soleTrader,
      late$: (intent) =>
        late$.pipe(
          filter((reply) => reply.cid === intent.cid),
          // mutant: late-refusal-of-second-frame
          filter((reply) => secondFrames.proves(intent.cid, reply)),
          map((reply) => this.#verdictOf(intent, reply)),
        ),
      mayBeRepeated: (intent) => !this.#swept.has(intent),
      writeAgain: (link, intent, frame) => secondFrames.write(link, intent, frame),
      isTaken: (order) => this.#past.isTaken(order),
      rivals: (intent) => countIndistinguishable(intent, this.#open) + this.#past.rivals(intent),
      landed$: this.#landed$,
    })
    // mutant: inherited-intents
    for (const entry of openIntents(left)) this.#inherit(entry)
  }

  launch(link: Link, order: OrderRequest, timeoutMs: number, { validUntil, isTooOld }: Expiry): Flight {
    const { clock, entropy } = this.#deps.settings
    const intent: Intent = {
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
    const flight = new Flight(intent.cid, link.wire.generation)
    this.#deps.events.take({ _tag: 'Submitted', cid: intent.cid, order })
    this.#inFlight$.next(this.#inFlight$.value + 1)
    this.#fly(flight, intent, link, timeoutMs)
    return flight
  }

  settledAs(cid: string): Settled | undefined {
    return this.#settledUnknowns.get(cid)
  }

  sweep(symbol: string): void {
    for (const intent of this.#open) if (intent.order.symbol === symbol) this.#swept.add(intent)
  }

  end(cause: UnknownCause): void {
    this.#ended$.next(cause)
    for (const endBy of [...this.#airborne.values()]) endBy(cause)
    this.#unsettled.end()
    this.#inFlight$.complete()
  }

  /** Writes the order, and leads it to its end: by the reply, by proof, or unknown. */
  #fly(flight: Flight, intent: Intent, link: Link, timeoutMs: number): void {
    const waiting = new Subscription()
    const conclude = (verdict: Verdict): void => {
      // Once: what the end itself causes may be further proof.
      if (!this.#airborne.delete(flight)) return
      this.#conclude(flight, intent, verdict)
      waiting.unsubscribe()
    }
    const settleOr = (verdict: Verdict): void => {
      if (isProof(verdict)) conclude(verdict)
      else waiting.add(this.#settle(intent, verdict).subscribe({ next: conclude, error: () => conclude(verdict) }))
    }
    this.#airborne.set(flight, (cause) => conclude({ _tag: 'Unsure', cause, evidence: [] }))
    const request = new Subscription()
    waiting.add(request)
    request.add(
      this.#write(link, intent, timeoutMs).subscribe({
        next: (reply) => {
          this.#noteToken(link, reply)
          settleOr(this.#verdictOf(intent, reply))
        },
        error: (error: unknown) => {
          // The cid is free at once: the search for proof may send it again.
          request.unsubscribe()
          if (!this.#airborne.has(flight)) return
          if (!(error instanceof NotWritten) || !this.#log.frees(intent, 'unsent')) settleOr(unansweredVerdict(error))
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

  #conclude(flight: Flight, intent: Intent, verdict: Verdict): void {
    if (isProof(verdict)) {
      this.#landAs(flight, intent, verdict)
      this.#tell(flight, verdict._tag === 'Placed' ? verdict : { _tag: 'Failed', error: verdict.error })
    } else {
      const unknown = this.#unknownOf(intent, verdict.cause, verdict.evidence)
      this.#keep(flight, intent, unknown)
      this.#tell(flight, { _tag: 'Failed', error: unknown })
    }
  }

  /** The subscriber first: the end of the login may wait for nothing to be in flight. */
  #tell(flight: Flight, end: FlightEnd): void {
    flight.end(end)
    this.#inFlight$.next(this.#inFlight$.value - 1)
  }

  #write({ wire, token, features }: Link, { cid, order, validUntil }: Intent, timeoutMs: number) {
    const expiry = features.has('cid') && validUntil !== undefined ? { valid_until: validUntil } : {}
    // Not a spread, which is slow: see the order ledger's stateOf.
    const request = Object.assign({ op: 'place_order', token, cid } as const, summary(order), expiry)
    return wire.request(request, timeoutMs)
  }

  #noteToken({ token }: Link, reply: WireReply): void {
    if (!('reason' in reply) && saysInvalidToken(reply)) this.#deps.onInvalidToken(token)
  }

  /**
   * Reads a reply. A refusal that the journal could not hold proves nothing: the server need not
   * remember it, and sent again by a successor the order might be taken.
   */
  #verdictOf(intent: Intent, reply: WireReply): Verdict {
    const { settings, redactor } = this.#deps
    const verdict = verdictOf(intent.cid, reply, settings.isDefiniteRefusal, redactor)
    return verdict._tag !== 'Rejected' || this.#log.frees(intent, 'rejected') ? verdict : refusedInVain(verdict.error)
  }

  /** Looks for proof, for a while, where the reply told nothing or never came. */
  #settle(intent: Intent, unsure: Unsure): Observable<Verdict> {
    const { settleWithinMs, scheduler } = this.#deps.settings
    // After a drop the snapshots are taken again by themselves.
    const looking$ = unsure.cause === 'connection-lost' ? EMPTY : this.#proof.lookFor(intent)
    const nothing$ = deadline(settleWithinMs, scheduler).pipe(map(() => unsure))
    return merge(this.#proof.proofOf(intent), nothing$, looking$).pipe(take(1))
  }

  #unknownOf(intent: Intent, cause: UnknownCause, evidence: readonly Evidence[]): Unknown {
    const candidates = this.#proof.candidates(intent)
    return new Unknown({
      cid: intent.cid,
      request: summary(intent.order),
      sentAt: intent.sentAt,
      cause,
      evidence: [
        ...evidence,
        ...candidates.map(({ symbol, order_no }): Evidence => ({ kind: 'look-alike', symbol, order_no })),
      ],
    })
  }

  /** The outcome is known. */
  #land(flight: Flight, intent: Intent, fate: Exclude<Fate, 'open'>, order_no?: string, words = ''): void {
    const { cid, order } = intent
    const { events, ledger } = this.#deps
    const wasUnresolved = this.#unsettled.has(cid)
    flight.fate = fate
    this.#open.delete(intent)
    this.#swept.delete(intent)
    this.#secondFrames.forget(cid)
    if (order_no !== undefined) {
      this.#past.placed(order.symbol, order_no)
      ledger.placed(order, order_no, intent)
    }
    if (wasUnresolved) this.#settledUnknowns.set(cid, { fate, order_no })
    this.#unsettled.settle(cid)
    if (wasUnresolved) events.take({ _tag: 'Resolved', cid, order, outcome: resolutions[fate], order_no })
    else if (order_no !== undefined) events.take({ _tag: 'Taken', cid, symbol: order.symbol, order_no })
    else if (fate === 'rejected') events.take({ _tag: 'Rejected', cid, order, words })
    else events.take({ _tag: 'NotWritten', cid, symbol: order.symbol })
    this.#landed$.next()
  }

  #landAs(flight: Flight, intent: Intent, verdict: Proof): void {
    if (verdict._tag === 'Rejected') {
      this.#land(flight, intent, 'rejected', undefined, verdict.error.serverMessage)
      return
    }
    const { line, ledger, snapshots, mayHaveEnded } = this.#deps
    const { order_no } = verdict.placed
    this.#log.settled(intent.cid, 'placed', order_no)
    this.#land(flight, intent, 'placed', order_no)
    const name = { symbol: intent.order.symbol, order_no }
    const isOfThisConnection = flight.generation === line.link?.wire.generation
    // The notice of its end may have gone to the lost connection, or could not be read: only a
    // question that is asked now shows its absence.
    // mutant: late-order-is-looked-for
    if (mayHaveEnded(name) || (!isOfThisConnection && ledger.find(name.symbol, order_no) === undefined))
      snapshots.lookAtOrders(name.symbol)
  }

  /** Keeps looking for as long as the login lasts: no timer closes an unresolved order. */
  #keep(flight: Flight, intent: Intent, unknown: Unknown): void {
    const settled$ = this.#proof.proofOf(intent).pipe(
      takeUntil(this.#ended$),
      // Once resolved it leaves `#looking`, which lasts as long as the login.
      finalize(() => looking.unsubscribe()),
    )
    const looking = new Subscription()
    this.#deps.events.take({ _tag: 'Unresolved', cid: intent.cid, order: intent.order, words: unknown.message })
    this.#unsettled.add(unknown, () => {
      // mutant: close-is-written
      this.#log.released(intent.cid, 'closed-by-caller')
      // The search ends, and above all the order is not sent again: the caller may place another.
      looking.unsubscribe()
      this.#past.nameless(intent.cid, intent)
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
  #inherit({ cid, order, sentAt, validUntil, epoch }: Extract<IntentEntry, { kind: 'sent' }>): void {
    const { clock } = this.#deps.settings
    const sinceStartMs = stopwatchOf(clock)()
    const atStartMs = clock.wall() - sentAt
    // A clock that shows less than when it was sent has been set back: its age is then not known.
    const ageMs = (): number => (atStartMs < 0 ? Infinity : Math.max(clock.wall() - sentAt, atStartMs + sinceStartMs()))
    // It is only asked about: a cancel of all orders by the predecessor is in no journal, and the
    // order would be placed behind it.
    // mutant: successor-only-asks
    const isTooOld = (): boolean => true
    const intent: Intent = { cid, order, sentAt, mark: 0, losses: -1, validUntil, epoch, isTooOld, ageMs }
    // Where it could be sent again, the journal does not hold whether it was.
    // mutant: inherited-second-frame
    if (epoch !== undefined) this.#secondFrames.inherit(cid)
    this.#open.add(intent)
    this.#keep(new Flight(cid), intent, this.#unknownOf(intent, 'connection-lost', []))
    this.#looking.add(this.#proof.lookFor(intent).subscribe(orStaysOpen))
  }
}

export const createFlights = (deps: Dependencies): Flights => new FlightControl(deps)
