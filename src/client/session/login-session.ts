import { concat, finalize, ignoreElements, merge, type Observable, of, tap } from 'rxjs'
import { DecodeFailure, type LoginReply, StateCode, type StateNotice } from '../../protocol/index.js'
import { stateName } from '../../protocol/internal.js'
import { ageMs, type Instant } from '../../time/index.js'
import type { LoginFrame, ProtocolConnection } from '../connection/protocol-connection.js'
import { LoginFailed } from '../errors/errors.js'
import type { Credentials } from '../gateway.js'
import type { LoginDependencies } from './login-dependencies.js'
import { afterState, initialSession, type LoginEvent, type LoginState, type SessionState } from './login-state.js'
import type { RecentMessages } from './recent-messages.js'

/** Login to which a session belongs. */
export interface SessionHost {
  readonly credentials: Credentials
  readonly deps: LoginDependencies
  readonly state: LoginState
  /** Messages of the server's states. */
  readonly messages: RecentMessages
  dispatch(event: LoginEvent): void
}

/** A session of a login: from its login reply until its token is void or its socket ends. */
export class LoginSession {
  #state: SessionState = initialSession
  #heard: Instant

  constructor(
    readonly login: SessionHost,
    readonly connection: ProtocolConnection,
    readonly reply: LoginReply,
  ) {
    this.#heard = connection.completeUntil
  }

  /** Begins at once. Emits the login reply, then delivers the frames of the login. */
  run(): Observable<LoginReply> {
    const { login, connection, reply } = this
    const { token } = reply
    const { redactor, queue, onToken, onSession, onReady, onLost } = login.deps
    redactor.hideToken(token)
    onToken(token, true)
    queue.attach({ connection, token, features: new Set(reply.features), epoch: reply.epoch })
    onSession(reply)
    login.dispatch({ _tag: 'SessionBegun' })
    return concat(
      of(reply),
      merge(
        // First: READY may have come before the login reply, and the socket may be on its way out.
        connection.accepting$.pipe(
          tap((accepting) => {
            this.#state = { ...this.#state, accepting }
            this.#tellReady()
          }),
          ignoreElements(),
        ),
        connection.frames(token).pipe(
          tap((frame) => this.#take(frame)),
          ignoreElements(),
        ),
      ),
    ).pipe(
      finalize(() => {
        queue.detach()
        onReady(false)
        const { everReady, voided } = login.state
        // The token became void at an unknown time: at its last frame it was not.
        if (everReady)
          onLost('connection-lost', this.#wallOf(token === voided ? this.#heard : connection.completeUntil))
        onToken(token, false)
      }),
    )
  }

  #take(frame: LoginFrame): void {
    const { onMissed, onNotice } = this.login.deps
    const { completeUntil } = this.connection
    this.#heard = completeUntil
    if (frame instanceof DecodeFailure) /* mutant: unreadable-notice */ onMissed(this.#wallOf(completeUntil))
    else if (frame.op === 'state') this.#takeState(frame)
    else onNotice(frame)
  }

  #takeState({ code, msg }: StateNotice): void {
    const { login, connection } = this
    const { redactor, onLost, onStanding, onState } = login.deps
    // mutant: redacted-words
    const words = redactor.redact(msg)
    login.messages.take(code, words)
    const before = this.#state.isReady
    const { isReady, wasReady } = (this.#state = afterState(this.#state, code))
    login.dispatch({ _tag: 'StateReceived', code, wasReady })
    this.#tellReady()
    // After that: a subscriber that sees a stale view may place an order, which must not go out.
    if (before && !isReady) onLost('interface-lost', this.#wallOf(connection.completeUntil))
    if (!before && isReady) onStanding()
    onState({ code, name: stateName(code), msg: words })
    if (code === StateCode.PARAM_MISS) {
      const advice = 'the server lacks a parameter to start this exchange interface'
      throw new LoginFailed(login.credentials.platform, 'param-miss', words, advice)
    }
  }

  #tellReady(): void {
    const { queue, onReady } = this.login.deps
    const ready = this.#state.isReady && this.#state.accepting
    queue.setReady(ready)
    onReady(ready)
  }

  /** An instant of the past as the wall clock would have shown it, had it not jumped since. */
  #wallOf(then: Instant): number {
    const { clock } = this.login.deps.settings
    return clock.wall() - ageMs(clock, then)
  }
}
