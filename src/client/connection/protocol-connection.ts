import {
  BehaviorSubject,
  concatWith,
  defer,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  Observable,
  startWith,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs'
import { heartbeat, matchReply, multiplex, PeerSilent, trampoline } from '../../operators/index.js'
import { SoloSubject } from '../../operators/internal.js'
import {
  type Decoded,
  DecodeFailure,
  decodeFrame,
  encodeClientFrame,
  type Notice,
  type Reply,
  type Request,
  type ServerFrame,
  type StateNotice,
} from '../../protocol/index.js'
import { isReplyFailure, legible, mayHoldNotice, tokenOf } from '../../protocol/internal.js'
import { deadline, type Instant, instant } from '../../time/index.js'
import type { Connection } from '../../transport/index.js'
import type { Settings } from '../options.js'
import { findsComplaints } from './complaint.js'
import { createCompleteness } from './completeness.js'

/** A reply, or why the reply with this cid could not be read. */
export type ReplyOrFailure = Reply | DecodeFailure

/** `Invalid token` is an ordinary refusal: nothing was done, and the login must be renewed. */
export const saysInvalidToken = (reply: Reply): boolean => !reply.result && /invalid token/i.test(reply.error_message)

/**
 * Frame that a server sends to a login of its own accord, or the failure to read one that may have
 * been that.
 */
export type LoginFrame = StateNotice | Notice | DecodeFailure

/** The socket did not take the frame: nothing was written. */
export class NotWritten extends Error {
  override readonly name = 'NotWritten'
}

/** The socket ended with a request unanswered. */
export class RequestLost extends Error {
  override readonly name = 'RequestLost'
}

/**
 * One open socket. What it knows dies with it, so nothing of an old socket can reach a new one's
 * state.
 */
export interface ProtocolConnection {
  /** Counts the sockets of a gateway. */
  readonly generation: number
  /** See `completeness.ts`. */
  readonly completeUntil: Instant
  /** True while logins use it. */
  readonly hasLogins: boolean
  /** Bytes written and not yet gone. */
  readonly bufferedAmount: number
  /**
   * False once the socket is being given up: what is in flight may finish, nothing new is written.
   */
  readonly accepting$: Observable<boolean>
  /**
   * Cold. Writes at subscription; errors with NotWritten, ReplyTimeout or WireLost. The caller has
   * checked the request (`checkClientFrame`), a login excepted.
   */
  request(request: Request & { readonly cid: string }, timeoutMs: number): Observable<ReplyOrFailure>
  /**
   * The frames of one login. Those that came before anybody asked were kept, and are delivered
   * first. A frame that may have held a notice and whose token cannot be read is delivered to every
   * login.
   */
  frames(token: string): Observable<LoginFrame>
  /**
   * Logins that got no reply here, by platform and key, and since when: the server may hold them as
   * long as this socket lives.
   */
  readonly unansweredLogins: Map<string, Instant>
  /**
   * True for a login that an `error` frame has ended: that frame may have meant another one, and
   * the server may hold the login.
   */
  endedByError(cid: string | undefined): boolean
  /** Writes a logout without waiting for its reply. */
  logout(token: string): void
  /**
   * Gives the socket up in favour of a new one, once the requests in flight have ended (bounded).
   */
  retire(error: Error): void
}

/** Reports of a connection besides its frames. */
export interface ConnectionReports {
  onLatency(ms: number): void
  /** A frame that could not be read. */
  onFailure(failure: DecodeFailure): void
  /** An `op: error` frame. */
  onComplaint(message: string): void
  /** A reply that came after its request had ended. */
  onLate(reply: ReplyOrFailure): void
  /** A reply to nothing that we know of, or a second one. */
  onUnmatched(reply: ReplyOrFailure): void
  /** A socket, or an attempt to open one, has ended. */
  onLoss(error: Error): void
  /** Redacts the end of a socket: leaves out the peer's words where they hold a secret. */
  redactedEnd(error: unknown): unknown
}

/**
 * State and notices can come before the login reply that first names their token; more than these
 * are not kept.
 */
const mostHeldFrames = 1_000

/** A socket is given up long before so many go unanswered. */
const mostPings = 100

const tokenOfFrame = (frame: LoginFrame): string | undefined =>
  frame instanceof DecodeFailure ? tokenOf(frame) : frame.token

const isPong = (frame: Decoded<ServerFrame>): boolean => frame._tag === 'Right' && frame.right.op === 'pong'

/** Refuses what is not of the protocol: NaN and its like must not get out. */
const encode = (frame: Parameters<typeof encodeClientFrame>[0]): string => {
  const encoded = encodeClientFrame(frame)
  if (encoded._tag === 'Left') throw encoded.left
  return encoded.right
}

/**
 * Speaks the protocol over an open connection. Emits one ProtocolConnection and stays; when the
 * connection ends or falls silent it emits null, so that the logins know before anybody else that
 * nothing can be written, and errors with the cause.
 */
export function openProtocolConnection(
  connection: Connection,
  generation: number,
  settings: Settings,
  reports: ConnectionReports,
): Observable<ProtocolConnection | null> {
  const { pingEveryMs, deadAfterMs, requestTimeoutMs, clock, scheduler } = settings

  return new Observable<ProtocolConnection | null>((subscriber) => {
    const answers = new SoloSubject<ReplyOrFailure>()
    const loginFrames = new SoloSubject<LoginFrame>()
    const forAnyLogin$ = new Subject<DecodeFailure>()
    /**
     * The last one that came while a login was unanswered: its notices may come before the reply
     * that names its token.
     */
    let heldForAny: DecodeFailure | undefined
    let unansweredLogins = 0
    const retire$ = new Subject<Error>()
    const requestEnded$ = new Subject<void>()
    const accepting$ = new BehaviorSubject(true)
    const tokens = new Set<string>()
    const completeness = createCompleteness(clock)
    /** Instants of the pings by their `ts`, until one is answered. */
    const pings = new Map<number, Instant>()

    const replies = matchReply<ReplyOrFailure, string>(answers.value$, { idOf: (reply) => reply.cid, scheduler })
    const logins = multiplex<LoginFrame, string>(tokenOfFrame, {
      /* mutant: frames-before-login */ holdLimit: mostHeldFrames,
    })(loginFrames.value$)

    // As if the server had said so in a reply.
    const complaints = findsComplaints((cid, error_message) => {
      endedByError.add(cid)
      answers.next({ op: 'login', cid, result: false, error_message })
    })
    const endedByError = new Set<string | undefined>()

    const write = (text: string): void => {
      if (!connection.send(text)) throw new NotWritten('the socket is closed')
    }

    const takeReply = (reply: ReplyOrFailure): void => {
      const { cid } = reply
      if (cid !== undefined) {
        const asked = complaints.answered(cid)
        if (!completeness.orderAnswered(cid) && asked !== undefined) completeness.answered(asked)
      }
      answers.next(reply)
    }

    const routeFailure = (failure: DecodeFailure): void => {
      reports.onFailure(failure)
      if (isReplyFailure(failure)) takeReply(failure)
      else if (/* mutant: frame-that-is-no-json */ !mayHoldNotice(failure)) return
      else if (tokenOf(failure) !== undefined) loginFrames.next(failure)
      else {
        if (unansweredLogins > 0) heldForAny = failure
        // mutant: frame-for-any-login
        forAnyLogin$.next(failure)
      }
    }

    const route = (frame: Decoded<ServerFrame>): void => {
      if (frame._tag === 'Left') {
        routeFailure(frame.left)
        return
      }
      const { right } = frame
      if (right.op === 'pong') {
        const asked = pings.get(right.ts)
        if (asked === undefined) return
        for (const ts of pings.keys()) complaints.answered(ts)
        pings.clear()
        completeness.answered(asked)
      } else if (right.op === 'notify' || right.op === 'state') {
        if (right.token !== '') loginFrames.next(right)
        else routeFailure(new DecodeFailure('shape', `a ${right.op} frame names no login`, legible(right)))
      } else if (right.op === 'error') {
        reports.onComplaint(right.error_message)
        complaints.complained(right.error_message)
      } else takeReply(right)
    }

    const wire: ProtocolConnection = {
      unansweredLogins: new Map(),
      endedByError: (cid) => endedByError.has(cid),
      generation,
      get completeUntil() {
        // mutant: proven-until
        return completeness.until
      },
      get hasLogins() {
        return tokens.size > 0
      },
      get bufferedAmount() {
        return connection.bufferedAmount
      },
      accepting$,
      request: (request, timeoutMs) =>
        new Observable((replied) => {
          const logins = request.op === 'login' ? 1 : 0
          if (logins > 0 && unansweredLogins === 0) heldForAny = undefined
          unansweredLogins += logins
          const send = (): void => {
            const asked = instant(clock)
            complaints.asked(request.cid, asked, logins > 0)
            // Before it is written: the reply may come while it still is.
            const notWritten = request.op === 'place_order' ? completeness.orderWritten(request.cid, asked) : undefined
            try {
              // All but a login have been checked, in words for their caller.
              write(logins > 0 ? encode(request) : JSON.stringify(request))
            } catch (error) {
              notWritten?.()
              throw error
            }
          }
          // Added last, so that it runs when the request is no longer in flight.
          replies.request(request.cid, send, { timeoutMs }).subscribe(replied)
          replied.add(() => {
            complaints.givenUp(request.cid)
            unansweredLogins -= logins
            requestEnded$.next()
          })
        }),
      frames: (token) =>
        defer(() => {
          tokens.add(token)
          const held = heldForAny === undefined ? [] : [heldForAny]
          return merge(logins.select(token), forAnyLogin$.pipe(startWith(...held)))
        }).pipe(finalize(() => tokens.delete(token))),
      logout: (token) => void connection.send(encode({ op: 'logout', token })),
      retire: (error) => {
        accepting$.next(false)
        retire$.next(error)
      },
    }

    const incoming$ = connection.message$.pipe(
      map(decodeFrame),
      heartbeat({
        ping: () => {
          const now = instant(clock)
          // A server that answers, but not with our own words, must not fill the memory.
          if (pings.size >= mostPings) {
            for (const ts of pings.keys()) complaints.givenUp(ts)
            pings.clear()
          }
          pings.set(now.wall, now)
          complaints.asked(now.wall, now, false)
          connection.send(encode({ op: 'ping', ts: now.wall }))
        },
        ...(connection.life$ === undefined ? {} : { life$: connection.life$ }),
        isAnswer: isPong,
        everyMs: pingEveryMs,
        // mutant: silence-is-death
        deadAfterMs,
        onLatency: (ms) => reports.onLatency(ms),
        // Not the wall clock: a correction by an hour is no silence.
        stopwatch: () => {
          const start = clock.monotonic()
          return () => clock.monotonic() - start
        },
        scheduler,
      }),
      trampoline(),
      tap(route),
      ignoreElements(),
      // Without a word, and without our having asked for it.
      concatWith(throwError(() => new RequestLost('the socket was closed'))),
    )

    /**
     * Logs all logins out before the socket closes: a server that has to find out would refuse the
     * next login for 31 s.
     */
    const retirement$ = retire$.pipe(
      take(1),
      mergeMap((error) =>
        merge(
          requestEnded$.pipe(
            startWith(undefined),
            filter(() => replies.inFlight === 0),
          ),
          deadline(requestTimeoutMs, scheduler),
        ).pipe(
          take(1),
          tap(() => tokens.forEach((token) => wire.logout(token))),
          mergeMap(() => throwError(() => error)),
        ),
      ),
    )

    const end = (cause: unknown): void => {
      const error = reports.redactedEnd(cause)
      // A peer that no longer answers will not answer a closing handshake either.
      if (error instanceof PeerSilent) connection.abandon()
      accepting$.next(false)
      subscriber.next(null)
      answers.error(new RequestLost('the socket ended before the reply came', { cause: error }))
      loginFrames.complete()
      forAnyLogin$.complete()
      subscriber.error(error)
    }

    /**
     * Logs out a login that was given up: otherwise the server would call the next one a repeat.
     * The token of a reply that came twice is alive.
     */
    const letGo = (reply: ReplyOrFailure): void => {
      if (reply instanceof DecodeFailure || !reply.result || reply.op !== 'login' || tokens.has(reply.token)) return
      wire.logout(reply.token)
    }
    const stray$ = merge(
      replies.late$.pipe(
        tap((reply) => reports.onLate(reply)),
        tap(letGo),
      ),
      replies.unmatched$.pipe(
        tap((reply) => reports.onUnmatched(reply)),
        tap(letGo),
      ),
    )
    subscriber.add(stray$.subscribe({ error: end }))
    subscriber.add(replies.connect())
    subscriber.add(logins.connect())
    subscriber.next(wire)
    subscriber.add(merge(incoming$, retirement$).subscribe({ error: end }))
    return () => connection.close(1000, 'bye')
  })
}
