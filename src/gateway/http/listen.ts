import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Observable, type Observer, Subject } from 'rxjs'
import { WebSocketServer } from 'ws'
import { type Connection, serverConnection, systemClock } from '../../transport/index.js'
import { CloseCode } from '../close-code.js'
import { EventStream } from './event-stream.js'
import type { GatewayEvent } from '../gateway-event.js'
import { httpPages } from './http-pages.js'
import { defaultLimits } from '../limits.js'
import { Metrics } from './metrics.js'
import { RateWindow } from '../connection/rate-window.js'
import { serve, type ServeOptions } from '../serve.js'
import { Traffic } from '../connection/traffic.js'
import { UnfinishedSockets } from './unfinished-sockets.js'
import { pathOf, strangerAt, type TurnedAway } from './upgrade-guard.js'
import { bracketed, checkRemote, namesOf, unbracketed } from './listen-address.js'

/** A frame of the protocol is a few hundred bytes; parsing larger ones stalls all connections. */
const maxPayloadBytes = 64 * 1024
const headersWithinMs = 10_000
/** Sockets beyond all budgets: those that are closing, and those accepted in one turn. */
const socketsBeyondBudgets = 1_024

/** Certificate and key of a TLS server. */
export interface TlsOptions {
  /** The certificate and those between it and its authority, as PEM text. */
  readonly cert: string | Uint8Array
  /** Its private key, as PEM text. */
  readonly key: string | Uint8Array
}

/** As Node's types want it. */
const inBuffers = ({ cert, key }: TlsOptions) => ({ cert: inBuffer(cert), key: inBuffer(key) })
const inBuffer = (pem: string | Uint8Array): string | Buffer => (typeof pem === 'string' ? pem : Buffer.from(pem))

export interface ListenOptions extends ServeOptions {
  /**
   * Address to listen on. Any other than loopback is refused without both `tls` and `allowRemote`.
   * @default '127.0.0.1'
   */
  readonly host?: string
  /** 0 picks a free one; the event `listening` tells which. @default 9878 */
  readonly port?: number
  /** @default '/ws/v1' */
  readonly path?: string
  /** Speaks TLS: the URL begins with `wss:`. @default none */
  readonly tls?: TlsOptions
  /** Listens beyond loopback: anyone who can reach the port can trade. @default false */
  readonly allowRemote?: boolean
  /**
   * Origins of web pages that may connect, such as `http://localhost:5173`. Clients that are no
   * browsers send none and may always.
   * @default []
   */
  readonly allowedOrigins?: readonly string[]
  /**
   * Names under which it may be reached beside its own and, on loopback, `localhost`, `127.0.0.1`
   * and `[::1]`; with a port (`name:443`) where clients dial another than its own, that of a
   * container's host or of a proxy.
   *
   * @default []
   */
  readonly allowedHosts?: readonly string[]
}

const timeouts = {
  headersTimeout: headersWithinMs,
  requestTimeout: headersWithinMs,
  connectionsCheckingInterval: headersWithinMs / 2,
}
/** Node waits two minutes for a silent TLS client. */
const secure = { handshakeTimeout: headersWithinMs, minVersion: 'TLSv1.2' } as const

const addressOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/** Ends a request that will not become a WebSocket, in plain HTTP. */
const turnAway = (socket: Duplex, status: TurnedAway['status']): void => {
  const reason = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found' }[status]
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

/** A server that was started: what it does goes to `observer`, until `stop` has resolved. */
export interface StartedServer {
  /**
   * Closes every connection with 1001 and stops listening; resolves when the last socket is gone.
   */
  stop(): Promise<void>
}

/** {@link listen} for those who must know when the port is free again. */
export const startServer = (options: ListenOptions, observer: Observer<GatewayEvent>): StartedServer => {
  const { host = '127.0.0.1', port = 9878, path = '/ws/v1', allowRemote = false, tls } = options
  const traffic = options.traffic ?? new Traffic()
  const { connections, messagesPerSecond, unfinishedUpgrades, upgradeWithinMs } = {
    ...defaultLimits,
    ...options.limits,
  }
  let server: Server
  try {
    if (!/^\/[^?#]*$/.test(path))
      throw new RangeError(`the path must begin with / and end before ? or #, not be ${JSON.stringify(path)}`)
    checkRemote(host, { tls: tls !== undefined, allowRemote })
    // A certificate that is none throws.
    server =
      tls === undefined ? createServer(timeouts) : createSecureServer({ ...timeouts, ...secure, ...inBuffers(tls) })
  } catch (error) {
    observer.error(error)
    return { stop: () => Promise.resolve() }
  }
  const metrics = new Metrics(traffic, options.platforms)
  const tell = (event: GatewayEvent) => {
    metrics.take(event)
    observer.next(event)
  }
  const connection$ = new Subject<Connection>()
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxPayloadBytes,
    // 20 times the memory of a connection, for frames of 200 bytes.
    perMessageDeflate: false,
    clientTracking: false,
  })
  server.maxConnections = connections + unfinishedUpgrades + socketsBeyondBudgets
  const unfinished = new UnfinishedSockets({ most: unfinishedUpgrades, withinMs: upgradeWithinMs })
  /**
   * By the port of the other side: with TLS the socket of an upgrade is not the one that was
   * accepted.
   */
  const accepted = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const key = addressOf(socket)
    accepted.set(key, socket)
    socket.once('close', () => {
      if (accepted.get(key) === socket) accepted.delete(key)
    })
    unfinished.add(socket)
  })

  const hosts = namesOf(host, options.allowedHosts ?? [])
  const origins = new Set(options.allowedOrigins ?? [])
  // Kept, because a closing server has no address any more but may still get requests of earlier
  // connections.
  let boundPort = port
  const defaultPort = tls === undefined ? 80 : 443
  const stranger = (request: IncomingMessage): TurnedAway | undefined =>
    strangerAt(request, { hosts, origins, port: boundPort, defaultPort })

  /**
   * Looked after when it is asked for: a journal whose folder is gone is noticed though nothing is
   * traded.
   */
  const failing = (): readonly string[] => {
    for (const { journal } of options.platforms.values()) journal?.check()
    return metrics.failing
  }
  const turnedAway = ({ why, refused }: TurnedAway) =>
    tell({ type: 'turned-away', why, ...(refused === undefined ? {} : { refused }) })
  server.on('request', httpPages({ path, metrics: () => metrics.text(), failing, strangerAt: stranger, turnedAway }))

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket that fails in the middle of this must not become an uncaught exception.
    socket.on('error', () => socket.destroy())
    const away: TurnedAway | undefined =
      stranger(request) ?? (pathOf(request) === path ? undefined : { why: 'path', status: 404 })
    if (away === undefined) {
      const key = addressOf(request.socket)
      const whole = accepted.get(key)
      if (whole !== undefined) unfinished.finished(whole)
      accepted.delete(key)
      webSockets.handleUpgrade(request, socket, head, (ws) => {
        const connection = serverConnection(ws)
        const control = new RateWindow(messagesPerSecond, options.clock ?? systemClock)
        // They never become a message: uncounted, one client's three million a second were the wait
        // of all others.
        const count = (): void => {
          if (control.admits(1)) return
          connection.close(CloseCode.FLOOD, `more than ${messagesPerSecond} control frames in a second`)
          ws.terminate()
        }
        ws.on('ping', count).on('pong', count)
        connection$.next(connection)
      })
    } else {
      turnAway(socket, away.status)
      turnedAway(away)
    }
  })
  const cannotListen = (error: Error) => {
    serving.unsubscribe()
    metrics.stop()
    observer.error(error)
  }
  server.once('error', cannotListen)
  server.listen({ host: unbracketed(host), port }, () => {
    server.off('error', cannotListen)
    server.on('error', (error) => tell({ type: 'fault', where: 'http server', error: error.name }))
    boundPort = (server.address() as AddressInfo).port
    const scheme = tls === undefined ? 'ws' : 'wss'
    tell({ type: 'listening', url: `${scheme}://${bracketed(host)}:${boundPort}${path}`, port: boundPort })
  })
  const serving = serve(connection$, { ...options, traffic }).subscribe({
    next: tell,
    error: (error: unknown) => observer.error(error),
  })
  return {
    stop: () =>
      new Promise((resolve) => {
        // First the sessions, so that clients hear 1001 and not a reset.
        serving.unsubscribe()
        metrics.stop()
        server.close(() => {
          unfinished.stop()
          resolve()
        })
        // Not the idle ones alone: to Node one that has said nothing yet, or half of a request, is
        // busy, and nothing ends it once the server closes.
        server.closeAllConnections()
      }),
  }
}

/**
 * Serves the protocol over WebSockets, with `/healthz` and `/metrics` (for Prometheus) beside it.
 * Subscribing listens; the first event is `listening`, with the URL. Unsubscribing closes every
 * connection with 1001 and stops listening. Errors only when it cannot listen.
 *
 * @example
 * ```ts
 * listen({ platforms: paperPlatforms(), port: 0 }).subscribe((event) => {
 *   if (event.type === 'listening') console.log(event.url) // => ws://127.0.0.1:40123/ws/v1
 * })
 * ```
 */
export const listen = (options: ListenOptions): Observable<GatewayEvent> =>
  new EventStream(
    (subscriber) => {
      const server = startServer(options, subscriber)
      return () => void server.stop()
    },
    { canFail: true },
  )
