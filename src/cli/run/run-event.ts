import type { CommandError, Gap, InterfaceState, OrderEvent, Status } from '../../client/index.js'
import type { UnresolvedDetails } from '../dashboard/unresolved-details.js'
import type { RiskState } from '../../strategy/index.js'
import type { Assets, Fill, Order, Position, SymbolInfo, Ticker } from '../../protocol/index.js'

/**
 * Source of a failure. `strategy`: its stream; `aside`: an uncaught error outside of it; `login`: a
 * failed login, or no gateway.
 */
export type FailureSource = 'strategy' | 'aside' | 'login'

/** Event of a run. Plain data, from which the display is derived. */
export type RunEvent =
  /** All logins are READY and the strategy begins; it is stopped after `forMs`. */
  | { readonly type: 'began'; readonly forMs: number | undefined }
  /** All accounts are logged out. */
  | { readonly type: 'left' }
  /** Time has passed. */
  | { readonly type: 'tick' }
  | { readonly type: 'status'; readonly status: Status }
  /** Round trip of a ping. */
  | { readonly type: 'latency'; readonly ms: number }
  /** Share of the recorded market that has been played, from 0 to 1. */
  | { readonly type: 'market'; readonly share: number }
  /** Value that the strategy emitted. */
  | { readonly type: 'said'; readonly value: unknown }
  /** Message of the command line. */
  | { readonly type: 'note'; readonly text: string }
  /** Failure of the run: `stack` holds file and line. */
  | {
      readonly type: 'error'
      readonly source: FailureSource
      readonly message: string
      /** `file:line` in the user's own code, if it is on the stack. */
      readonly place?: string
      readonly stack: string
    }
  | AccountEvent

/** Event of one account. A run logs in once per platform, so the platform names the account. */
export type AccountEvent = { readonly platform: string } & (
  | { readonly type: 'state'; readonly state: InterfaceState }
  | { readonly type: 'ready'; readonly ready: boolean }
  | { readonly type: 'symbol'; readonly symbol: string; readonly info: SymbolInfo }
  /** All balances: a reply, never a notice (which may hold a part only). */
  | { readonly type: 'assets'; readonly assets: Assets }
  | { readonly type: 'ticker'; readonly ticker: Ticker }
  | { readonly type: 'order'; readonly order: Order }
  /** Step in the life of an order. Kept out of the JSON output, which has notices and outcomes. */
  | { readonly type: 'orderEvent'; readonly event: OrderEvent }
  /** All open orders of a symbol: a reply. */
  | { readonly type: 'listed'; readonly symbol: string; readonly orders: readonly Order[] }
  | { readonly type: 'fill'; readonly fill: Fill }
  | { readonly type: 'position'; readonly position: Position }
  /** The strategy sent an order. */
  | { readonly type: 'sent' }
  /** The server accepted it, `ms` after it was sent. */
  | { readonly type: 'placed'; readonly ms: number }
  | { readonly type: 'failed'; readonly error: CommandError }
  /** Orders that are unresolved now. */
  | { readonly type: 'unsettled'; readonly count: number; readonly orders: readonly UnresolvedDetails[] }
  /** State of a risk gate; `gate` distinguishes several of one account. */
  | { readonly type: 'gate'; readonly gate: number; readonly risk: RiskState }
  /** Notices may have been missed. */
  | { readonly type: 'gap'; readonly gap: Gap }
)

/** Event with its time, in ms since the run began. */
export interface Stamped {
  readonly at: number
  readonly event: RunEvent
}
