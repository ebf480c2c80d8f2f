import { type Observable, Subject } from 'rxjs'
import type { Fill, Order } from '../../../protocol/index.js'
import { createLiveTable, type LiveTable, type View } from './live-table.js'
import { createOrderEntries, type Entry, keyOf, type OrderEntries, type OrderState, stateOf } from './order-entries.js'
import { isOpen, moveOf } from './order-move.js'
import { createQuestions, type Questions } from './questions.js'

/** A notice that could not follow what was known, and what was done about it. */
export interface Anomaly {
  readonly kind: 'repaired' | 'refused'
  readonly symbol: string
  readonly order_no: string
  readonly why: string
}

/** What differs between what was known before a snapshot and what it says. */
export interface OrdersCompared {
  readonly gone: readonly OrderState[]
  readonly appeared: readonly OrderState[]
  readonly changed: readonly OrderState[]
  /**
   * It does not know of orders that a notice has told of since it was asked for: they may be newer than it, or the notice was late. Or it
   * differs from an answer that came while it was on its way. Only another snapshot tells.
   */
  readonly unclear: boolean
}

/** The orders and fills of an Account, for as long as it lives. */
export interface OrderLedger extends Pick<OrderEntries, 'find' | 'findByCid' | 'fillsOf' | 'seenSince' | 'mark'> {
  /**
   * False when it speaks of an order that a snapshot had not: it was slow, or the snapshot was older than it looked. Only another
   * snapshot tells.
   */
  notice(order: Order): boolean
  /** False when this fill was counted before. */
  fill(fill: Fill): boolean
  /** Remembers the sign of an order that we placed. */
  placed(symbol: string, order_no: string, signedQuantity: number): void
  /** To be called as the snapshot is asked for; the result takes it when it has come. */
  snapshot(symbol: string): (orders: readonly Order[]) => OrdersCompared
  /** Remembers the open orders as they are known now; the result compares those that are known then. */
  baseline(): () => Pick<OrdersCompared, 'appeared' | 'changed'>
  open(symbol: string): LiveTable<OrderState>
  /** Every order at every change, ended ones included. */
  readonly state$: Observable<OrderState>
  /** Fills that were not counted before. */
  readonly fill$: Observable<Fill>
  readonly anomaly$: Observable<Anomaly>
  setStale(): void
  complete(): void
}

export type OrdersView = View<OrderState>

const isSameButTime = (a: OrderState, b: OrderState): boolean =>
  a.status === b.status &&
  a.remain === b.remain &&
  a.price === b.price &&
  a.quantity === b.quantity &&
  a.filled === b.filled

/** Sums of decimals, to the digits that a double holds for sure: 0.1 + 0.2 is 0.3 here. */
const sum = (a: number, b: number): number => Number((a + b).toPrecision(15))

/** Who has told its cid need not tell it each time: an answer may leave out what a notice holds, and the other way round. */
const named = (order: Order, known: Order | undefined): Order =>
  order.cid === undefined && known?.cid !== undefined ? { ...order, cid: known.cid } : order

export function createOrderLedger(): OrderLedger {
  const entries = createOrderEntries()
  const tables = new Map<string, LiveTable<OrderState>>()
  const state$ = new Subject<OrderState>()
  const fill$ = new Subject<Fill>()
  const anomaly$ = new Subject<Anomaly>()
  let clock = 0
  const questions = new Map<string, Questions>()

  const tableOf = (symbol: string): LiveTable<OrderState> => {
    const known = tables.get(symbol)
    if (known !== undefined) return known
    const table = createLiveTable<OrderState>()
    tables.set(symbol, table)
    return table
  }

  const questionsOf = (symbol: string): Questions => {
    const known = questions.get(symbol) ?? createQuestions()
    questions.set(symbol, known)
    return known
  }

  /** Puts an order where it belongs, and tells; with `write`, who calls does both. */
  const settleRow = (order: Order, entry: Entry, write?: (open: boolean, state: OrderState) => void): void => {
    const state = stateOf(order, entry)
    const open = isOpen(order.status) && !entry.gone
    if (open) entries.keep(entry)
    else entries.expireLater(entry)
    if (write !== undefined) {
      write(open, state)
      return
    }
    tableOf(order.symbol).change((rows) => (open ? rows.set(order.order_no, state) : rows.delete(order.order_no)))
    state$.next(state)
  }

  const accepts = (entry: Entry, update: Order): boolean => {
    const { order } = entry
    if (order === undefined) return true
    // What a snapshot said has another clock; a notice that came after it is newer, unless the order had ended.
    const known = entry.source === 'snapshot' ? { ...order, utime: Math.min(order.utime, update.utime) } : order
    const move = moveOf(known, update)
    if (move.kind === 'repaired' || move.kind === 'refused') {
      anomaly$.next({ kind: move.kind, symbol: update.symbol, order_no: update.order_no, why: move.why })
    }
    return move.kind === 'applied' || move.kind === 'repaired'
  }

  /** Whose an order is stays true, however old the word of it. */
  const learnsName = (entry: Entry, { cid }: Order): boolean => {
    if (cid === undefined || entry.order === undefined || entry.order.cid !== undefined) return false
    entry.order = { ...entry.order, cid }
    return true
  }

  return {
    state$: state$.asObservable(),
    fill$: fill$.asObservable(),
    anomaly$: anomaly$.asObservable(),
    get mark() {
      return entries.mark
    },
    notice(order) {
      const entry = entries.of(order.symbol, order.order_no)
      // Stale or not, it proves that the order was there after any snapshot asked for earlier.
      entry.touched = ++clock
      const wasGone = entry.gone
      if (accepts(entry, order)) {
        entry.order = named(order, entry.order)
        entry.source = 'notice'
      } else if (!learnsName(entry, order) && !wasGone) return true
      entry.gone = false
      settleRow(entry.order ?? order, entry)
      return !wasGone
    },
    fill(fill) {
      const entry = entries.of(fill.symbol, fill.order_no)
      if (entry.fills.has(fill.fill_no)) return false
      entry.touched = ++clock
      entry.fills.set(fill.fill_no, fill)
      entry.filled = sum(entry.filled, fill.quantity)
      entry.value = sum(entry.value, fill.quantity * fill.price)
      fill$.next(fill)
      if (entry.order === undefined) entries.expireLater(entry)
      else settleRow(entry.order, entry)
      return true
    },
    placed(symbol, order_no, signedQuantity) {
      const entry = entries.of(symbol, order_no)
      entry.signedQuantity = signedQuantity
      if (entry.order === undefined) entries.expireLater(entry)
      else settleRow(entry.order, entry)
    },
    snapshot(symbol) {
      const asked = clock
      const answered = questionsOf(symbol).ask()
      const stands = tableOf(symbol).asking()
      return (orders) => {
        const rank = answered()
        if (rank === 'older') return { gone: [], appeared: [], changed: [], unclear: false }
        const mayBeOlder = rank === 'unsure'
        for (const order of orders) {
          const entry = entries.of(symbol, order.order_no)
          if (learnsName(entry, order) && entry.order !== undefined) settleRow(entry.order, entry)
        }
        let unclear = false
        const gone: OrderState[] = []
        const appeared: OrderState[] = []
        const changed: OrderState[] = []
        const listed = new Set(orders.map(({ order_no }) => order_no))
        const told: OrderState[] = []
        const table = tableOf(symbol)
        table.change((rows) => {
          for (const [order_no, state] of [...table.rows]) {
            const entry = entries.of(symbol, order_no)
            if (listed.has(order_no)) continue
            // A notice that came after the question knows better than the answer, unless it was late.
            if (entry.touched > asked || mayBeOlder) {
              unclear = true
              continue
            }
            entry.gone = true
            settleRow(entry.order ?? state, entry, (_, lost) => {
              rows.delete(order_no)
              gone.push(lost)
              told.push(lost)
            })
          }
          for (const order of orders) {
            const entry = entries.of(symbol, order.order_no)
            if (entry.touched > asked) continue
            // It had ended for us before we asked: the list is older than it looks, on a server that caches.
            if (entry.order !== undefined && !isOpen(entry.order.status) && !entry.gone) continue
            const before = entry.order
            if (mayBeOlder && (before === undefined || entry.gone || order.remain > before.remain)) {
              unclear = true
              // What is filled stays filled.
              if (before !== undefined && order.remain > before.remain) continue
            }
            entry.order = named(order, before)
            entry.source = 'snapshot'
            entry.gone = false
            settleRow(entry.order, entry, (open, state) => {
              const row = table.rows.get(order.order_no)
              // Only the snapshot's clock may differ: then nothing has changed.
              if (open && (row === undefined || !isSameButTime(row, state))) rows.set(order.order_no, state)
              told.push(state)
              if (before === undefined) appeared.push(state)
              else if (before.remain !== order.remain || before.status !== order.status) changed.push(state)
            })
          }
        })
        // Not before the view has been told: who hears of an order may change the same table in turn.
        for (const state of told) state$.next(state)
        stands()
        return { gone, appeared, changed, unclear }
      }
    },
    baseline() {
      const openNow = () => [...tables.values()].flatMap(({ rows }) => [...rows.values()])
      const known = new Map(openNow().map((state) => [keyOf(state.symbol, state.order_no), state]))
      const { mark } = entries
      return () => {
        const appeared: OrderState[] = []
        const changed: OrderState[] = []
        for (const state of openNow()) {
          const key = keyOf(state.symbol, state.order_no)
          const before = known.get(key)
          if (before === undefined) {
            if ((entries.get(state.symbol, state.order_no)?.firstSeen ?? 0) > mark) appeared.push(state)
          } else if (before.remain !== state.remain || before.status !== state.status) changed.push(state)
        }
        return { appeared, changed }
      }
    },
    open: tableOf,
    find: entries.find,
    fillsOf: entries.fillsOf,
    findByCid: entries.findByCid,
    seenSince: entries.seenSince,
    setStale: () => tables.forEach((table) => table.setStale()),
    complete() {
      tables.forEach((table) => table.complete())
      state$.complete()
      fill$.complete()
      anomaly$.complete()
    },
  }
}
