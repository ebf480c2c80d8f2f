import Big from 'big.js'
import type { Balance, SymbolInfo } from '../../protocol/index.js'
import { cancel, type Intent } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import * as own from './own-position.js'
import type { PositionSize, OwnPosition } from './own-position.js'
import { planToTarget, type RebalanceInput } from '../sizing/to-target.js'

/** Longest wait for the end of an IOC or cancelled order before the server is asked, in ms. */
const UNHEARD_MS = 3_000

/** Refusals in a row before the pause grows, and its largest length in ms. */
const PATIENT_REFUSALS = 8
const LONGEST_PAUSE_MS = 30_000

/** Prices to buy and to sell at. */
export interface Prices {
  readonly buy: number
  readonly sell: number
}

/** Settings of a pursuit. */
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
  /** Rounds refused in a row, by the server or by the risk gate. */
  readonly refusals: number
  /** Free balance when a sell was refused: no more than that is sold. Undefined: not known. */
  readonly free: number | undefined
  /** True if the balance must be asked for: more is to be sold than is known to be free. */
  readonly isShort: boolean
  /** The rest that was emitted last. */
  readonly toldRest: string
  readonly info: SymbolInfo | undefined
  /** Intents of the current round without an answer. */
  readonly unanswered: ReadonlySet<Intent>
  /** True if that round cancels. */
  readonly canceling: boolean
  readonly quietUntil: number
  /** Times by which the end of an order is due. */
  readonly dueAt: ReadonlyMap<string, number>
  /** True if the wait for fills that an end has reported is over. */
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
  | { readonly _tag: 'Heard'; readonly outcome: IntentOutcome }
  /** The server is asked which orders are open. */
  | { readonly _tag: 'Asked' }
  | { readonly _tag: 'LookedUp'; readonly held: PositionSize }
  /** Balance of the base currency, asked for after a sell was refused. */
  | { readonly _tag: 'Balance'; readonly balance: Balance }
  /** The account is tradable again. */
  | { readonly _tag: 'Back' }
  /** A pause is over. */
  | { readonly _tag: 'Woken' }
  /** A rest that no order can close was emitted. */
  | { readonly _tag: 'ToldRest'; readonly key: string }
  | { readonly _tag: 'Waited' }

export const targetStateOf = (held: PositionSize): TargetState => ({
  position: own.holding(held),
  target: undefined,
  isLast: false,
  prices: undefined,
  isFresh: false,
  refusals: 0,
  free: undefined,
  isShort: false,
  toldRest: '',
  info: undefined,
  unanswered: new Set(),
  canceling: false,
  quietUntil: -Infinity,
  dueAt: new Map(),
  waited: false,
})

/** The free balance of the account is not known. */
const unchecked = { free: undefined, isShort: false }

const answered = (pursuit: TargetState, intent: Intent): TargetState => {
  const unanswered = new Set(pursuit.unanswered)
  unanswered.delete(intent)
  return { ...pursuit, unanswered }
}

const due = (pursuit: TargetState, order_nos: readonly string[], at: number): TargetState => ({
  ...pursuit,
  dueAt: new Map([...pursuit.dueAt, ...order_nos.map((order_no) => [order_no, at] as const)]),
})

const notDue = (pursuit: TargetState, order_no: string): TargetState => ({
  ...pursuit,
  dueAt: new Map([...pursuit.dueAt].filter(([each]) => each !== order_no)),
})

const gone = (pursuit: TargetState, order_nos: readonly string[]): TargetState =>
  order_nos.reduce(notDue, { ...pursuit, position: own.gone(pursuit.position, order_nos) })

const pauseAfter = (refusals: number, pauseMs: number): number =>
  refusals <= PATIENT_REFUSALS
    ? 0
    : Math.max(pauseMs, Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** (refusals - PATIENT_REFUSALS)))

/**
 * After a refused order: tries again at the same price, as a stop must not stay open; but ever
 * later.
 */
const denied = (
  pursuit: TargetState,
  outcome: IntentOutcome,
  { pauseMs }: TargetSettings,
  now: number,
): TargetState => {
  const { intent, _tag } = outcome
  if (intent._tag !== 'Place' || _tag === 'Unresolved') return pursuit
  const refusals = _tag === 'NotSent' ? pursuit.refusals : pursuit.refusals + 1
  return {
    ...pursuit,
    isFresh: true,
    refusals,
    quietUntil: Math.max(pursuit.quietUntil, now + pauseAfter(refusals, pauseMs)),
    isShort: pursuit.isShort || (_tag === 'Rejected' && pursuit.position.nets && intent.action === 'SELL'),
  }
}

const heard = (pursuit: TargetState, outcome: IntentOutcome, settings: TargetSettings, now: number): TargetState => {
  const { position, canceling, info } = pursuit
  switch (outcome._tag) {
    case 'Placed': {
      const { intent, order_no } = outcome
      const taken = { ...pursuit, position: own.placed(position, order_no, intent), refusals: 0, ...unchecked }
      const next = answered(taken, intent)
      return intent.order_type === 'LIMIT' ? next : due(next, [order_no], now + UNHEARD_MS)
    }
    case 'Filled':
      return { ...pursuit, position: own.filled(position, outcome.fill, info?.base_currency), free: undefined }
    case 'Ended': {
      const after = own.ended(position, outcome.order)
      // The cancelled orders have ended: the next round needs no pause.
      const isFree = canceling && own.open(after).length === 0
      const quietUntil = isFree ? -Infinity : pursuit.quietUntil
      return notDue({ ...pursuit, position: after, quietUntil }, outcome.order_no)
    }
    case 'Lost':
      return gone(pursuit, [outcome.order_no])
    default: {
      const { intent } = outcome
      const next = denied(answered(pursuit, intent), outcome, settings, now)
      if (intent._tag !== 'Cancel') return next
      const open = own.open(position).filter((order_no) => intent.order_nos.includes(order_no))
      return due(next, open, now + UNHEARD_MS)
    }
  }
}

/**
 * After the balance was asked for: bounds the position by the total, and sells by the free part.
 */
const balanced = (pursuit: TargetState, { free, total }: Balance): TargetState => {
  const { target } = pursuit
  if (target === undefined || !pursuit.isShort) return pursuit
  // Never below the target: an outdated balance must not cause a buy.
  const position =
    own.open(pursuit.position).length > 0 ? pursuit.position : own.atMost(pursuit.position, Math.max(total, target))
  const held = own.rebalanceInputOf(position, target)
  const isShort = typeof held === 'number' && held - target > free
  return { ...pursuit, position, free, isShort, isFresh: true }
}

/** The pursuit after an event. */
export const reduce = (
  pursuit: TargetState,
  event: TargetEvent,
  settings: TargetSettings,
  now: number,
): TargetState => {
  switch (event._tag) {
    case 'Target': {
      const { target } = event
      if (target === pursuit.target) return pursuit
      return { ...pursuit, target, quietUntil: -Infinity, refusals: 0, toldRest: '', ...unchecked }
    }
    case 'NoMoreTargets':
      return { ...pursuit, isLast: true }
    case 'Prices':
      return { ...pursuit, prices: event.prices, isFresh: true }
    case 'Info':
      return { ...pursuit, info: event.info }
    case 'Sent': {
      const { intents } = event
      const canceling = intents.some(({ _tag }) => _tag === 'Cancel')
      const quietUntil = now + settings.pauseMs
      return { ...pursuit, unanswered: new Set(intents), canceling, quietUntil, isFresh: false, toldRest: '' }
    }
    case 'Heard':
      return heard(pursuit, event.outcome, settings, now)
    case 'Asked':
      return due(pursuit, [...pursuit.dueAt.keys()], now + UNHEARD_MS)
    case 'LookedUp':
      return { ...pursuit, position: own.holding(event.held) }
    case 'Waited':
      return { ...pursuit, waited: true }
    case 'Balance':
      return balanced(pursuit, event.balance)
    case 'Back':
      // Orders that were refused while the account was away may pass now.
      return { ...pursuit, refusals: 0, quietUntil: Math.min(pursuit.quietUntil, now + settings.pauseMs) }
    case 'Woken':
      return pursuit
    case 'ToldRest':
      return { ...pursuit, toldRest: event.key }
  }
}

/** True if the end of an order is overdue. */
export const isOverdue = ({ dueAt }: TargetState, now: number): boolean => [...dueAt.values()].some((at) => at <= now)

/** True if the position must be looked up. */
export const isLost = ({ position, unanswered }: TargetState): boolean =>
  own.isDoubtful(position) && own.open(position).length === 0 && unanswered.size === 0

/** Instant of the next action if no event comes before; undefined: none. */
export const wakeAt = ({ dueAt }: TargetState, move: Move, now: number): number | undefined => {
  const times = [...dueAt.values(), ...(move._tag === 'Wait' && move.until !== undefined ? [move.until] : [])]
  const next = Math.min(...times.filter((at) => at > now))
  return next === Infinity ? undefined : next
}

type Rests = ReturnType<typeof planToTarget>['rests']

/** Next action of a pursuit. */
export type Move =
  | { readonly _tag: 'Send'; readonly intents: readonly Intent[] }
  /**
   * Nothing before another event, or before a time. `rests`: quantities that no order can close.
   */
  | { readonly _tag: 'Wait'; readonly until?: number; readonly rests?: Rests }
  /** The last target is reached, but fills or ends are outstanding. */
  | { readonly _tag: 'Listen' }
  | { readonly _tag: 'Complete'; readonly rests?: Rests }

const wait: Move = { _tag: 'Wait' }

/** The target that can be reached now: sells no more than the free balance. */
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
export const nextMove = (pursuit: TargetState, settings: TargetSettings, now: number): Move => {
  const { position, target, isLast, prices, info, unanswered, quietUntil, isFresh, refusals, free } = pursuit
  if (target === undefined) return isLast ? { _tag: 'Complete' } : wait
  if (unanswered.size > 0 || prices === undefined || info === undefined) return wait
  const { symbol, order_type, canLookUp, maxSlippage } = settings
  const send = (intents: readonly Intent[]): Move => {
    if (now >= quietUntil) return { _tag: 'Send', intents }
    // The last price counts, also one that came within the pause.
    return isFresh ? { _tag: 'Wait', until: quietUntil } : wait
  }
  if (canLookUp && own.isDoubtful(position)) {
    // Nothing may trade during the look-up, or its answer would be wrong.
    const open = own.open(position)
    return open.length === 0 ? wait : send([cancel(symbol, ...open)])
  }
  const held = own.rebalanceInputOf(position, target)
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
    // A limit far from the price locks more money than the account, or a risk gate, may allow.
    maxSlippage: refusals > 0 ? 0 : maxSlippage,
  })
  if (intents.length > 0) return send(intents)
  const isUntold = own.isUntold(position)
  const told = isUntold ? {} : { rests }
  if (!isLast || working.length > 0 || pursuit.isShort) return { ...wait, ...told }
  return isUntold && !pursuit.waited ? { _tag: 'Listen' } : { _tag: 'Complete', rests }
}
