import {
  BehaviorSubject,
  catchError,
  filter,
  map,
  merge,
  type Observable,
  of,
  ReplaySubject,
  Subscription,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { ReplyTimeout } from '../operators/index.js'
import { DecodeFailure, type Reply } from '../protocol/index.js'
import type { OrderRequest, Placed } from './account.js'
import { NotSent, Rejected, Unknown, type UnknownCause } from './errors.js'
import { type Link, lostBeforeWriting } from './line.js'
import type { Settings } from './options.js'
import type { Redactor } from './redact.js'
import { createUnsettledOrders, type UnsettledOrders } from './unsettled.js'
import { NotWritten, type WireReply } from './wire.js'

/** What is known of a written order. `open`: no reply yet, or an Unknown that is not settled. */
export type Fate = 'open' | 'placed' | 'rejected' | 'unsent' | 'closed-by-caller'

/** One order from the instant it is written until its fate is known. It goes on when its subscriber leaves. */
export interface Flight {
  readonly cid: string
  readonly fate: Fate
  /** Replays the end: the reply, or Rejected or Unknown. */
  readonly outcome$: Observable<Placed>
}

/** The orders that were written, until their fate is known. */
export interface Flights extends Pick<UnsettledOrders, 'unsettled$'> {
  /** Writes the order now. */
  launch(link: Link, order: OrderRequest, timeoutMs: number): Flight
  /** Emits once nothing that was written is without its end. */
  readonly landed$: Observable<void>
  /** Ends what is still in flight as Unknown. */
  end(cause: UnknownCause): void
}

interface Dependencies {
  readonly settings: Settings
  readonly redactor: Redactor
  /** Replies that came after their request had ended. */
  readonly late$: Observable<WireReply>
  /** Told of a refusal that says that our token is void. */
  readonly onInvalidToken: (token: string) => void
}

/** `Invalid token` is an ordinary refusal: nothing was done, and the login must be renewed. */
export const saysInvalidToken = (reply: Reply): boolean => !reply.result && /invalid token/i.test(reply.error_message)

/** What a reply to an order says, as its end: the order, or an error to end with. */
type Verdict = { readonly placed: Placed } | { readonly error: Rejected | Unknown }

export function createFlights({ settings, redactor, late$, onInvalidToken }: Dependencies): Flights {
  const { clock, entropy, scheduler, settleWithinMs, isDefiniteRefusal } = settings
  const unsettled = createUnsettledOrders()
  const inFlight$ = new BehaviorSubject(0)
  const ended$ = new ReplaySubject<UnknownCause>(1)
  /** Goes on whoever leaves: what was written is accounted for. */
  const flying = new Subscription()

  const launch = (link: Link, order: OrderRequest, timeoutMs: number): Flight => {
    const { symbol, action, price, quantity, order_type } = order
    const request = { op: 'place_order', symbol, action, price, quantity, order_type } as const
    const cid = entropy.id()
    const sentAt = clock.wall()
    const outcome$ = new ReplaySubject<Placed>(1)
    const flight = { cid, fate: 'open' as Fate, outcome$: outcome$.asObservable() }

    const unknown = (cause: UnknownCause, ...said: string[]): Unknown =>
      new Unknown({ cid, request, sentAt, cause, evidence: said.map((message) => ({ kind: 'server-said', message })) })

    const verdictOf = (reply: WireReply): Verdict => {
      if (reply instanceof DecodeFailure) return { error: unknown('undecodable', reply.message) }
      if (reply.result) {
        if (reply.op === 'place_order') return { placed: { order_no: reply.order_no, cid } }
        return { error: unknown('undecodable', `it replied to ${reply.op} instead`) }
      }
      const message = redactor.redact(reply.error_message)
      if (saysInvalidToken(reply)) onInvalidToken(link.token)
      else if (!isDefiniteRefusal(reply)) return { error: unknown('server-unsure', message) }
      return { error: new Rejected('place_order', message) }
    }

    /** A late reply is proof: the server has answered after all. */
    const proof$ = late$.pipe(
      filter((reply) => reply.cid === cid),
      map(verdictOf),
      filter((verdict) => !('error' in verdict && verdict.error instanceof Unknown)),
      take(1),
    )

    const withoutReply = (error: unknown): Observable<Verdict> => {
      if (error instanceof NotWritten) {
        return throwError(() => new NotSent('place_order', 'not-ready-in-time', lostBeforeWriting))
      }
      if (!(error instanceof ReplyTimeout)) return of({ error: unknown('connection-lost') })
      const nothing$ = timer(settleWithinMs, scheduler).pipe(map(() => ({ error: unknown('timeout') })))
      return merge(proof$, nothing$)
    }

    const settleAs = (fate: Fate): void => {
      flight.fate = fate
      unsettled.settle(cid)
    }

    /** Keeps looking for as long as the login lasts: no timer closes what nobody knows. */
    const keep = (error: Unknown): void => {
      unsettled.add(error, () => (flight.fate = 'closed-by-caller'))
      const settled$ = proof$.pipe(
        tap((verdict) => settleAs('placed' in verdict ? 'placed' : 'rejected')),
        takeUntil(ended$),
      )
      flying.add(settled$.subscribe({ error: (error: unknown) => ended$.error(error) }))
    }

    const verdict$ = link.wire
      .request({ ...request, token: link.token, cid }, timeoutMs)
      .pipe(map(verdictOf), catchError(withoutReply))
    const loggedOut$ = ended$.pipe(map((cause) => ({ error: unknown(cause) })))

    inFlight$.next(inFlight$.value + 1)
    const ending$ = merge(verdict$, loggedOut$).pipe(
      take(1),
      map((verdict) => {
        if ('error' in verdict) throw verdict.error
        return verdict.placed
      }),
      tap({
        next: () => (flight.fate = 'placed'),
        error: (error: unknown) => {
          if (error instanceof Unknown) keep(error)
          else flight.fate = error instanceof Rejected ? 'rejected' : 'unsent'
        },
        finalize: () => inFlight$.next(inFlight$.value - 1),
      }),
    )
    flying.add(ending$.subscribe(outcome$))
    return flight
  }

  return {
    unsettled$: unsettled.unsettled$,
    launch,
    landed$: inFlight$.pipe(
      filter((n) => n === 0),
      take(1),
      map(() => undefined),
    ),
    end: (cause) => ended$.next(cause),
  }
}
