import {
  BehaviorSubject,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
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
import type { LoginReply } from '../../protocol/index.js'
import { ageMs, deadline, instant } from '../../time/index.js'
import { ConnectionClosed, failureInWords } from '../../transport/index.js'
import type { ProtocolConnection } from '../connection/protocol-connection.js'
import { LoginUnanswered } from '../connection/reconnecting-connection.js'
import { LoginFailed } from '../errors/errors.js'
import type { Credentials, LoginOptions } from '../gateway.js'
import { repeatPauseMs, requestToken } from './login-attempt.js'
import type { LoginDependencies } from './login-dependencies.js'
import { LoginSession, type SessionHost } from './login-session.js'
import { initialLogin, type LoginEvent, type LoginState, reduceLogin } from './login-state.js'
import { createRecentMessages } from './recent-messages.js'

/**
 * A server remembers a dead socket for 31 s at most, so one that refuses a repeated login for
 * longer holds a living one.
 */
const REGISTERED_FOR_MS = 35_000

const lossInWords = (error: unknown): string =>
  error instanceof ConnectionClosed ? failureInWords(error) : error instanceof Error ? error.message : 'it failed'

/** A login that is kept standing: its state, and the effects of its steps. */
class KeptLogin implements SessionHost {
  readonly #state$ = new BehaviorSubject<LoginState>(initialLogin)
  /** Ends the use of the shared connections. */
  readonly #alone$ = new Subject<void>()
  readonly #key: string
  readonly #lossBefore: Error | undefined
  readonly #errorBefore: Error | undefined
  /** Shared connection that this login has left for one of its own. */
  #left: ProtocolConnection | undefined
  readonly messages = createRecentMessages()

  constructor(
    readonly credentials: Credentials,
    readonly options: LoginOptions,
    readonly deps: LoginDependencies,
  ) {
    this.#key = JSON.stringify([credentials.platform, credentials.access_key])
    this.#lossBefore = deps.lastLoss()
    this.#errorBefore = deps.lastError()
  }

  get state(): LoginState {
    return this.#state$.value
  }

  dispatch(event: LoginEvent): void {
    this.#state$.next(reduceLogin(this.state, event))
  }

  /** Login replies, each with its session behind it. */
  run(): Observable<LoginReply> {
    const { connection$: shared$, ownConnection$, queue, settings } = this.deps
    const deadline$ = this.#state$.pipe(
      map(({ progress }) => progress),
      distinctUntilChanged(),
      switchMap(({ _tag }) => (_tag === 'Waiting' ? deadline(settings.readyTimeoutMs, settings.scheduler) : NEVER)),
      mergeMap(() => throwError(() => this.#notReady())),
    )
    const connection$ = this.#alone$.pipe(
      take(1),
      map(() => concat(of(null), ownConnection$)),
      startWith(shared$),
      switchMap((each$) => each$),
      catchError((error: unknown) => throwError(() => this.#unreachable(error))),
    )
    const replies$ = connection$.pipe(
      /* mutant: one-socket-at-a-time */ switchMap((connection) => this.#over(connection)),
    )
    return merge(deadline$, replies$).pipe(
      tap({
        // Nothing is left behind that would answer the next login with `Do not log in repeat`.
        error: () => queue.session?.connection.logout(queue.session.token),
      }),
    )
  }

  #over(connection: ProtocolConnection | null): Observable<LoginReply> {
    if (connection === null) {
      this.dispatch({ _tag: 'ConnectionDown' })
      return NEVER
    }
    this.dispatch({ _tag: 'ConnectionUp' })
    const { entropy, scheduler } = this.deps.settings
    return this.deps.invalidToken$.pipe(
      filter((token) => token === this.state.token),
      tap((token) => this.dispatch({ _tag: 'TokenVoid', token })),
      // Not at once: a server that voids every token must not be asked for tokens in a hot loop.
      map(() => repeatPauseMs(entropy.uniform())),
      startWith(0),
      switchMap((pauseMs) =>
        concat(
          pauseMs === 0 ? EMPTY : timer(pauseMs, scheduler).pipe(ignoreElements()),
          defer(() => this.#requestToken(connection)),
        ).pipe(
          switchMap((reply) => {
            this.dispatch({ _tag: 'TokenGiven', token: reply.token })
            connection.unansweredLogins.delete(this.#key)
            return new LoginSession(this, connection, reply).run()
          }),
        ),
      ),
    )
  }

  #requestToken(connection: ProtocolConnection): Observable<LoginReply> {
    const { lastSeq, settings, redactor } = this.deps
    // After a drop of ours the old login always passes; on a first login it may be that of another
    // client.
    const patienceMs = this.state.everReady ? Infinity : settings.repeatLoginWithinMs
    const failures = {
      giveUp: (unanswered: LoginUnanswered) => this.#giveUp(connection, unanswered),
      unclear: () => void connection.unansweredLogins.set(this.#key, instant(settings.clock)),
      stillRegistered: () => this.#freeKey(connection),
    }
    return requestToken(connection, this.credentials, this.options, patienceMs, lastSeq, failures, settings, redactor)
  }

  /**
   * Only a new socket can tell what became of the login. The neighbours on a shared one lose it for
   * that once, and no more.
   */
  #giveUp(connection: ProtocolConnection, unanswered: Error): void {
    connection.unansweredLogins.set(this.#key, instant(this.deps.settings.clock))
    if (connection.hasLogins && this.state.hasRetired) {
      this.#left = connection
      this.#alone$.next()
      return
    }
    this.dispatch({ _tag: 'ConnectionRetired' })
    connection.retire(unanswered)
  }

  /**
   * The server calls the login a repeat for longer than it remembers a dead socket: it holds the
   * unanswered one, whose reply was lost, on a connection that still lives. Only the end of that
   * connection frees the key, so its neighbours lose it once more.
   */
  #freeKey(connection: ProtocolConnection): void {
    for (const each of [connection, this.#left]) {
      const since = each?.unansweredLogins.get(this.#key)
      if (each === undefined || since === undefined) continue
      if (ageMs(this.deps.settings.clock, since) < REGISTERED_FOR_MS) continue
      each.unansweredLogins.delete(this.#key)
      each.retire(
        new LoginUnanswered(`the server holds a login to ${this.credentials.platform} that it never answered`),
      )
    }
  }

  #unreachable(error: unknown): LoginFailed {
    return new LoginFailed(this.credentials.platform, 'unreachable', '', lossInWords(error), { cause: error })
  }

  /**
   * Failure of a login that was not READY in time. It does not guess at the reason, and says what
   * is known.
   */
  #notReady(): LoginFailed {
    const { lastLoss, lastError, queue, settings } = this.deps
    const loss = lastLoss()
    const error = lastError()
    const sent =
      error === undefined || error === this.#errorBefore ? '' : `; it sent what is no answer to it: ${error.message}`
    const known =
      queue.session !== null
        ? 'the server took the login, and did not say READY'
        : loss === undefined || loss === this.#lossBefore
          ? 'the gateway could not be reached, or did not answer the login'
          : `the gateway could not be reached, or did not answer the login; the last attempt ended so: ${lossInWords(loss)}`
    const advice = `it was not READY within ${settings.readyTimeoutMs} ms: ${known}${sent}`
    const { last, earlier } = this.messages
    return new LoginFailed(this.credentials.platform, 'not-ready', last, advice, {
      firstMessages: earlier,
      cause: loss,
    })
  }
}

/**
 * Keeps one login standing, over as many sockets as it takes. Emits each time the server takes it,
 * and delivers what the server sent for it after that emission has returned. Errors with
 * LoginFailed.
 */
export const keepLoggedIn = (
  credentials: Credentials,
  options: LoginOptions,
  deps: LoginDependencies,
): Observable<LoginReply> => defer(() => new KeptLogin(credentials, options, deps).run())
