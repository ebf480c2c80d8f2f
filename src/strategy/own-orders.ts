import Big from 'big.js'
import type { Fill, Order } from '../protocol/index.js'
import type { PlaceOrder } from './intent.js'
import { isEnd, mayFollow, reportedFilled } from '../orders/index.js'
import type { IntentOutcome } from './outcome.js'

/** How many notices of orders not (yet) known to be ours, and how many orders that are over, are remembered. */
const REMEMBERED = 1_000

/** The status of an order that is over, and of which nobody has told how. */
const LOST = 'LOST'

interface Own {
  readonly intent: PlaceOrder
  readonly fills: Set<string>
  /** What its fills add up to. */
  filled: Big
  /** The notice of its end. */
  end: Order | undefined
  status: string
}

/**
 * Which orders are ours, and what the notices say of them. Notices may come before the reply that names their order, twice,
 * or out of order: early ones are held, fills are counted once, an ended order stays ended (but FILLED beats CANCELED).
 */
export interface OwnOrders {
  /** An order of ours got its number; gives it and what was already heard of it. */
  placed(intent: PlaceOrder, order_no: string, cid: string): readonly IntentOutcome[]
  /** An order of ours may exist; a notice that carries its cid, heard already or later, proves it. */
  unknown(intent: PlaceOrder, cid: string): readonly IntentOutcome[]
  order(notice: Order): readonly IntentOutcome[]
  fill(notice: Fill): readonly IntentOutcome[]
  /** It is over, and nobody has told how. */
  lost(symbol: string, order_no: string): readonly IntentOutcome[]
  /** The orders that are not over yet, as far as is known. */
  open(): readonly { readonly symbol: string; readonly order_no: string }[]
  /** How an order of ours stands; undefined for one that is not ours. */
  status(symbol: string, order_no: string): string | undefined
  /** What an order of ours was for; undefined for one that is not ours. */
  intent(symbol: string, order_no: string): PlaceOrder | undefined
  /** How much of it is known to be filled; undefined for one that is not ours. */
  filled(symbol: string, order_no: string): Big | undefined
}

/** Symbol and number: numbers are unique per symbol at most. */
const keyOf = (symbol: string, order_no: string): string => JSON.stringify([symbol, order_no])

const zero = new Big(0)

const forgetOldest = <Key, Value>(map: Map<Key, Value>): void => {
  while (map.size > REMEMBERED) for (const oldest of map.keys()) if (map.delete(oldest)) break
}

export const ownOrders = (): OwnOrders => {
  const open = new Map<string, Own & { readonly symbol: string; readonly order_no: string }>()
  const over = new Map<string, Own>()
  const early = new Map<string, (Order | Fill)[]>()
  const unknown = new Map<string, PlaceOrder>()

  const find = (symbol: string, order_no: string): Own | undefined => {
    const key = keyOf(symbol, order_no)
    return open.get(key) ?? over.get(key)
  }

  const hold = (key: string, notice: Order | Fill): readonly IntentOutcome[] => {
    const held = early.get(key) ?? []
    held.push(notice)
    if (held.length > REMEMBERED) held.shift()
    early.delete(key)
    early.set(key, held)
    forgetOldest(early)
    return []
  }

  const end = (key: string, own: Own) => {
    open.delete(key)
    over.set(key, own)
    forgetOldest(over)
  }

  const placed: OwnOrders['placed'] = (intent, order_no, cid) => {
    const key = keyOf(intent.symbol, order_no)
    unknown.delete(cid)
    if (open.has(key) || over.has(key)) return []
    open.set(key, {
      intent,
      symbol: intent.symbol,
      order_no,
      fills: new Set(),
      filled: zero,
      end: undefined,
      status: 'NONE',
    })
    const held = early.get(key) ?? []
    early.delete(key)
    return [
      { _tag: 'Placed', intent, order_no, cid },
      ...held.flatMap((notice) => ('fill_no' in notice ? fill(notice) : order(notice))),
    ]
  }

  const order: OwnOrders['order'] = (notice) => {
    const { symbol, order_no, status, cid } = notice
    const key = keyOf(symbol, order_no)
    const place = cid === undefined ? undefined : unknown.get(cid)
    if (place !== undefined && cid !== undefined) {
      return [...placed(place, order_no, cid), ...order(notice)]
    }
    const own = open.get(key) ?? over.get(key)
    if (own === undefined) return hold(key, notice)
    if (!mayFollow(own.status, status)) return []
    const wasLost = own.status === LOST
    own.status = status
    if (!isEnd(status)) {
      // It speaks, so it is there: the list in which it was not was older than it looked.
      if (wasLost && over.delete(key)) open.set(key, { ...own, symbol, order_no })
      return []
    }
    own.end = notice
    end(key, own)
    return [{ _tag: 'Ended', intent: own.intent, order_no, status, order: notice }]
  }

  const lost: OwnOrders['lost'] = (symbol, order_no) => {
    const key = keyOf(symbol, order_no)
    const own = open.get(key)
    if (own === undefined) return []
    own.status = LOST
    end(key, own)
    const words = `${order_no} went while notices were missed: what it has filled is not known`
    return [{ _tag: 'Lost', intent: own.intent, order_no, words }]
  }

  const fill: OwnOrders['fill'] = (notice) => {
    const key = keyOf(notice.symbol, notice.order_no)
    const own = open.get(key) ?? over.get(key)
    if (own === undefined) return hold(key, notice)
    if (own.fills.has(notice.fill_no)) return []
    own.fills.add(notice.fill_no)
    own.filled = own.filled.plus(notice.quantity)
    return [{ _tag: 'Filled', intent: own.intent, order_no: notice.order_no, fill: notice }]
  }

  return {
    placed,
    order,
    fill,
    lost,
    unknown: (intent, cid) => {
      const heard = [...early.values()].flat().find((notice) => 'status' in notice && notice.cid === cid)
      if (heard !== undefined) return placed(intent, heard.order_no, cid)
      unknown.set(cid, intent)
      return []
    },
    open: () => [...open.values()].map(({ symbol, order_no }) => ({ symbol, order_no })),
    status: (symbol, order_no) => find(symbol, order_no)?.status,
    intent: (symbol, order_no) => find(symbol, order_no)?.intent,
    filled: (symbol, order_no) => {
      const own = find(symbol, order_no)
      if (own?.end === undefined) return own?.filled
      // Either may be told first, or alone.
      const said = new Big(reportedFilled(own.end, own.intent.quantity))
      return said.gt(own.filled) ? said : own.filled
    },
  }
}
