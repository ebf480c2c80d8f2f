import type { ChaosFaultName } from './chaos/settings.js'
import type { CloseCode } from './close-code.js'
import type { LoginRefusal } from './login/login-refused.js'

/**
 * Event of a gateway, for logs and metrics. Holds no key, no token and no text of a client except
 * names that the gateway knows.
 */
export type GatewayEvent =
  | { readonly type: 'listening'; readonly url: string; readonly port: number }
  /**
   * A request was not let in; `full`: there are as many connections as there may be. `refused` is
   * its Origin or Host, if it has the form of one.
   */
  | { readonly type: 'turned-away'; readonly why: 'origin' | 'host' | 'path' | 'full'; readonly refused?: string }
  | { readonly type: 'connected'; readonly connection: number }
  /** `code` is that with which the gateway closed it, where it was the gateway's wish. */
  | { readonly type: 'disconnected'; readonly connection: number; readonly why: string; readonly code?: CloseCode }
  | { readonly type: 'login'; readonly connection: number; readonly platform: string }
  | { readonly type: 'login-refused'; readonly connection: number; readonly why: LoginRefusal }
  | { readonly type: 'logout'; readonly connection: number; readonly platform: string; readonly clean: boolean }
  | { readonly type: 'bad-frame'; readonly connection: number; readonly why: string }
  | { readonly type: 'fault'; readonly where: string; readonly error: string }
  /**
   * The journal of an exchange cannot be written, so that its orders are refused; or can be written
   * again.
   */
  | { readonly type: 'journal'; readonly platform: string; readonly state: 'failed' | 'restored'; readonly why: string }
  /**
   * Something that was done wrong on purpose (option `chaos`): the quirk, and the op or topic of
   * its frame or the platform that it struck.
   */
  | { readonly type: 'chaos'; readonly quirk: ChaosFaultName; readonly what: string; readonly connection?: number }
