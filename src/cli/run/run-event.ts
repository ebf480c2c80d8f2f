import type { CommandError, Gap, InterfaceState, OrderEvent, Status } from '../../client/index.js'
import type { UnresolvedDetails } from '../dashboard/unresolved-details.js'
import type { RiskState } from '../../strategy/index.js'
import type { Assets, Fill, Order, Position, SymbolInfo, Ticker } from '../../protocol/index.js'

/** `strategy`: its stream; `aside`: thrown outside of it, and caught nowhere; `login`: a login that failed, or no gateway. */
export type FailureSource = 'strategy' | 'aside' | 'login'

/** Something that happened while a strategy ran. Plain data: what is shown is made of it and of nothing else. */
export type RunEvent =
  /** All logins stand and the strategy begins; it will be stopped `forMs` from now. */
  | { readonly type: 'began'; readonly forMs: number | undefined }
  /** All are logged out. */
  | { readonly type: 'left' }
  /** Time has passed. */
  | { readonly type: 'tick' }
  | { readonly type: 'status'; readonly status: Status }
  /** Round trip of a ping. */
  | { readonly type: 'latency'; readonly ms: number }
  /** So much of the recorded market has been played, from 0 to 1. */
  | { readonly type: 'market'; readonly share: number }
  /** The strategy emitted this. */
  | { readonly type: 'said'; readonly value: unknown }
  /** We have something to say ourselves. */
  | { readonly type: 'note'; readonly text: string }
  /** The run fails: `stack` holds file and line. */
  | {
      readonly type: 'error'
      readonly source: FailureSource
      readonly message: string
      /** `file:line` in the user's own code, if it is on the stack. */
      readonly place?: string
      readonly stack: string
    }
  | AccountEvent

/** Something that happened to one account. A run logs in once per platform, so the platform is its name. */
export type AccountEvent = { readonly platform: string } & (
  | { readonly type: 'state'; readonly state: InterfaceState }
  | { readonly type: 'ready'; readonly ready: boolean }
  | { readonly type: 'symbol'; readonly symbol: string; readonly info: SymbolInfo }
  /** Balances, all of them: a reply, never a notice (which may hold a part only). */
  | { readonly type: 'assets'; readonly assets: Assets }
  | { readonly type: 'ticker'; readonly ticker: Ticker }
  | { readonly type: 'order'; readonly order: Order }
  /** Step in the life of an order. Kept out of the JSON output, which has notices and outcomes. */
  | { readonly type: 'orderEvent'; readonly event: OrderEvent }
  /** The open orders of a symbol, all of them: a reply. */
  | { readonly type: 'listed'; readonly symbol: string; readonly orders: readonly Order[] }
  | { readonly type: 'fill'; readonly fill: Fill }
  | { readonly type: 'position'; readonly position: Position }
  /** The strategy sent an order. */
  | { readonly type: 'sent' }
  /** The server took it, `ms` after it was sent. */
  | { readonly type: 'placed'; readonly ms: number }
  | { readonly type: 'failed'; readonly error: CommandError }
  /** The orders whose fate is not known now. */
  | { readonly type: 'unsettled'; readonly count: number; readonly orders: readonly UnresolvedDetails[] }
  /** A risk gate of the strategy stands so; `gate` tells several of one account apart. */
  | { readonly type: 'gate'; readonly gate: number; readonly risk: RiskState }
  /** Notices may have been missed. */
  | { readonly type: 'gap'; readonly gap: Gap }
)

/** An event, and when: ms since the run began. */
export interface Stamped {
  readonly at: number
  readonly event: RunEvent
}
