import Big from 'big.js'
import type { OrderEvent } from '../../orders/index.js'
import { type CancelIntent, type Draft, endingTurn, type Execution } from './execution-state.js'
import type { ExecutionEvent, Turn } from './execution-state.js'
import { cancel, cancelAll, validateIntent, type Intent, toOrderRequest, type PlaceOrder } from '../intent.js'
import { type IntentOutcome, outcomeOfError } from '../outcome.js'
import { copyOf, find, type Followed, follow, keyOf, onEvent as onOwnEvent, placed, unresolved } from './own-orders.js'
import { isForMoney } from '../sizing/index.js'

/** True while an order may exist whose order id is not known. */
export const isOutstanding = ({ turns, own }: Execution): boolean =>
  own.unresolved.size > 0 || turns.some(({ step }) => step === 'placing')

const emit = ({ effects }: Draft, ...outcomes: readonly IntentOutcome[]): void => {
  for (const outcome of outcomes) effects.push({ _tag: 'Emit', outcome })
}

const done = (draft: Draft, { id }: Turn): Draft => {
  draft.turns = draft.turns.filter((turn) => turn.id !== id)
  draft.effects.push({ _tag: 'Done', turn: id })
  return draft
}

/** Emits that an order was not placed, and stops the strategy if so configured. */
const refused = (draft: Draft, outcome: IntentOutcome): void => {
  const { onUnknown, onRefusal } = draft.settings
  if ((outcome._tag === 'Unresolved' ? onUnknown : onRefusal) === 'stop') {
    if (draft.phase === 'running' || draft.phase === 'last-turns') draft.phase = 'stopping'
    draft.effects.push({ _tag: 'Stop' })
  }
  emit(draft, outcome)
}

const notSent = (draft: Draft, turn: Turn, reason: string, words: string): Draft => {
  refused(draft, { _tag: 'NotSent', intent: turn.intent, reason, words })
  return done(draft, turn)
}

/**
 * Emits outcomes of own orders. Cancels an order that is found after the last cancels were sent.
 */
const emitOwn = (draft: Draft, outcomes: readonly IntentOutcome[]): void => {
  const { onEnd } = draft.settings
  const isLate = ['canceling', 'waiting', 'over', 'left'].includes(draft.phase) && onEnd.startsWith('cancel')
  for (const outcome of outcomes) {
    if (outcome._tag === 'Placed') draft.blocking.delete(outcome.cid)
    emit(draft, outcome)
  }
  for (const outcome of isLate ? outcomes : []) {
    if (outcome._tag !== 'Placed') continue
    const { order_no, intent } = outcome
    if (find(draft.own, { symbol: intent.symbol, order_no })?.end === undefined)
      draft.effects.push({ _tag: 'Cancel', intent: cancel(intent.symbol, order_no) })
  }
}

const onOrder = (draft: Draft, event: OrderEvent): void => {
  const { own, turns } = draft
  if (event._tag === 'Resolved' && event.order_no === undefined) {
    const { cid, outcome } = event
    const intent = own.unresolved.get(cid)?.intent
    own.unresolved.delete(cid)
    const words = 'the server rejected the order, as found by reconciliation'
    if (intent !== undefined && outcome === 'rejected')
      refused(draft, { _tag: 'Rejected', intent, words, error: new Error(words) })
  }
  emitOwn(draft, onOwnEvent(own, event))
  if (!('symbol' in event) || find(own, event) !== undefined) return
  for (const turn of turns)
    if (turn.intent._tag === 'Replace' && keyOf(turn.intent) === keyOf(event)) {
      const terms = turn.old?.terms ?? ('order' in event ? event.order : undefined)
      if (terms !== undefined) turn.old = follow(turn.old ?? { terms, filled: 0, end: undefined }, event)
    }
}

const oldOf = ({ own }: Draft, { intent, old }: Turn): Followed | undefined =>
  intent._tag === 'Replace' ? (find(own, intent) ?? old) : undefined

/**
 * After the reply to a cancel. Continues a Replace; an order that had ended before counts as
 * cancelled.
 */
const canceled = (draft: Draft, turn: Turn, isCanceled: boolean): Draft => {
  const { intent } = turn
  if (intent._tag !== 'Replace') return done(draft, turn)
  const end = oldOf(draft, turn)?.end
  if (!isCanceled && end !== 'CANCELED' && end !== 'FAILED')
    return notSent(draft, turn, 'not-canceled', `${intent.order_no} could not be cancelled`)
  turn.step = 'until-ended'
  draft.effects.push({ _tag: 'Wait', turn: turn.id, ms: draft.settings.replaceWithinMs })
  return draft
}

const failed = (draft: Draft, turn: Turn, error: unknown): Draft => {
  const { intent, place } = turn
  const asked = place === undefined && intent._tag !== 'Place' ? cancelOf(intent) : intent
  const outcome = outcomeOfError(asked, error)
  refused(draft, outcome)
  if (place === undefined) return canceled(draft, turn, false)
  if (outcome._tag === 'Unresolved') {
    const { cid } = outcome
    const { symbol } = place
    if (cid === undefined) draft.blocking.set(`of ${symbol}`, { symbol, since: draft.now, isListed: false })
    else emitOwn(draft, unresolved(draft.own, intent, place, cid))
  }
  return done(draft, turn)
}

const isBlocked = ({ blocking, now, settings }: Draft, symbol: string): boolean =>
  settings.onUnknown === 'hold' &&
  [...blocking.values()].some((each) => each.symbol === symbol && !(now - each.since >= settings.releaseUnknownAfterMs))

const startPlace = (draft: Draft, turn: Turn, place: PlaceOrder): Draft => {
  const { phase, now, isTradable, effects, settings } = draft
  const { orderMaxAgeMs } = settings
  const waited = Math.max(turn.isOld ? orderMaxAgeMs : 0, now - turn.since)
  const fault = validateIntent(place)
  if (phase === 'stopping') return notSent(draft, turn, 'stopped', 'the strategy is stopping')
  if (fault !== undefined) return notSent(draft, turn, 'invalid', fault)
  if (waited >= orderMaxAgeMs) return notSent(draft, turn, 'too-old', `it waited ${waited} ms behind other commands`)
  if (isBlocked(draft, place.symbol)) {
    const words = `an earlier ${place.symbol} order is unresolved: it is in unresolved$, where it can be closed by hand`
    return notSent(draft, turn, 'unresolved', words)
  }
  Object.assign(turn, { step: 'placing', place, mayBeWritten: isTradable })
  effects.push({ _tag: 'Place', turn: turn.id, order: toOrderRequest(place), maxAgeMs: orderMaxAgeMs - waited })
  return draft
}

/** The cancel that an intent asks for. */
const cancelOf = (intent: Exclude<Intent, PlaceOrder>): CancelIntent =>
  intent._tag === 'Replace' ? cancel(intent.symbol, intent.order_no) : intent

const start = (draft: Draft, turn: Turn): Draft => {
  const { intent } = turn
  if (intent._tag === 'Place') return startPlace(draft, turn, intent)
  if (intent._tag === 'Replace') {
    const fault = validateIntent(intent.by)
    if (fault !== undefined) return notSent(draft, turn, 'invalid', fault)
    if (oldOf(draft, turn)?.end === 'FILLED')
      return notSent(draft, turn, 'filled', `${intent.order_no} was filled before it could be replaced`)
  }
  const asked = cancelOf(intent)
  if (asked._tag !== 'CancelAll' && asked.order_nos.length === 0) {
    // In the protocol an empty list means all orders of the symbol.
    emit(draft, { _tag: 'Canceled', intent: asked, results: [] })
    return done(draft, turn)
  }
  turn.step = 'canceling'
  draft.effects.push({ _tag: 'Cancel', turn: turn.id, intent: asked })
  return draft
}

/** Places what remains of a Replace once the old order has ended. */
const placeRest = (draft: Draft, turn: Turn, { terms, filled, end }: Followed): Draft => {
  const { intent } = turn
  if (intent._tag !== 'Replace') return draft
  const { order_no, by } = intent
  const not = (reason: string, words: string): Draft => notSent(draft, turn, reason, words)
  if (end === 'FILLED') return not('filled', `${order_no} was filled before its cancel`)
  if (end === 'LOST') return not('not-canceled', `${order_no} is missing, and its filled quantity is not known`)
  if (filled <= 0) return startPlace(draft, turn, by)
  if (terms.action !== by.action || terms.offset !== by.offset || isForMoney(terms) !== isForMoney(by))
    return not('partly-filled', `the old order filled ${filled}, and the new one has another side or unit`)
  const quantity = new Big(by.quantity).minus(filled).toNumber()
  if (quantity > 0) return startPlace(draft, turn, { ...by, quantity })
  return not('filled', `the old order filled ${filled}, and the new one was for ${by.quantity} in total`)
}

const leftovers = ({ settings: { onEnd }, traded, own }: Draft): readonly CancelIntent[] => {
  if (onEnd === 'cancel-all') return [...traded].map((symbol) => cancelAll(symbol))
  if (onEnd !== 'cancel') return []
  const open = [...own.open.values()]
  return [...new Set(open.map(({ symbol }) => symbol))].map((symbol) =>
    cancel(symbol, ...open.filter((order) => order.symbol === symbol).map(({ order_no }) => order_no)),
  )
}

const addTurn = (draft: Draft, intent: Intent): Turn => {
  const started = { isOld: false, step: 'queued', place: undefined, mayBeWritten: false, old: undefined } as const
  const turn: Turn = { id: draft.nextId++, intent, since: draft.now, ...started }
  draft.turns.push(turn)
  return turn
}

const finish = (draft: Draft): Draft => {
  draft.phase = 'over'
  draft.effects.push({ _tag: 'Done', turn: endingTurn }, { _tag: 'Finish' })
  return draft
}

/** Sends the last cancels. Waits for orders that may be written; takes back the others. */
const leave = (draft: Draft): void => {
  if (draft.phase !== 'over') for (const intent of leftovers(draft)) draft.effects.push({ _tag: 'Cancel', intent })
  draft.phase = 'left'
  draft.effects.push({ _tag: 'Done', turn: endingTurn })
  for (const turn of draft.turns) if (turn.step !== 'placing' || !turn.mayBeWritten) done(draft, turn)
}

const onEvent = (draft: Draft, event: ExecutionEvent): void => {
  const turn = 'turn' in event ? draft.turns.find(({ id }) => id === event.turn) : undefined
  switch (event._tag) {
    case 'Intent': {
      const { _tag, symbol } = event.intent
      const mayWait = draft.turns.some(({ intent }) => intent.symbol === symbol)
      const { id } = addTurn(draft, event.intent)
      draft.traded.add(symbol)
      // The clock may be set back; timers are not affected.
      if (mayWait && (_tag === 'Place' || _tag === 'Replace'))
        draft.effects.push({ _tag: 'Wait', turn: id, ms: draft.settings.orderMaxAgeMs })
      break
    }
    case 'NoMoreIntents':
      if (draft.phase === 'running') draft.phase = 'last-turns'
      break
    case 'Tradable':
      draft.isTradable = event.tradable
      if (event.tradable) for (const each of draft.turns) each.mayBeWritten = true
      break
    case 'Unresolved': {
      const unlisted = [...draft.blocking].filter(([, { isListed }]) => !isListed)
      const listed = event.list.flatMap(({ error: { op, cid, request } }) => {
        const { symbol } = request
        if (op !== 'place_order' || typeof symbol !== 'string') return []
        return [[cid, { symbol, since: draft.blocking.get(cid)?.since ?? draft.now, isListed: true }] as const]
      })
      draft.blocking = new Map([...unlisted, ...listed])
      break
    }
    case 'Order':
      onOrder(draft, event.event)
      break
    case 'Placed':
      if (turn?.place === undefined) break
      emitOwn(draft, placed(draft.own, turn.place, event.order_no, event.cid))
      done(draft, turn)
      break
    case 'Canceled': {
      if (turn === undefined || turn.intent._tag === 'Place') break
      const { results } = event
      emit(draft, { _tag: 'Canceled', intent: cancelOf(turn.intent), results })
      const isCanceled = results.some(({ result }) => result)
      canceled(draft, turn, isCanceled)
      break
    }
    case 'Failed':
      if (turn !== undefined) failed(draft, turn, event.error)
      break
    case 'TimeUp':
      if (event.turn === endingTurn) finish(draft)
      else if (turn?.step === 'queued') turn.isOld = true
      else if (turn !== undefined) notSent(draft, turn, 'not-canceled', 'the old order did not end in time')
      break
    case 'Left':
      leave(draft)
  }
  if (!isOutstanding(draft)) draft.own.early.clear()
}

/** Ends once all turns are done: cancels open orders, and waits for their end. */
const end = (draft: Draft): Draft => {
  const { settings, own, effects } = draft
  if (draft.phase === 'stopping' || draft.phase === 'last-turns') {
    if (settings.onEnd === 'leave') return finish(draft)
    draft.phase = settings.onEnd === 'wait' ? 'waiting' : 'canceling'
    for (const intent of leftovers(draft)) start(draft, addTurn(draft, intent))
    if (draft.turns.length > 0) return draft
  }
  if (own.open.size === 0) return finish(draft)
  if (draft.phase === 'canceling') effects.push({ _tag: 'Wait', turn: endingTurn, ms: settings.endWithinMs })
  draft.phase = 'waiting'
  return draft
}

const onDecide = (draft: Draft): Draft => {
  const { phase, turns, settings } = draft
  if (phase === 'over' || phase === 'left') return draft
  for (const turn of turns) {
    const old = oldOf(draft, turn)
    if (turn.step === 'until-ended' && old?.end !== undefined) return placeRest(draft, turn, old)
    const { symbol } = turn.intent
    const isNext = settings.concurrency === 'parallel' || turns.find(({ intent }) => intent.symbol === symbol) === turn
    if (turn.step === 'queued' && isNext) return start(draft, turn)
  }
  return turns.length === 0 && phase !== 'running' ? end(draft) : draft
}

const step = (before: Execution, now: number, act: (draft: Draft) => void): Execution => {
  const { turns, traded, own, blocking } = before
  const copies = {
    turns: turns.map((turn) => ({ ...turn })),
    traded: new Set(traded),
    own: copyOf(own),
    blocking: new Map(blocking),
  }
  const draft: Draft = { ...before, ...copies, effects: [], now }
  act(draft)
  return draft
}

/** State after an event. */
export const reduce = (before: Execution, event: ExecutionEvent, now: number): Execution =>
  step(before, now, (draft) => onEvent(draft, event))

/**
 * State after the next step that is due; without effects if there is none. Call it only after all
 * events are reduced: a subscriber may react to an outcome, or unsubscribe, before the next step.
 */
export const decide = (before: Execution, now: number): Execution => step(before, now, onDecide)
