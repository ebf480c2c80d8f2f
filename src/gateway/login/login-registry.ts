import { createHash } from 'node:crypto'
import type { Secret } from '../adapter/secret.js'

/**
 * Logins over all connections of a gateway: one access_key may be logged in once per platform. Keys
 * are kept as digests, so that no list of keys exists.
 */
export class LoginRegistry {
  readonly #registered = new Set<string>()

  /**
   * Registers a login; undefined when it is registered already. Call what it returns to let go,
   * once or more.
   */
  claim(platform: string, accessKey: Secret): (() => void) | undefined {
    const id = createHash('sha256')
      .update(JSON.stringify([platform, accessKey.reveal()]))
      .digest('base64')
    if (this.#registered.has(id)) return undefined
    this.#registered.add(id)
    let held = true
    // Once only: a second call must not release a claim that another connection has made since.
    return () => {
      if (held) this.#registered.delete(id)
      held = false
    }
  }
}
