import Big from 'big.js'
import type { Gap, OrderRequest } from '../../client/index.js'
import type { Fill, Order } from '../../protocol/index.js'
import * as exposure from './exposure.js'
import type { Exposure } from './exposure.js'
import type { Held, Limits, Reference } from './limits.js'
import { identity, recent, whenSent } from './pace.js'
import type { RiskCode } from './refused.js'
import { trackSent } from './tracked.js'

/** Whether new orders pass at all. */
export type TradingState =
  | { readonly _tag: 'Open' }
  /** The kill switch was pulled. */
  | { readonly _tag: 'Halted'; readonly reason: string; readonly at: number }
  /** The gate shut itself. */
  | { readonly _tag: 'Tripped'; readonly code: 'runaway' | 'duplicate'; readonly words: string; readonly at: number }

/** Why an order may not pass. */
export interface RiskDenial {
  readonly code: RiskCode
  readonly words: string
}

/** All that the gate knows. */
export interface GateState {
  readonly lock: TradingState
  /** Whether the account's views stand. At first they do not either, but then there is nothing that they could have missed. */
  readonly account: 'new' | 'known' | 'unknown'
  readonly exposures: ReadonlyMap<string, Exposure>
  /** Symbols whose position is being looked up after a gap: their orders wait for that, or are refused. */
  readonly lookingUp: ReadonlySet<string>
  readonly references: ReadonlyMap<string, { readonly price: number; readonly at: number }>
  /** When orders were attempted, and when and what was sent, as far back as their paces look. */
  readonly attempts: readonly number[]
  readonly sent: readonly { readonly at: number; readonly key: string }[]
  readonly refusals: ReadonlyMap<RiskCode, number>
  readonly lastRefusal: (RiskDenial & { readonly order: OrderRequest; readonly at: number }) | undefined
}

/** What happens to the gate. */
export type GateEvent =
  | { readonly _tag: 'Sent'; readonly id: number; readonly order: OrderRequest; readonly at: number }
  /** An order of an earlier process, or from before the gate, whose fate is not known. */
  | { readonly _tag: 'Inherited'; readonly id: number; readonly order: OrderRequest; readonly cid: string }
  | { readonly _tag: 'Refused'; readonly order: OrderRequest; readonly refusal: RiskDenial; readonly at: number }
  | { readonly _tag: 'Placed'; readonly id: number; readonly symbol: string; readonly order_no: string }
  | { readonly _tag: 'Gone'; readonly id: number; readonly symbol: string }
  | { readonly _tag: 'Unknown'; readonly id: number; readonly symbol: string; readonly cid: string | undefined }
  | { readonly _tag: 'Order'; readonly order: Order }
  | { readonly _tag: 'Fill'; readonly fill: Fill }
  | { readonly _tag: 'Reference'; readonly reference: Reference; readonly at: number }
  | { readonly _tag: 'ReferencesLost' }
  | { readonly _tag: 'Tradable'; readonly tradable: boolean }
  | { readonly _tag: 'Halted'; readonly reason: string; readonly at: number }
  | { readonly _tag: 'Reopened' }
  | { readonly _tag: 'Rebased'; readonly symbol: string; readonly held: Held }
  /** Notices were missed, for good; of these symbols it is going to be looked up what is held. */
  | {
      readonly _tag: 'Missed'
      readonly gap: Pick<Gap, 'gone' | 'appeared' | 'changed'>
      readonly lookUp: readonly string[]
    }
  /** What is held, and what is open, as the server says; nothing has been heard since `before`, or it does not count. */
  | {
      readonly _tag: 'LookedUp'
      readonly symbol: string
      readonly before: Exposure
      readonly held: Held
      readonly open: readonly Order[]
    }
  /** Cancelled, and not listed any more; no notice has told their end. */
  | { readonly _tag: 'Canceled'; readonly symbol: string; readonly order_nos: readonly string[] }
  /** So much of the base currency is not there: fees that no fill has told. */
  | { readonly _tag: 'FeesPaid'; readonly symbol: string; readonly quantity: Big }
  /** It takes too long: orders are judged by what is known, for the worst. */
  | { readonly _tag: 'LookUpLate'; readonly symbol: string }

export const initialState = (held: Readonly<Record<string, Held>> = {}): GateState => ({
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

/** The lowest price to reckon with when money buys at the market: the reference less the collar. */
export const lowestPrice = (state: GateState, { maxDeviation }: Limits, symbol: string): Big | undefined => {
  const reference = state.references.get(symbol)
  if (reference === undefined || maxDeviation >= 1) return undefined
  return new Big(reference.price).times(new Big(1).minus(maxDeviation))
}

const without = (symbols: ReadonlySet<string>, symbol: string): ReadonlySet<string> =>
  new Set([...symbols].filter((each) => each !== symbol))

/** The state after an event. */
export const reduce = (limits: Limits, state: GateState, event: GateEvent): GateState => {
  const change = (symbol: string, next: (before: Exposure) => Exposure): GateState => ({
    ...state,
    exposures: new Map(state.exposures).set(symbol, next(exposureIn(state, symbol))),
  })
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
      return change(order.symbol, (before) => exposure.unknown(exposure.sent(before, id, tracked), id, cid))
    }
    case 'Refused': {
      const { order, refusal, at } = event
      const { code, words } = refusal
      const open = state.lock._tag === 'Open'
      return {
        ...state,
        lock: open && (code === 'runaway' || code === 'duplicate') ? { _tag: 'Tripped', code, words, at } : state.lock,
        // A shut gate counts no attempts: what knocks at it would otherwise fill the memory.
        attempts: open ? [...recent(state.attempts, identity, limits.runaway, at), at] : state.attempts,
        refusals: new Map(state.refusals).set(code, (state.refusals.get(code) ?? 0) + 1),
        lastRefusal: { ...refusal, order, at },
      }
    }
    case 'Placed':
      return change(event.symbol, (before) => exposure.placed(before, event.id, event.order_no))
    case 'Gone':
      return change(event.symbol, (before) => exposure.gone(before, event.id))
    case 'Unknown':
      return change(event.symbol, (before) => exposure.unknown(before, event.id, event.cid))
    case 'Order': {
      const { order } = event
      return change(order.symbol, (before) => exposure.noticed(before, order, isContract(order.symbol)))
    }
    case 'Fill': {
      const { fill } = event
      return change(fill.symbol, (before) => exposure.filled(before, fill, isContract(fill.symbol)))
    }
    case 'Reference': {
      const { symbol, price } = event.reference
      const references = new Map(state.references)
      // A price that is none takes the old one away: better no order than one judged by what is no longer true.
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
      // A fresh start for what shuts the gate; the rate goes on, or reopening would be a way around it.
      return {
        ...state,
        lock: { _tag: 'Open' },
        attempts: [],
        sent: state.sent.map(({ at }) => ({ at, key: '' })),
      }
    case 'Rebased':
      return change(event.symbol, (before) => exposure.rebased(before, event.held))
    case 'Missed': {
      const { gap, lookUp } = event
      const exposures = new Map(state.exposures)
      for (const symbol of new Set([...limits.symbols, ...exposures.keys()])) {
        const of = (orders: readonly Order[]) => orders.filter((order) => order.symbol === symbol)
        const gone = of(gap.gone).map(({ order_no }) => order_no)
        const heard = [...of(gap.appeared), ...of(gap.changed)].reduce(
          (before, order) => exposure.noticed(before, order, isContract(symbol)),
          exposureIn(state, symbol),
        )
        exposures.set(symbol, exposure.missed(heard, gone))
      }
      return { ...state, exposures, lookingUp: new Set([...state.lookingUp, ...lookUp]) }
    }
    case 'LookedUp': {
      const { symbol, before, held, open } = event
      const found = exposureIn(state, symbol) === before && exposure.lookedUp(before, held, open, isContract(symbol))
      if (!found) return state
      return { ...change(symbol, () => found), lookingUp: without(state.lookingUp, symbol) }
    }
    case 'Canceled':
      return change(event.symbol, (before) => exposure.canceled(before, event.order_nos))
    case 'FeesPaid':
      return change(event.symbol, (before) => exposure.paidFees(before, event.quantity))
    case 'LookUpLate':
      return { ...state, lookingUp: without(state.lookingUp, event.symbol) }
  }
}
