import { asyncScheduler, catchError, defer, EMPTY, map, type Observable, throwError } from 'rxjs'
import type { WebSocketLike as Shim } from 'rxjs-websockets'
import { openSocket } from '#web-socket'
import { checkBound, LONGEST_TIMER_MS, scheduleDeadline } from '../time/index.js'
import { ABNORMAL } from './close-words.js'
import { BadAddress, ConnectTimeout } from './connect-failure.js'
import { makeWebSocketObservable } from './socket/make-web-socket-observable.js'
import { deaf, type Socket } from './socket/socket.js'
import { SocketConnection } from './socket/socket-connection.js'
import { StandardSocket, type WebSocketLike } from './socket/standard-socket.js'
import { type Connection, ConnectionClosed, type Transport } from './transport.js'
import { type WsLike, WsSocket } from './socket/ws-socket.js'

export interface WebSocketOptions {
  /**
   * Longest time for the socket to open (name lookup, TCP, TLS and handshake together), in ms; then
   * it is abandoned and the Transport errors with a ConnectionClosed whose cause is a
   * ConnectTimeout.
   * @default 10000
   */
  readonly connectTimeoutMs?: number
  /**
   * The largest message that is taken, in bytes; a larger one ends the connection. An order in a
   * reply takes about 300 bytes, so the default holds some 50,000 orders; the 100 MiB that ws
   * allows by itself can stall a process for seconds.
   * @default 16777216
   */
  readonly maxPayloadBytes?: number
  /**
   * Longest wait of `close` for the peer's half of the closing handshake, in ms; then the socket is
   * destroyed.
   * @default 1000
   */
  readonly closeGraceMs?: number
  /** Subprotocols to offer. @default none */
  readonly protocols?: string | readonly string[]
  /**
   * Makes the socket: for headers, a proxy, a TLS setting, or another WebSocket class.
   * @default ws in Node, the page's WebSocket in browsers
   */
  readonly makeSocket?: (url: string, protocols: string[]) => WebSocketLike | WsLike
}

const adapted = (raw: WebSocketLike | WsLike, maxPayloadBytes: number): Socket =>
  'on' in raw ? new WsSocket(raw) : new StandardSocket(raw, { maxPayloadBytes })

/** True where a text is an address that a WebSocket can be opened at. */
export const isAddress = (url: string): boolean =>
  /^(wss?|https?|ws\+unix):/i.test(url) && URL.canParse(url) && !url.includes('#')

/**
 * A WebSocket as a Transport: rxjs-websockets over ws in Node, and over the page's own WebSocket in
 * browsers.
 *
 * rxjs-websockets ties one socket to one subscription, which is what keeps an old socket from
 * speaking to a new subscriber. What it loses on the way (close codes, causes, errors of the input,
 * a peer that never answers) is kept here: it sees a shim that opens and closes, and the socket
 * itself is heard from this side.
 *
 * @example
 * ```ts
 * webSocket('wss://example.org/ws/v1').subscribe({
 *   next: (connection) => connection.message$.subscribe({ next: console.log, error: () => {} }),
 *   error: (closed: ConnectionClosed) => console.log(closed.phase, closed.code, closed.reason, closed.cause),
 * });
 * ```
 */
export const webSocket = (
  url: string,
  {
    connectTimeoutMs = 10_000,
    maxPayloadBytes = 16 * 1024 * 1024,
    closeGraceMs = 1_000,
    protocols = [],
    makeSocket,
  }: WebSocketOptions = {},
): Transport => {
  checkBound('connectTimeoutMs', connectTimeoutMs)
  checkBound('maxPayloadBytes', maxPayloadBytes, 1)
  checkBound('closeGraceMs', closeGraceMs)
  return defer(() => {
    let connection: SocketConnection | undefined
    let end: Observable<never> | undefined

    const makeWebSocket = (): Shim => {
      // Addresses may hold keys, and what `new URL` and ws throw quotes them.
      if (!isAddress(url)) throw new BadAddress()
      const offered = typeof protocols === 'string' ? [protocols] : [...protocols]
      const socket =
        makeSocket === undefined
          ? openSocket(url, offered, { maxPayloadBytes })
          : adapted(makeSocket(url, offered), maxPayloadBytes)
      let cause: unknown

      const finish = (error?: ConnectionClosed): void => {
        end = error === undefined ? EMPTY : throwError(() => error)
        shim.onclose?.({ code: ABNORMAL, reason: '' })
      }
      const letGo = (): void => {
        timer.unsubscribe()
        socket.listen(deaf)
        socket.terminate()
      }
      const giveUp = (code: number, reason: string): void => {
        letGo()
        finish(new ConnectionClosed('connecting', code, reason, cause === undefined ? {} : { cause }))
      }
      const timer = scheduleDeadline(asyncScheduler, Math.min(connectTimeoutMs, LONGEST_TIMER_MS), () => {
        cause ??= new ConnectTimeout(connectTimeoutMs)
        giveUp(ABNORMAL, '')
      })

      const shim: Shim = {
        onopen: null,
        onmessage: null,
        onerror: null,
        onclose: null,
        // Never called: the package gets no input from us.
        send: () => undefined,
        // Its way to unsubscribe.
        close: () => (connection === undefined ? letGo() : connection.close()),
      }
      socket.listen({
        opened: () => {
          timer.unsubscribe()
          connection = new SocketConnection(socket, closeGraceMs, finish)
          // What it receives does not go through the package's Subject: that takes as long as all
          // the rest of the way.
          socket.listen(connection)
          shim.onopen?.({})
        },
        received: () => undefined,
        // Not passed on: at an error the package forgets the socket, and the close code that
        // follows would be lost.
        failed: (error) => {
          cause ??= error
        },
        closed: giveUp,
      })
      return shim
    }

    return makeWebSocketObservable(url, { protocols: [], makeWebSocket }).pipe(
      // Set in `opened`, which is what led here. Neither the input nor the messages of the package
      // are used: an input that fails would be an uncaught exception, and what it says before the
      // opening is lost.
      map((): Connection => connection as SocketConnection),
      catchError(
        (error: unknown) => end ?? throwError(() => new ConnectionClosed('connecting', ABNORMAL, '', { cause: error })),
      ),
    )
  })
}
