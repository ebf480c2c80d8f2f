import type { Observable } from 'rxjs'
import type { IntentOutcome } from '../outcome.js'
import type { FlattenOptions } from './flatten.js'
import type { PositionQuantity } from './limits.js'
import type { RiskState } from './view.js'

/** What a person, or a program in a person's stead, may do with the gate. */
export interface RiskControl {
  /** For display; replays the last. */
  readonly state$: Observable<RiskState>
  /** Pulls the kill switch: no new orders from now on; cancels pass. */
  halt(reason: string): void
  /**
   * Halts, cancels all orders of all symbols, and closes what is held with market orders. Each subscription does it anew, but joins what is under
   * way already, whose options then hold. Errors with FlattenFailed when all symbols have been seen to, if something is left or nobody knows; the lock says so too.
   */
  flatten(reason: string, options?: FlattenOptions): Observable<IntentOutcome>
  /** Opens the gate after a halt, or after it shut itself. Nothing else does. */
  reopen(): void
  /** Says what is held of a symbol, as just looked up, after finding out about its unknown orders. */
  rebase(symbol: string, held: PositionQuantity): void
}
