import Big from 'big.js'
import { isEnd, isSizedInMoney, type OrderRequest, termsOf } from '../../../orders/index.js'
import type { Fill, Order } from '../../../protocol/index.js'

/** Position that an order works on. `either`: unknown (a contract order of another client). */
export type Book = 'long' | 'short' | 'either'

/** State of an order as far as it bears on the position. */
export interface Tracked {
  readonly buys: boolean
  readonly book: Book
  /** True for an order of this gate: its fills from the beginning are known. */
  readonly ours: boolean
  /**
   * Most that it may fill, in base currency or contracts. 0 for an order for money: what that buys
   * at worst is computed from `money`.
   */
  readonly total: Big
  /** Of an order for money: the amount, and the lowest price to assume. */
  readonly money: { readonly amount: Big; readonly price: Big } | undefined
  readonly filled: Big
  readonly spent: Big
  /**
   * `SENT` before the reply, `UNKNOWN` without one, `GONE` for an order that is missing; otherwise
   * the status that the server told.
   */
  readonly status: string
  /** Quantity that was left when it ended. */
  readonly remain: Big
  readonly cid: string | undefined
  /**
   * Set where the position was looked up while the order was there, or may have been. `open`:
   * `total` is what was left of it then, and a later fill may be in the position already, or not.
   * `over`: nothing was left of it.
   */
  readonly seen: 'open' | 'over' | undefined
  /** Terms of the order: two orders of one key are duplicates. */
  readonly key: string
}

const zero = new Big(0)

/** Largest part of a market order's money that may be left over by rounding, without counting as able to buy. */
const MONEY_DUST = 0.01

const untouched = { filled: zero, spent: zero, remain: zero, cid: undefined, seen: undefined }

/**
 * Tracks an order of this gate that is about to be sent.
 *
 * @param lowest - lowest price to assume for an order for money
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

/** Tracks an order of another client, or one that is not known yet to be of this gate. */
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

/** State with a status that the server told. */
export const withStatus = (order: Tracked, { status, remain }: Pick<Order, 'status' | 'remain'>): Tracked => ({
  ...order,
  status,
  remain: new Big(remain),
})

/** State of an order that is open though a list did not hold it. */
export const reappeared = (order: Tracked, shown: Order): Tracked => ({
  ...withStatus(order, shown),
  ...(order.seen === undefined ? {} : ({ seen: 'open', total: new Big(shown.remain) } as const)),
})

/** State after the position was looked up while the order was over: all of its fills are in the position. */
export const seenOver = (order: Tracked): Tracked => ({
  ...order,
  ...{ seen: 'over', status: isEnd(order.status) ? order.status : 'CANCELED', money: undefined },
  ...{ total: zero, remain: zero, filled: zero, spent: zero },
})

/**
 * State after the position was looked up while the order was open, or may have been. What was known
 * to be filled is in the position; what is filled later may be.
 *
 * @param shown - the order as the client showed it before the position was asked for
 */
export const seenOpen = (order: Tracked, shown: Order | undefined): Tracked => {
  const { money, spent } = order
  const left = money === undefined ? undefined : { ...money, amount: money.amount.minus(spent) }
  const total = shown === undefined || money !== undefined ? order.total : new Big(shown.remain)
  return { ...order, seen: 'open', money: left, total, filled: zero, spent: zero }
}

const max = (a: Big, b: Big): Big => (a.gt(b) ? a : b)

/** Least that it has filled for certain, beyond the position that was looked up. */
export const certain = ({ seen, filled, ours, money, status, total }: Tracked): Big => {
  if (seen !== undefined) return zero
  return ours && money === undefined && status === 'FILLED' ? max(filled, total) : filled
}

/** Most that it may have filled beyond that, or may yet fill. */
export const possible = (order: Tracked): Big => {
  const { money, filled, spent, status, remain, total } = order
  // A fill of an order that was over by then may be news.
  if (order.seen === 'over') return filled
  if (money !== undefined) {
    if (status === 'FAILED') return filled
    // Both CANCELED and FILLED may come before the fills: what was not left over was spent.
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

/** True where it can no longer change the position, as far as the server has said. */
export const isSettled = (order: Tracked): boolean => isEnd(order.status) && possible(order).eq(certain(order))

/**
 * True where only another look at the position can tell what an order has filled: it is missing, or
 * it ended after the last look, at which it was there.
 */
export const needsLook = (order: Tracked): boolean =>
  order.status === 'GONE' || (order.seen !== undefined && isEnd(order.status) && !isSettled(order))

/** True while an order may still fill: not once its fills add up to all of it, even if no notice told its end. */
export const isWorking = (order: Tracked): boolean => order.status !== 'GONE' && !possible(order).eq(certain(order))
