import { type Observable, Subject } from 'rxjs'
import type { Fill, Order } from '../../../protocol/index.js'
import type { CancelAnswer } from '../../requests/cancel.js'
import { createLiveTable, type LiveTable } from './live-table.js'
import {
  createOrderRecords,
  type OrderRecord,
  isSameButTime,
  keyOf,
  type OrderRecords,
  type OrderState,
  sum,
} from './order-records.js'
import { asAsked, provenEnd } from './order-evidence.js'
import { isOpen, reportedFilled, transitionOf, type OrderRequest } from '../../../orders/index.js'
import { createUnreportedOrders } from './unreported-orders.js'
import { createSnapshotOrdering, type SnapshotOrdering } from './snapshot-ordering.js'

/** A notice that could not follow what was known, and what was done about it. */
export interface Anomaly {
  readonly kind: 'repaired' | 'refused'
  readonly symbol: string
  readonly order_no: string
  readonly message: string
}

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

/** The orders and fills of an Account, for as long as it lives. */
export interface OrderStore extends Pick<OrderRecords, 'find' | 'findByCid' | 'fillsOf' | 'seenSince' | 'mark'> {
  /**
   * False when it speaks of an order that a snapshot had not: it was slow, or the snapshot was
   * older than it looked. Only another snapshot tells.
   */
  notice(order: Order): boolean
  /** False when this fill was counted before. */
  fill(fill: Fill): boolean
  /**
   * The server has taken an order of ours. Remembers its sign, and that it may be open though no
   * notice tells of it.
   *
   * @param sent - when it was sent, in ms since 1970 and as the count of `losses`
   */
  placed(order: OrderRequest, order_no: string, sent: { readonly sentAt: number; readonly losses: number }): void
  /** The server has answered a cancel of these orders as done. */
  cancelled(symbol: string, order_nos: readonly string[], answer: CancelAnswer): void
  /**
   * The orders that may be open as far as is known, those included that the server has taken and
   * never told of.
   */
  standing(symbol: string): readonly string[]
  /**
   * True while notices may have been missed of which no list of the symbol's open orders has told
   * since.
   */
  mayHaveMissed(symbol: string): boolean
  /** Number of times that notices may have been missed. */
  readonly losses: number
  /** True where the end of an order is known by evidence alone: no notice has told it. */
  isProven(symbol: string, order_no: string): boolean
  /** To be called as the snapshot is asked for; the result takes it when it has come. */
  snapshot(symbol: string): (orders: readonly Order[]) => OrdersCompared
  /**
   * Remembers the open orders as they are known now; the result compares those that are known then.
   */
  baseline(): () => Pick<OrdersCompared, 'appeared' | 'changed' | 'missing'>
  open(symbol: string): LiveTable<OrderState>
  /** Every order at every change, ended ones included. */
  readonly state$: Observable<OrderState>
  /**
   * Orders that have just ended by evidence: fills that add up, or a cancel that succeeded and an
   * absence.
   */
  readonly proven$: Observable<OrderState>
  /** Fills that were not counted before. */
  readonly fill$: Observable<Fill>
  readonly anomaly$: Observable<Anomaly>
  setStale(): void
  complete(): void
}

/** Keeps the client order id once any message has carried it; snapshots and notices may omit it. */
const named = (order: Order, known: Order | undefined): Order =>
  order.cid === undefined && known?.cid !== undefined ? { ...order, cid: known.cid } : order

export function createOrderStore(): OrderStore {
  const entries = createOrderRecords()
  const tables = new Map<string, LiveTable<OrderState>>()
  const state$ = new Subject<OrderState>()
  const proven$ = new Subject<OrderState>()
  const unheard = createUnreportedOrders()
  const fill$ = new Subject<Fill>()
  const anomaly$ = new Subject<Anomaly>()
  let clock = 0
  const questions = new Map<string, SnapshotOrdering>()
  let losses = 0
  /** Number of losses up to the last list of open orders, by symbol. */
  const listedAfter = new Map<string, number>()

  const mayHaveMissed = (symbol: string): boolean => (listedAfter.get(symbol) ?? 0) < losses

  const tableOf = (symbol: string): LiveTable<OrderState> => {
    const known = tables.get(symbol)
    if (known !== undefined) return known
    const table = createLiveTable<OrderState>()
    tables.set(symbol, table)
    return table
  }

  const questionsOf = (symbol: string): SnapshotOrdering => {
    const known = questions.get(symbol) ?? createSnapshotOrdering()
    questions.set(symbol, known)
    return known
  }

  /** Puts an order where it belongs, and tells; with `write`, who calls does both. */
  const settleRow = (known: Order, entry: OrderRecord, write?: (open: boolean, state: OrderState) => void): void => {
    // mutant: fills-prove-the-end
    const proven = provenEnd(known, entry)
    const order = proven ?? known
    if (proven !== undefined) {
      entry.told ??= known
      entry.order = proven
    }
    unheard.delete(entry)
    const state = entries.show(order, entry)
    const open = isOpen(order.status) && !entry.missing
    if (open) entries.keep(entry)
    else entries.expireLater(entry)
    if (write !== undefined) {
      write(open, state)
      return
    }
    tableOf(order.symbol).change((rows) =>
      open ? rows.set(order.order_no, state) : rows.delete(order.order_no, state),
    )
    tell(entry, state)
  }

  const tell = (entry: OrderRecord, state: OrderState): void => {
    const isProven = entry.told !== undefined && entry.order?.status === state.status
    state$.next(state)
    if (isProven) proven$.next(state)
  }

  const accepts = (entry: OrderRecord, update: Order): boolean => {
    const { order } = entry
    if (order === undefined) return true
    // All of it is filled: a message that has it open is older.
    if (entry.told !== undefined && order.status === 'FILLED' && isOpen(update.status)) return false
    // What a snapshot said has another clock; a notice that came after it is newer, unless the
    // order had ended.
    const known = entry.source === 'snapshot' ? { ...order, utime: Math.min(order.utime, update.utime) } : order
    const move = transitionOf(known, update)
    if (move.kind === 'repaired' || move.kind === 'refused') {
      anomaly$.next({ kind: move.kind, symbol: update.symbol, order_no: update.order_no, message: move.why })
    }
    const isTaken = move.kind === 'applied' || move.kind === 'repaired'
    if (isTaken) entry.told = undefined
    return isTaken
  }

  /**
   * Raises the bound of what was filled without a fill notice, where this message is the first of
   * the order or the first since notices were missed.
   */
  const boundMissed = (entry: OrderRecord, order: Order): void => {
    if (entry.order !== undefined && !mayHaveMissed(order.symbol)) return
    entry.mostMissed = Math.max(entry.mostMissed, reportedFilled(order) - entry.filled)
  }

  /** Learns the client order id: it stays true, however old the message. */
  const learnsName = (entry: OrderRecord, { cid }: Order): boolean => {
    if (cid === undefined || entry.order === undefined || entry.order.cid !== undefined) return false
    entry.order = { ...entry.order, cid }
    return true
  }

  /**
   * Puts an order where what is known of it now says. One that the server has never told of is
   * shown once it has ended.
   */
  const settle = (entry: OrderRecord): void => {
    const { order, asked } = entry
    if (order !== undefined) settleRow(order, entry)
    else if (asked !== undefined && provenEnd(asked, entry) !== undefined) settleRow(asked, entry)
    else entries.expireLater(entry)
  }

  return {
    state$: state$.asObservable(),
    proven$: proven$.asObservable(),
    fill$: fill$.asObservable(),
    anomaly$: anomaly$.asObservable(),
    get mark() {
      return entries.mark
    },
    notice(order) {
      const entry = entries.of(order.symbol, order.order_no)
      // Stale or not, it proves that the order was there after any snapshot asked for earlier.
      entry.touched = ++clock
      const wasGone = entry.missing
      // That it was cancelled was concluded from its absence alone, and here it is.
      if (wasGone && entry.told !== undefined && isOpen(order.status)) {
        entry.order = entry.told
        entry.told = undefined
      }
      boundMissed(entry, order)
      if (accepts(entry, order)) {
        entry.order = named(order, entry.order)
        entry.source = 'notice'
      } else if (!learnsName(entry, order) && !wasGone) return true
      entry.missing = false
      settleRow(entry.order ?? order, entry)
      return !wasGone
    },
    fill(fill) {
      const entry = entries.of(fill.symbol, fill.order_no)
      const before = entry.fillNos.size
      // mutant: fill-once
      if (entry.fillNos.add(fill.fill_no).size === before) return false
      entry.touched = ++clock
      entry.fills.push(fill)
      entry.filled = sum(entry.filled, fill.quantity)
      entry.value = sum(entry.value, fill.quantity * fill.price)
      fill$.next(fill)
      settle(entry)
      return true
    },
    placed(order, order_no, sent) {
      const entry = entries.of(order.symbol, order_no)
      entry.signedQuantity = order.quantity
      entry.accepted = ++clock
      if (entry.order === undefined) {
        entry.asked = asAsked(order_no, order, sent.sentAt)
        if (sent.losses < losses) entry.mostMissed = Infinity
        unheard.add(entry, entry.asked)
      }
      settle(entry)
    },
    cancelled(symbol, order_nos, answer) {
      for (const order_no of order_nos) {
        const entry = entries.get(symbol, order_no)
        if (entry === undefined) continue
        // mutant: cancel-proves-the-end
        if (entry.cancelled !== 'numbers') entry.cancelled = answer
        if (entry.order !== undefined && entry.missing && isOpen(entry.order.status)) settleRow(entry.order, entry)
      }
    },
    standing: (symbol) => [...tableOf(symbol).rows.keys(), ...unheard.of(symbol).map(({ asked }) => asked.order_no)],
    mayHaveMissed,
    get losses() {
      return losses
    },
    isProven: (symbol, order_no) => entries.get(symbol, order_no)?.told !== undefined,
    snapshot(symbol) {
      const asked = clock
      const answered = questionsOf(symbol).ask()
      const stands = tableOf(symbol).asking()
      const lossesBefore = losses
      return (orders) => {
        const rank = answered()
        if (rank === 'older') return { missing: [], appeared: [], changed: [], unclear: false }
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
        const told: (readonly [OrderRecord, OrderState])[] = []
        const table = tableOf(symbol)
        /** It is not in the answer, which was asked for later than all that is known of it. */
        const takeOut = (entry: OrderRecord, order: Order): OrderState | undefined => {
          // mutant: absence-ends-an-order
          entry.missing = true
          if (mayHaveMissed(symbol)) entry.mostMissed = Infinity
          settleRow(order, entry, (_, lost) => {
            if (lost.missing) gone.push(lost)
            told.push([entry, lost])
          })
          return told.at(-1)?.[1]
        }
        table.change((rows) => {
          for (const [order_no, state] of [...table.rows]) {
            const entry = entries.of(symbol, order_no)
            if (listed.has(order_no)) continue
            // A notice that came after the question knows better than the answer, unless it was
            // late.
            if (/* mutant: order-accepted-since */ Math.max(entry.touched, entry.accepted) > asked || mayBeOlder) {
              unclear = true
              continue
            }
            rows.delete(order_no, takeOut(entry, entry.order ?? state))
          }
          // mutant: never-notified
          for (const { entry, asked: order } of unheard.of(symbol)) {
            if (listed.has(order.order_no) || entry.accepted > asked) continue
            // The next answer tells whether it is missing: no notice of it may ever come.
            if (mayBeOlder) {
              unclear = true
              continue
            }
            entry.order = order
            takeOut(entry, order)
          }
          for (const order of orders) {
            const entry = entries.of(symbol, order.order_no)
            // mutant: order-touched-since
            if (entry.touched > asked) continue
            // It had ended for us before we asked: the list is older than it looks, on a server
            // that caches.
            if (entry.order !== undefined && !isOpen(entry.order.status) && !entry.missing) continue
            const before = entry.told ?? entry.order
            entry.told = undefined
            boundMissed(entry, order)
            if (mayBeOlder && (before === undefined || entry.missing || order.remain > before.remain)) {
              unclear = true
              // What is filled stays filled.
              if (before !== undefined && order.remain > before.remain) continue
            }
            entry.order = named(order, before)
            entry.source = 'snapshot'
            entry.missing = false
            settleRow(entry.order, entry, (open, state) => {
              const row = table.rows.get(order.order_no)
              // Only the snapshot's clock may differ: then nothing has changed.
              if (open && (row === undefined || !isSameButTime(row, state))) rows.set(order.order_no, state)
              told.push([entry, state])
              if (before === undefined) appeared.push(state)
              else if (before.remain !== order.remain || before.status !== order.status) changed.push(state)
            })
          }
        })
        // After the view has been emitted: a subscriber of an order may change the same table in
        // turn.
        for (const [entry, state] of told) tell(entry, state)
        stands()
        if (!mayBeOlder) listedAfter.set(symbol, lossesBefore)
        return { missing: gone, appeared, changed, unclear }
      }
    },
    baseline() {
      const openNow = () => [...tables.values()].flatMap(({ rows }) => [...rows.values()])
      const known = new Map(openNow().map((state) => [keyOf(state.symbol, state.order_no), state]))
      const unheardThen = unheard.all()
      const { mark } = entries
      return () => {
        const gone = [...known.values(), ...unheardThen].flatMap(({ symbol, order_no }) => {
          const state = entries.find(symbol, order_no)
          return state?.missing === true ? [state] : []
        })
        const appeared: OrderState[] = []
        const changed: OrderState[] = []
        for (const state of openNow()) {
          const key = keyOf(state.symbol, state.order_no)
          const before = known.get(key)
          if (before === undefined) {
            if ((entries.get(state.symbol, state.order_no)?.firstSeen ?? 0) > mark) appeared.push(state)
          } else if (before.remain !== state.remain || before.status !== state.status) changed.push(state)
        }
        return { appeared, changed, missing: gone }
      }
    },
    open: tableOf,
    find: entries.find,
    fillsOf: entries.fillsOf,
    findByCid: entries.findByCid,
    seenSince: entries.seenSince,
    setStale() {
      losses += 1
      tables.forEach((table) => table.setStale())
    },
    complete() {
      tables.forEach((table) => table.complete())
      state$.complete()
      proven$.complete()
      fill$.complete()
      anomaly$.complete()
    },
  }
}
