import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Observable, type Observer, Subject } from 'rxjs'
import { WebSocketServer } from 'ws'
import { type Connection, serverConnection } from '../transport/index.js'
import type { GatewayEvent } from './gateway-event.js'
import { defaultLimits } from './limits.js'
import { serve, type ServeOptions } from './serve.js'
import { turnedAway } from './upgrade-guard.js'

/** A frame of the protocol is a few hundred bytes; parsing larger ones stalls everybody. */
const maxPayloadBytes = 64 * 1024
const headersWithinMs = 10_000
/** Connections that are not WebSockets yet. */
const connectionsBeyondCap = 64

export interface ListenOptions extends ServeOptions {
  /** Where to listen. Anything but loopback is refused without `allowRemote`. @default '127.0.0.1' */
  readonly host?: string
  /** 0 picks a free one; the event `listening` tells which. @default 9878 */
  readonly port?: number
  /** @default '/ws/v1' */
  readonly path?: string
  /** Listens beyond loopback: everybody who can reach the port can trade. @default false */
  readonly allowRemote?: boolean
  /** Origins of web pages that may connect, such as `http://localhost:5173`. Clients that are no browsers send none and may always. @default [] */
  readonly allowedOrigins?: readonly string[]
  /** Names under which it may be reached beside its own and, on loopback, `localhost`, `127.0.0.1` and `[::1]`. @default [] */
  readonly allowedHosts?: readonly string[]
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])
const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host).toLowerCase()

/** Ends a request that will not become a WebSocket, in plain HTTP. */
const turnAway = (socket: Duplex, status: 403 | 404): void => {
  const reason = status === 403 ? 'Forbidden' : 'Not Found'
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

/** A server that was started: what it does goes to `observer`, until `stop` has resolved. */
export interface StartedServer {
  /** Closes every connection with 1001 and stops listening; resolves when the last socket is gone. */
  stop(): Promise<void>
}

/** {@link listen} for those who must know when the port is free again. */
export const startServer = (options: ListenOptions, observer: Observer<GatewayEvent>): StartedServer => {
  const { host = '127.0.0.1', port = 9878, path = '/ws/v1', allowRemote = false } = options
  if (!loopback.has(host) && !allowRemote) {
    observer.error(
      new Error(`the gateway listens on loopback only: to let others trade through ${host}, set allowRemote`),
    )
    return { stop: () => Promise.resolve() }
  }
  const connection$ = new Subject<Connection>()
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxPayloadBytes,
    // 20 times the memory of a connection, for frames of 200 bytes.
    perMessageDeflate: false,
    clientTracking: false,
  })
  const timeouts = {
    headersTimeout: headersWithinMs,
    requestTimeout: headersWithinMs,
    connectionsCheckingInterval: headersWithinMs / 2,
  }
  const server = createServer(timeouts, (_, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end()
  })
  server.maxConnections = (options.limits?.connections ?? defaultLimits.connections) + connectionsBeyondCap

  const hosts = new Set(
    [bracketed(host), ...(loopback.has(host) ? loopback : []), ...(options.allowedHosts ?? [])].map((name) =>
      name.toLowerCase(),
    ),
  )
  const origins = new Set(options.allowedOrigins ?? [])
  const boundPort = () => (server.address() as AddressInfo).port

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket that fails in the middle of this must not become an uncaught exception.
    socket.on('error', () => socket.destroy())
    const away = turnedAway(request, { path, hosts, port: boundPort(), origins })
    if (away === undefined) {
      webSockets.handleUpgrade(request, socket, head, (ws) => connection$.next(serverConnection(ws)))
    } else {
      turnAway(socket, away.status)
      observer.next({ type: 'turned-away', why: away.why })
    }
  })
  const cannotListen = (error: Error) => {
    serving.unsubscribe()
    observer.error(error)
  }
  server.once('error', cannotListen)
  server.listen({ host, port }, () => {
    server.off('error', cannotListen)
    server.on('error', (error) => observer.next({ type: 'fault', where: 'http server', error: error.name }))
    observer.next({ type: 'listening', url: `ws://${bracketed(host)}:${boundPort()}${path}`, port: boundPort() })
  })
  const serving = serve(connection$, options).subscribe({
    next: (event) => observer.next(event),
    error: (error: unknown) => observer.error(error),
  })
  return {
    stop: () =>
      new Promise((resolve) => {
        // First the sessions, so that clients hear 1001 and not a reset.
        serving.unsubscribe()
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

/**
 * Serves the protocol over WebSockets. Subscribing listens; the first event is `listening`, with the URL. Unsubscribing closes every
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
  new Observable((subscriber) => {
    const server = startServer(options, subscriber)
    return () => void server.stop()
  })
