import type { Fill, Order } from '../../../protocol/index.js'
import type { CancelAnswer } from '../../requests/cancel.js'
import { BoundedMap } from '../../bounded-map.js'
import { isOpen, roundSum } from '../../../orders/index.js'

/** An order as all notices, snapshots and fills together tell it. */
export interface OrderState extends Order {
  /** Filled quantity, in base currency (contracts for futures): the sum over distinct fills. */
  readonly filled: number
  /** The average price of those fills; 0 while there are none. */
  readonly averagePrice: number
  /**
   * For orders that this client placed: the quantity with the sign it was sent with, which notices
   * do not carry.
   */
  readonly signedQuantity?: number
  /**
   * The order is missing: the server had taken it, a later list of open orders does not hold it,
   * and nothing shows how it ended. It is not open any more; `status` is the last that the server
   * told.
   */
  readonly missing: boolean
}

/** All that is known of one order. */
export interface OrderRecord {
  /** Made once: that takes longer than to find the entry by it. */
  readonly key: string
  order: Order | undefined
  /** Notices and snapshots have different clocks: they are not compared by utime. */
  source: 'notice' | 'snapshot'
  /** Count of its last touch, over the ledger. */
  touched: number
  readonly firstSeen: number
  /** Numbers of its fills. */
  readonly fillNos: Set<string>
  /** In the order in which they came. Kept whole: they may come before their order is known. */
  readonly fills: Fill[]
  filled: number
  value: number
  /**
   * Upper bound of the quantity that was filled without a fill notice: before the order was first
   * seen, or while notices were missed.
   */
  mostMissed: number
  signedQuantity: number | undefined
  /** A snapshot no longer holds it, and no notice has said why. */
  missing: boolean
  /** Answer that said a cancel of it was done. */
  cancelled: CancelAnswer | undefined
  /** Last state that the server itself told, where the end is known by evidence alone. */
  told: Order | undefined
  /** Count of the reply that accepted the order, over the ledger; 0 where none did. */
  accepted: number
  /** As it was asked for, until the server tells of it. */
  asked: Order | undefined
}

/**
 * Every order that was heard of, ended ones for as long as there is room: late notices and fills
 * are known by them.
 */
export interface OrderRecords {
  /** Made where there is none. */
  of(symbol: string, order_no: string): OrderRecord
  get(symbol: string, order_no: string): OrderRecord | undefined
  readonly find: (symbol: string, order_no: string) => OrderState | undefined
  readonly findByCid: (cid: string) => OrderState | undefined
  /** State of an entry as views show it, where `order` is what is known of it. */
  readonly show: (order: Order, entry: OrderRecord) => OrderState
  /** The fills of an order so far, without the first `skip`. */
  readonly fillsOf: (symbol: string, order_no: string, skip?: number) => readonly Fill[]
  /** It can trade, or may. */
  keep(entry: OrderRecord): void
  /**
   * It has ended; or it is known by a fill or a reply only, and is forgotten with the ended ones if
   * no notice ever comes.
   */
  expireLater(entry: OrderRecord): void
  /** Those first seen after `mark`. */
  readonly seenSince: (mark: number) => readonly OrderState[]
  /** A mark for `seenSince`. */
  readonly mark: number
}

/**
 * Ended orders are kept to know late notices and fills again; the oldest are forgotten beyond this.
 */
const mostEnded = 10_000

let last = { symbol: '', order_no: '', key: '0:' }

/**
 * One string for both, whatever they hold: the length says where the one ends. The last one is
 * kept: each message is looked up several times, and a Map hashes each new string again.
 */
export const keyOf = (symbol: string, order_no: string): string => {
  if (last.symbol !== symbol || last.order_no !== order_no)
    last = { symbol, order_no, key: `${symbol.length}:${symbol}${order_no}` }
  return last.key
}

const stateOf = (order: Order, { filled, value, signedQuantity, missing: isMissing }: OrderRecord): OrderState => {
  const averagePrice = filled === 0 ? 0 : value / filled
  const missing = isMissing && isOpen(order.status)
  // Whatever follows a spread in a literal takes V8 ten times as long as all the rest, so ours are
  // there first; and once more behind it, since a server may have fields of these names.
  const state: Mutable<OrderState> = { filled, averagePrice, missing: missing, ...order }
  if (signedQuantity !== undefined) state.signedQuantity = signedQuantity
  state.filled = filled
  state.averagePrice = averagePrice
  state.missing = missing
  return state
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

export const isSameButTime = (a: OrderState, b: OrderState): boolean =>
  a.status === b.status &&
  a.remain === b.remain &&
  a.price === b.price &&
  a.quantity === b.quantity &&
  a.filled === b.filled

/** Sums of decimals, to the digits that a double holds for sure: 0.1 + 0.2 is 0.3 here. */
export const sum = (a: number, b: number): number => roundSum(a + b)

export function createOrderRecords(): OrderRecords {
  const entries = new Map<string, OrderRecord>()
  const byCid = new Map<string, string>()
  const ended = new BoundedMap<true>(mostEnded)
  let seen = 0
  /** The last state that was shown: each message is asked for several times. */
  let lastShown: { readonly state: OrderState; readonly of: Order; readonly value: number } | undefined

  const show = (order: Order, entry: OrderRecord): OrderState => {
    const { filled, value, signedQuantity, missing } = entry
    const known = lastShown?.state
    if (
      known !== undefined &&
      lastShown?.of === order &&
      lastShown.value === value &&
      known.filled === filled &&
      known.signedQuantity === signedQuantity &&
      known.missing === (missing && isOpen(order.status))
    )
      return known
    const state = stateOf(order, entry)
    lastShown = { state, of: order, value }
    return state
  }

  const get = (symbol: string, order_no: string): OrderRecord | undefined => entries.get(keyOf(symbol, order_no))
  const shown = (entry: OrderRecord | undefined): OrderState | undefined =>
    entry?.order === undefined ? undefined : show(entry.order, entry)
  const nameByCid = ({ key, order }: OrderRecord): void => {
    if (order?.cid !== undefined) byCid.set(order.cid, key)
  }

  return {
    of(symbol, order_no) {
      const key = keyOf(symbol, order_no)
      const known = entries.get(key)
      if (known !== undefined) return known
      const entry: OrderRecord = {
        key,
        order: undefined,
        source: 'notice',
        touched: 0,
        firstSeen: ++seen,
        fillNos: new Set(),
        fills: [],
        filled: 0,
        value: 0,
        mostMissed: 0,
        signedQuantity: undefined,
        missing: false,
        cancelled: undefined,
        told: undefined,
        accepted: 0,
        asked: undefined,
      }
      entries.set(key, entry)
      return entry
    },
    get,
    find: (symbol, order_no) => shown(get(symbol, order_no)),
    findByCid(cid) {
      const key = byCid.get(cid)
      return key === undefined ? undefined : shown(entries.get(key))
    },
    show,
    fillsOf: (symbol, order_no, skip = 0) => get(symbol, order_no)?.fills.slice(skip) ?? [],
    keep(entry) {
      nameByCid(entry)
      ended.delete(entry.key)
    },
    expireLater(entry) {
      nameByCid(entry)
      const forgotten = ended.set(entry.key, true)
      if (forgotten === undefined) return
      const cid = entries.get(forgotten)?.order?.cid
      if (cid !== undefined) byCid.delete(cid)
      entries.delete(forgotten)
    },
    seenSince(mark) {
      const since: OrderState[] = []
      for (const entry of entries.values()) {
        if (entry.firstSeen > mark && entry.order !== undefined) since.push(stateOf(entry.order, entry))
      }
      return since
    },
    get mark() {
      return seen
    },
  }
}
