import { HandshakeRefused, retryAfterMs } from '../connect-failure.js'
import { deaf, type Socket, type SocketListener } from './socket.js'

/**
 * The part of a `WebSocket` of the ws package that is used here. Spelled out, so that our types do
 * not need its types.
 */
export interface WsLike {
  readonly readyState: number
  readonly bufferedAmount: number
  on(event: string, listener: (...args: never[]) => void): unknown
  send(data: string, done: (error?: Error | null) => void): void
  close(code?: number, reason?: string): void
  terminate(): void
  /** Stops reading. */
  pause?(): void
}

/** The part of an HTTP response that is used here. */
interface Refusal {
  readonly statusCode?: number
  readonly headers?: Readonly<Record<string, unknown>>
}

const OPEN = 1

const bytesOf = (data: Uint8Array | ArrayBuffer | Uint8Array[]): Uint8Array => {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (!Array.isArray(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const whole = new Uint8Array(data.reduce((length, part) => length + part.byteLength, 0))
  let at = 0
  for (const part of data) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

/**
 * A socket of the ws package, client's or server's. Its own events are used, not its imitation of
 * the browser's: no event object per message.
 */
export class WsSocket implements Socket {
  readonly #ws: WsLike
  #listener: SocketListener = deaf

  constructor(ws: WsLike) {
    this.#ws = ws
    ws.on('open', () => this.#listener.opened())
    ws.on('message', (data: Uint8Array, isBinary: boolean) => {
      // A text message is a Buffer whose toString decodes UTF-8 (ws has checked it).
      this.#listener.received(isBinary ? bytesOf(data) : data.toString())
    })
    ws.on('ping', () => this.#listener.felt?.())
    ws.on('pong', () => this.#listener.felt?.())
    // Never removed: ws emits an error when a connecting socket is terminated, and without a
    // listener that is an uncaught exception.
    ws.on('error', (error: unknown) => this.#listener.failed(error))
    ws.on('close', (code: number, reason: Uint8Array) => this.#listener.closed(code, reason.toString()))
    // ws says `Unexpected server response: 401` in English only; a caller must tell a refusal from
    // a network fault.
    ws.on('unexpected-response', (_request: unknown, response: Refusal) => {
      const pauseMs = retryAfterMs(response.headers?.['retry-after'], Date.now())
      this.#listener.failed(new HandshakeRefused(response.statusCode ?? 0, pauseMs))
      ws.terminate()
    })
    // ws keeps an ECONNRESET of an open socket to itself.
    ws.on(
      'upgrade',
      (response: { readonly socket: { on(event: 'error', listener: (error: Error) => void): unknown } }) =>
        response.socket.on('error', (error) => this.#listener.failed(error)),
    )
  }

  get isOpen(): boolean {
    return this.#ws.readyState === OPEN
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount
  }

  listen(listener: SocketListener): void {
    this.#listener = listener
  }

  send(text: string, done: (error?: Error | null) => void): void {
    this.#ws.send(text, done)
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  pause(): void {
    this.#ws.pause?.()
  }
}
