/** Texts that must never be written, in any place. */
const secretName = /(^|_)(token|secret|passphrase|password|signature|sign)$|(_|^)(access|secret|api)_?key$/i

const shortestSecret = 4
/** As much of a secret gives too much of it away. */
const beginning = 8

/**
 * Takes keys and tokens out of frames before they are written down. A token becomes `token-1`,
 * `token-2` … in the order in which they are first seen, so that the frames of one login can still
 * be recognised; a key becomes `***`, also where a server repeats it in a text.
 */
export class Redaction {
  readonly #tokens = new Map<string, string>()
  readonly #secrets = new Set<string>()
  #pattern: RegExp | undefined

  /**
   * The frame without its secrets; undefined where it cannot be read, and so cannot be known to
   * hold none.
   */
  frame(text: string): unknown {
    let frame: unknown
    try {
      frame = JSON.parse(text)
    } catch {
      return undefined
    }
    this.#learn(frame)
    return this.#clean(frame)
  }

  /**
   * Returns the close reason of the peer; empty if it holds a secret or the beginning of one, since
   * a reason may be cut.
   */
  reason(text: string): string {
    const secrets = [...this.#tokens.keys(), ...this.#secrets].filter(({ length }) => length >= shortestSecret)
    return secrets.some((secret) => text.includes(secret.slice(0, beginning))) ? '***' : text
  }

  /** Secrets first: one that is named at the end of a frame may be repeated at its beginning. */
  #learn(value: unknown, name = ''): void {
    if (typeof value === 'number' && secretName.test(name)) {
      // A server may repeat it in a text.
      this.#secrets.add(String(value))
      this.#pattern = undefined
    } else if (typeof value === 'string') {
      if (!secretName.test(name) || value === '') return
      if (this.#tokens.has(value) || this.#secrets.has(value)) return
      if (name === 'token') this.#tokens.set(value, `token-${this.#tokens.size + 1}`)
      else this.#secrets.add(value)
      this.#pattern = undefined
    } else if (Array.isArray(value)) for (const item of value) this.#learn(item, name)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.#learn(item, key)
    }
  }

  /** In one pass: what has been put in place of one secret is not taken for another. */
  #text(text: string): string {
    this.#pattern ??= this.#patternOfAll()
    return text.replace(this.#pattern, (secret) => this.#tokens.get(secret) ?? '***')
  }

  #patternOfAll(): RegExp {
    const all = [...this.#tokens.keys(), ...this.#secrets].filter(({ length }) => length >= shortestSecret)
    const longestFirst = all.sort((a, b) => b.length - a.length)
    return new RegExp(
      longestFirst.map((secret) => secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|') || '(?!)',
      'g',
    )
  }

  #clean(value: unknown, name = ''): unknown {
    if (typeof value === 'string') {
      if (!secretName.test(name) || value === '') return this.#text(value)
      return name === 'token' ? (this.#tokens.get(value) ?? '***') : '***'
    }
    if (Array.isArray(value)) return value.map((item) => this.#clean(item, name))
    if (typeof value !== 'object' || value === null) return secretName.test(name) && value !== null ? '***' : value
    // A server may use a secret as the name of a field, too; fromEntries defines, so that
    // `__proto__` is only a name.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.#text(key), this.#clean(item, key)]))
  }
}
