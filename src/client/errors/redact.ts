import { DecodeFailure } from '../../protocol/index.js'
import { tokenOf } from '../../protocol/internal.js'
import { ConnectionClosed } from '../../transport/index.js'

/**
 * Hides the secrets of a gateway's logins in words that come from a server: a server may repeat
 * what it was sent.
 */
export interface Redactor {
  /**
   * Hides a key for good. Takes whatever a caller gives for a key: only text and numbers can be
   * repeated by a server.
   */
  hideKey(key: unknown): void
  /** Hides a token; the oldest of many are forgotten. */
  hideToken(token: string): void
  /** The text with every secret replaced by `***`. */
  redact(text: string): string
  /** True if a text holds a secret or the beginning of one: a long close reason is cut off. */
  mentions(text: string): boolean
}

/** Shorter ones would turn ordinary words into stars, and are no secrets. */
const shortestSecret = 4

/** As much of a secret gives too much of it away. */
const beginning = 8

/** Tokens come with every socket; old ones are dead and may be forgotten. */
const mostTokens = 256

/**
 * A failure to read a frame, without the peer's words where those hold a secret: an unknown op is
 * quoted, and may be a token.
 */
export const redactedFailure = (failure: DecodeFailure, redactor: Redactor): DecodeFailure => {
  const { op, topic, cid, message, reason } = failure
  if (![op, topic, cid, message].some((words = '') => redactor.mentions(words))) return failure
  const hidden = (words: string | undefined) => (words === undefined || !redactor.mentions(words) ? words : '***')
  return new DecodeFailure(reason, 'a frame could not be read; what it says holds a key or a token, and is left out', {
    ...{ op: hidden(op), topic: hidden(topic), cid: hidden(cid), token: tokenOf(failure) },
  })
}

/** End of a connection, without the peer's words where those hold a secret. */
export const redactedEnd = (error: unknown, redactor: Redactor): unknown =>
  error instanceof ConnectionClosed && redactor.mentions(error.reason)
    ? new ConnectionClosed(error.phase, error.code, '***', error.cause === undefined ? {} : { cause: error.cause })
    : error

export const createRedactor = (): Redactor => {
  // Apart: a client that has had many tokens must go on hiding its keys.
  const keys = new Set<string>()
  const tokens = new Set<string>()
  return {
    hideKey(key) {
      if (typeof key !== 'string' && typeof key !== 'number') return
      const text = String(key)
      if (text.length >= shortestSecret) keys.add(text)
    },
    hideToken(token) {
      if (token.length < shortestSecret) return
      tokens.delete(token)
      tokens.add(token)
      if (tokens.size > mostTokens) for (const oldest of tokens) return void tokens.delete(oldest)
    },
    redact(text) {
      let redacted = text
      for (const secret of [...keys, ...tokens].sort((a, b) => b.length - a.length))
        redacted = redacted.replaceAll(secret, '***')
      return redacted
    },
    mentions(text) {
      for (const secrets of [keys, tokens]) {
        for (const secret of secrets) if (text.includes(secret.slice(0, beginning))) return true
      }
      return false
    },
  }
}
