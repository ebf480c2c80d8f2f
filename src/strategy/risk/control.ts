import type { Observable } from 'rxjs'
import type { IntentOutcome } from '../outcome.js'
import type { FlattenOptions } from './flatten.js'
import type { PositionQuantity } from './limits.js'
import type { RiskState } from './view.js'

/** Controls of the risk engine, for an operator or a supervising program. */
export interface RiskControl {
  /** State of the risk engine; replays the latest value. */
  readonly state$: Observable<RiskState>
  /** Activates the kill switch: denies new orders from now on; cancels pass. */
  halt(reason: string): void
  /**
   * Halts, cancels all orders of all symbols, and closes the positions with market orders. Each
   * subscription starts again, or joins a flattening in progress, whose options then apply. After
   * all symbols are processed, errors with FlattenFailed if anything remains or may remain; `lock`
   * has the failures too.
   */
  flatten(reason: string, options?: FlattenOptions): Observable<IntentOutcome>
  /** Resumes trading after a halt or a trip. The only way to do so. */
  reopen(): void
  /**
   * Sets the position of a symbol, as just queried by the caller. Resolve its unresolved orders
   * first: they are assumed to be part of the position.
   */
  rebase(symbol: string, held: PositionQuantity): void
}
