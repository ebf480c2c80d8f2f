import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  startWith,
  Subject,
  switchMap,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { DecodeFailure, type LoginReply, type Notice, StateCode, type StateNotice } from '../../protocol/index.js'
import { readyAfter, stateName } from '../../protocol/internal.js'
import { ageMs, deadline, type Instant, instant } from '../../time/index.js'
import { ConnectionClosed, failureInWords } from '../../transport/index.js'
import { LoginFailed } from '../errors/errors.js'
import { createRecentMessages } from './recent-messages.js'
import type { Credentials, LoginOptions } from '../gateway.js'
import type { CommandQueue } from '../requests/command-queue.js'
import { repeatPauseMs, requestToken } from './login-attempt.js'
import type { Settings } from '../options.js'
import type { InterfaceState } from '../interface-state.js'
import type { Redactor } from '../errors/redact.js'
import type { LoginFrame, ProtocolConnection } from '../connection/protocol-connection.js'
import { LoginUnanswered } from '../connection/reconnecting-connection.js'

/** Resources of a login, and callbacks for its steps. */
export interface LoginDependencies {
  readonly wire$: Observable<ProtocolConnection | null>
  /** Sockets of its own, for a login that a shared one does not answer. */
  readonly ownWire$: Observable<ProtocolConnection | null>
  readonly line: CommandQueue
  readonly settings: Settings
  readonly redactor: Redactor
  /** Emits a token that a reply has called void. */
  readonly invalidToken$: Observable<string>
  readonly onState: (state: InterfaceState) => void
  readonly onReady: (ready: boolean) => void
  /** A token lives from its login reply until it is logged out or its socket ends. */
  readonly onToken: (token: string, alive: boolean) => void
  /** Notices may have been missed since `from`. */
  readonly onLost: (cause: 'connection-lost' | 'interface-lost', from: number) => void
  /** A frame that may have held a notice could not be read; it was sent after `from`. */
  readonly onMissed: (from: number) => void
  /** A session begins: told before any of its notices. */
  readonly onSession: (reply: LoginReply) => void
  /** READY. */
  readonly onStanding: () => void
  readonly onNotice: (notice: Notice) => void
  /** End of the last socket, or of the last attempt to open one. */
  readonly lastLoss: () => Error | undefined
  /** The last frame that could not be read, or the last `error` frame. */
  readonly lastError: () => Error | undefined
  /** Sequence number from which the server may resume. */
  readonly lastSeq: () => number | undefined
}

/**
 * A server remembers a dead socket for 31 s at most, so one that refuses a repeated login for
 * longer holds a living one.
 */
const REGISTERED_FOR_MS = 35_000

const lossInWords = (error: unknown): string =>
  error instanceof ConnectionClosed ? failureInWords(error) : error instanceof Error ? error.message : 'it failed'

/** Progress of a login towards its next READY. `dark`: there is no socket, so no deadline runs. */
type Progress = 'waiting' | 'ready' | 'dark'

/**
 * Keeps one login standing, over as many sockets as it takes. Emits each time the server takes it,
 * and delivers what the server sent for it after that emission has returned. Errors with
 * LoginFailed.
 */
export function keepLoggedIn(
  credentials: Credentials,
  options: LoginOptions,
  deps: LoginDependencies,
): Observable<LoginReply> {
  const { wire$: sharedWire$, ownWire$, line, settings, redactor, invalidToken$ } = deps
  const { onState, onReady, onToken, onLost, onMissed, onSession, onStanding, onNotice, lastSeq } = deps
  const { lastLoss, lastError } = deps
  const { readyTimeoutMs, repeatLoginWithinMs, clock, entropy, scheduler } = settings
  const { platform } = credentials

  return defer(() => {
    const progress$ = new Subject<Progress>()
    const alone$ = new Subject<void>()
    let hasRetired = false
    let everReady = false
    const said = createRecentMessages()
    const lossBefore = lastLoss()
    const errorBefore = lastError()
    let voided: string | undefined
    /** An instant of the past as the wall clock would have shown it, had it not jumped since. */
    const wallOf = (then: Instant): number => clock.wall() - ageMs(clock, then)

    const session = (wire: ProtocolConnection, reply: LoginReply): Observable<LoginReply> => {
      const { token } = reply
      let interfaceReady = false
      let wasReady = false
      let accepting = true
      let heard = wire.completeUntil

      const tellReady = (): void => {
        const ready = interfaceReady && accepting
        line.setReady(ready)
        onReady(ready)
      }

      const takeState = ({ code, msg }: StateNotice): void => {
        // mutant: redacted-words
        const words = redactor.redact(msg)
        said.take(code, words)
        const before = interfaceReady
        interfaceReady = readyAfter(interfaceReady, code)
        if (code === StateCode.READY) {
          everReady = wasReady = true
          hasRetired = false
          progress$.next('ready')
        } else if (everReady && !wasReady && code !== StateCode.CONNECT_SUCCESS && code !== StateCode.GENERAL_ERROR) {
          // The server says that it is trying; as long as it says so, we wait.
          progress$.next('waiting')
        }
        tellReady()
        // After that: a subscriber that sees a stale view may place an order, which must not go
        // out.
        if (before && !interfaceReady) onLost('interface-lost', wallOf(wire.completeUntil))
        if (!before && interfaceReady) onStanding()
        onState({ code, name: stateName(code), msg: words })
        if (code === StateCode.PARAM_MISS) {
          throw new LoginFailed(
            platform,
            'param-miss',
            words,
            'the server lacks a parameter to start this exchange interface',
          )
        }
      }

      const take = (frame: LoginFrame): void => {
        heard = wire.completeUntil
        if (frame instanceof DecodeFailure) /* mutant: unreadable-notice */ onMissed(wallOf(wire.completeUntil))
        else if (frame.op === 'state') takeState(frame)
        else onNotice(frame)
      }

      redactor.hideToken(token)
      onToken(token, true)
      line.attach({ connection: wire, token, features: new Set(reply.features), epoch: reply.epoch })
      onSession(reply)
      if (everReady) progress$.next('waiting')

      return concat(
        of(reply),
        merge(
          // First: READY may have come before the login reply, and the socket may be on its way
          // out.
          wire.accepting$.pipe(
            tap((accepts) => {
              accepting = accepts
              tellReady()
            }),
            ignoreElements(),
          ),
          wire.frames(token).pipe(tap(take), ignoreElements()),
        ),
      ).pipe(
        finalize(() => {
          line.detach()
          onReady(false)
          // The token became void at an unknown time: at its last frame it was not.
          if (everReady) onLost('connection-lost', wallOf(token === voided ? heard : wire.completeUntil))
          onToken(token, false)
        }),
      )
    }

    const key = JSON.stringify([platform, credentials.access_key])
    /** Shared connection that this login has left for one of its own. */
    let left: ProtocolConnection | undefined
    /**
     * Only a new socket can tell what became of the login. The neighbours on a shared one lose it
     * for that once, and no more.
     */
    const giveUp = (wire: ProtocolConnection, unanswered: Error): void => {
      wire.unansweredLogins.set(key, instant(clock))
      if (wire.hasLogins && hasRetired) {
        left = wire
        alone$.next()
        return
      }
      hasRetired = true
      wire.retire(unanswered)
    }
    /**
     * The server calls the login a repeat for longer than it remembers a dead socket: it holds the
     * unanswered one, whose reply was lost, on a connection that still lives. Only the end of that
     * connection frees the key, so its neighbours lose it once more.
     */
    const freeKey = (wire: ProtocolConnection): void => {
      for (const each of [wire, left]) {
        const since = each?.unansweredLogins.get(key)
        if (each === undefined || since === undefined || ageMs(clock, since) < REGISTERED_FOR_MS) continue
        each.unansweredLogins.delete(key)
        each.retire(new LoginUnanswered(`the server holds a login to ${platform} that it never answered`))
      }
    }
    const wire$ = alone$.pipe(
      take(1),
      map(() => concat(of(null), ownWire$)),
      startWith(sharedWire$),
      switchMap((each$) => each$),
    )

    const loginOver = (wire: ProtocolConnection): Observable<LoginReply> => {
      let current: string | undefined
      const voided$ = invalidToken$.pipe(
        filter((token) => token === current),
        tap((token) => {
          voided = token
          // Told by each reply that was on its way: only the first may ask for another, or two
          // attempts are in flight.
          current = undefined
        }),
      )
      return voided$.pipe(
        // Not at once: a server that voids every token must not be asked for tokens in a hot loop.
        map(() => repeatPauseMs(entropy.uniform())),
        startWith(0),
        switchMap((pauseMs) => {
          // After a drop of ours the old login always passes; on a first login it may be that of
          // another client.
          const token$ = defer(() =>
            requestToken(
              wire,
              credentials,
              options,
              everReady ? Infinity : repeatLoginWithinMs,
              lastSeq,
              {
                giveUp: (unanswered) => giveUp(wire, unanswered),
                unclear: () => void wire.unansweredLogins.set(key, instant(clock)),
                stillRegistered: () => freeKey(wire),
              },
              settings,
              redactor,
            ),
          )
          return concat(pauseMs === 0 ? EMPTY : timer(pauseMs, scheduler).pipe(ignoreElements()), token$).pipe(
            switchMap((reply) => {
              current = reply.token
              wire.unansweredLogins.delete(key)
              return session(wire, reply)
            }),
          )
        }),
      )
    }

    /**
     * Failure of a login that was not READY in time. It does not guess at the reason, and says what
     * is known.
     */
    const notReady = (): LoginFailed => {
      const loss = lastLoss()
      const error = lastError()
      const sent =
        error === undefined || error === errorBefore ? '' : `; it sent what is no answer to it: ${error.message}`
      const known =
        line.session !== null
          ? 'the server took the login, and did not say READY'
          : loss === undefined || loss === lossBefore
            ? 'the gateway could not be reached, or did not answer the login'
            : `the gateway could not be reached, or did not answer the login; the last attempt ended so: ${lossInWords(loss)}`
      const advice = `it was not READY within ${readyTimeoutMs} ms: ${known}${sent}`
      return new LoginFailed(platform, 'not-ready', said.last, advice, { firstMessages: said.earlier, cause: loss })
    }
    const unreachable = (error: unknown): LoginFailed =>
      new LoginFailed(platform, 'unreachable', '', lossInWords(error), { cause: error })

    const deadline$ = progress$.pipe(
      startWith('waiting' as Progress),
      switchMap((progress) => (progress === 'waiting' ? deadline(readyTimeoutMs, scheduler) : NEVER)),
      mergeMap(() => throwError(() => notReady())),
    )

    return merge(
      deadline$,
      wire$.pipe(
        catchError((error: unknown) => throwError(() => unreachable(error))),
        // mutant: one-socket-at-a-time
        switchMap((wire) => {
          if (wire !== null) return loginOver(wire)
          if (everReady) progress$.next('dark')
          return NEVER
        }),
      ),
    ).pipe(
      tap({
        // Nothing is left behind that would answer the next login with `Do not log in repeat`.
        error: () => line.session?.connection.logout(line.session.token),
      }),
    )
  })
}
