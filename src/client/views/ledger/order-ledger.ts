import { type Observable, Subject } from 'rxjs'
import type { Fill, Order } from '../../../protocol/index.js'
import { Memory } from '../../memory.js'
import { createLiveTable, type LiveTable, type View } from './live-table.js'
import { isOpen, moveOf } from './order-move.js'
import { createQuestions, type Questions } from './questions.js'

/** An order as all notices, snapshots and fills together tell it. */
export interface OrderState extends Order {
  /** What has been filled, in base currency (contracts for futures): the sum over distinct fills. */
  readonly filled: number
  /** The average price of those fills; 0 while there are none. */
  readonly averagePrice: number
  /** For orders that this client placed: the quantity with the sign it was sent with, which notices do not carry. */
  readonly signedQuantity?: number
  /** It was open, a snapshot no longer holds it, and no notice has said why: filled or cancelled, nobody knows. */
  readonly gone: boolean
}

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
export interface OrderLedger {
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
  find(symbol: string, order_no: string): OrderState | undefined
  /** The fills of an order so far. */
  fillsOf(symbol: string, order_no: string): readonly Fill[]
  findByCid(cid: string): OrderState | undefined
  /** The orders first seen after `mark`. */
  seenSince(mark: number): readonly OrderState[]
  /** A mark for `seenSince`. */
  readonly mark: number
  /** Every order at every change, ended ones included. */
  readonly state$: Observable<OrderState>
  /** Fills that were not counted before. */
  readonly fill$: Observable<Fill>
  readonly anomaly$: Observable<Anomaly>
  setStale(): void
  complete(): void
}

/** Ended orders are kept to know late notices and fills again; the oldest are forgotten beyond this. */
const mostEnded = 10_000

interface Entry {
  /** Made once: that takes longer than to find the entry by it. */
  readonly key: string
  order: Order | undefined
  /** Notices and snapshots have different clocks: they are not compared by utime. */
  source: 'notice' | 'snapshot'
  /** When it was last touched, counted over the ledger. */
  touched: number
  readonly firstSeen: number
  /** By number. Kept whole: they may be told before anybody knows whose they are. */
  readonly fills: Map<string, Fill>
  filled: number
  value: number
  signedQuantity: number | undefined
  /** A snapshot no longer holds it, and no notice has said why. */
  gone: boolean
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

/** One string for both, whatever they hold: the length says where the one ends. */
const keyOf = (symbol: string, order_no: string): string => `${symbol.length}:${symbol}${order_no}`

export function createOrderLedger(): OrderLedger {
  const entries = new Map<string, Entry>()
  const byCid = new Map<string, string>()
  const ended = new Memory<true>(mostEnded)
  const tables = new Map<string, LiveTable<OrderState>>()
  const state$ = new Subject<OrderState>()
  const fill$ = new Subject<Fill>()
  const anomaly$ = new Subject<Anomaly>()
  let clock = 0
  let seen = 0
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

  const entryOf = (symbol: string, order_no: string): Entry => {
    const key = keyOf(symbol, order_no)
    const known = entries.get(key)
    if (known !== undefined) return known
    const entry: Entry = {
      key,
      order: undefined,
      source: 'notice',
      touched: 0,
      firstSeen: ++seen,
      fills: new Map(),
      filled: 0,
      value: 0,
      signedQuantity: undefined,
      gone: false,
    }
    entries.set(key, entry)
    return entry
  }

  const stateOf = (order: Order, { filled, value, signedQuantity, gone }: Entry): OrderState => {
    const averagePrice = filled === 0 ? 0 : value / filled
    // Whatever follows a spread in a literal takes V8 ten times as long as all the rest, so ours are there first; and once more
    // behind it, since a server may have fields of these names.
    const state = { filled, averagePrice, gone, ...order }
    const ours = signedQuantity === undefined ? {} : { signedQuantity }
    return Object.assign(state, ours, { filled, averagePrice, gone })
  }

  /** Also where it is known by a fill or a reply only: it is forgotten with the ended ones if no notice ever comes. */
  const expireLater = ({ key }: Entry): void => {
    const forgotten = ended.set(key, true)
    if (forgotten === undefined) return
    const cid = entries.get(forgotten)?.order?.cid
    if (cid !== undefined) byCid.delete(cid)
    entries.delete(forgotten)
  }

  /** Puts an order where it belongs, and tells; with `write`, who calls does both. */
  const settleRow = (order: Order, entry: Entry, write?: (open: boolean, state: OrderState) => void): void => {
    const state = stateOf(order, entry)
    const { key } = entry
    const open = isOpen(order.status) && !entry.gone
    if (order.cid !== undefined) byCid.set(order.cid, key)
    if (open) ended.delete(key)
    else expireLater(entry)
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

  const find = (key: string): OrderState | undefined => {
    const entry = entries.get(key)
    return entry?.order === undefined ? undefined : stateOf(entry.order, entry)
  }

  return {
    state$: state$.asObservable(),
    fill$: fill$.asObservable(),
    anomaly$: anomaly$.asObservable(),
    get mark() {
      return seen
    },
    notice(order) {
      const entry = entryOf(order.symbol, order.order_no)
      // Stale or not, it proves that the order was there after any snapshot asked for earlier.
      entry.touched = ++clock
      const wasGone = entry.gone
      if (accepts(entry, order)) {
        entry.order = order
        entry.source = 'notice'
      } else if (!wasGone) return true
      entry.gone = false
      settleRow(entry.order ?? order, entry)
      return !wasGone
    },
    fill(fill) {
      const entry = entryOf(fill.symbol, fill.order_no)
      if (entry.fills.has(fill.fill_no)) return false
      entry.touched = ++clock
      entry.fills.set(fill.fill_no, fill)
      entry.filled = sum(entry.filled, fill.quantity)
      entry.value = sum(entry.value, fill.quantity * fill.price)
      fill$.next(fill)
      if (entry.order === undefined) expireLater(entry)
      else settleRow(entry.order, entry)
      return true
    },
    placed(symbol, order_no, signedQuantity) {
      const entry = entryOf(symbol, order_no)
      entry.signedQuantity = signedQuantity
      if (entry.order === undefined) expireLater(entry)
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
        let unclear = false
        const gone: OrderState[] = []
        const appeared: OrderState[] = []
        const changed: OrderState[] = []
        const listed = new Set(orders.map(({ order_no }) => order_no))
        const told: OrderState[] = []
        const table = tableOf(symbol)
        table.change((rows) => {
          for (const [order_no, state] of [...table.rows]) {
            const entry = entryOf(symbol, order_no)
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
            const entry = entryOf(symbol, order.order_no)
            if (entry.touched > asked) continue
            // It had ended for us before we asked: the list is older than it looks, on a server that caches.
            if (entry.order !== undefined && !isOpen(entry.order.status) && !entry.gone) continue
            const before = entry.order
            if (mayBeOlder && (before === undefined || entry.gone || order.remain > before.remain)) {
              unclear = true
              // What is filled stays filled.
              if (before !== undefined && order.remain > before.remain) continue
            }
            entry.order = order
            entry.source = 'snapshot'
            entry.gone = false
            settleRow(order, entry, (open, state) => {
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
      const mark = seen
      return () => {
        const appeared: OrderState[] = []
        const changed: OrderState[] = []
        for (const state of openNow()) {
          const key = keyOf(state.symbol, state.order_no)
          const before = known.get(key)
          if (before === undefined) {
            if ((entries.get(key)?.firstSeen ?? 0) > mark) appeared.push(state)
          } else if (before.remain !== state.remain || before.status !== state.status) changed.push(state)
        }
        return { appeared, changed }
      }
    },
    open: tableOf,
    find: (symbol, order_no) => find(keyOf(symbol, order_no)),
    fillsOf: (symbol, order_no) => [...(entries.get(keyOf(symbol, order_no))?.fills.values() ?? [])],
    findByCid(cid) {
      const key = byCid.get(cid)
      return key === undefined ? undefined : find(key)
    },
    seenSince(mark) {
      const since: OrderState[] = []
      for (const entry of entries.values()) {
        if (entry.firstSeen > mark && entry.order !== undefined) since.push(stateOf(entry.order, entry))
      }
      return since
    },
    setStale: () => tables.forEach((table) => table.setStale()),
    complete() {
      tables.forEach((table) => table.complete())
      state$.complete()
      fill$.complete()
      anomaly$.complete()
    },
  }
}
