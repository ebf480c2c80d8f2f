import type { Message } from '../transport.js'

/** Receives the events of a socket. */
export interface SocketListener {
  opened(): void
  received(message: Message): void
  /** A ping or pong of the WebSocket came. */
  felt?(): void
  /** Something went wrong; `closed` follows, now or soon. */
  failed(error: unknown): void
  closed(code: number, reason: string): void
}

/** A WebSocket as this folder uses it, of Node or of a browser. */
export interface Socket {
  /** True if a text may be sent now. */
  readonly isOpen: boolean
  readonly bufferedAmount: number
  /** Replaces the listener. */
  listen(listener: SocketListener): void
  /** `done` is called later, with the error if the text could not be written. */
  send(text: string, done: (error?: Error | null) => void): void
  close(code: number, reason: string): void
  /** Ends without the closing handshake, as far as the platform allows. */
  terminate(): void
  /** Reads no more, where the platform can. */
  pause?(): void
}

/** Limits that are known when the socket is made. */
export interface SocketLimits {
  readonly maxPayloadBytes: number
}

/** Makes a socket that is connecting. May throw: the address may be no address. */
export type OpenSocket = (url: string, protocols: string[], limits: SocketLimits) => Socket

/** Ignores all events: the listener of an abandoned socket, which then retains no other object. */
export const deaf: SocketListener = {
  opened: () => undefined,
  received: () => undefined,
  failed: () => undefined,
  closed: () => undefined,
}
