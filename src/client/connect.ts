import { BehaviorSubject, isObservable, type Observable, Subject } from 'rxjs'
import { DecodeFailure, type Reply } from '../protocol/index.js'
import { tokenOf } from '../protocol/internal.js'
import { type Transport, webSocket } from '../transport/index.js'
import type { Status } from './connection/status.js'
import type { Gateway, ProtocolError } from './gateway.js'
import { checkResync, type ConnectOptions, type Settings, settingsOf } from './options.js'
import { createRedactor, redactedEnd, redactedFailure } from './errors/redact.js'
import { type LoginHost, runLogin } from './session/running-login.js'
import { ServerComplaint } from './errors/errors.js'
import { shareLogins } from './session/shared-logins.js'
import type { ProtocolConnection, ReplyOrFailure, ConnectionReports } from './connection/protocol-connection.js'
import { reconnectingConnection } from './connection/reconnecting-connection.js'

/** A login that no socket is answered on takes another one no sooner than after this, in ms. */
const ownPauseMs = 10_000

/**
 * A gateway, reached over one WebSocket. Cold: the socket opens at the first login and closes after
 * the last; all logins share it.
 *
 * @param target The gateway's URL, `ws://127.0.0.1:9878/ws/v1` by default of the protocol; or any
 * Transport.
 *
 * @example
 * ```ts
 * const gateway = connect('ws://127.0.0.1:9878/ws/v1')
 * gateway
 *   .login({ platform: 'huobi', symbols: ['BTC/USDT'], access_key: 'key', secret_key: 'secret' })
 *   .pipe(switchMap((account) => account.asset()))
 *   .subscribe((assets) => console.log(assets))
 * ```
 */
export function connect(target: string | Transport, options: ConnectOptions = {}): Gateway {
  const settings = settingsOf(options)
  const transport = isObservable(target) ? target : webSocket(target, { connectTimeoutMs: settings.connectTimeoutMs })
  return gatewayOver(settings, ({ reports, status$, ready$, isOwn }) =>
    reconnectingConnection(
      transport,
      settings,
      reports,
      status$,
      ready$,
      isOwn ? { unansweredPauseMs: ownPauseMs } : {},
    ),
  )
}

/** Parts of a gateway that its connections need. */
export interface ConnectionParts {
  readonly reports: ConnectionReports
  /** Receives the state of the connection. */
  readonly status$: Subject<Status>
  /** True while a login over these connections is READY. */
  readonly ready$: Observable<boolean>
  /** True for the connections of one login alone. */
  readonly isOwn: boolean
}

/** Makes a gateway over connections of any kind. */
export function gatewayOver(
  settings: Settings,
  connectionsOf: (parts: ConnectionParts) => Observable<ProtocolConnection | null>,
): Gateway {
  const redactor = createRedactor()
  const status$ = new BehaviorSubject<Status>({ _tag: 'Idle' })
  const latency$ = new Subject<number>()
  const protocolErrors$ = new Subject<ProtocolError>()
  const unmatched$ = new Subject<Reply>()
  const late$ = new Subject<ReplyOrFailure>()
  const anyReady$ = new BehaviorSubject(false)
  const platforms = new Map<string, string>()
  const ready = new Set<object>()

  let lastError: ProtocolError['error'] | undefined
  const report = (error: ProtocolError['error'], platform?: string): void => {
    const told = error instanceof DecodeFailure ? redactedFailure(error, redactor) : error
    lastError = told
    protocolErrors$.next({ error: told, platform })
  }
  const surface = (reply: ReplyOrFailure): void => {
    if (reply instanceof DecodeFailure) return
    const error_message = redactor.redact(reply.error_message)
    // The late reply to a login that was given up still holds a token.
    unmatched$.next('token' in reply ? { ...reply, error_message, token: '***' } : { ...reply, error_message })
  }

  let lastLoss: Error | undefined
  const reports: ConnectionReports = {
    onLoss: (error) => (lastLoss = error),
    onLatency: (ms) => latency$.next(ms),
    onFailure: (failure) => report(failure, platforms.get(tokenOf(failure) ?? '')),
    onComplaint: (message) => report(new ServerComplaint(redactor.redact(message))),
    onLate: (reply) => {
      late$.next(reply)
      surface(reply)
    },
    onUnmatched: (reply) => {
      // Of two replies to one cid (an order may have been written twice) the second may be the one
      // that names the order.
      if (!(reply instanceof DecodeFailure) && reply.result) late$.next(reply)
      surface(reply)
    },
    redactedEnd: (error) => redactedEnd(error, redactor),
  }
  const connection$ = connectionsOf({ reports, status$, ready$: anyReady$, isOwn: false })

  const host: LoginHost = {
    connection$: connection$,
    // Not told by status$: that is about the socket that logins share.
    ownConnections: (ready$) => connectionsOf({ reports, status$: new Subject<Status>(), ready$, isOwn: true }),
    settings,
    redactor,
    late$,
    lastLoss: () => lastLoss,
    lastError: () => lastError,
    onFailure: report,
    onToken: (token, platform, alive) => {
      if (alive) platforms.set(token, platform)
      else platforms.delete(token)
    },
    onReady: (login, isReady) => {
      if (isReady) ready.add(login)
      else ready.delete(login)
      if (anyReady$.value !== ready.size > 0) anyReady$.next(ready.size > 0)
    },
  }

  const login = shareLogins((credentials, loginOptions) => {
    redactor.hideKey(credentials.access_key)
    redactor.hideKey(credentials.secret_key)
    return runLogin(credentials, loginOptions, host)
  })

  return {
    login: (credentials, loginOptions = {}) => {
      checkResync(loginOptions.resyncEveryMs)
      return login(credentials, loginOptions)
    },
    status$: status$.asObservable(),
    latency$: latency$.asObservable(),
    protocolErrors$: protocolErrors$.asObservable(),
    unmatched$: unmatched$.asObservable(),
  }
}
