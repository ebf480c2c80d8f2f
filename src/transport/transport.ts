import type { Observable } from 'rxjs'

/** One received message: text, or bytes if the peer violates the protocol. */
export type Message = string | Uint8Array

/**
 * One open, two-way connection. Both ends have the same face: a client's socket, a server's, and
 * the in-memory pair.
 */
export interface Connection {
  /**
   * Messages of the peer, in order. Hot, for one subscriber: messages before its subscription wait
   * for it, messages after its unsubscription are dropped. Completes at once at our own `close` or
   * `abandon` (later messages are ignored); errors with a ConnectionClosed when the peer or the
   * network ends the connection.
   */
  readonly message$: Observable<Message>
  /**
   * Emits at signs of life that are no message: pings and pongs of the WebSocket, where the
   * platform shows them. Hot; never errors.
   */
  readonly life$?: Observable<void>
  /**
   * Bytes that were given to `send` and have not left yet. It grows when the other side stops
   * reading.
   */
  readonly bufferedAmount: number
  /**
   * Sends one text message; never throws. False when the connection is no longer open: then nothing
   * was written. True says no more than that it was written: the other side may never get it.
   */
  send(text: string): boolean
  /**
   * Closes politely: what was sent before still leaves. Cut off if the other side does not answer
   * within the grace. A code that may not be sent (1006, 5000) goes out as 1000, and so do all but
   * 1000 and 3000 to 4999 in browsers; a reason is cut at 123 bytes.
   * @default code 1000, reason empty
   */
  close(code?: number, reason?: string): void
  /**
   * Lets go at once, without a word: for a connection that no longer answers. The other side sees
   * 1006.
   */
  abandon(): void
}

/**
 * A way to reach the other side. Cold: each subscription dials once, emits one Connection when it
 * is open, and stays. It errors with a ConnectionClosed when dialling fails or the connection ends
 * by the other side's doing or the network's. It completes after our own `abandon`, at once, or
 * `close`, when the closing handshake is over or cut off. Unsubscribing closes politely, and gives
 * up dialling.
 */
export type Transport = Observable<Connection>

/**
 * Returns the printable part of a cause: the code of a system error or of ws. Error messages may
 * quote an address, and addresses may hold keys.
 */
const codeOf = (cause: unknown): string => {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? `, ${code}` : ''
}

/**
 * A connection could not be made, or has ended. The `cause`, where there is one, says more: an
 * error of the system, HandshakeRefused, ConnectTimeout.
 */
export class ConnectionClosed extends Error {
  readonly _tag = 'ConnectionClosed'
  override readonly name = 'ConnectionClosed'
  /** Phase in which it ended. */
  readonly phase: 'connecting' | 'open'
  /** The close code of RFC 6455; 1006 where the connection ended without one. */
  readonly code: number
  /** Close reason of the peer; empty if it gave none. */
  readonly reason: string

  constructor(phase: 'connecting' | 'open', code: number, reason: string, options?: { readonly cause?: unknown }) {
    const why = reason === '' ? '' : `, ${JSON.stringify(reason.slice(0, 123))}`
    const more = `code ${code}${why}${codeOf(options?.cause)}`
    super(phase === 'connecting' ? `could not connect (${more})` : `the connection was lost (${more})`, options)
    this.phase = phase
    this.code = code
    this.reason = reason
  }
}
