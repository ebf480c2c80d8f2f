import type { Observable } from 'rxjs'

/** What arrives as one message: text, or bytes where the peer broke the protocol. */
export type Message = string | Uint8Array

/** One open, two-way connection. Both ends have the same face: a client's socket, a server's, and the in-memory pair. */
export interface Connection {
  /**
   * What the other side sends. Hot: subscribe in the same turn in which the connection was given, and once.
   * Completes after our own `close` or `abandon`; errors with a ConnectionClosed when the other side or the network ends it.
   */
  readonly message$: Observable<Message>
  /** Bytes that were given to `send` and have not left yet. It grows when the other side stops reading. */
  readonly bufferedAmount: number
  /** Sends one text message. False when the connection is no longer open: then nothing was written. */
  send(text: string): boolean
  /** Closes politely: what was sent before still leaves. Cut off if the other side does not answer within the grace. */
  close(code?: number, reason?: string): void
  /** Lets go at once, without a word: for a connection that no longer answers. */
  abandon(): void
}

/**
 * A way to reach the other side. Cold: each subscription dials once, emits one Connection when it is open, and stays.
 * It errors with a ConnectionClosed when dialling fails or the connection ends by the other side's doing or the
 * network's; it completes after our own `close` or `abandon`. Unsubscribing closes politely.
 */
export type Transport = Observable<Connection>

/** A connection could not be made, or has ended. */
export class ConnectionClosed extends Error {
  readonly _tag = 'ConnectionClosed'
  override readonly name = 'ConnectionClosed'
  /** Whether it was ever open. */
  readonly phase: 'connecting' | 'open'
  /** The close code of RFC 6455; 1006 where the connection ended without one. */
  readonly code: number
  /** What the other side said on closing; empty where it said nothing. */
  readonly reason: string

  constructor(phase: 'connecting' | 'open', code: number, reason: string, options?: { readonly cause?: unknown }) {
    const why = reason === '' ? '' : `, ${JSON.stringify(reason.slice(0, 123))}`
    super(
      phase === 'connecting'
        ? `could not connect (code ${code}${why})`
        : `the connection was lost (code ${code}${why})`,
      options,
    )
    this.phase = phase
    this.code = code
    this.reason = reason
  }
}
