import type { SymbolInfo } from '../protocol/index.js'
import { cancel, type Intent } from './intent.js'
import type { Outcome } from './outcome.js'
import * as own from './own-position.js'
import type { Holding, OwnPosition } from './own-position.js'
import { toTarget } from './sizing/index.js'

/** How long an order that should be over (an IOC, one that was cancelled) may stay unheard of before the server is asked. */
const UNHEARD_MS = 3_000

/** At what prices to buy and to sell. */
export interface Prices {
  readonly buy: number
  readonly sell: number
}

/** What does not change on the way. */
export interface PursuitSettings {
  readonly symbol: string
  readonly order_type: 'LIMIT' | 'IOC' | 'MARKET'
  readonly pauseMs: number
  /** Whether it can be looked up what is held. */
  readonly canLookUp: boolean
}

/** Where a position stands on the way to its target. */
export interface Pursuit {
  readonly position: OwnPosition
  readonly target: number | undefined
  /** Whether no other target will come. */
  readonly isLast: boolean
  readonly prices: Prices | undefined
  /** The last price to buy at that was one. */
  readonly buyPrice: number
  readonly info: SymbolInfo | undefined
  /** The intents of the round under way that have no answer yet. */
  readonly unanswered: ReadonlySet<Intent>
  /** Whether that round cancels. */
  readonly canceling: boolean
  readonly quietUntil: number
  /** By when the end of an order should have been heard. */
  readonly dueAt: ReadonlyMap<string, number>
  /** Whether it has been waited long enough for fills that are still to be told. */
  readonly waited: boolean
}

/** What happens on the way. */
export type PursuitEvent =
  | { readonly _tag: 'Target'; readonly target: number }
  | { readonly _tag: 'NoMoreTargets' }
  | { readonly _tag: 'Prices'; readonly prices: Prices }
  | { readonly _tag: 'Info'; readonly info: SymbolInfo }
  /** A round of intents is on its way. */
  | { readonly _tag: 'Sent'; readonly intents: readonly Intent[] }
  | { readonly _tag: 'Heard'; readonly outcome: Outcome }
  /** The server is asked which orders are open. */
  | { readonly _tag: 'Asked' }
  /** These are not open any more, and no notice has said so. */
  | { readonly _tag: 'Gone'; readonly order_nos: readonly string[] }
  | { readonly _tag: 'LookedUp'; readonly held: Holding }
  | { readonly _tag: 'Waited' }

export const pursuitOf = (held: Holding): Pursuit => ({
  position: own.holding(held),
  target: undefined,
  isLast: false,
  prices: undefined,
  buyPrice: 0,
  info: undefined,
  unanswered: new Set(),
  canceling: false,
  quietUntil: -Infinity,
  dueAt: new Map(),
  waited: false,
})

const answered = (pursuit: Pursuit, intent: Intent): Pursuit => {
  const unanswered = new Set(pursuit.unanswered)
  unanswered.delete(intent)
  return { ...pursuit, unanswered }
}

const due = (pursuit: Pursuit, order_nos: readonly string[], at: number): Pursuit => ({
  ...pursuit,
  dueAt: new Map([...pursuit.dueAt, ...order_nos.map((order_no) => [order_no, at] as const)]),
})

const notDue = (pursuit: Pursuit, order_no: string): Pursuit => ({
  ...pursuit,
  dueAt: new Map([...pursuit.dueAt].filter(([each]) => each !== order_no)),
})

const gone = (pursuit: Pursuit, order_nos: readonly string[]): Pursuit =>
  order_nos.reduce(notDue, { ...pursuit, position: own.gone(pursuit.position, order_nos) })

const heard = (pursuit: Pursuit, outcome: Outcome, now: number): Pursuit => {
  const { position, buyPrice, canceling } = pursuit
  switch (outcome._tag) {
    case 'Placed': {
      const { intent, order_no } = outcome
      const next = answered({ ...pursuit, position: own.placed(position, order_no, intent, buyPrice) }, intent)
      return intent.order_type === 'LIMIT' ? next : due(next, [order_no], now + UNHEARD_MS)
    }
    case 'Filled':
      return { ...pursuit, position: own.filled(position, outcome.fill) }
    case 'Ended': {
      const after = own.ended(position, outcome.order)
      // What had to be cancelled is gone: the way is free at once. Anything else waits for its pause.
      const isFree = canceling && own.open(after).length === 0
      const quietUntil = isFree ? -Infinity : pursuit.quietUntil
      return notDue({ ...pursuit, position: after, quietUntil }, outcome.order_no)
    }
    case 'Lost':
      return gone(pursuit, [outcome.order_no])
    default: {
      const { intent } = outcome
      const next = answered(pursuit, intent)
      if (intent._tag !== 'Cancel') return next
      const open = own.open(position).filter((order_no) => intent.order_nos.includes(order_no))
      return due(next, open, now + UNHEARD_MS)
    }
  }
}

/** Where it stands after an event. */
export const reduce = (pursuit: Pursuit, event: PursuitEvent, { pauseMs }: PursuitSettings, now: number): Pursuit => {
  switch (event._tag) {
    case 'Target': {
      const { target } = event
      return { ...pursuit, target, quietUntil: target === pursuit.target ? pursuit.quietUntil : -Infinity }
    }
    case 'NoMoreTargets':
      return { ...pursuit, isLast: true }
    case 'Prices':
      return { ...pursuit, prices: event.prices, buyPrice: event.prices.buy > 0 ? event.prices.buy : pursuit.buyPrice }
    case 'Info':
      return { ...pursuit, info: event.info }
    case 'Sent': {
      const { intents } = event
      const canceling = intents.some(({ _tag }) => _tag === 'Cancel')
      return { ...pursuit, unanswered: new Set(intents), canceling, quietUntil: now + pauseMs }
    }
    case 'Heard':
      return heard(pursuit, event.outcome, now)
    case 'Asked':
      return due(pursuit, [...pursuit.dueAt.keys()], now + UNHEARD_MS)
    case 'Gone':
      return gone(pursuit, event.order_nos)
    case 'LookedUp':
      return { ...pursuit, position: own.holding(event.held) }
    case 'Waited':
      return { ...pursuit, waited: true }
  }
}

/** Whether an order that should be over has not been heard to be. */
export const isOverdue = ({ dueAt }: Pursuit, now: number): boolean => [...dueAt.values()].some((at) => at <= now)

/** Whether nothing but a look at what is held can tell where it stands. */
export const isLost = ({ position, unanswered }: Pursuit): boolean =>
  own.isDoubtful(position) && own.open(position).length === 0 && unanswered.size === 0

/** What is to be done next. */
export type Move =
  | { readonly _tag: 'Send'; readonly intents: readonly Intent[] }
  /** Nothing, until something else happens. */
  | { readonly _tag: 'Wait' }
  /** The last target is reached, but not all has been told of the way there. */
  | { readonly _tag: 'Listen' }
  | { readonly _tag: 'Complete' }

const wait: Move = { _tag: 'Wait' }

/** What is to be done next, as things stand. */
export const nextMove = (pursuit: Pursuit, settings: PursuitSettings, now: number): Move => {
  const { position, target, isLast, prices, info, unanswered, quietUntil } = pursuit
  if (target === undefined) return isLast ? { _tag: 'Complete' } : wait
  if (unanswered.size > 0 || prices === undefined || info === undefined) return wait
  const { symbol, order_type, canLookUp } = settings
  const send = (intents: readonly Intent[]): Move => (now < quietUntil ? wait : { _tag: 'Send', intents })
  if (canLookUp && own.isDoubtful(position)) {
    // While it is being looked up nothing is to move, or what was looked up would be wrong.
    const open = own.open(position)
    return open.length === 0 ? wait : send([cancel(symbol, ...open)])
  }
  const held = own.toward(position, target)
  const present = typeof held === 'number' ? held : held.long - held.short
  const working = own.working(position)
  const { intents } = toTarget({
    symbol,
    info,
    target,
    position: held,
    working,
    price: present < target ? prices.buy : prices.sell,
    order_type,
  })
  if (intents.length > 0) return send(intents)
  if (!isLast || working.length > 0) return wait
  return own.isUntold(position) && !pursuit.waited ? { _tag: 'Listen' } : { _tag: 'Complete' }
}
