/** Hides the secrets of a gateway's logins in words that come from a server: a server may repeat what it was sent. */
export interface Redactor {
  /** From now on this is hidden. */
  hide(secret: string): void
  /** The text with every secret replaced by `***`. */
  redact(text: string): string
}

/** Shorter ones would turn ordinary words into stars, and are no secrets. */
const shortestSecret = 4

/** Tokens come with every socket; old ones are dead and may be forgotten. */
const mostSecrets = 256

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
  }
}
