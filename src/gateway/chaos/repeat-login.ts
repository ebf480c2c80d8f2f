import { createHash } from 'node:crypto'
import type { WireFrame } from './wire-frame.js'

/** Logins of one connection, as seen in its frames. */
export class LoggedIn {
  readonly #asked = new Map<unknown, string>()
  readonly #byToken = new Map<unknown, string>()

  /** A request has arrived. */
  request(frame: WireFrame): void {
    if (frame.op === 'login') this.#asked.set(frame.cid ?? '', RepeatLogin.accountOf(frame))
    if (frame.op === 'logout') this.#byToken.delete(frame.token)
  }

  /** A reply leaves. */
  reply(frame: WireFrame): void {
    if (frame.op !== 'login') return
    const account = this.#asked.get(frame.cid ?? '')
    this.#asked.delete(frame.cid ?? '')
    if (frame.result === true && account !== undefined) this.#byToken.set(frame.token, account)
  }

  get accounts(): readonly string[] {
    return [...this.#byToken.values()]
  }
}

/**
 * Accounts that a server takes for logged in, because it has not noticed the death of their socket.
 */
export class RepeatLogin {
  readonly #forMs: number
  readonly #until = new Map<string, number>()

  constructor(forMs = 20_000) {
    this.#forMs = forMs
  }

  /** The name of the account that a login is for, which holds no key. */
  static accountOf({ platform, access_key }: WireFrame): string {
    return createHash('sha256')
      .update(JSON.stringify([platform, access_key]))
      .digest('base64')
  }

  /** Their socket is dead, and they had not logged out. */
  lost(accounts: Iterable<string>, now: number): void {
    for (const account of accounts) this.#until.set(account, now + this.#forMs)
  }

  isRegistered(account: string, now: number): boolean {
    for (const [name, until] of this.#until) if (until <= now) this.#until.delete(name)
    return this.#until.has(account)
  }
}
