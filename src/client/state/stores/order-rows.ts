import { type Observable, Subject } from 'rxjs'
import { isOpen, reportedFilled } from '../../../orders/index.js'
import type { Order } from '../../../protocol/index.js'
import { createLiveTable, type LiveTable } from './live-table.js'
import { provenEnd } from './order-evidence.js'
import { createOrderRecords, type OrderRecord, type OrderState } from './order-records.js'
import { createUnreportedOrders } from './unreported-orders.js'

/** Keeps the client order id once any message has carried it; snapshots and notices may omit it. */
export const named = (order: Order, known: Order | undefined): Order =>
  order.cid === undefined && known?.cid !== undefined ? { ...order, cid: known.cid } : order

/** Learns the client order id: it stays true, however old the message. */
export const learnsName = (entry: OrderRecord, { cid }: Order): boolean => {
  if (cid === undefined || entry.order === undefined || entry.order.cid !== undefined) return false
  entry.order = { ...entry.order, cid }
  return true
}

/** True where a view of open orders has it. */
export const isShownOpen = ({ status, missing }: OrderState): boolean => isOpen(status) && !missing

/** Records of orders, and the views of those that are open. */
export class OrderRows {
  readonly records = createOrderRecords()
  readonly unreported = createUnreportedOrders()
  readonly #tables = new Map<string, LiveTable<OrderState>>()
  readonly #state$ = new Subject<OrderState>()
  readonly #proven$ = new Subject<OrderState>()
  /** Number of losses up to the last list of open orders, by symbol. */
  readonly #listedAfter = new Map<string, number>()
  #losses = 0

  /** Every order at every change, ended ones included. */
  readonly state$: Observable<OrderState> = this.#state$.asObservable()
  /**
   * Orders that have just ended by evidence: fills that add up, or a cancel that succeeded and an
   * absence.
   */
  readonly proven$: Observable<OrderState> = this.#proven$.asObservable()

  get losses(): number {
    return this.#losses
  }

  open(symbol: string): LiveTable<OrderState> {
    const known = this.#tables.get(symbol)
    if (known !== undefined) return known
    const table = createLiveTable<OrderState>()
    this.#tables.set(symbol, table)
    return table
  }

  standing(symbol: string): readonly string[] {
    return [...this.open(symbol).rows.keys(), ...this.unreported.of(symbol).map(({ asked }) => asked.order_no)]
  }

  mayHaveMissed(symbol: string): boolean {
    return (this.#listedAfter.get(symbol) ?? 0) < this.#losses
  }

  /** The symbol's open orders have been listed: by a question of when there were `losses`. */
  listed(symbol: string, losses: number): void {
    this.#listedAfter.set(symbol, losses)
  }

  /**
   * Raises the bound of what was filled without a fill notice, where this message is the first of
   * the order or the first since notices were missed.
   */
  boundMissed(entry: OrderRecord, order: Order): void {
    if (entry.order !== undefined && !this.mayHaveMissed(order.symbol)) return
    entry.mostMissed = Math.max(entry.mostMissed, reportedFilled(order) - entry.filled)
  }

  /**
   * Puts an order where what is known of it now says. One that the server has never told of is
   * shown once it has ended.
   */
  settle(entry: OrderRecord): void {
    const { order, asked } = entry
    if (order !== undefined) this.settleAs(order, entry)
    else if (asked !== undefined && provenEnd(asked, entry) !== undefined) this.settleAs(asked, entry)
    else this.records.expireLater(entry)
  }

  /** Puts an order where it belongs, and tells. */
  settleAs(known: Order, entry: OrderRecord): void {
    const state = this.file(known, entry)
    const { symbol, order_no } = state
    this.open(symbol).change((rows) => (isShownOpen(state) ? rows.set(order_no, state) : rows.delete(order_no, state)))
    this.tell(entry, state)
  }

  /** Files an order with the open or the ended ones; the caller writes the row, and tells. */
  file(known: Order, entry: OrderRecord): OrderState {
    // mutant: fills-prove-the-end
    const proven = provenEnd(known, entry)
    if (proven !== undefined) {
      entry.told ??= known
      entry.order = proven
    }
    this.unreported.delete(entry)
    const state = this.records.show(proven ?? known, entry)
    if (isShownOpen(state)) this.records.keep(entry)
    else this.records.expireLater(entry)
    return state
  }

  tell(entry: OrderRecord, state: OrderState): void {
    // Before subscribers hear of it: they may change the entry.
    const isProven = entry.told !== undefined && entry.order?.status === state.status
    this.#state$.next(state)
    if (isProven) this.#proven$.next(state)
  }

  /** The open orders of all symbols. */
  openNow(): readonly OrderState[] {
    return [...this.#tables.values()].flatMap(({ rows }) => [...rows.values()])
  }

  setStale(): void {
    this.#losses += 1
    this.#tables.forEach((table) => table.setStale())
  }

  complete(): void {
    this.#tables.forEach((table) => table.complete())
    this.#state$.complete()
    this.#proven$.complete()
  }
}
