/** The server answered the WebSocket handshake with an HTTP status of its own: the cause of a ConnectionClosed. Not to be had in browsers, which keep it secret. */
export class HandshakeRefused extends Error {
  readonly _tag = 'HandshakeRefused'
  override readonly name = 'HandshakeRefused'
  readonly code: string
  /** The HTTP status, e.g. 401: trying again with the same credentials will not help. */
  readonly status: number

  constructor(status: number) {
    super(`the server refused the WebSocket handshake with HTTP status ${status}`)
    this.status = status
    this.code = `HTTP_${status}`
  }
}

/** Nobody answered in time: the cause of a ConnectionClosed. */
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
