import type { SchedulerLike } from 'rxjs'
import type { Clock } from '../../time/index.js'
import type { ExchangeAdapter } from '../adapter/exchange-adapter.js'
import type { GatewayEvent } from '../gateway-event.js'
import type { LateAnswers } from '../adapter/late-answers.js'
import type { Limits } from '../limits.js'
import type { LoginRegistry } from '../login/login-registry.js'
import type { QueryTurns } from './query-turns.js'
import type { Traffic } from './traffic.js'

/** State that all connections of one gateway share. */
export interface GatewayContext {
  readonly platforms: ReadonlyMap<string, ExchangeAdapter>
  readonly registry: LoginRegistry
  readonly limits: Limits
  readonly lateAnswers: LateAnswers
  readonly clock: Clock
  readonly scheduler: SchedulerLike
  readonly newToken: () => string
  readonly traffic: Traffic
  /** Decides which connection's query runs next. */
  readonly turns: QueryTurns
  /**
   * Changes when the gateway has lost its memory: at every start, as long as that memory is not
   * written down.
   */
  readonly epoch: string
  readonly tell: (event: GatewayEvent) => void
}
