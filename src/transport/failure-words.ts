import { BadAddress, ConnectTimeout, HandshakeRefused } from './connect-failure.js'
import { ConnectionClosed } from './transport.js'

const codeOf = (cause: unknown): string => {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : ''
}

/** Codes of OpenSSL and Node: the certificate of the server is not valid, or not for this name. */
const certificate =
  /^(CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH|ERR_TLS_CERT)/
/** The other side speaks no TLS, or none that is spoken here. */
const tls = /^(EPROTO|ERR_SSL_|ERR_TLS_)/

const statusWords: Readonly<Record<number, string>> = {
  401: 'Unauthorized: it wants credentials with the address',
  403: 'Forbidden: it does not let this client or this address in',
  404: 'Not Found: the path of the address is wrong',
  426: 'Upgrade Required: what listens there does not take this kind of WebSocket',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

const systemWords: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens at this address'],
  [/^(ENOTFOUND|EAI_)/, 'the name of the host is not known'],
  [/^(EHOST|ENET)/, 'there is no way to the host'],
  [/^ETIMEDOUT$/, 'the host does not answer'],
  [/^(ECONNRESET|EPIPE)$/, 'the other side hung up without a closing handshake'],
  [certificate, 'the certificate of the server cannot be trusted'],
  [tls, 'TLS failed; a server that speaks none is reached by ws://, not wss://'],
  [/^HPE_/, 'what answers there does not speak HTTP'],
  [/^WS_ERR_/, 'the other side broke the WebSocket protocol'],
]

const causeInWords = (cause: unknown): string | undefined => {
  if (cause instanceof BadAddress || cause instanceof ConnectTimeout) return cause.message
  if (cause instanceof HandshakeRefused) {
    const { status, retryAfterMs } = cause
    const more = statusWords[status] === undefined ? '' : ` ${statusWords[status]}`
    const pause = retryAfterMs === undefined ? '' : `; it asks for a pause of ${Math.ceil(retryAfterMs / 1000)} s`
    return `the server refused the WebSocket handshake with HTTP status ${status}${more}${pause}`
  }
  const code = codeOf(cause)
  const words = systemWords.find(([pattern]) => pattern.test(code))?.[1]
  if (words !== undefined) return `${words} (${code})`
  // Of ws itself, and without a code. Its messages quote the server, and may hold anything.
  if (cause instanceof Error && /^Invalid (Upgrade|Sec-WebSocket)|^Server sent/.test(cause.message))
    return 'what answers there does not speak WebSocket'
  return undefined
}

/** Describes why a connection could not be opened or has ended. */
export const failureInWords = (closed: ConnectionClosed): string => {
  const { phase, code, reason, cause } = closed
  const words = causeInWords(cause)
  if (phase === 'connecting') return words ?? closed.message
  if (code === 1006 && reason === '') return words ?? closed.message
  const said = reason === '' ? '' : `: ${JSON.stringify(reason)}`
  return `the server closed the connection with code ${code}${said}`
}

/** Statuses below 500 that pass by themselves. */
const passing: ReadonlySet<number> = new Set([408, 425, 429])

/** True where an address is malformed: no attempt can succeed. */
export const isBadAddress = (error: unknown): boolean =>
  error instanceof ConnectionClosed && error.cause instanceof BadAddress

/**
 * True where a server that was never reached refuses in a lasting way: by an HTTP status, or by its
 * certificate.
 */
export const isLastingRefusal = (error: unknown): boolean => {
  if (!(error instanceof ConnectionClosed) || error.phase !== 'connecting') return false
  const { cause } = error
  if (cause instanceof HandshakeRefused) return cause.status < 500 && !passing.has(cause.status)
  return certificate.test(codeOf(cause))
}

/** Pause that the server asks for, in ms (`Retry-After`). */
export const retryAfterOf = (error: unknown): number =>
  error instanceof ConnectionClosed && error.cause instanceof HandshakeRefused ? (error.cause.retryAfterMs ?? 0) : 0
