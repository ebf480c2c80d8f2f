import Big from 'big.js'
import type { Balance, SymbolInfo } from '../../protocol/index.js'
import { cancel, type Intent } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import * as own from './own-position.js'
import type { PositionSize, OwnPosition } from './own-position.js'
import { planToTarget, type RebalanceInput } from '../sizing/to-target.js'

/** Longest wait for the end of an IOC or cancelled order before open orders are queried, in ms. */
const END_DUE_MS = 3_000

/** Refusals in a row before the pause grows, and its largest length in ms. */
const PATIENT_REFUSALS = 8
const LONGEST_PAUSE_MS = 30_000

/** Prices to buy and to sell at. */
export interface Prices {
  readonly buy: number
  readonly sell: number
}

/** Settings of `reachTarget` for its reducer. */
export interface TargetSettings {
  readonly symbol: string
  readonly order_type: 'LIMIT' | 'IOC' | 'MARKET'
  readonly pauseMs: number
  /** True if the position can be looked up. */
  readonly canLookUp: boolean
  readonly maxSlippage: number
}

/** State of a position on the way to its target. */
export interface TargetState {
  readonly position: OwnPosition
  readonly target: number | undefined
  /** True if no other target will come. */
  readonly isLast: boolean
  readonly prices: Prices | undefined
  /** True after a price or a refusal since the last round: another try may succeed. */
  readonly isFresh: boolean
  /** Rounds rejected by the server or denied by the risk engine in a row. */
  readonly refusals: number
  /** Free balance after a rejected sell: bounds the next sell. Undefined: not known. */
  readonly free: number | undefined
  /** True if the balance must be queried: more is to be sold than is known to be free. */
  readonly isShort: boolean
  /** Key of the remainder that was emitted last. */
  readonly emittedRest: string
  readonly info: SymbolInfo | undefined
  /** Intents of the current round without an answer. */
  readonly unanswered: ReadonlySet<Intent>
  /** True if that round cancels. */
  readonly canceling: boolean
  readonly quietUntil: number
  /** Times by which the ends of orders are due. */
  readonly dueAt: ReadonlyMap<string, number>
  /** True if the wait for fills that a closing event has reported is over. */
  readonly waited: boolean
}

/** Events that change a {@link TargetState}. */
export type TargetEvent =
  | { readonly _tag: 'Target'; readonly target: number }
  | { readonly _tag: 'NoMoreTargets' }
  | { readonly _tag: 'Prices'; readonly prices: Prices }
  | { readonly _tag: 'Info'; readonly info: SymbolInfo }
  /** A round of intents was sent. */
  | { readonly _tag: 'Sent'; readonly intents: readonly Intent[] }
  | { readonly _tag: 'Outcome'; readonly outcome: IntentOutcome }
  /** Open orders are queried. */
  | { readonly _tag: 'Asked' }
  | { readonly _tag: 'LookedUp'; readonly held: PositionSize }
  /** Balance of the base currency, queried after a rejected sell. */
  | { readonly _tag: 'Balance'; readonly balance: Balance }
  /** The account is tradable again. */
  | { readonly _tag: 'Back' }
  /** A pause is over. */
  | { readonly _tag: 'Woken' }
  /** A remainder that no order can close was emitted. */
  | { readonly _tag: 'RestEmitted'; readonly key: string }
  | { readonly _tag: 'Waited' }

export const targetStateOf = (held: PositionSize): TargetState => ({
  position: own.startPosition(held),
  target: undefined,
  isLast: false,
  prices: undefined,
  isFresh: false,
  refusals: 0,
  free: undefined,
  isShort: false,
  emittedRest: '',
  info: undefined,
  unanswered: new Set(),
  canceling: false,
  quietUntil: -Infinity,
  dueAt: new Map(),
  waited: false,
})

/** The free balance of the account is not known. */
const unchecked = { free: undefined, isShort: false }

const answered = (before: TargetState, intent: Intent): TargetState => {
  const unanswered = new Set(before.unanswered)
  unanswered.delete(intent)
  return { ...before, unanswered }
}

const due = (before: TargetState, order_nos: readonly string[], at: number): TargetState => ({
  ...before,
  dueAt: new Map([...before.dueAt, ...order_nos.map((order_no) => [order_no, at] as const)]),
})

const notDue = (before: TargetState, order_no: string): TargetState => ({
  ...before,
  dueAt: new Map([...before.dueAt].filter(([each]) => each !== order_no)),
})

const missing = (before: TargetState, order_nos: readonly string[]): TargetState =>
  order_nos.reduce(notDue, { ...before, position: own.missing(before.position, order_nos) })

const pauseAfter = (refusals: number, pauseMs: number): number =>
  refusals <= PATIENT_REFUSALS
    ? 0
    : Math.max(pauseMs, Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** (refusals - PATIENT_REFUSALS)))

/**
 * After a refused order: tries again at the same price, as a stop must not stay open, with growing
 * pauses.
 */
const denied = (before: TargetState, outcome: IntentOutcome, { pauseMs }: TargetSettings, now: number): TargetState => {
  const { intent, _tag } = outcome
  if (intent._tag !== 'Place' || _tag === 'Unresolved') return before
  const refusals = _tag === 'NotSent' ? before.refusals : before.refusals + 1
  return {
    ...before,
    isFresh: true,
    refusals,
    quietUntil: Math.max(before.quietUntil, now + pauseAfter(refusals, pauseMs)),
    isShort: before.isShort || (_tag === 'Rejected' && before.position.nets && intent.action === 'SELL'),
  }
}

const onOutcome = (before: TargetState, outcome: IntentOutcome, settings: TargetSettings, now: number): TargetState => {
  const { position, canceling, info } = before
  switch (outcome._tag) {
    case 'Placed': {
      const { intent, order_no } = outcome
      const taken = { ...before, position: own.placed(position, order_no, intent), refusals: 0, ...unchecked }
      const next = answered(taken, intent)
      return intent.order_type === 'LIMIT' ? next : due(next, [order_no], now + END_DUE_MS)
    }
    case 'Filled':
      return { ...before, position: own.filled(position, outcome.fill, info?.base_currency), free: undefined }
    case 'Ended': {
      const after = own.ended(position, outcome.order)
      // The cancelled orders have ended: the next round needs no pause.
      const isFree = canceling && own.open(after).length === 0
      const quietUntil = isFree ? -Infinity : before.quietUntil
      return notDue({ ...before, position: after, quietUntil }, outcome.order_no)
    }
    case 'Lost':
      return missing(before, [outcome.order_no])
    default: {
      const { intent } = outcome
      const next = denied(answered(before, intent), outcome, settings, now)
      if (intent._tag !== 'Cancel') return next
      const open = own.open(position).filter((order_no) => intent.order_nos.includes(order_no))
      return due(next, open, now + END_DUE_MS)
    }
  }
}

/**
 * After a query of the balance: bounds the position by the total, and sells by the free part.
 */
const balanced = (before: TargetState, { free, total }: Balance): TargetState => {
  const { target } = before
  if (target === undefined || !before.isShort) return before
  // Never below the target: an outdated balance must not cause a buy.
  const position =
    own.open(before.position).length > 0 ? before.position : own.atMost(before.position, Math.max(total, target))
  const held = own.positionToward(position, target)
  const isShort = typeof held === 'number' && held - target > free
  return { ...before, position, free, isShort, isFresh: true }
}

/** State after an event. */
export const reduce = (before: TargetState, event: TargetEvent, settings: TargetSettings, now: number): TargetState => {
  switch (event._tag) {
    case 'Target': {
      const { target } = event
      if (target === before.target) return before
      return { ...before, target, quietUntil: -Infinity, refusals: 0, emittedRest: '', ...unchecked }
    }
    case 'NoMoreTargets':
      return { ...before, isLast: true }
    case 'Prices':
      return { ...before, prices: event.prices, isFresh: true }
    case 'Info':
      return { ...before, info: event.info }
    case 'Sent': {
      const { intents } = event
      const canceling = intents.some(({ _tag }) => _tag === 'Cancel')
      const quietUntil = now + settings.pauseMs
      return { ...before, unanswered: new Set(intents), canceling, quietUntil, isFresh: false, emittedRest: '' }
    }
    case 'Outcome':
      return onOutcome(before, event.outcome, settings, now)
    case 'Asked':
      return due(before, [...before.dueAt.keys()], now + END_DUE_MS)
    case 'LookedUp':
      return { ...before, position: own.startPosition(event.held) }
    case 'Waited':
      return { ...before, waited: true }
    case 'Balance':
      return balanced(before, event.balance)
    case 'Back':
      // Orders that were refused while the account was away may pass now.
      return { ...before, refusals: 0, quietUntil: Math.min(before.quietUntil, now + settings.pauseMs) }
    case 'Woken':
      return before
    case 'RestEmitted':
      return { ...before, emittedRest: event.key }
  }
}

/** True if the end of an order is overdue. */
export const isOverdue = ({ dueAt }: TargetState, now: number): boolean => [...dueAt.values()].some((at) => at <= now)

/** True if the position must be looked up. */
export const isLost = ({ position, unanswered }: TargetState): boolean =>
  own.isDoubtful(position) && own.open(position).length === 0 && unanswered.size === 0

/** Time of the next action if no event comes before; undefined: none. */
export const wakeAt = ({ dueAt }: TargetState, move: Move, now: number): number | undefined => {
  const times = [...dueAt.values(), ...(move._tag === 'Wait' && move.until !== undefined ? [move.until] : [])]
  const next = Math.min(...times.filter((at) => at > now))
  return next === Infinity ? undefined : next
}

type Rests = ReturnType<typeof planToTarget>['rests']

/** Next action. */
export type Move =
  | { readonly _tag: 'Send'; readonly intents: readonly Intent[] }
  /**
   * Waits for an event, or until a time. `rests`: quantities that no order can close.
   */
  | { readonly _tag: 'Wait'; readonly until?: number; readonly rests?: Rests }
  /** The last target is reached, but fills or closing events are outstanding. */
  | { readonly _tag: 'Listen' }
  | { readonly _tag: 'Complete'; readonly rests?: Rests }

const wait: Move = { _tag: 'Wait' }

/** Target that can be reached now: sells no more than the free balance. */
const reachable = (
  target: number,
  held: PositionSize,
  working: RebalanceInput['working'],
  free: number | undefined,
): number => {
  if (free === undefined || typeof held !== 'number') return target
  const selling = working.reduce((sum, { action, remain }) => (action === 'SELL' ? sum.plus(remain) : sum), new Big(0))
  return Math.max(target, Math.min(held, new Big(held).minus(selling).minus(free).toNumber()))
}

/** Decides the next action. */
export const nextMove = (before: TargetState, settings: TargetSettings, now: number): Move => {
  const { position, target, isLast, prices, info, unanswered, quietUntil, isFresh, refusals, free } = before
  if (target === undefined) return isLast ? { _tag: 'Complete' } : wait
  if (unanswered.size > 0 || prices === undefined || info === undefined) return wait
  const { symbol, order_type, canLookUp, maxSlippage } = settings
  const send = (intents: readonly Intent[]): Move => {
    if (now >= quietUntil) return { _tag: 'Send', intents }
    // The last price counts, even if it came during the pause.
    return isFresh ? { _tag: 'Wait', until: quietUntil } : wait
  }
  if (canLookUp && own.isDoubtful(position)) {
    // No order may be open during the look-up, or its answer would be outdated.
    const open = own.open(position)
    return open.length === 0 ? wait : send([cancel(symbol, ...open)])
  }
  const held = own.positionToward(position, target)
  const present = typeof held === 'number' ? held : held.long - held.short
  const working = own.working(position)
  const { intents, rests } = planToTarget({
    symbol,
    info,
    target: reachable(target, held, working, free),
    position: held,
    working,
    price: present < target ? prices.buy : prices.sell,
    order_type,
    // A limit far from the price locks more money than the account, or the risk engine, may allow.
    maxSlippage: refusals > 0 ? 0 : maxSlippage,
  })
  if (intents.length > 0) return send(intents)
  const isIncomplete = own.isIncomplete(position)
  const known = isIncomplete ? {} : { rests }
  if (!isLast || working.length > 0 || before.isShort) return { ...wait, ...known }
  return isIncomplete && !before.waited ? { _tag: 'Listen' } : { _tag: 'Complete', rests }
}
