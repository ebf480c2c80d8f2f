import { type EndStatus, knownFilled, type OrderEvent, type OrderName } from '../../orders/index.js'
import type { Order } from '../../protocol/index.js'
import type { Intent, PlaceOrder } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'
import { Recent } from '../recent.js'

/** Largest number of closed orders, and of orders with early events, that are kept. */
const maxKept = 1_000

/** Order whose events are followed. */
export interface Followed {
  readonly terms: Pick<Order, 'action' | 'order_type' | 'offset'>
  readonly filled: number
  /** Undefined while it is open. */
  readonly end: EndStatus | 'LOST' | undefined
}

interface OwnOrder extends Followed, OrderName {
  readonly terms: PlaceOrder
}

/**
 * Orders placed by this `execute`. The functions change it and return the outcomes to emit: a
 * reducer works on a copy, see {@link copyOf}.
 */
export interface OwnOrders {
  readonly open: Map<string, OwnOrder>
  ended: Recent<OwnOrder>
  /** Unresolved orders, by client order id. */
  readonly unresolved: Map<string, { readonly intent: Intent; readonly place: PlaceOrder }>
  /**
   * Events of orders that may be own ones: an event may come before the reply with the order id.
   */
  readonly early: Map<string, readonly OrderEvent[]>
}

export const noOrders = (): OwnOrders => ({
  open: new Map(),
  ended: Recent.of<OwnOrder>(maxKept),
  unresolved: new Map(),
  early: new Map(),
})

export const copyOf = ({ open, ended, unresolved, early }: OwnOrders): OwnOrders => ({
  open: new Map(open),
  ended,
  unresolved: new Map(unresolved),
  early: new Map(early),
})

export const keyOf = ({ symbol, order_no }: OrderName): string => JSON.stringify([symbol, order_no])

export const find = ({ open, ended }: OwnOrders, name: OrderName): OwnOrder | undefined =>
  open.get(keyOf(name)) ?? ended.get(keyOf(name))

const evictOldest = (map: Map<string, unknown>): void => {
  for (const oldest of map.keys()) if (map.size <= maxKept || !map.delete(oldest)) return
}

/**
 * Order after an event. Its closing event has the filled quantity, even if fills are late or lost.
 */
export const follow = <Kind extends Followed>(order: Kind, event: OrderEvent): Kind => {
  switch (event._tag) {
    case 'PartiallyFilled':
    case 'Filled':
      return { ...order, filled: Math.max(order.filled, event.filled) }
    case 'Closed':
      return { ...order, filled: Math.max(order.filled, knownFilled(event.order)), end: event.reason }
    case 'Missing':
      return { ...order, end: 'LOST' }
    case 'Reappeared':
      return { ...order, end: undefined }
    default:
      return order
  }
}

const outcomesOf = ({ terms: intent, order_no }: OwnOrder, event: OrderEvent): readonly IntentOutcome[] => {
  switch (event._tag) {
    case 'PartiallyFilled':
    case 'Filled':
      return [{ _tag: 'Filled', intent, order_no, fill: event.fill }]
    case 'Closed':
      return [{ _tag: 'Ended', intent, order_no, status: event.reason, order: event.order }]
    case 'Missing': {
      const words = `${order_no} is missing after a gap: its filled quantity is not known`
      return [{ _tag: 'Lost', intent, order_no, words }]
    }
    default:
      return []
  }
}

const save = (orders: OwnOrders, own: OwnOrder): void => {
  const key = keyOf(own)
  if (own.end === undefined) {
    orders.ended = orders.ended.without(key)
    orders.open.set(key, own)
  } else {
    orders.ended = orders.ended.with(key, own)
    orders.open.delete(key)
  }
}

/**
 * After the order id of an own order is known: emits Placed and the outcomes of its early events.
 */
export const placed = (
  orders: OwnOrders,
  terms: PlaceOrder,
  order_no: string,
  cid: string,
): readonly IntentOutcome[] => {
  const own: OwnOrder = { symbol: terms.symbol, order_no, terms, filled: 0, end: undefined }
  orders.unresolved.delete(cid)
  if (find(orders, own) !== undefined) return []
  save(orders, own)
  const early = orders.early.get(keyOf(own)) ?? []
  orders.early.delete(keyOf(own))
  return [{ _tag: 'Placed', intent: terms, order_no, cid }, ...early.flatMap((event) => onEvent(orders, event))]
}

/** Applies an event of any order of the account. */
export const onEvent = (orders: OwnOrders, event: OrderEvent): readonly IntentOutcome[] => {
  if (!('order_no' in event) || event.order_no === undefined) return []
  const { cid, order_no } = event
  const asked = cid === undefined ? undefined : orders.unresolved.get(cid)
  const claimed = asked === undefined || cid === undefined ? [] : placed(orders, asked.place, order_no, cid)
  if (event._tag === 'Resolved') return claimed
  const own = find(orders, event)
  if (own !== undefined) {
    const next = follow(own, event)
    if (next !== own) save(orders, next)
    return [...claimed, ...outcomesOf(own, event)]
  }
  orders.early.set(keyOf(event), [...(orders.early.get(keyOf(event)) ?? []), event])
  evictOldest(orders.early)
  return []
}

/** Marks an own order as unresolved. An early event may have its order id. */
export const unresolved = (
  orders: OwnOrders,
  intent: Intent,
  place: PlaceOrder,
  cid: string,
): readonly IntentOutcome[] => {
  orders.unresolved.set(cid, { intent, place })
  const shown = [...orders.early.values()].flat().find((event) => 'cid' in event && event.cid === cid)
  return shown !== undefined && 'symbol' in shown ? placed(orders, place, shown.order_no, cid) : []
}
