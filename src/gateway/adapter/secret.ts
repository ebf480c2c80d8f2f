/**
 * Shorter values are no keys but placeholders such as `a`, and redacting them would damage other
 * text.
 */
const shortestSecret = 8

/**
 * A key that must not be seen: every way of printing it gives `***`. Only {@link Secret.reveal}
 * gives the text, so that a search for that word finds every place where a key is used.
 *
 * @example
 * ```ts
 * const key = new Secret('abc');
 * `${key}`; // => '***'
 * JSON.stringify({ key }); // => '{"key":"***"}'
 * ```
 */
export class Secret {
  /** Private, not merely unlisted: inspectors and crash reporters walk over ordinary fields. */
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  get isEmpty(): boolean {
    return this.#text === ''
  }

  /** The text itself: for signing a request, or for looking up an account. */
  reveal(): string {
    return this.#text
  }

  /**
   * Replaces the key by `***` in a text from elsewhere, such as an error message of an exchange.
   */
  redact(text: string): string {
    return this.#text.length < shortestSecret ? text : text.replaceAll(this.#text, '***')
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }

  [Symbol.toPrimitive](): string {
    return '***'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***'
  }
}
