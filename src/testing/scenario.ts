import type { Observable } from 'rxjs'
import type { Account, ConnectOptions, Credentials, Gateway, LoginOptions } from '../client/index.js'
import type { Transport } from '../transport/index.js'
import type { Clock, Entropy, VirtualScheduler } from '../time/index.js'
import type { LanesText } from './script.js'
import type { Vocabulary } from './vocabulary.js'

/** The subscriptions to an input lane, to be asserted as a lane of their own: `^` and `!`. */
export class SubscriptionsOf {
  readonly _tag = 'SubscriptionsOf'
  readonly lane: string

  constructor(lane: string) {
    this.lane = lane
  }
}

/** Result of `run`: by lane name, the observable that should behave as that lane says. */
export type ScenarioOutputs = Readonly<Record<string, Observable<unknown> | SubscriptionsOf>>

/** Argument of `run`. */
export interface ScenarioContext {
  /**
   * Plays a lane at its instants, with or without subscribers. Events of one instant come in the
   * order of the lanes.
   */
  hot<T>(lane: string): Observable<T>
  /** Plays a lane from its beginning for each subscriber. */
  cold<T>(lane: string): Observable<T>
  /** The subscriptions to an input lane, to be returned as a lane of `^` and `!`. */
  subscriptions(lane: string): SubscriptionsOf
  /** The names of all lanes. */
  readonly lanes: readonly string[]
  /** Does something at a virtual instant, before the events of that instant. */
  at(ms: number, action: () => void): void
  /**
   * Virtual time of the run, for what wants a scheduler by name. As `asyncScheduler` does, it takes
   * a delay above 2^31 - 1 ms for 1 ms.
   */
  readonly scheduler: VirtualScheduler
  /** Both clocks, driven by the same time; they start at `startMs`. */
  readonly clock: Clock
  /** A Transport to the gateway that the lanes `server`, `client` and `word →` script. */
  readonly gateway: Transport
  /** The real client on that gateway, with clock, ids, jitter and timers pinned. */
  connect(options?: ConnectOptions): Gateway
  /** Its login; by default on the platform `paper` with the symbol BTC/USDT. */
  login(credentials?: Partial<Credentials>, options?: ConnectOptions & LoginOptions): Observable<Account>
  /** Pinned: ids are `c1`, `c2` …, and jitter is always one half. */
  readonly entropy: Entropy
}

/** A test in lanes. */
export interface Scenario extends Vocabulary {
  /** Inputs and expected outputs; see {@link LanesText} for the notation. */
  readonly lanes: LanesText
  /** Builds the pipeline. It must not be async. Returns what is asserted, by lane name. */
  readonly run: (kit: ScenarioContext) => ScenarioOutputs
  /** Duration of one dash, in ms. @default none: a dash is an error */
  readonly tickMs?: number
  /**
   * End of the run: everything is unsubscribed then, and later events are not asserted. Give it if
   * the pipeline never becomes quiet by itself. @default until nothing is left to do; 3_600_000
   * without rest is a failure
   */
  readonly untilMs?: number
  /** Limit of actions. @default 100_000 */
  readonly maxActions?: number
  /** Time of the clocks at the beginning, in ms since 1970. @default 0 */
  readonly startMs?: number
  /**
   * Do not fail where a promise is met, or other work that virtual time cannot follow, such as
   * `process.nextTick`, timers of `node:timers` and files. What comes of it is still not followed.
   * @default false
   */
  readonly allowPromises?: boolean
}
