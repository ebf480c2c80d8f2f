import Big from 'big.js'
import type { Fill, Order } from '../../protocol/index.js'
import { isEnd, isSizedInMoney, mayFollow, type OrderRequest, termsOf } from '../../orders/index.js'

/** Which position an order works on. `either`: not known (somebody else's contract order). */
export type Book = 'long' | 'short' | 'either'

/** One order, as far as it bears on the position. */
export interface Tracked {
  readonly symbol: string
  readonly buys: boolean
  readonly book: Book
  /** Whether it is ours; of others' orders it is not known what was filled before we looked. */
  readonly ours: boolean
  /** Most that it may fill, in base currency or contracts; what outstanding money may buy at worst is computed from `money`. */
  readonly total: Big
  /** Of an order for money: the amount, and the lowest price to reckon with. */
  readonly money: { readonly amount: Big; readonly price: Big } | undefined
  readonly filled: Big
  readonly spent: Big
  readonly fills: ReadonlySet<string>
  /** `SENT` until the reply, `UNKNOWN` when there was none, then as the notices say; `GONE` when it ended and no notice said how. */
  readonly status: string
  /** What was left when it ended. */
  readonly remain: Big
  readonly cid: string | undefined
  /**
   * How it stood when what is held was looked up last, if it was there by then. `open`: `total` is what was left of it, and a fill that is told later may
   * be in what was seen, or not; certain is only what the notices of the order say has gone from it since. `over`: nothing is left of it. `unclear`: its fate
   * was not known; all that it fills may be in what was seen, or not.
   */
  readonly seen: 'open' | 'over' | 'unclear' | undefined
  /** What makes it like another: two orders of one key are duplicates. */
  readonly key: string
}

const zero = new Big(0)

/** How much of a market order's money may be left over for rounding, without counting as able to buy. */
const MONEY_DUST = 0.01

/** An order of ours that is about to be sent. `lowest` is the lowest price to reckon with for an order for money. */
export const trackSent = (order: OrderRequest, contract: boolean, lowest: Big | undefined): Tracked => {
  const { symbol, action, quantity } = order
  const money =
    isSizedInMoney(order, contract) && lowest !== undefined ? { amount: new Big(quantity), price: lowest } : undefined
  return {
    symbol,
    buys: action === 'BUY',
    book: quantity < 0 ? 'short' : 'long',
    ours: true,
    total: money === undefined ? new Big(Math.abs(quantity)) : zero,
    money,
    filled: zero,
    spent: zero,
    fills: new Set(),
    status: 'SENT',
    remain: zero,
    cid: undefined,
    seen: undefined,
    key: termsOf(order),
  }
}

/** An order that we did not send, or do not know yet to be ours. */
export const trackForeign = (
  { symbol, offset }: Pick<Order, 'symbol' | 'offset'>,
  buys: boolean,
  contract: boolean,
): Tracked => ({
  symbol,
  buys,
  book: !contract
    ? 'long'
    : offset === 'open'
      ? buys
        ? 'long'
        : 'short'
      : offset === 'close'
        ? buys
          ? 'short'
          : 'long'
        : 'either',
  ours: false,
  total: zero,
  money: undefined,
  filled: zero,
  spent: zero,
  fills: new Set(),
  status: 'NONE',
  remain: zero,
  cid: undefined,
  seen: undefined,
  key: '',
})

/** After a fill; the same fill counts once. */
export const withFill = (order: Tracked, { fill_no, price, quantity }: Fill): Tracked =>
  order.fills.has(fill_no)
    ? order
    : {
        ...order,
        fills: new Set(order.fills).add(fill_no),
        filled: order.filled.plus(quantity),
        spent: order.spent.plus(new Big(price).times(quantity)),
      }

/** Applies a notice. */
export const withNotice = (order: Tracked, { status, remain, quantity, cid = order.cid }: Order): Tracked => {
  if (!mayFollow(order.status, status)) return { ...order, cid }
  return {
    ...order,
    cid,
    status,
    remain: new Big(remain),
    total: order.ours || order.seen !== undefined || order.total.gt(quantity) ? order.total : new Big(quantity),
  }
}

/** As it stands after what is held was looked up: what it has filled is in there. */
const seen = (order: Tracked, how: 'open' | 'over', status: string, left: Big): Tracked => ({
  ...order,
  seen: how,
  status,
  total: left,
  remain: left,
  money: undefined,
  filled: zero,
  spent: zero,
})

export const seenOver = (order: Tracked): Tracked =>
  seen(order, 'over', isEnd(order.status) ? order.status : 'CANCELED', zero)

export const seenOpen = (order: Tracked, { status, remain }: Order): Tracked =>
  seen(order, 'open', status, new Big(remain))

const max = (a: Big, b: Big): Big => (a.gt(b) ? a : b)
const min = (a: Big, b: Big): Big => (a.lt(b) ? a : b)

/** The least that it has filled for certain, beyond what is in what was seen. */
export const certain = (order: Tracked): Big => {
  const { filled, total, remain, status } = order
  switch (order.seen) {
    case 'over':
    case 'unclear':
      return zero
    case 'open':
      return status === 'FILLED' ? total : max(zero, min(filled, total.minus(remain)))
    default:
      return order.ours && order.money === undefined && status === 'FILLED' ? max(filled, total) : filled
  }
}

/** The most that it may have filled beyond that, or may yet fill. */
export const possible = (order: Tracked): Big => {
  const { money, filled, spent, status, remain, total } = order
  // What is told of an order that was over by then may be news.
  if (order.seen === 'over') return filled
  if (order.seen === 'open') {
    if (status === 'CANCELED') return max(zero, total.minus(remain))
    return status === 'FAILED' ? certain(order) : total
  }
  if (money !== undefined) {
    if (status === 'FAILED') return filled
    // Both CANCELED and FILLED may come before the fills: what was not left over was spent.
    const outstanding = money.amount.minus(spent).minus(isEnd(status) ? remain : 0)
    const dust = isEnd(status) && outstanding.lt(money.amount.times(MONEY_DUST))
    return dust || outstanding.lte(0) ? filled : filled.plus(outstanding.div(money.price))
  }
  switch (status) {
    case 'FILLED':
      return max(filled, total)
    case 'CANCELED':
      // What it had filled may be told after its end.
      return max(filled, total.minus(remain))
    case 'FAILED':
      return filled
    default:
      return max(filled, total)
  }
}

/** Whether it can no longer change what is held, as far as the server has said. */
export const isSettled = (order: Tracked): boolean => isEnd(order.status) && possible(order).eq(certain(order))

/** True while an order may still fill: not once its fills add up to all of it, even if no notice told its end. */
export const isWorking = (order: Tracked): boolean => order.status !== 'GONE' && !possible(order).eq(certain(order))

/** An order that is known to be cancelled though no notice has told it. */
export const asCanceled = (order: Tracked): Tracked => {
  const { money, total, filled, spent } = order
  const remain = money === undefined ? total.minus(filled) : money.amount.minus(spent)
  return { ...order, status: 'CANCELED', remain: max(zero, remain) }
}
