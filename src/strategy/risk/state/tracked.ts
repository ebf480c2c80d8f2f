import Big from 'big.js'
import { isEnd, isSizedInMoney, type OrderRequest, termsOf } from '../../../orders/index.js'
import type { Fill, Order } from '../../../protocol/index.js'

/** Position that an order works on. `either`: unknown (a contract order of another client). */
export type Book = 'long' | 'short' | 'either'

/** State of an order as far as it affects the position. */
export interface Tracked {
  readonly buys: boolean
  readonly book: Book
  /** True for an order of this client: all of its fills are known. */
  readonly ours: boolean
  /**
   * Largest quantity that it may fill, in base currency or contracts. 0 for an order sized in
   * money: see `money`.
   */
  readonly total: Big
  /** Amount of an order sized in money, and the lowest price to assume. */
  readonly money: { readonly amount: Big; readonly price: Big } | undefined
  readonly filled: Big
  readonly spent: Big
  /**
   * `SENT` before the reply, `UNKNOWN` without one, `GONE` for an order that is missing; otherwise
   * the status that the server reported.
   */
  readonly status: string
  /** Remaining quantity at its end. */
  readonly remain: Big
  readonly cid: string | undefined
  /**
   * Set if the position was looked up while the order existed, or may have existed. `open`: `total`
   * is the remaining quantity at that time, and the position may or may not contain a later fill.
   * `over`: nothing remained.
   */
  readonly seen: 'open' | 'over' | undefined
  /** Terms of the order: orders with equal keys are duplicates. */
  readonly key: string
}

const zero = new Big(0)

/** Largest fraction of a market order's amount that rounding may leave unspent. */
const MONEY_DUST = 0.01

const untouched = { filled: zero, spent: zero, remain: zero, cid: undefined, seen: undefined }

/**
 * Tracks an order of this client that is about to be sent.
 *
 * @param lowest - lowest price to assume for an order sized in money
 */
export const trackSent = (order: OrderRequest, contract: boolean, lowest: Big | undefined): Tracked => {
  const { action, quantity } = order
  const money =
    isSizedInMoney(order, contract) && lowest !== undefined ? { amount: new Big(quantity), price: lowest } : undefined
  return {
    ...untouched,
    buys: action === 'BUY',
    book: quantity < 0 ? 'short' : 'long',
    ours: true,
    total: money === undefined ? new Big(Math.abs(quantity)) : zero,
    money,
    status: 'SENT',
    key: termsOf(order),
  }
}

const bookOf = (offset: Order['offset'], buys: boolean): Book => {
  if (offset === undefined) return 'either'
  return buys === (offset === 'open') ? 'long' : 'short'
}

/** Tracks an order of another client, or one that is not matched with an own order yet. */
export const trackForeign = (
  { offset, quantity }: Pick<Order, 'offset' | 'quantity'>,
  buys: boolean,
  contract: boolean,
): Tracked => ({
  ...untouched,
  buys,
  book: contract ? bookOf(offset, buys) : 'long',
  ours: false,
  total: new Big(quantity),
  money: undefined,
  status: 'NONE',
  key: '',
})

/** State after a fill. */
export const withFill = (order: Tracked, { price, quantity }: Fill): Tracked => ({
  ...order,
  filled: order.filled.plus(quantity),
  spent: order.spent.plus(new Big(price).times(quantity)),
})

/** State with a status from the server. */
export const withStatus = (order: Tracked, { status, remain }: Pick<Order, 'status' | 'remain'>): Tracked => ({
  ...order,
  status,
  remain: new Big(remain),
})

/** State of an order that is open although a snapshot of open orders lacked it. */
export const reappeared = (order: Tracked, shown: Order): Tracked => ({
  ...withStatus(order, shown),
  ...(order.seen === undefined ? {} : ({ seen: 'open', total: new Big(shown.remain) } as const)),
})

/** State after a look-up at which the order was closed: the position contains all of its fills. */
export const seenOver = (order: Tracked): Tracked => ({
  ...order,
  ...{ seen: 'over', status: isEnd(order.status) ? order.status : 'CANCELED', money: undefined },
  ...{ total: zero, remain: zero, filled: zero, spent: zero },
})

/**
 * State after a look-up at which the order was open, or may have been. The position contains the
 * fills known until then, and may contain later ones.
 *
 * @param shown - the order in the client's view before the query of the position
 */
export const seenOpen = (order: Tracked, shown: Order | undefined): Tracked => {
  const { money, spent } = order
  const unspent = money === undefined ? undefined : { ...money, amount: money.amount.minus(spent) }
  const total = shown === undefined || money !== undefined ? order.total : new Big(shown.remain)
  return { ...order, seen: 'open', money: unspent, total, filled: zero, spent: zero }
}

const max = (a: Big, b: Big): Big => (a.gt(b) ? a : b)

/** Certain filled quantity beyond the looked-up position. */
export const certain = ({ seen, filled, ours, money, status, total }: Tracked): Big => {
  if (seen !== undefined) return zero
  return ours && money === undefined && status === 'FILLED' ? max(filled, total) : filled
}

/** Largest quantity beyond the looked-up position that it may have filled or may still fill. */
export const possible = (order: Tracked): Big => {
  const { money, filled, spent, status, remain, total } = order
  // A fill of an order that was closed at the look-up may be later than the look-up.
  if (order.seen === 'over') return filled
  if (money !== undefined) {
    if (status === 'FAILED') return filled
    // CANCELED and FILLED may come before the fills: the amount that does not remain is spent.
    const outstanding = money.amount.minus(spent).minus(isEnd(status) ? remain : 0)
    const dust = isEnd(status) && outstanding.lt(money.amount.times(MONEY_DUST))
    return dust || outstanding.lte(0) ? filled : filled.plus(outstanding.div(money.price))
  }
  switch (status) {
    case 'CANCELED':
      // Fills may come after the end.
      return max(filled, total.minus(remain))
    case 'FAILED':
      return filled
    default:
      return max(filled, total)
  }
}

/** True if it can no longer change the position, according to the server. */
export const isFinal = (order: Tracked): boolean => isEnd(order.status) && possible(order).eq(certain(order))

/**
 * True if only another look-up can determine the fills of an order: it is missing, or it was
 * present at the last look-up and closed after it.
 */
export const needsLook = (order: Tracked): boolean =>
  order.status === 'GONE' || (order.seen !== undefined && isEnd(order.status) && !isFinal(order))

/**
 * True while an order may still fill. False once its fills are complete, even without a closing
 * event.
 */
export const isWorking = (order: Tracked): boolean => order.status !== 'GONE' && !possible(order).eq(certain(order))
