/**
 * The server answered the WebSocket handshake with an HTTP status of its own: the cause of a
 * ConnectionClosed. Not to be had in browsers, which keep it secret.
 */
export class HandshakeRefused extends Error {
  readonly _tag = 'HandshakeRefused'
  override readonly name = 'HandshakeRefused'
  readonly code: string
  /** The HTTP status, e.g. 401: trying again with the same credentials will not help. */
  readonly status: number
  /**
   * Pause that the server asks for, in ms (`Retry-After`, an hour at most); undefined where it does
   * not say.
   */
  readonly retryAfterMs: number | undefined

  constructor(status: number, retryAfterMs?: number) {
    super(`the server refused the WebSocket handshake with HTTP status ${status}`)
    this.status = status
    this.code = `HTTP_${status}`
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * The address is not one of a WebSocket: the cause of a ConnectionClosed. It is not quoted, since
 * addresses may hold keys.
 */
export class BadAddress extends TypeError {
  readonly _tag = 'BadAddress'
  override readonly name = 'BadAddress'
  readonly code = 'BAD_ADDRESS'

  constructor() {
    super('the address of a WebSocket must be a URL that begins with ws:// or wss://, and has no #')
  }
}

/** The peer did not answer in time: the cause of a ConnectionClosed. */
export class ConnectTimeout extends Error {
  readonly _tag = 'ConnectTimeout'
  override readonly name = 'ConnectTimeout'
  readonly code = 'CONNECT_TIMEOUT'
  readonly connectTimeoutMs: number

  constructor(connectTimeoutMs: number) {
    super(`no connection within ${connectTimeoutMs} ms (connectTimeoutMs)`)
    this.connectTimeoutMs = connectTimeoutMs
  }
}

/** A server cannot send a client away for longer, in ms. */
const longestRetryAfterMs = 3_600_000

/** Reads `Retry-After`: seconds, or a date of HTTP. */
export const retryAfterMs = (header: unknown, nowMs: number): number | undefined => {
  if (typeof header !== 'string') return undefined
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestRetryAfterMs)
}
