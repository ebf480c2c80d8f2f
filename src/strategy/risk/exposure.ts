import Big from 'big.js'
import type { Fill, Order } from '../../protocol/index.js'
import type { Held } from './limits.js'
import { certain, isSettled, possible, type Tracked, trackForeign, withFill, withNotice } from './tracked.js'

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
  /** Orders that may still change the position; by `#id` before their number is known, by `=order_no` after. */
  readonly orders: ReadonlyMap<string, Tracked>
  /** Orders whose whole effect is in `long` and `short` already. */
  readonly over: ReadonlyMap<string, Tracked>
}

const zero = new Big(0)

export const exposureOf = ({ long = 0, short = 0 }: Held): Exposure => ({
  long: new Big(long),
  short: new Big(short),
  orders: new Map(),
  over: new Map(),
})

const byId = (id: number): string => `#${id}`
const byNumber = (order_no: string): string => `=${order_no}`

const bounds = (exposure: Exposure, book: 'long' | 'short'): Interval => {
  let least = exposure[book]
  let most = least
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
  const book = order.book === 'either' ? 'long' : order.book
  const adds = order.buys === (book === 'long')
  const change = certain(order).times(adds ? sign : -sign)
  return { ...exposure, [book]: exposure[book].plus(change) }
}

/** Puts in an order that is in neither map (see `drop`). Maps are copied only where they change: `over` may be long. */
const put = (exposure: Exposure, key: string, order: Tracked): Exposure => {
  if (!isSettled(order) || order.book === 'either') {
    return { ...exposure, orders: new Map(exposure.orders).set(key, order) }
  }
  const over = new Map(exposure.over).set(key, order)
  for (const oldest of over.keys()) {
    if (over.size <= REMEMBERED) break
    over.delete(oldest)
  }
  return settle({ ...exposure, over }, order, 1)
}

const drop = (exposure: Exposure, key: string): Exposure => {
  const over = exposure.over.get(key)
  if (over !== undefined) {
    const rest = new Map(exposure.over)
    rest.delete(key)
    return settle({ ...exposure, over: rest }, over, -1)
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

/** Nobody knows what became of it: it counts as if it were open. */

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

/** A notice of an order, ours or not. */
export const noticed = (exposure: Exposure, notice: Order, contract: boolean): Exposure => {
  const key = byNumber(notice.order_no)
  const unsettled = ofCid(exposure, notice.cid)
  const known = unsettled === undefined ? exposure : numbered(exposure, unsettled, notice.order_no)
  const order = find(known, key) ?? trackForeign(notice, notice.action === 'BUY', contract)
  return put(drop(known, key), key, withNotice(order, notice))
}

/** A fill, of an order of ours or not. */
export const filled = (exposure: Exposure, notice: Fill, contract: boolean): Exposure => {
  const key = byNumber(notice.order_no)
  const order = find(exposure, key) ?? trackForeign(notice, notice.side === 'BUY', contract)
  return put(drop(exposure, key), key, withFill(order, notice))
}

/** What is held was looked up: unknown and finished orders are in it; open ones go on from here. */
export const rebased = (exposure: Exposure, held: Held): Exposure => ({
  ...exposureOf(held),
  orders: new Map(
    [...exposure.orders].flatMap(([key, order]): readonly (readonly [string, Tracked])[] => {
      if (order.status === 'SENT') return [[key, order]]
      if (order.status === 'UNKNOWN' || isSettled(order) || order.book === 'either') return []
      if (order.status === 'CANCELED' || order.status === 'FILLED' || order.status === 'FAILED') return []
      const left = order.total.minus(order.filled)
      return [[key, { ...order, total: left.gt(0) ? left : zero, filled: zero }]]
    }),
  ),
  over: exposure.over,
})
