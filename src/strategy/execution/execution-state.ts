import type { UnresolvedOrder } from '../../client/index.js'
import type { OrderEvent, OrderRequest } from '../../orders/index.js'
import type { CancelResult } from '../../protocol/index.js'
import type { ExecuteOptions } from './execute-options.js'
import type { CancelAllOrders, CancelOrder, Intent, PlaceOrder } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import { type Followed, noOrders, type OwnOrders } from './own-orders.js'

/** Turn of the wait for cancelled orders at the end. */
export const endingTurn = 0

export type CancelIntent = CancelOrder | CancelAllOrders

/** Intent that waits or is being executed. */
export interface Turn {
  readonly id: number
  readonly intent: Intent
  readonly since: number
  /** True once a timer has measured its age, whatever the clock shows. */
  isOld: boolean
  step: 'queued' | 'canceling' | 'until-ended' | 'placing'
  /** Order being placed: of a Replace what remains. */
  place: PlaceOrder | undefined
  mayBeWritten: boolean
  /** Order to be replaced, where it was not placed here. */
  old: Followed | undefined
}

/** Facts that change an {@link Execution}. */
export type ExecutionEvent =
  | { readonly _tag: 'Intent'; readonly intent: Intent }
  | { readonly _tag: 'NoMoreIntents' }
  | { readonly _tag: 'Tradable'; readonly tradable: boolean }
  | { readonly _tag: 'Unresolved'; readonly list: readonly UnresolvedOrder[] }
  | { readonly _tag: 'Order'; readonly event: OrderEvent }
  | { readonly _tag: 'Placed'; readonly turn: number; readonly order_no: string; readonly cid: string }
  | { readonly _tag: 'Canceled'; readonly turn: number; readonly results: readonly CancelResult[] }
  | { readonly _tag: 'Failed'; readonly turn: number; readonly error: unknown }
  | { readonly _tag: 'TimeUp'; readonly turn: number }
  /** The subscriber has left, or the stream has ended. */
  | { readonly _tag: 'Left' }

/** Side effect to run. Each turn waits for one answer or timer at a time; `Done` ends its wait. */
export type Effect =
  | { readonly _tag: 'Emit'; readonly outcome: IntentOutcome }
  | { readonly _tag: 'Place'; readonly turn: number; readonly order: OrderRequest; readonly maxAgeMs: number }
  /** Without a turn its reply is ignored. */
  | { readonly _tag: 'Cancel'; readonly turn?: number; readonly intent: CancelIntent }
  | { readonly _tag: 'Wait'; readonly turn: number; readonly ms: number }
  | { readonly _tag: 'Done'; readonly turn: number }
  /** Stops taking intents. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'Finish' }

/** Copy of the state that one step changes. */
export interface Draft {
  readonly settings: Required<Omit<ExecuteOptions, 'scheduler'>>
  readonly now: number
  /** Effects of the last step, in order. */
  readonly effects: Effect[]
  phase: 'running' | 'stopping' | 'last-turns' | 'canceling' | 'waiting' | 'over' | 'left'
  isTradable: boolean
  nextId: number
  turns: Turn[]
  readonly traded: Set<string>
  readonly own: OwnOrders
  /** Unresolved orders that block their symbol. `isListed`: by `unresolved$`. */
  blocking: Map<string, { readonly symbol: string; readonly since: number; readonly isListed: boolean }>
}

/** State of `execute`. */
export type Execution = Readonly<Draft>

export const executionOf = ({
  concurrency = 'per-symbol',
  orderMaxAgeMs = 5_000,
  onUnknown = 'hold',
  releaseUnknownAfterMs = Infinity,
  onRefusal = 'continue',
  onEnd = 'cancel',
  endWithinMs = 5_000,
  replaceWithinMs = 5_000,
}: ExecuteOptions): Execution => ({
  settings: {
    ...{ concurrency, orderMaxAgeMs, onUnknown, releaseUnknownAfterMs },
    ...{ onRefusal, onEnd, endWithinMs, replaceWithinMs },
  },
  now: 0,
  effects: [],
  phase: 'running',
  isTradable: true,
  nextId: endingTurn + 1,
  turns: [],
  traded: new Set(),
  own: noOrders(),
  blocking: new Map(),
})
