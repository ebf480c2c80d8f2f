import { isOpen } from '../../../orders/index.js'
import type { Order } from '../../../protocol/index.js'
import { isSameButTime, keyOf, type OrderRecord, type OrderState } from './order-records.js'
import { isShownOpen, named, type OrderRows } from './order-rows.js'

/** Differences between what was known before a snapshot and what it says. */
export interface OrdersCompared {
  readonly missing: readonly OrderState[]
  readonly appeared: readonly OrderState[]
  readonly changed: readonly OrderState[]
  /**
   * It does not know of orders that a notice has told of since it was asked for: they may be newer
   * than it, or the notice was late. Or it differs from an answer that came while it was on its
   * way. Only another snapshot tells.
   */
  readonly unclear: boolean
}

/** A list of open orders: count of the store as it was asked for, and its rank. */
interface Asked {
  readonly at: number
  /** Another question was answered meanwhile, whose answer may be the newer one. */
  readonly mayBeOlder: boolean
}

/**
 * True where the absence of an order from a list may come from the list's age. A notice that came
 * after the question knows better than the answer, unless the notice was late.
 */
const isAbsenceUnclear = ({ touched, accepted }: OrderRecord, { at, mayBeOlder }: Asked): boolean =>
  /* mutant: order-accepted-since */ Math.max(touched, accepted) > at || mayBeOlder

/** Judgement of an order that a list of open orders holds. */
interface Listed {
  /** Last state that the server told before. */
  readonly before: Order | undefined
  /** Only another list tells. */
  readonly isUnclear: boolean
  /** False where the known state stays. */
  readonly isTaken: boolean
}

/** Judges what a list of open orders says of an order; undefined where that is no news. */
const judgeListed = (entry: OrderRecord, order: Order, { at, mayBeOlder }: Asked): Listed | undefined => {
  // mutant: order-touched-since
  if (entry.touched > at) return undefined
  // It had ended for us before we asked: the list is older than it looks, on a server that caches.
  if (entry.order !== undefined && !isOpen(entry.order.status) && !entry.missing) return undefined
  const before = entry.told ?? entry.order
  const hasMore = before !== undefined && order.remain > before.remain
  const isUnclear = mayBeOlder && (before === undefined || entry.missing || hasMore)
  // What is filled stays filled.
  return { before, isUnclear, isTaken: !(isUnclear && hasMore) }
}

/** True where a later state of an open order tells of a fill or of a new status. */
const hasMoved = (before: Order, after: Order): boolean =>
  before.remain !== after.remain || before.status !== after.status

/** Compares open orders with those of an earlier time. */
export const compareOpen = (
  before: readonly OrderState[],
  after: readonly OrderState[],
  isNew: (state: OrderState) => boolean,
): Pick<OrdersCompared, 'appeared' | 'changed'> => {
  const known = new Map(before.map((state) => [keyOf(state.symbol, state.order_no), state]))
  const knownOf = ({ symbol, order_no }: OrderState) => known.get(keyOf(symbol, order_no))
  return {
    appeared: after.filter((state) => knownOf(state) === undefined && isNew(state)),
    changed: after.filter((state) => {
      const was = knownOf(state)
      return was !== undefined && hasMoved(was, state)
    }),
  }
}

/** Takes a list of open orders in, and tells each change after the view has been emitted. */
export function takeList(store: OrderRows, symbol: string, orders: readonly Order[], asked: Asked): OrdersCompared {
  let unclear = false
  const missing: OrderState[] = []
  const appeared: OrderState[] = []
  const changed: OrderState[] = []
  const listed = new Set(orders.map(({ order_no }) => order_no))
  const told: (readonly [OrderRecord, OrderState])[] = []
  const table = store.open(symbol)
  /** It is not in the answer, which was asked for later than all that is known of it. */
  const takeOut = (entry: OrderRecord, order: Order): OrderState => {
    // mutant: absence-ends-an-order
    entry.missing = true
    if (store.mayHaveMissed(symbol)) entry.mostMissed = Infinity
    const state = store.file(order, entry)
    if (state.missing) missing.push(state)
    told.push([entry, state])
    return state
  }
  table.change((rows) => {
    for (const [order_no, state] of [...table.rows]) {
      const entry = store.records.of(symbol, order_no)
      if (listed.has(order_no)) continue
      if (isAbsenceUnclear(entry, asked)) unclear = true
      else rows.delete(order_no, takeOut(entry, entry.order ?? state))
    }
    // mutant: never-notified
    for (const { entry, asked: order } of store.unreported.of(symbol)) {
      if (listed.has(order.order_no) || entry.accepted > asked.at) continue
      // The next answer tells whether it is missing: no notice of it may ever come.
      if (asked.mayBeOlder) unclear = true
      else {
        entry.order = order
        takeOut(entry, order)
      }
    }
    for (const order of orders) {
      const entry = store.records.of(symbol, order.order_no)
      const judged = judgeListed(entry, order, asked)
      if (judged === undefined) continue
      const { before, isUnclear, isTaken } = judged
      entry.told = undefined
      store.boundMissed(entry, order)
      unclear ||= isUnclear
      if (!isTaken) continue
      entry.order = named(order, before)
      entry.source = 'snapshot'
      entry.missing = false
      const state = store.file(entry.order, entry)
      const row = table.rows.get(order.order_no)
      // Only the snapshot's clock may differ: then nothing has changed.
      if (isShownOpen(state) && (row === undefined || !isSameButTime(row, state))) rows.set(order.order_no, state)
      told.push([entry, state])
      if (before === undefined) appeared.push(state)
      else if (hasMoved(before, order)) changed.push(state)
    }
  })
  // After the view has been emitted: a subscriber of an order may change the same table in turn.
  for (const [entry, state] of told) store.tell(entry, state)
  return { missing, appeared, changed, unclear }
}
