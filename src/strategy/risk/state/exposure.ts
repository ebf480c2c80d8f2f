import Big from 'big.js'
import { isEnd, type OrderEvent, type OrderRequest, termsOf } from '../../../orders/index.js'
import type { Order } from '../../../protocol/index.js'
import { baseFeeOf } from '../../targets/base-fee.js'
import type { PositionQuantity } from '../limits.js'
import { Recent } from '../../recent.js'
import {
  certain,
  isFinal,
  needsLook,
  possible,
  reappeared,
  seenOpen,
  seenOver,
  type Tracked,
  trackForeign,
  withFill,
  withStatus,
} from './tracked.js'

/** Number of closed orders to keep, so that late or repeated notices of them are recognised. */
const MAX_CLOSED = 1_000

/** Bounds of a position, whatever events arrive in whatever order. */
export interface Interval {
  readonly min: Big
  readonly max: Big
}

/** Position of a symbol, and the orders that may change it. */
export interface Exposure {
  readonly long: Big
  readonly short: Big
  /**
   * Fills of closed orders whose position side is not known: each changes the long or the short
   * side.
   */
  readonly unattributed: { readonly bought: Big; readonly sold: Big }
  /** Orders that may change the position, by `#id` without an order id, by `=order_no` with one. */
  readonly orders: ReadonlyMap<string, Tracked>
  /** Closed orders; `long`, `short` and `unattributed` contain their whole effect. */
  readonly over: Recent<Tracked>
  /** True if notices were missed and the position has not been looked up since. */
  readonly missed: boolean
  /** True after a look-up: a first event of an unknown order may be older than the look-up. */
  readonly wasLookedUp: boolean
}

const zero = new Big(0)

const noneUnattributed = { bought: zero, sold: zero }

const sidesOf = ({ long = 0, short = 0 }: PositionQuantity) => ({ long: new Big(long), short: new Big(short) })

export const exposureOf = (held: PositionQuantity): Exposure => ({
  ...sidesOf(held),
  unattributed: noneUnattributed,
  orders: new Map(),
  over: Recent.of(MAX_CLOSED),
  missed: false,
  wasLookedUp: false,
})

const byId = (id: number): string => `#${id}`
const byNumber = (order_no: string): string => `=${order_no}`

const bounds = (exposure: Exposure, book: 'long' | 'short'): Interval => {
  const { bought, sold } = exposure.unattributed
  const [added, taken] = book === 'long' ? [bought, sold] : [sold, bought]
  let min = exposure[book].minus(taken)
  let max = exposure[book].plus(added)
  for (const order of exposure.orders.values()) {
    if (order.book !== book && order.book !== 'either') continue
    const adds = order.buys === (book === 'long')
    // No part of an order that may change either side is certain.
    const minChange = order.book === 'either' ? zero : certain(order)
    if (adds) {
      min = min.plus(minChange)
      max = max.plus(possible(order))
    } else {
      min = min.minus(possible(order))
      max = max.minus(minChange)
    }
  }
  return { min, max }
}

export const longOf = (exposure: Exposure): Interval => bounds(exposure, 'long')
export const shortOf = (exposure: Exposure): Interval => bounds(exposure, 'short')

/** Adds the certain fills of an order to the position, or removes them again. */
const applyFills = (exposure: Exposure, order: Tracked, sign: 1 | -1): Exposure => {
  const { book, buys } = order
  const change = certain(order).times(sign)
  if (book === 'either') {
    const { bought, sold } = exposure.unattributed
    return {
      ...exposure,
      unattributed: buys ? { bought: bought.plus(change), sold } : { bought, sold: sold.plus(change) },
    }
  }
  const adds = buys === (book === 'long')
  return { ...exposure, [book]: adds ? exposure[book].plus(change) : exposure[book].minus(change) }
}

/** Inserts an order that is in neither map (see `drop`). */
const put = (exposure: Exposure, key: string, order: Tracked): Exposure => {
  if (!isFinal(order)) return { ...exposure, orders: new Map(exposure.orders).set(key, order) }
  const over = exposure.over.with(key, order)
  return applyFills({ ...exposure, over }, order, 1)
}

const drop = (exposure: Exposure, key: string | undefined): Exposure => {
  if (key === undefined) return exposure
  const over = exposure.over.get(key)
  if (over !== undefined) {
    return applyFills({ ...exposure, over: exposure.over.without(key) }, over, -1)
  }
  if (!exposure.orders.has(key)) return exposure
  const orders = new Map(exposure.orders)
  orders.delete(key)
  return { ...exposure, orders }
}

const find = (exposure: Exposure, key: string): Tracked | undefined =>
  exposure.orders.get(key) ?? exposure.over.get(key)

const update = (exposure: Exposure, key: string | undefined, change: (order: Tracked) => Tracked): Exposure => {
  const order = key === undefined ? undefined : find(exposure, key)
  return key === undefined || order === undefined ? exposure : put(drop(exposure, key), key, change(order))
}

/** State with an order that is about to be sent. */
export const sent = (exposure: Exposure, id: number, order: Tracked): Exposure => put(exposure, byId(id), order)

/** Key of the order with this cid that has no order id. */
const ofCid = (exposure: Exposure, cid: string | undefined): string | undefined =>
  cid === undefined
    ? undefined
    : [...exposure.orders].find(([key, order]) => key.startsWith('#') && order.cid === cid)?.[0]

/**
 * Key of an order without an order id: by its cid, or by its id while it has no cid. Orders with
 * equal terms may have swapped cids: they count the same.
 */
const unnumbered = (exposure: Exposure, id: number, cid: string | undefined): string | undefined =>
  ofCid(exposure, cid) ?? (exposure.orders.get(byId(id))?.cid === undefined ? byId(id) : undefined)

/** Key of the oldest order of these terms that has no cid. */
const withoutCid = (exposure: Exposure, terms: OrderRequest): string | undefined => {
  const key = termsOf(terms)
  const matches = ([, order]: readonly [string, Tracked]) =>
    order.key === key && order.cid === undefined && (order.status === 'SENT' || order.status === 'UNKNOWN')
  return [...exposure.orders].find(matches)?.[0]
}

/**
 * State without an order that was never written. If it took the order id of an order with equal
 * terms, removes that one instead.
 */
export const unsent = (exposure: Exposure, id: number, terms: OrderRequest): Exposure =>
  drop(exposure, exposure.orders.has(byId(id)) ? byId(id) : withoutCid(exposure, terms))

/** State without an order that the server rejected. */
export const rejected = (exposure: Exposure, id: number): Exposure =>
  drop(exposure, unnumbered(exposure, id, undefined))

/** State with the order id of an order. Earlier events of that order id belong to it. */
const numbered = (exposure: Exposure, key: string | undefined, order_no: string): Exposure => {
  const order = key === undefined ? undefined : exposure.orders.get(key)
  if (order === undefined) return exposure
  const before = find(exposure, byNumber(order_no))
  const bare = drop(drop(exposure, key), byNumber(order_no))
  // The order was closed at the look-up: the position contains all of its fills.
  if (before?.seen === 'over') return put(bare, byNumber(order_no), { ...before, ours: true, cid: order.cid })
  const { filled, spent, status, remain } = before ?? { ...order, status: 'SUBMITTED' }
  return put(bare, byNumber(order_no), { ...order, filled, spent, status, remain })
}

export const placed = (exposure: Exposure, id: number, cid: string, order_no: string): Exposure =>
  find(exposure, byNumber(order_no))?.ours === true
    ? exposure
    : numbered(exposure, unnumbered(exposure, id, cid), order_no)

/** State with an unresolved order: it counts as if it were open. */
export const unresolved = (exposure: Exposure, id: number, cid: string | undefined): Exposure =>
  update(exposure, unnumbered(exposure, id, cid), (order) => ({ ...order, status: 'UNKNOWN', cid: cid ?? order.cid }))

/** Sets the cid of the oldest order of these terms without one. */
const submitted = (exposure: Exposure, cid: string, order: OrderRequest): Exposure =>
  update(exposure, withoutCid(exposure, order), (each) => ({ ...each, cid }))

/** Tracks an order at its first event. After a look-up the order may be older than that. */
const external = (
  { wasLookedUp }: Exposure,
  order: Pick<Order, 'offset' | 'quantity'>,
  buys: boolean,
  contract: boolean,
): Tracked => ({ ...trackForeign(order, buys, contract), seen: wasLookedUp ? 'open' : undefined })

/** State after an event with an order id. */
const onNumberedEvent = (
  exposure: Exposure,
  event: Extract<OrderEvent, { order_no: string }>,
  contract: boolean,
): Exposure => {
  const { order_no, order } = event
  const key = byNumber(order_no)
  const before = numbered(exposure, ofCid(exposure, event.cid), order_no)
  const known =
    find(before, key) ?? (order === undefined ? undefined : external(before, order, order.action === 'BUY', contract))
  const change = (next: (tracked: Tracked) => Tracked): Exposure =>
    known === undefined ? before : put(drop(before, key), key, next(known))
  switch (event._tag) {
    case 'Accepted':
      return order === undefined ? before : change((tracked) => withStatus(tracked, order))
    case 'PartiallyFilled':
    case 'Filled': {
      const { fill } = event
      const tracked = known ?? external(before, fill, fill.side === 'BUY', contract)
      const after = put(drop(before, key), key, withFill(tracked, fill))
      // The looked-up position may contain the fill, and then its fee too.
      return contract || tracked.seen !== undefined ? after : paidFees(after, baseFeeOf(fill))
    }
    case 'Closed':
      return change((tracked) => withStatus(tracked, { ...event.order, status: event.reason }))
    case 'Missing':
      return change((tracked) => (isEnd(tracked.status) ? tracked : { ...tracked, status: 'GONE' }))
    case 'Reappeared':
      return change((tracked) => reappeared(tracked, event.order))
  }
}

/** State after an order event of the account. */
export const onOrderEvent = (exposure: Exposure, event: OrderEvent, contract: boolean): Exposure => {
  switch (event._tag) {
    case 'Denied':
    case 'Unresolved':
      return exposure
    case 'Submitted':
      return submitted(exposure, event.cid, event.order)
    case 'Rejected':
      return drop(exposure, ofCid(exposure, event.cid))
    case 'Resolved':
      return event.outcome === 'accepted' ? exposure : drop(exposure, ofCid(exposure, event.cid))
    default:
      return onNumberedEvent(exposure, event, contract)
  }
}

/** State after fees in base currency. */
export const paidFees = (exposure: Exposure, fees: Big): Exposure => ({ ...exposure, long: exposure.long.minus(fees) })

/** True if only a look-up can determine the position: notices were missed, or an order needs it. */
export const isDoubtful = ({ missed, orders }: Exposure): boolean => missed || [...orders.values()].some(needsLook)

/** State after missed notices. */
export const missed = (exposure: Exposure): Exposure => ({ ...exposure, missed: true })

/**
 * State after a look-up without events or sent orders in between. The position contains all known
 * fills, and may contain further fills of open orders: these continue to count.
 *
 * @param open - open orders in the client's view before the query
 */
export const lookedUp = (
  exposure: Exposure,
  held: PositionQuantity,
  open: readonly Order[],
  contract: boolean,
): Exposure => {
  const shown = new Map(open.map((order) => [byNumber(order.order_no), order]))
  const isOver = ({ status }: Tracked) => isEnd(status) || status === 'GONE'
  const known = [...exposure.orders]
  const over = known.filter(([, order]) => isOver(order) && order.book !== 'either')
  const foreign = [...shown].filter(([key]) => find(exposure, key) === undefined)
  return {
    ...exposureOf(held),
    wasLookedUp: true,
    orders: new Map([
      ...known
        .filter(([, order]) => !isOver(order))
        .map(([key, order]): [string, Tracked] => [key, seenOpen(order, shown.get(key))]),
      ...foreign.map(([key, order]): [string, Tracked] => [
        key,
        seenOpen(withStatus(trackForeign(order, order.action === 'BUY', contract), order), order),
      ]),
    ]),
    over: Recent.of(
      MAX_CLOSED,
      [...exposure.over, ...over].map(([key, order]) => [key, seenOver(order)]),
    ),
  }
}

/**
 * State after the caller set the position. It contains unresolved and closed orders; open orders
 * continue from here.
 */
export const rebased = (exposure: Exposure, held: PositionQuantity): Exposure => ({
  ...exposure,
  ...sidesOf(held),
  unattributed: noneUnattributed,
  orders: new Map(
    [...exposure.orders].flatMap(([key, order]): readonly (readonly [string, Tracked])[] => {
      if (order.status === 'SENT') return [[key, order]]
      if (order.status === 'UNKNOWN' || isFinal(order) || order.book === 'either') return []
      if (isEnd(order.status) || order.status === 'GONE') return []
      const remaining = order.total.minus(certain(order))
      const total = remaining.gt(0) ? remaining : zero
      return [[key, { ...order, seen: undefined, total, remain: total, filled: zero }]]
    }),
  ),
  missed: false,
})
