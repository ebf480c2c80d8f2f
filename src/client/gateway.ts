import type { Observable } from 'rxjs'
import type { DecodeFailure, MarketTopic, Reply } from '../protocol/index.js'
import type { Account } from './account.js'
import type { Status } from './connection/status.js'
import type { ServerComplaint } from './errors/errors.js'
import type { OrderJournal } from './orders/order-journal.js'

/** Platform, symbols and keys of a login. */
export interface Credentials {
  readonly platform: string
  readonly symbols: readonly string[]
  readonly access_key: string
  readonly secret_key: string
}

/**
 * Settings of one login. Logins with the same platform and key share one, and must ask for the
 * same: others are refused (LoginFailed, invalid).
 */
export interface LoginOptions {
  /**
   * Market topics to ask for (extension `market`; a server without it ignores them).
   * @default none
   */
  readonly market?: readonly MarketTopic[]
  /** Asks the server to cancel open orders when the socket ends without a logout. @default false */
  readonly cancelOnDisconnect?: boolean
  /**
   * No other program or person trades this account: then a single order that looks like one whose
   * reply was lost IS that order. Never set it where another program, or a person, may trade the
   * same account.
   * @default false
   */
  readonly exclusiveAccount?: boolean
  /**
   * Takes new snapshots for the views this often, in ms, besides those after a drop.
   * @default never
   */
  readonly resyncEveryMs?: number
  /**
   * Journal in which orders are written down before they are sent, so that a restarted process
   * settles what its predecessor left. Those who share a login give the very same object; two
   * logins at once never do, nor does one that trades another account than the one before it.
   */
  readonly journal?: OrderJournal
}

/** Something that the server sent and that could not be used. */
export interface ProtocolError {
  readonly error: DecodeFailure | ServerComplaint
  /** The platform it was meant for, where that is known. */
  readonly platform: string | undefined
}

/** One WebSocket and the logins on it. */
export interface Gateway {
  /**
   * Logs in for as long as it is subscribed to. Emits one Account when the server takes the login,
   * and stays; errors with LoginFailed. The subscription IS the login: `firstValueFrom` would log
   * out at once.
   */
  login(credentials: Credentials, options?: LoginOptions): Observable<Account>
  /** Replays the last. */
  readonly status$: Observable<Status>
  /** Round trip of each ping, in ms. */
  readonly latency$: Observable<number>
  readonly protocolErrors$: Observable<ProtocolError>
  /** Replies without a waiting request: late ones and ones never asked for. */
  readonly unmatched$: Observable<Reply>
}
