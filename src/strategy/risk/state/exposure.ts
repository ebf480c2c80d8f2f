import Big from 'big.js'
import { isEnd, type OrderEvent, type OrderRequest, termsOf } from '../../../orders/index.js'
import type { Order } from '../../../protocol/index.js'
import { baseFeeOf } from '../../targets/base-fee.js'
import type { PositionQuantity } from '../limits.js'
import { Recent } from '../../recent.js'
import {
  certain,
  isSettled,
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

/** How many orders that are over are remembered, so that late or repeated notices of them are not taken for new ones. */
const REMEMBERED = 1_000

/** What a symbol's position may be: the truth lies between least and most, whatever arrives in whatever order. */
export interface Interval {
  readonly min: Big
  readonly max: Big
}

/** What is known of a symbol's position and of the orders that bear on it. */
export interface Exposure {
  readonly long: Big
  readonly short: Big
  /** What orders have filled that are over, and of which nobody knows on which side they worked: on one of them, or on the other. */
  readonly adrift: { readonly bought: Big; readonly sold: Big }
  /** Orders that may still change the position; by `#id` before their number is known, by `=order_no` after. */
  readonly orders: ReadonlyMap<string, Tracked>
  /** Orders whose whole effect is in `long`, `short` and `adrift` already. */
  readonly over: Recent<Tracked>
  /** Whether notices were missed, and what is held has not been looked up since. */
  readonly missed: boolean
  /** Whether it ever was: then what is told of an order that nobody knew may be older than that. */
  readonly wasLookedUp: boolean
}

const zero = new Big(0)

const noneUnattributed = { bought: zero, sold: zero }

const heldOf = ({ long = 0, short = 0 }: PositionQuantity) => ({ long: new Big(long), short: new Big(short) })

export const exposureOf = (held: PositionQuantity): Exposure => ({
  ...heldOf(held),
  adrift: noneUnattributed,
  orders: new Map(),
  over: Recent.of(REMEMBERED),
  missed: false,
  wasLookedUp: false,
})

const byId = (id: number): string => `#${id}`
const byNumber = (order_no: string): string => `=${order_no}`

const bounds = (exposure: Exposure, book: 'long' | 'short'): Interval => {
  const { bought, sold } = exposure.adrift
  const [added, taken] = book === 'long' ? [bought, sold] : [sold, bought]
  let least = exposure[book].minus(taken)
  let most = exposure[book].plus(added)
  for (const order of exposure.orders.values()) {
    if (order.book !== book && order.book !== 'either') continue
    const adds = order.buys === (book === 'long')
    // An order that may work on either position has nothing certain about it.
    const sure = order.book === 'either' ? zero : certain(order)
    if (adds) {
      least = least.plus(sure)
      most = most.plus(possible(order))
    } else {
      least = least.minus(possible(order))
      most = most.minus(sure)
    }
  }
  return { min: least, max: most }
}

export const longOf = (exposure: Exposure): Interval => bounds(exposure, 'long')
export const shortOf = (exposure: Exposure): Interval => bounds(exposure, 'short')

/** Adds what an order has filled for certain to what is held, or takes it away again. */
const settle = (exposure: Exposure, order: Tracked, sign: 1 | -1): Exposure => {
  const { book, buys } = order
  const change = certain(order).times(sign)
  if (book === 'either') {
    const { bought, sold } = exposure.adrift
    return { ...exposure, adrift: buys ? { bought: bought.plus(change), sold } : { bought, sold: sold.plus(change) } }
  }
  const adds = buys === (book === 'long')
  return { ...exposure, [book]: adds ? exposure[book].plus(change) : exposure[book].minus(change) }
}

/** Puts in an order that is in neither map (see `drop`). */
const put = (exposure: Exposure, key: string, order: Tracked): Exposure => {
  if (!isSettled(order)) return { ...exposure, orders: new Map(exposure.orders).set(key, order) }
  const over = exposure.over.with(key, order)
  return settle({ ...exposure, over }, order, 1)
}

const drop = (exposure: Exposure, key: string | undefined): Exposure => {
  if (key === undefined) return exposure
  const over = exposure.over.get(key)
  if (over !== undefined) {
    return settle({ ...exposure, over: exposure.over.without(key) }, over, -1)
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

/** An order is about to be sent. */
export const sent = (exposure: Exposure, id: number, order: Tracked): Exposure => put(exposure, byId(id), order)

/** Key of an order that has a cid and no number yet. */
const ofCid = (exposure: Exposure, cid: string | undefined): string | undefined =>
  cid === undefined
    ? undefined
    : [...exposure.orders].find(([key, order]) => key.startsWith('#') && order.cid === cid)?.[0]

/**
 * Key of an order without a number: by its cid, or by its id while that has none. Of orders that
 * are alike either may have taken the cid of the other: they count the same.
 */
const unnumbered = (exposure: Exposure, id: number, cid: string | undefined): string | undefined =>
  ofCid(exposure, cid) ?? (exposure.orders.get(byId(id))?.cid === undefined ? byId(id) : undefined)

/** Key of the oldest order of these terms that has no cid. */
const withoutCid = (exposure: Exposure, terms: OrderRequest): string | undefined => {
  const key = termsOf(terms)
  const isIt = ([, order]: readonly [string, Tracked]) =>
    order.key === key && order.cid === undefined && (order.status === 'SENT' || order.status === 'UNKNOWN')
  return [...exposure.orders].find(isIt)?.[0]
}

/**
 * The order does not exist: it was never written. If it has got its number from an order that is
 * alike, that one goes in its place.
 */
export const unsent = (exposure: Exposure, id: number, terms: OrderRequest): Exposure =>
  drop(exposure, exposure.orders.has(byId(id)) ? byId(id) : withoutCid(exposure, terms))

/** The order does not exist: the server has refused it. */
export const rejected = (exposure: Exposure, id: number): Exposure =>
  drop(exposure, unnumbered(exposure, id, undefined))

/** Gives an order its number; what was heard of that number before is its own past. */
const numbered = (exposure: Exposure, key: string | undefined, order_no: string): Exposure => {
  const order = key === undefined ? undefined : exposure.orders.get(key)
  if (order === undefined) return exposure
  const before = find(exposure, byNumber(order_no))
  const bare = drop(drop(exposure, key), byNumber(order_no))
  // The position was looked up while it was over: nothing is left of it.
  if (before?.seen === 'over') return put(bare, byNumber(order_no), { ...before, ours: true, cid: order.cid })
  const { filled, spent, status, remain } = before ?? { ...order, status: 'SUBMITTED' }
  return put(bare, byNumber(order_no), { ...order, filled, spent, status, remain })
}

export const placed = (exposure: Exposure, id: number, cid: string, order_no: string): Exposure =>
  find(exposure, byNumber(order_no))?.ours === true
    ? exposure
    : numbered(exposure, unnumbered(exposure, id, cid), order_no)

/** The outcome of an order is not known: it counts as if it were open. */
export const unknown = (exposure: Exposure, id: number, cid: string | undefined): Exposure =>
  update(exposure, unnumbered(exposure, id, cid), (order) => ({ ...order, status: 'UNKNOWN', cid: cid ?? order.cid }))

/** Keeps the cid of the oldest order of these terms that has none. */
const submitted = (exposure: Exposure, cid: string, order: OrderRequest): Exposure =>
  update(exposure, withoutCid(exposure, order), (each) => ({ ...each, cid }))

/** An order that is heard of for the first time. After a look at the position it may be older than that. */
const external = (
  { wasLookedUp }: Exposure,
  order: Pick<Order, 'offset' | 'quantity'>,
  buys: boolean,
  contract: boolean,
): Tracked => ({ ...trackForeign(order, buys, contract), seen: wasLookedUp ? 'open' : undefined })

/** State after an event of an order that has a number. */
const heardOf = (exposure: Exposure, event: Extract<OrderEvent, { order_no: string }>, contract: boolean): Exposure => {
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
      // The fee of a fill that may be in the position that was looked up may be there as well.
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

/** State after an event of an order, of this gate or not. */
export const heard = (exposure: Exposure, event: OrderEvent, contract: boolean): Exposure => {
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
      return heardOf(exposure, event, contract)
  }
}

/** Fees in base currency are not held any more. */
export const paidFees = (exposure: Exposure, fees: Big): Exposure => ({ ...exposure, long: exposure.long.minus(fees) })

/** True where only a look at the position can tell: notices were missed, or an order needs it. */
export const isDoubtful = ({ missed, orders }: Exposure): boolean => missed || [...orders.values()].some(needsLook)

/** Notices were missed. */
export const missed = (exposure: Exposure): Exposure => ({ ...exposure, missed: true })

/**
 * State after the position was asked for, with nothing heard or sent meanwhile. It holds all that
 * is known to be filled, and may hold more of the orders that were open: these go on counting.
 *
 * @param open - open orders as the client showed them before the question
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
      REMEMBERED,
      [...exposure.over, ...over].map(([key, order]) => [key, seenOver(order)]),
    ),
  }
}

/** State after the caller has said what is held: unknown and finished orders are in it; open ones go on from here. */
export const rebased = (exposure: Exposure, held: PositionQuantity): Exposure => ({
  ...exposure,
  ...heldOf(held),
  adrift: noneUnattributed,
  orders: new Map(
    [...exposure.orders].flatMap(([key, order]): readonly (readonly [string, Tracked])[] => {
      if (order.status === 'SENT') return [[key, order]]
      if (order.status === 'UNKNOWN' || isSettled(order) || order.book === 'either') return []
      if (isEnd(order.status) || order.status === 'GONE') return []
      const left = order.total.minus(certain(order))
      const total = left.gt(0) ? left : zero
      return [[key, { ...order, seen: undefined, total, remain: total, filled: zero }]]
    }),
  ),
  missed: false,
})
