import { type Observable, Subject } from 'rxjs'
import { isOpen, type OrderRequest, type Transition, transitionOf } from '../../../orders/index.js'
import type { Fill, Order } from '../../../protocol/index.js'
import type { CancelAnswer } from '../../requests/cancel.js'
import type { LiveTable } from './live-table.js'
import { asAsked } from './order-evidence.js'
import { type OrderRecord, type OrderState, sum } from './order-records.js'
import { learnsName, named, OrderRows } from './order-rows.js'
import { compareOpen, type OrdersCompared, takeList } from './order-snapshot.js'
import { createSnapshotOrdering, type SnapshotOrdering } from './snapshot-ordering.js'

/** A notice that could not follow what was known, and what was done about it. */
export interface Anomaly {
  readonly kind: 'repaired' | 'refused'
  readonly symbol: string
  readonly order_no: string
  readonly message: string
}

/** Judges an order notice by what is known of the order. */
const judgeNotice = ({ order, told, source }: OrderRecord, update: Order): Transition => {
  if (order === undefined) return { kind: 'applied' }
  // All of it is filled: a message that has it open is older.
  if (told !== undefined && order.status === 'FILLED' && isOpen(update.status)) return { kind: 'stale' }
  // What a snapshot said has another clock; a notice that came after it is newer, unless the order
  // had ended.
  return transitionOf(source === 'snapshot' ? { ...order, utime: Math.min(order.utime, update.utime) } : order, update)
}

/** The orders and fills of an Account, for as long as it lives. */
export class OrderStore {
  readonly #rows = new OrderRows()
  readonly #records = this.#rows.records
  readonly #questions = new Map<string, SnapshotOrdering>()
  readonly #fill$ = new Subject<Fill>()
  readonly #anomaly$ = new Subject<Anomaly>()
  #clock = 0

  readonly state$ = this.#rows.state$
  readonly proven$ = this.#rows.proven$
  /** Fills that were not counted before. */
  readonly fill$: Observable<Fill> = this.#fill$.asObservable()
  readonly anomaly$: Observable<Anomaly> = this.#anomaly$.asObservable()
  readonly find = this.#records.find
  readonly findByCid = this.#records.findByCid
  readonly fillsOf = this.#records.fillsOf
  readonly seenSince = this.#records.seenSince

  /** A mark for `seenSince`. */
  get mark(): number {
    return this.#records.mark
  }

  /** Number of times that notices may have been missed. */
  get losses(): number {
    return this.#rows.losses
  }

  /**
   * True while notices may have been missed of which no list of the symbol's open orders has told
   * since.
   */
  mayHaveMissed(symbol: string): boolean {
    return this.#rows.mayHaveMissed(symbol)
  }

  /**
   * The orders that may be open as far as is known, those included that the server has taken and
   * never told of.
   */
  standing(symbol: string): readonly string[] {
    return this.#rows.standing(symbol)
  }

  open(symbol: string): LiveTable<OrderState> {
    return this.#rows.open(symbol)
  }

  /**
   * False when it speaks of an order that a snapshot had not: it was slow, or the snapshot was
   * older than it looked. Only another snapshot tells.
   */
  notice(order: Order): boolean {
    const entry = this.#records.of(order.symbol, order.order_no)
    // Stale or not, it proves that the order was there after any snapshot asked for earlier.
    entry.touched = ++this.#clock
    const wasMissing = entry.missing
    // That it was cancelled was concluded from its absence alone, and here it is.
    if (wasMissing && entry.told !== undefined && isOpen(order.status)) {
      entry.order = entry.told
      entry.told = undefined
    }
    this.#rows.boundMissed(entry, order)
    if (this.#accepts(entry, order)) {
      entry.order = named(order, entry.order)
      entry.source = 'notice'
    } else if (!learnsName(entry, order) && !wasMissing) return true
    entry.missing = false
    this.#rows.settleAs(entry.order ?? order, entry)
    return !wasMissing
  }

  /** False when this fill was counted before. */
  fill(fill: Fill): boolean {
    const entry = this.#records.of(fill.symbol, fill.order_no)
    const before = entry.fillNos.size
    // mutant: fill-once
    if (entry.fillNos.add(fill.fill_no).size === before) return false
    entry.touched = ++this.#clock
    entry.fills.push(fill)
    entry.filled = sum(entry.filled, fill.quantity)
    entry.value = sum(entry.value, fill.quantity * fill.price)
    this.#fill$.next(fill)
    this.#rows.settle(entry)
    return true
  }

  /**
   * The server has taken an order of ours. Remembers its sign, and that it may be open though no
   * notice tells of it.
   *
   * @param sent - when it was sent, in ms since 1970 and as the count of `losses`
   */
  placed(order: OrderRequest, order_no: string, sent: { readonly sentAt: number; readonly losses: number }): void {
    const entry = this.#records.of(order.symbol, order_no)
    entry.signedQuantity = order.quantity
    entry.accepted = ++this.#clock
    if (entry.order === undefined) {
      entry.asked = asAsked(order_no, order, sent.sentAt)
      if (sent.losses < this.#rows.losses) entry.mostMissed = Infinity
      this.#rows.unreported.add(entry, entry.asked)
    }
    this.#rows.settle(entry)
  }

  /** The server has answered a cancel of these orders as done. */
  cancelled(symbol: string, order_nos: readonly string[], answer: CancelAnswer): void {
    for (const order_no of order_nos) {
      const entry = this.#records.get(symbol, order_no)
      if (entry === undefined) continue
      // mutant: cancel-proves-the-end
      if (entry.cancelled !== 'numbers') entry.cancelled = answer
      if (entry.order !== undefined && entry.missing && isOpen(entry.order.status))
        this.#rows.settleAs(entry.order, entry)
    }
  }

  /** True where the end of an order is known by evidence alone: no notice has told it. */
  isProven(symbol: string, order_no: string): boolean {
    return this.#records.get(symbol, order_no)?.told !== undefined
  }

  /** To be called as the snapshot is asked for; the result takes it when it has come. */
  snapshot(symbol: string): (orders: readonly Order[]) => OrdersCompared {
    const at = this.#clock
    const questions = this.#questions.get(symbol) ?? createSnapshotOrdering()
    this.#questions.set(symbol, questions)
    const answered = questions.ask()
    const stands = this.open(symbol).asking()
    const lossesBefore = this.#rows.losses
    return (orders) => {
      const rank = answered()
      if (rank === 'older') return { missing: [], appeared: [], changed: [], unclear: false }
      for (const order of orders) {
        const entry = this.#records.of(symbol, order.order_no)
        if (learnsName(entry, order) && entry.order !== undefined) this.#rows.settleAs(entry.order, entry)
      }
      const compared = takeList(this.#rows, symbol, orders, { at, mayBeOlder: rank === 'unsure' })
      stands()
      if (rank === 'newest') this.#rows.listed(symbol, lossesBefore)
      return compared
    }
  }

  /**
   * Remembers the open orders as they are known now; the result compares those that are known then.
   */
  baseline(): () => Pick<OrdersCompared, 'appeared' | 'changed' | 'missing'> {
    const before = this.#rows.openNow()
    const unreported = this.#rows.unreported.all()
    const { mark } = this
    return () => ({
      ...compareOpen(before, this.#rows.openNow(), (state) => {
        return (this.#records.get(state.symbol, state.order_no)?.firstSeen ?? 0) > mark
      }),
      missing: [...before, ...unreported].flatMap(({ symbol, order_no }) => {
        const state = this.find(symbol, order_no)
        return state?.missing === true ? [state] : []
      }),
    })
  }

  setStale(): void {
    this.#rows.setStale()
  }

  complete(): void {
    this.#rows.complete()
    this.#fill$.complete()
    this.#anomaly$.complete()
  }

  /** True where a notice is taken; tells of one that could not follow what was known. */
  #accepts(entry: OrderRecord, update: Order): boolean {
    const move = judgeNotice(entry, update)
    if (move.kind === 'repaired' || move.kind === 'refused') {
      const { symbol, order_no } = update
      this.#anomaly$.next({ kind: move.kind, symbol, order_no, message: move.why })
    }
    const isTaken = move.kind === 'applied' || move.kind === 'repaired'
    if (isTaken) entry.told = undefined
    return isTaken
  }
}

export const createOrderStore = (): OrderStore => new OrderStore()
