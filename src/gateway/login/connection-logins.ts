import { hash, timingSafeEqual } from 'node:crypto'
import type { Login } from './login.js'

const digestOf = (token: string): Uint8Array => hash('sha256', token, 'buffer')

/**
 * The logins of one connection, found by their tokens: a token is worth nothing on any other
 * connection. Tokens are compared by their digests and in constant time, so that how long a refusal
 * takes tells nothing of how near a guess was.
 */
export class OwnLogins {
  /**
   * Digests of the tokens of these logins: a client names one in every command. A Map finds a text
   * by its whole hash, so how long that takes tells nothing of how near a guess was either.
   */
  readonly #digests = new Map<string, Uint8Array>()
  #logins: readonly { readonly digest: Uint8Array; readonly login: Login }[] = []

  get size(): number {
    return this.#logins.length
  }

  get all(): readonly Login[] {
    return this.#logins.map(({ login }) => login)
  }

  add(login: Login): void {
    const digest = digestOf(login.token)
    this.#digests.set(login.token, digest)
    this.#logins = [...this.#logins, { digest, login }]
  }

  find(token: string): Login | undefined {
    const digest = this.#digests.get(token) ?? digestOf(token)
    let found: Login | undefined
    for (const each of this.#logins) if (timingSafeEqual(each.digest, digest)) found = each.login
    return found
  }

  remove(login: Login): void {
    this.#digests.delete(login.token)
    this.#logins = this.#logins.filter((each) => each.login !== login)
  }

  clear(): void {
    this.#digests.clear()
    this.#logins = []
  }
}
