import { catchError, defer, finalize, map, NEVER, Observable, retry, throwError, timer } from 'rxjs'
import { ReplyTimeout } from '../../operators/index.js'
import { DecodeFailure, type Feature, type LoginReply, type LoginRequest } from '../../protocol/index.js'
import { checkClientFrame } from '../../protocol/internal.js'
import { scheduleDeadline } from '../../time/index.js'
import { LoginFailed } from '../errors/errors.js'
import type { Credentials, LoginOptions } from '../gateway.js'
import type { Settings } from '../options.js'
import type { Redactor } from '../errors/redact.js'
import type { ProtocolConnection, ReplyOrFailure } from '../connection/protocol-connection.js'
import { LoginUnanswered } from '../connection/reconnecting-connection.js'

/** Our own earlier socket is still registered at the server. It passes, within 15 to 31 s. */
class StillRegistered extends Error {}

const saysStillRegistered = (message: string): boolean =>
  /log ?in repeat|repeat(ed)? log ?in|already logged in/i.test(message)

/**
 * Between two tries while we are still registered: 1 to 3 s, so that many clients make no storm.
 */
export const repeatPauseMs = (uniform: number): number => 1_000 + 2_000 * uniform

/** Extensions that this client knows. Feature `cid` holds only for logins that name it. */
const knownFeatures: readonly Feature[] = ['market', 'cid', 'resume', 'cancel_on_disconnect', 'offset']

const requestOf = (
  { platform, symbols, access_key, secret_key }: Credentials,
  options: LoginOptions,
  resume?: number,
): LoginRequest => ({
  op: 'login',
  platform,
  symbols: [...symbols],
  access_key,
  secret_key,
  features: [...knownFeatures],
  ...(options.market === undefined ? {} : { market: [...options.market] }),
  ...(options.cancelOnDisconnect === true ? { cancel_on_disconnect: true } : {}),
  ...(resume === undefined ? {} : { resume }),
})

/**
 * Describes what is wrong with the credentials of a caller without types, in words that hold none
 * of their values.
 */
const wrongIn = (credentials: unknown, options: LoginOptions): string | undefined => {
  if (typeof credentials !== 'object' || credentials === null) return 'the credentials should be an object'
  const { symbols, access_key, secret_key } = credentials as Credentials
  const { market } = options
  // Spread into characters, a string would be a list.
  if (!Array.isArray(symbols)) return 'symbols should be a list of strings'
  if (market !== undefined && !Array.isArray(market)) return 'market should be a list of market topics'
  const checked = checkClientFrame(requestOf(credentials as Credentials, options))
  if (checked._tag === 'Left') return checked.left.message
  const empty = Object.entries({ access_key, secret_key }).find(([, key]) => key === '')
  return empty === undefined ? undefined : `${empty[0]} is empty`
}

/**
 * Reason why these credentials cannot be written, or undefined. Check them before anything else is
 * done with them.
 */
export const invalidLogin = (credentials: Credentials, options: LoginOptions): LoginFailed | undefined => {
  const wrong = wrongIn(credentials, options)
  if (wrong === undefined) return undefined
  const platform: unknown = (credentials as Credentials | undefined | null)?.platform
  return new LoginFailed(
    typeof platform === 'string' ? platform : '(no platform)',
    'invalid',
    '',
    `${wrong}; nothing was sent`,
  )
}

/** Calls for what may go wrong with an attempt to log in. */
export interface LoginFailures {
  /** No reply came in time: the socket is of no more use to this login. */
  readonly giveUp: (unanswered: LoginUnanswered) => void
  /** The login has failed, and the server may hold it all the same. */
  readonly unclear: () => void
  /** The server said `Do not log in repeat`; another try follows. */
  readonly stillRegistered: () => void
}

/**
 * Asks for a token over one socket, until it is given or refused; silent when the socket ends
 * before that. Never two attempts are in flight on one socket: the outcome of an unanswered one is
 * unknown.
 *
 * @param patienceMs How long `Do not log in repeat` is met with another try.
 * @param lastSeq The last sequence number seen, where the server can resume from it.
 */
export function requestToken(
  connection: ProtocolConnection,
  credentials: Credentials,
  options: LoginOptions,
  patienceMs: number,
  lastSeq: () => number | undefined,
  { giveUp, unclear, stillRegistered }: LoginFailures,
  { requestTimeoutMs, entropy, scheduler }: Settings,
  redactor: Redactor,
): Observable<LoginReply> {
  const { platform } = credentials

  const tokenOf = (reply: ReplyOrFailure): LoginReply => {
    if (reply instanceof DecodeFailure || (!reply.result && connection.endedByError(reply.cid))) unclear()
    if (reply instanceof DecodeFailure)
      throw new LoginFailed(platform, 'refused', '', `its reply could not be read: ${reply.message}`)
    if (reply.result && reply.op === 'login') return reply
    const words = redactor.redact(reply.error_message)
    throw saysStillRegistered(words)
      ? new StillRegistered(words)
      : new LoginFailed(platform, 'refused', words, 'check the platform, the symbols and the keys')
  }

  /**
   * One attempt. It goes on when its subscriber has left: an unwanted token is logged out, or the
   * server would call the next login a repeat for as long as this socket stands.
   */
  const attempt = (request: LoginRequest & { readonly cid: string }): Observable<ReplyOrFailure> =>
    new Observable((subscriber) => {
      // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It ends by itself: with its reply, its timeout or its socket.
      connection.request(request, requestTimeoutMs).subscribe({
        next: (reply) => {
          if (!subscriber.closed) subscriber.next(reply)
          else if (
            /* mutant: left-login-logs-out */ !(reply instanceof DecodeFailure) &&
            reply.op === 'login' &&
            reply.result
          )
            connection.logout(reply.token)
        },
        error: (error: unknown) => {
          if (error instanceof ReplyTimeout) {
            // mutant: unanswered-login
            giveUp(new LoginUnanswered(`the login to ${platform} got no reply within ${requestTimeoutMs} ms`))
          }
          subscriber.error(error)
        },
        complete: () => subscriber.complete(),
      })
    })

  const silenceOf = (error: unknown): Observable<never> =>
    error instanceof LoginFailed || error instanceof StillRegistered ? throwError(() => error) : NEVER

  return defer(() => {
    let isPatient = true
    const patience = scheduleDeadline(scheduler, patienceMs, () => (isPatient = false))

    const again = (error: unknown): Observable<unknown> => {
      if (!(error instanceof StillRegistered)) return throwError(() => error)
      stillRegistered()
      if (isPatient) return timer(repeatPauseMs(entropy.uniform()), scheduler)
      const advice = 'another client seems to use this key: log it out, or use another key'
      return throwError(() => new LoginFailed(platform, 'already-logged-in', error.message, advice))
    }

    return defer(() =>
      attempt({ ...requestOf(credentials, options, lastSeq()), cid: entropy.id() }).pipe(
        map(tokenOf),
        catchError(silenceOf),
      ),
    ).pipe(
      retry({ delay: again }),
      finalize(() => patience.unsubscribe()),
    )
  })
}
