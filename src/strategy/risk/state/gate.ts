import Big from 'big.js'
import type { OrderEvent, OrderRequest } from '../../../orders/index.js'
import type { Order } from '../../../protocol/index.js'
import * as exposure from './exposure.js'
import type { Exposure } from './exposure.js'
import type { PositionQuantity, Limits, Reference } from '../limits.js'
import { identity, recent, whenSent } from '../rate-limit.js'
import type { RiskCode } from '../order-denied.js'
import { trackSent } from './tracked.js'

/** Trading state: active (`Open`), halted or tripped. */
export type TradingState =
  | { readonly _tag: 'Open' }
  /** The kill switch is active. */
  | { readonly _tag: 'Halted'; readonly reason: string; readonly at: number }
  /** The rate of orders exceeded `runaway` or `duplicates`. */
  | { readonly _tag: 'Tripped'; readonly code: 'runaway' | 'duplicate'; readonly words: string; readonly at: number }

/** Reason of a denied order. */
export interface RiskDenial {
  readonly code: RiskCode
  readonly words: string
}

/** State of the risk engine. */
export interface GateState {
  readonly lock: TradingState
  /**
   * `known`: reconciled. `new`: not yet reconciled for the first time, so no notice can be missed.
   */
  readonly account: 'new' | 'known' | 'unknown'
  readonly exposures: ReadonlyMap<string, Exposure>
  /** Symbols whose position is being looked up after a gap: their orders are denied meanwhile. */
  readonly lookingUp: ReadonlySet<string>
  readonly references: ReadonlyMap<string, { readonly price: number; readonly at: number }>
  /** Times of attempts, and times and terms of sent orders, within the times of the rate limits. */
  readonly attempts: readonly number[]
  readonly sent: readonly { readonly at: number; readonly key: string }[]
  readonly refusals: ReadonlyMap<RiskCode, number>
  readonly lastRefusal: (RiskDenial & { readonly order: OrderRequest; readonly at: number }) | undefined
}

/** Events that change a {@link GateState}. */
export type GateEvent =
  | { readonly _tag: 'Sent'; readonly id: number; readonly order: OrderRequest; readonly at: number }
  /** An unresolved order from before `withRiskLimits`. */
  | { readonly _tag: 'Inherited'; readonly id: number; readonly order: OrderRequest; readonly cid: string }
  | { readonly _tag: 'Refused'; readonly order: OrderRequest; readonly refusal: RiskDenial; readonly at: number }
  | {
      readonly _tag: 'Placed'
      readonly id: number
      readonly symbol: string
      readonly cid: string
      readonly order_no: string
    }
  /** The order was never written. */
  | { readonly _tag: 'NotSent'; readonly id: number; readonly order: OrderRequest }
  /** The server rejected the order. */
  | { readonly _tag: 'Rejected'; readonly id: number; readonly symbol: string }
  | { readonly _tag: 'Unresolved'; readonly id: number; readonly symbol: string; readonly cid: string | undefined }
  /** An order event of the account. */
  | { readonly _tag: 'OrderEvent'; readonly event: OrderEvent }
  | { readonly _tag: 'Reference'; readonly reference: Reference; readonly at: number }
  | { readonly _tag: 'ReferencesLost' }
  | { readonly _tag: 'Tradable'; readonly tradable: boolean }
  | { readonly _tag: 'Halted'; readonly reason: string; readonly at: number }
  | { readonly _tag: 'Reopened' }
  | { readonly _tag: 'Rebased'; readonly symbol: string; readonly held: PositionQuantity }
  /** Notices were missed. The positions of the symbols in `lookUp` are about to be looked up. */
  | { readonly _tag: 'Missed'; readonly lookUp: readonly string[] }
  /**
   * Position and open orders of a symbol. Ignored after events or sent orders since `before`, the
   * exposure when the open orders were read, before the query of the position.
   */
  | {
      readonly _tag: 'LookedUp'
      readonly symbol: string
      readonly before: Exposure
      readonly held: PositionQuantity
      readonly open: readonly Order[]
    }
  /** Fees in base currency that no fill reported. */
  | { readonly _tag: 'FeesPaid'; readonly symbol: string; readonly quantity: Big }
  /** The look-up takes too long: orders are checked against the worst case. */
  | { readonly _tag: 'LookUpLate'; readonly symbol: string }

export const initialState = (held: Readonly<Record<string, PositionQuantity>> = {}): GateState => ({
  lock: { _tag: 'Open' },
  account: 'new',
  exposures: new Map(Object.entries(held).map(([symbol, each]) => [symbol, exposure.exposureOf(each)])),
  lookingUp: new Set(),
  references: new Map(),
  attempts: [],
  sent: [],
  refusals: new Map(),
  lastRefusal: undefined,
})

const flat = exposure.exposureOf({})

export const exposureIn = ({ exposures }: GateState, symbol: string): Exposure => exposures.get(symbol) ?? flat

/** Lowest price to assume for a market buy: the reference less `maxDeviation`. */
export const lowestPrice = (state: GateState, { maxDeviation }: Limits, symbol: string): Big | undefined => {
  const reference = state.references.get(symbol)
  if (reference === undefined || maxDeviation >= 1) return undefined
  return new Big(reference.price).times(new Big(1).minus(maxDeviation))
}

const without = (symbols: ReadonlySet<string>, symbol: string): ReadonlySet<string> =>
  new Set([...symbols].filter((each) => each !== symbol))

/** Symbol of an order event. */
export const symbolOf = (event: OrderEvent): string => ('symbol' in event ? event.symbol : event.order.symbol)

/** State after an event. */
export const reduce = (limits: Limits, state: GateState, event: GateEvent): GateState => {
  const change = (symbol: string, next: (before: Exposure) => Exposure): GateState => {
    const before = exposureIn(state, symbol)
    const after = next(before)
    return after === before ? state : { ...state, exposures: new Map(state.exposures).set(symbol, after) }
  }
  const isContract = (symbol: string) => limits.contracts.includes(symbol)

  switch (event._tag) {
    case 'Sent': {
      const { order, at, id } = event
      const tracked = trackSent(order, isContract(order.symbol), lowestPrice(state, limits, order.symbol))
      const longest = { count: 0, withinMs: Math.max(limits.rate.withinMs, limits.duplicates.withinMs) }
      return {
        ...change(order.symbol, (before) => exposure.sent(before, id, tracked)),
        attempts: [...recent(state.attempts, identity, limits.runaway, at), at],
        sent: [...recent(state.sent, whenSent, longest, at), { at, key: tracked.key }],
      }
    }
    case 'Inherited': {
      const { order, id, cid } = event
      const tracked = trackSent(order, isContract(order.symbol), undefined)
      return change(order.symbol, (before) => exposure.unresolved(exposure.sent(before, id, tracked), id, cid))
    }
    case 'Refused': {
      const { order, refusal, at } = event
      const { code, words } = refusal
      const open = state.lock._tag === 'Open'
      return {
        ...state,
        lock: open && (code === 'runaway' || code === 'duplicate') ? { _tag: 'Tripped', code, words, at } : state.lock,
        // Do not record attempts while halted or tripped: the list would grow without bound.
        attempts: open ? [...recent(state.attempts, identity, limits.runaway, at), at] : state.attempts,
        refusals: new Map(state.refusals).set(code, (state.refusals.get(code) ?? 0) + 1),
        lastRefusal: { ...refusal, order, at },
      }
    }
    case 'Placed':
      return change(event.symbol, (before) => exposure.placed(before, event.id, event.cid, event.order_no))
    case 'NotSent':
      return change(event.order.symbol, (before) => exposure.unsent(before, event.id, event.order))
    case 'Rejected':
      return change(event.symbol, (before) => exposure.rejected(before, event.id))
    case 'Unresolved':
      return change(event.symbol, (before) => exposure.unresolved(before, event.id, event.cid))
    case 'OrderEvent': {
      const symbol = symbolOf(event.event)
      return change(symbol, (before) => exposure.onOrderEvent(before, event.event, isContract(symbol)))
    }
    case 'Reference': {
      const { symbol, price } = event.reference
      const references = new Map(state.references)
      // An invalid price removes the old one: an outdated reference must not pass an order.
      if (Number.isFinite(price) && price > 0) references.set(symbol, { price, at: event.at })
      else references.delete(symbol)
      return { ...state, references }
    }
    case 'ReferencesLost':
      return { ...state, references: new Map() }
    case 'Tradable': {
      const account = event.tradable ? 'known' : state.account === 'new' ? 'new' : 'unknown'
      return account === state.account ? state : { ...state, account }
    }
    case 'Halted':
      return { ...state, lock: { _tag: 'Halted', reason: event.reason, at: event.at } }
    case 'Reopened':
      // Reset the limits that trip; keep the rate, or reopening would bypass it.
      return {
        ...state,
        lock: { _tag: 'Open' },
        attempts: [],
        sent: state.sent.map(({ at }) => ({ at, key: '' })),
      }
    case 'Rebased': {
      const { symbol, held } = event
      const rebased = change(symbol, (before) => exposure.rebased(before, held))
      // The look-up in progress would end without a result and leave the symbol waiting.
      return { ...rebased, lookingUp: without(state.lookingUp, symbol) }
    }
    case 'Missed': {
      const symbols = new Set([...limits.symbols, ...state.exposures.keys()])
      return {
        ...state,
        exposures: new Map([...symbols].map((symbol) => [symbol, exposure.missed(exposureIn(state, symbol))])),
        lookingUp: new Set([...state.lookingUp, ...event.lookUp]),
      }
    }
    case 'LookedUp': {
      const { symbol, before, held, open } = event
      if (exposureIn(state, symbol) !== before) return state
      const found = change(symbol, () => exposure.lookedUp(before, held, open, isContract(symbol)))
      return { ...found, lookingUp: without(state.lookingUp, symbol) }
    }
    case 'FeesPaid':
      return change(event.symbol, (before) => exposure.paidFees(before, event.quantity))
    case 'LookUpLate':
      return { ...state, lookingUp: without(state.lookingUp, event.symbol) }
  }
}
