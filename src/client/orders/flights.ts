import {
  BehaviorSubject,
  catchError,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  Subscription,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs'
import { ReplyTimeout } from '../../operators/index.js'
import { deadline } from '../../time/index.js'
import type { Placed } from '../command.js'
import { type Evidence, NotSent, Unknown, type UnknownCause } from '../errors.js'
import type { Fate, Flights, Settled } from './flight.js'
import { type IntentEntry, type IntentJournal, openIntents } from './intent-journal.js'
import { createIntentLog } from './intent-log.js'
import type { OrderEvents } from './order-events.js'
import type { OrderLedger } from '../state/ledger/index.js'
import { type Line, type Link, lostBeforeWriting } from '../requests/line.js'
import { type Settings, stopwatchOf } from '../options.js'
import { createPastOrders } from './past-orders.js'
import { countIndistinguishable, type OrderName, type OrderRequest } from '../../orders/index.js'
import { createProofFinder, type Intent } from './proof.js'
import type { Redactor } from '../redact.js'
import { Memory } from '../memory.js'
import { createSecondFrames } from './second-frames.js'
import type { Snapshots } from '../state/snapshots.js'
import { createUnsettledOrders } from './unsettled.js'
import { isProof, refusedInVain, type Verdict, verdictOf } from './verdict.js'
import { NotWritten, saysInvalidToken, type WireReply } from '../connection/wire.js'

interface Landing {
  fate: Fate
  readonly generation: number | undefined
}

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
  /** What was in it as the login began. */
  readonly left: readonly IntentEntry[]
  /** Replies that came after their request had ended. */
  readonly late$: Observable<WireReply>
  /** Told of a refusal that says that our token is void. */
  readonly onInvalidToken: (token: string) => void
}

const summary = ({ symbol, action, price, quantity, order_type }: OrderRequest) =>
  ({ op: 'place_order', symbol, action, price, quantity, order_type }) as const

const resolutions = {
  placed: 'accepted',
  rejected: 'rejected',
  unsent: 'not-sent',
  'closed-by-caller': 'closed-by-caller',
} as const

/** What cannot be looked for is not settled, and no other order is the worse for it. */
const orStaysOpen = { error: () => undefined }

export function createFlights(deps: Dependencies): Flights {
  const { settings, redactor, line, ledger, events, snapshots, soleTrader, journal, left, late$, onInvalidToken } = deps
  const { clock, entropy, scheduler, settleWithinMs, requestTimeoutMs, isDefiniteRefusal } = settings
  const log = createIntentLog(journal)
  const unsettled = createUnsettledOrders(journal)
  const inFlight$ = new BehaviorSubject(0)
  const ended$ = new ReplaySubject<UnknownCause>(1)
  const openIntentSet = new Set<Intent>()
  /** The fate of one of them has become known. */
  const settledOne$ = new Subject<void>()
  /** Those that it would be wrong to send again: what was to be cancelled would be made behind that. */
  const swept = new Set<Intent>()
  const past = createPastOrders(left)
  const settledUnknowns = new Memory<Settled>()
  /** Goes on whoever leaves: what was written is accounted for. */
  const flying = new Subscription()

  const verdictBy =
    (cid: string) =>
    (reply: WireReply): Verdict =>
      verdictOf(cid, reply, isDefiniteRefusal, redactor)

  const noteToken = ({ token }: Link, reply: WireReply): void => {
    if (!('reason' in reply) && saysInvalidToken(reply)) onInvalidToken(token)
  }

  const write = (
    { wire, token, features }: Link,
    { cid, order, validUntil }: Intent,
    timeoutMs: number,
  ): Observable<WireReply> => {
    const expiry = features.has('cid') && validUntil !== undefined ? { valid_until: validUntil } : {}
    // Not a spread, which is slow: see the order ledger's stateOf.
    const request = Object.assign({ op: 'place_order', token, cid } as const, summary(order), expiry)
    return wire.request(request, timeoutMs)
  }

  /** A server need not remember what it refused: sent again by a successor, the order might be taken. */
  const believed =
    (intent: Intent) =>
    (verdict: Verdict): Verdict =>
      verdict._tag !== 'Rejected' || log.frees(intent, 'rejected') ? verdict : refusedInVain(verdict.error)

  const secondFrames = createSecondFrames({
    write: (link, intent) => write(link, intent, requestTimeoutMs),
    onReply: noteToken,
    verdictOf: (intent, reply) => believed(intent)(verdictBy(intent.cid)(reply)),
  })

  const proof = createProofFinder({
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
        map(verdictBy(intent.cid)),
        map(believed(intent)),
      ),
    mayBeRepeated: (intent) => !swept.has(intent),
    writeAgain: (link, intent, frame) => secondFrames.write(link, intent, frame),
    isTaken: (order) => past.isTaken(order),
    rivals: (intent) => countIndistinguishable(intent, openIntentSet) + past.rivals(intent),
    landed$: settledOne$,
  })

  /** The matter is settled. */
  const land = (
    flight: Landing,
    intent: Intent,
    fate: Exclude<Fate, 'open'>,
    { order_no, words = '' }: { readonly order_no?: string; readonly words?: string } = {},
  ): void => {
    const { cid, order } = intent
    const wasUnresolved = unsettled.has(cid)
    flight.fate = fate
    openIntentSet.delete(intent)
    swept.delete(intent)
    secondFrames.forget(cid)
    if (order_no !== undefined) {
      past.placed(order.symbol, order_no)
      ledger.placed(order, order_no, intent.sentAt)
    }
    if (wasUnresolved) settledUnknowns.set(cid, { fate, order_no })
    unsettled.settle(cid)
    if (wasUnresolved) events.resolved(cid, order, resolutions[fate], order_no)
    else if (order_no !== undefined) events.accepted(cid, order.symbol, order_no)
    else if (fate === 'rejected') events.rejected(cid, order, words)
    else events.notWritten(cid, order.symbol)
    settledOne$.next()
  }

  const landAs = (flight: Landing, intent: Intent, verdict: Exclude<Verdict, { _tag: 'Unsure' }>): void => {
    if (verdict._tag === 'Rejected') {
      land(flight, intent, 'rejected', { words: verdict.error.serverMessage })
      return
    }
    const { order_no } = verdict.placed
    log.settled(intent.cid, 'placed', order_no)
    land(flight, intent, 'placed', { order_no })
    const name = { symbol: intent.order.symbol, order_no }
    const isOfThisConnection = flight.generation === line.link?.wire.generation
    const isHeard = ledger.find(name.symbol, order_no) !== undefined
    // The notice of its end may have gone to the lost connection, or could not be read: only a
    // question that is asked now shows its absence.
    // mutant: late-order-is-looked-for
    if (deps.mayHaveEnded(name) || (!isOfThisConnection && !isHeard)) snapshots.lookAtOrders(name.symbol)
  }

  /** Keeps looking for as long as the login lasts: no timer closes what nobody knows. */
  const keep = (flight: Landing, intent: Intent, unknown: Unknown): void => {
    const settled$ = proof.proofOf(intent).pipe(
      tap((verdict) => landAs(flight, intent, verdict)),
      takeUntil(ended$),
      // Once resolved it leaves `flying`, which lasts as long as the login.
      finalize(() => looking.unsubscribe()),
    )
    const looking = new Subscription()
    events.unresolved(intent.cid, intent.order, unknown.message)
    unsettled.add(unknown, () => {
      // mutant: close-is-written
      log.released(intent.cid, 'closed-by-caller')
      // Not looked for any more, and above all not sent again: the caller may place another in its stead.
      looking.unsubscribe()
      past.nameless(intent.cid, intent)
      land(flight, intent, 'closed-by-caller')
    })
    // Whoever hears of it may close it at once.
    if (looking.closed) return
    looking.add(settled$.subscribe(orStaysOpen))
    flying.add(looking)
  }

  const unknownOf = (intent: Intent, cause: UnknownCause, evidence: readonly Evidence[]): Unknown =>
    new Unknown({
      cid: intent.cid,
      request: summary(intent.order),
      sentAt: intent.sentAt,
      cause,
      evidence: [
        ...evidence,
        ...proof.candidates(intent).map(({ symbol, order_no }): Evidence => ({ kind: 'look-alike', symbol, order_no })),
      ],
    })

  /** Looks for proof, for a while, where the reply told nothing or never came. */
  const settle = (intent: Intent, unsure: Extract<Verdict, { _tag: 'Unsure' }>): Observable<Verdict> => {
    // After a drop the snapshots are taken anew by themselves.
    const looking$ = unsure.cause === 'connection-lost' ? EMPTY : proof.lookFor(intent)
    const nothing$ = deadline(settleWithinMs, scheduler).pipe(map(() => unsure))
    return merge(proof.proofOf(intent), nothing$, looking$).pipe(take(1))
  }

  const withoutReply = (intent: Intent, error: unknown): Observable<Verdict> => {
    if (error instanceof NotWritten && log.frees(intent, 'unsent')) {
      return throwError(() => new NotSent('place_order', 'not-ready-in-time', lostBeforeWriting))
    }
    return of({ _tag: 'Unsure', cause: error instanceof ReplyTimeout ? 'timeout' : 'connection-lost', evidence: [] })
  }

  /** @param generation - of the connection that it is written to, where this login writes it */
  const begin = (intent: Intent, generation?: number): Landing & { readonly cid: string } => {
    openIntentSet.add(intent)
    return { cid: intent.cid, fate: 'open', generation }
  }

  const launch: Flights['launch'] = (link, order, timeoutMs, { validUntil, isTooOld }) => {
    const intent: Intent = {
      cid: entropy.id(),
      order,
      sentAt: clock.wall(),
      mark: ledger.mark,
      validUntil,
      // Without the feature the server does not remember the cid, whatever epoch it tells.
      epoch: link.features.has('cid') ? link.epoch : undefined,
      isTooOld,
      ageMs: stopwatchOf(clock)(),
    }
    // mutant: intent-before-frame
    log.sent(intent)
    const flight = begin(intent, link.wire.generation)
    events.submitted(intent.cid, order)
    const outcome$ = new ReplaySubject<Placed>(1)

    const verdict$ = write(link, intent, timeoutMs).pipe(
      tap((reply) => noteToken(link, reply)),
      map(verdictBy(intent.cid)),
      map(believed(intent)),
      catchError((error: unknown) => withoutReply(intent, error)),
      mergeMap((verdict) => (isProof(verdict) ? of(verdict) : settle(intent, verdict))),
    )
    const loggedOut$ = ended$.pipe(map((cause): Verdict => ({ _tag: 'Unsure', cause, evidence: [] })))

    inFlight$.next(inFlight$.value + 1)
    const ending$ = merge(verdict$, loggedOut$).pipe(
      take(1),
      map((verdict) => {
        if (verdict._tag === 'Unsure') {
          const unknown = unknownOf(intent, verdict.cause, verdict.evidence)
          keep(flight, intent, unknown)
          throw unknown
        }
        landAs(flight, intent, verdict)
        if (verdict._tag === 'Rejected') throw verdict.error
        return verdict.placed
      }),
      tap({
        error: (error: unknown) => {
          if (error instanceof NotSent) land(flight, intent, 'unsent')
        },
        finalize: () => inFlight$.next(inFlight$.value - 1),
      }),
    )
    flying.add(ending$.subscribe(outcome$))
    return Object.assign(flight, { outcome$: outcome$.asObservable() })
  }

  /** What a predecessor left: sent, for all that is known, and its end never seen. */
  // mutant: inherited-intents
  for (const { cid, order, sentAt, validUntil, epoch } of openIntents(left)) {
    const sinceStartMs = stopwatchOf(clock)()
    const atStartMs = clock.wall() - sentAt
    // A clock that shows less than when it was sent has been set back: its age is then not known.
    const ageMs = (): number => (atStartMs < 0 ? Infinity : Math.max(clock.wall() - sentAt, atStartMs + sinceStartMs()))
    // It is only asked about: a cancel of all orders by the predecessor is in no journal, and the order would be placed behind it.
    // mutant: successor-only-asks
    const isTooOld = (): boolean => true
    const intent: Intent = { cid, order, sentAt, mark: 0, validUntil, epoch, isTooOld, ageMs }
    // Where it could be sent again, nobody has written down whether it was.
    // mutant: inherited-second-frame
    if (epoch !== undefined) secondFrames.inherit(cid)
    keep(begin(intent), intent, unknownOf(intent, 'connection-lost', []))
    flying.add(proof.lookFor(intent).subscribe(orStaysOpen))
  }

  return {
    unsettled$: unsettled.unsettled$,
    launch,
    inFlight$: inFlight$.pipe(distinctUntilChanged()),
    landed$: inFlight$.pipe(
      filter((n) => n === 0),
      take(1),
      map(() => undefined),
    ),
    settledAs: (cid) => settledUnknowns.get(cid),
    sweep(symbol) {
      for (const intent of openIntentSet) if (intent.order.symbol === symbol) swept.add(intent)
    },
    end(cause) {
      ended$.next(cause)
      unsettled.end()
      inFlight$.complete()
    },
  }
}
