import { DecodeFailure, tokenOf } from '../protocol/index.js'
import { ConnectionClosed } from '../transport/index.js'

/** Hides the secrets of a gateway's logins in words that come from a server: a server may repeat what it was sent. */
export interface Redactor {
  /** From now on this is hidden. */
  hide(secret: string): void
  /** The text with every secret replaced by `***`. */
  redact(text: string): string
  /** Whether a text holds a secret or the beginning of one: what a close reason had no room for is cut off. */
  mentions(text: string): boolean
}

/** Shorter ones would turn ordinary words into stars, and are no secrets. */
const shortestSecret = 4

/** As much of a secret gives too much of it away. */
const beginning = 8

/** Tokens come with every socket; old ones are dead and may be forgotten. */
const mostSecrets = 256

/** A failure to read a frame, without the peer's words where those hold a secret: an op that nobody knows is quoted, and may be a token. */
export const redactedFailure = (failure: DecodeFailure, redactor: Redactor): DecodeFailure => {
  const { op, topic, cid, message, reason } = failure
  if (![op, topic, cid, message].some((words = '') => redactor.mentions(words))) return failure
  const hidden = (words: string | undefined) => (words === undefined || !redactor.mentions(words) ? words : '***')
  return new DecodeFailure(reason, 'a frame could not be read; what it says holds a key or a token, and is left out', {
    ...{ op: hidden(op), topic: hidden(topic), cid: hidden(cid), token: tokenOf(failure) },
  })
}

/** How a connection ended, without the other side's words where those hold a secret. */
export const redactedEnd = (error: unknown, redactor: Redactor): unknown =>
  error instanceof ConnectionClosed && redactor.mentions(error.reason)
    ? new ConnectionClosed(error.phase, error.code, '***', error.cause === undefined ? {} : { cause: error.cause })
    : error

export const createRedactor = (): Redactor => {
  const secrets = new Set<string>()
  return {
    hide(secret) {
      if (secret.length < shortestSecret) return
      secrets.delete(secret)
      secrets.add(secret)
      if (secrets.size > mostSecrets) for (const oldest of secrets) return void secrets.delete(oldest)
    },
    redact(text) {
      let redacted = text
      for (const secret of secrets) redacted = redacted.replaceAll(secret, '***')
      return redacted
    },
    mentions(text) {
      for (const secret of secrets) if (text.includes(secret.slice(0, beginning))) return true
      return false
    },
  }
}
