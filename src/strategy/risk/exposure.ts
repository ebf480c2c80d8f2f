import Big from 'big.js'
import type { Fill, Order } from '../../protocol/index.js'
import { baseFeeOf } from '../base-fee.js'
import type { Held } from './limits.js'
import { Recent } from './recent.js'
import {
  asCanceled,
  certain,
  isSettled,
  isWorking,
  possible,
  seenOpen,
  seenOver,
  type Tracked,
  trackForeign,
  withFill,
  withNotice,
} from './tracked.js'
import { isEnd } from '../../orders/index.js'

/** How many orders that are over are remembered, so that late or repeated notices of them are not taken for new ones. */
const REMEMBERED = 1_000

/** What a symbol's position may be: the truth lies between least and most, whatever arrives in whatever order. */
export interface Interval {
  readonly least: Big
  readonly most: Big
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

const noneAdrift = { bought: zero, sold: zero }

const heldOf = ({ long = 0, short = 0 }: Held) => ({ long: new Big(long), short: new Big(short) })

export const exposureOf = (held: Held): Exposure => ({
  ...heldOf(held),
  adrift: noneAdrift,
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
  return { least, most }
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

const drop = (exposure: Exposure, key: string): Exposure => {
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

const update = (exposure: Exposure, key: string, change: (order: Tracked) => Tracked): Exposure => {
  const order = find(exposure, key)
  return order === undefined ? exposure : put(drop(exposure, key), key, change(order))
}

/** An order is about to be sent. */
export const sent = (exposure: Exposure, id: number, order: Tracked): Exposure => put(exposure, byId(id), order)

/** It was never sent, or the server meant its no. */
export const gone = (exposure: Exposure, id: number): Exposure => drop(exposure, byId(id))

/** Its number is known; what was heard of that number before is its own past. */
const numbered = (exposure: Exposure, key: string, order_no: string): Exposure => {
  const order = exposure.orders.get(key)
  if (order === undefined) return exposure
  const before = find(exposure, byNumber(order_no))
  const bare = drop(drop(exposure, key), byNumber(order_no))
  const { filled, spent, fills, status, remain } = before ?? { ...order, status: 'SUBMITTED' }
  return put(bare, byNumber(order_no), { ...order, filled, spent, fills, status, remain })
}

export const placed = (exposure: Exposure, id: number, order_no: string): Exposure =>
  numbered(exposure, byId(id), order_no)

/** Nobody knows what became of it: it counts as if it were open, unless a notice that carries its cid has come already. */
export const unknown = (exposure: Exposure, id: number, cid: string | undefined): Exposure => {
  const carries = ([, order]: readonly [string, Tracked]) => !order.ours && order.cid === cid
  const heard = cid === undefined ? undefined : [...exposure.orders, ...exposure.over].find(carries)
  if (heard !== undefined) return numbered(exposure, byId(id), heard[0].slice(1))
  return update(exposure, byId(id), (order) => ({ ...order, status: 'UNKNOWN', cid }))
}

const ofCid = (exposure: Exposure, cid: string | undefined): string | undefined =>
  cid === undefined
    ? undefined
    : [...exposure.orders].find(([, order]) => order.status === 'UNKNOWN' && order.cid === cid)?.[0]

/** An order that is heard of for the first time. */
const stranger = (
  { wasLookedUp }: Exposure,
  notice: Pick<Order, 'symbol' | 'offset'>,
  buys: boolean,
  contract: boolean,
): Tracked => ({ ...trackForeign(notice, buys, contract), seen: wasLookedUp ? 'unclear' : undefined })

/** A notice of an order, ours or not. */
export const noticed = (exposure: Exposure, notice: Order, contract: boolean): Exposure => {
  const key = byNumber(notice.order_no)
  const unsettled = ofCid(exposure, notice.cid)
  const known = unsettled === undefined ? exposure : numbered(exposure, unsettled, notice.order_no)
  const order = find(known, key) ?? stranger(exposure, notice, notice.action === 'BUY', contract)
  return put(drop(known, key), key, withNotice(order, notice))
}

/** A fill, of an order of ours or not. */
export const filled = (exposure: Exposure, notice: Fill, contract: boolean): Exposure => {
  const key = byNumber(notice.order_no)
  const order = find(exposure, key) ?? stranger(exposure, notice, notice.side === 'BUY', contract)
  const after = put(drop(exposure, key), key, withFill(order, notice))
  // A fill that is told again, or that may be in what was looked up, has had its fee taken off.
  const isCounted = order.fills.has(notice.fill_no) || order.seen === 'over' || order.seen === 'unclear'
  return contract || isCounted ? after : paidFees(after, baseFeeOf(notice))
}

/** Fees in base currency are not held any more. */
export const paidFees = (exposure: Exposure, fees: Big): Exposure => ({ ...exposure, long: exposure.long.minus(fees) })

/** These orders were cancelled and are not listed any more, and no notice has told it: what their fills have not told they have not filled. */
export const canceled = (exposure: Exposure, order_nos: readonly string[]): Exposure =>
  order_nos.reduce(
    (before, order_no) =>
      update(before, byNumber(order_no), (order) => (isEnd(order.status) ? order : asCanceled(order))),
    exposure,
  )

/** The numbers of the orders that may still fill. */
export const workingNumbers = ({ orders }: Exposure): readonly string[] =>
  [...orders].flatMap(([key, order]) => (isWorking(order) && key.startsWith('=') ? [key.slice(1)] : []))

/**
 * Whether only a look at what is held can tell: notices were missed, or something was told of an order that is over, which may be in what was seen
 * last, or not.
 */
export const isDoubtful = ({ missed, orders }: Exposure): boolean =>
  missed ||
  [...orders.values()].some(
    (order) => isEnd(order.status) && (order.seen === 'over' || order.seen === 'unclear') && !isSettled(order),
  )

/** Notices were missed. These orders were open, and are not any more: what they have filled is not known. */
export const missed = (exposure: Exposure, gone: readonly string[]): Exposure => ({
  ...gone.reduce(
    (before, order_no) =>
      update(before, byNumber(order_no), (order) => (isEnd(order.status) ? order : { ...order, status: 'GONE' })),
    exposure,
  ),
  missed: true,
})

/**
 * What is held was looked up, between two lists of open orders that say the same. Orders of unknown fate may be in it or may come yet: they go on
 * counting. Undefined where nothing can be made of it: an order is on its way, or the list has one that had ended, and is older than it looks.
 */
export const lookedUp = (
  exposure: Exposure,
  held: Held,
  open: readonly Order[],
  contract: boolean,
): Exposure | undefined => {
  const before = [...exposure.orders]
  const listed = new Map(open.map((order) => [byNumber(order.order_no), order]))
  const isUseless = ([key, { status, money }]: readonly [string, Tracked]) =>
    // What its money may buy yet cannot be told from what is left of it.
    status === 'SENT' || (listed.has(key) && (isEnd(status) || money !== undefined))
  if ([...exposure.over, ...before].some(isUseless)) return undefined

  const unknowns = before.filter(([, { status }]) => status === 'UNKNOWN')
  const others = before.filter(
    ([key, { status, book }]) => status !== 'UNKNOWN' && book !== 'either' && !listed.has(key),
  )
  return {
    ...exposureOf(held),
    wasLookedUp: true,
    orders: new Map([
      ...unknowns.map(([key, order]): [string, Tracked] => [key, { ...order, seen: 'unclear' }]),
      ...[...listed].map(([key, order]): [string, Tracked] => {
        const known = exposure.orders.get(key) ?? trackForeign(order, order.action === 'BUY', contract)
        return [key, seenOpen(known, order)]
      }),
    ]),
    over: Recent.of(
      REMEMBERED,
      [...exposure.over, ...others].map(([key, order]) => [key, seenOver(order)]),
    ),
  }
}

/** What is held was looked up: unknown and finished orders are in it; open ones go on from here. */
export const rebased = (exposure: Exposure, held: Held): Exposure => ({
  ...exposure,
  ...heldOf(held),
  adrift: noneAdrift,
  orders: new Map(
    [...exposure.orders].flatMap(([key, order]): readonly (readonly [string, Tracked])[] => {
      if (order.status === 'SENT') return [[key, order]]
      if (order.status === 'UNKNOWN' || isSettled(order) || order.book === 'either') return []
      if (isEnd(order.status) || order.status === 'GONE') return []
      const left = order.total.minus(certain(order))
      const total = left.gt(0) ? left : zero
      return [[key, { ...order, total, remain: total, filled: zero }]]
    }),
  ),
  missed: false,
})
