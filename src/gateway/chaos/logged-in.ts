import { RepeatLogin } from './repeat-login.js'
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
