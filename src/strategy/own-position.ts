import Big from 'big.js'
import type { Fill, Order } from '../protocol/index.js'
import type { Place } from './intent.js'
import { saidToBeFilled } from './outcome.js'
import { isForMoney } from './sizing/index.js'

/** How many orders that are over are remembered: news of them may come late. */
const REMEMBERED = 32

/** How much of a market order's money may be left over for rounding, without counting as not told of. */
const MONEY_DUST = 0.01

/** What is held: a number where positions net, both sides for contracts. */
export type Holding = number | { readonly long: number; readonly short: number }

/** An order of ours. What is `told` and `said` is in the unit of its quantity: money, for one that spends money. */
interface Own {
  readonly place: Place
  /** How much of that unit one of base currency, or a contract, takes. */
  readonly per: Big
  /** What its fills add up to, in base currency or contracts. */
  readonly filled: Big
  /** What its fills add up to. */
  readonly told: Big
  /** What its end says was filled. Notices come in either order, or not at all: an end counts as much as the fills. */
  readonly said: Big
  /** `gone`: it is not open any more, and nobody said how it ended. */
  readonly life: 'open' | 'over' | 'gone'
}

/** What is held by what our own orders have filled. */
export interface OwnPosition {
  readonly nets: boolean
  /** All that is certain. */
  readonly long: Big
  readonly short: Big
  readonly orders: ReadonlyMap<string, Own>
}

const zero = new Big(0)
const dustOf = ({ place }: Own): Big => (isForMoney(place) ? new Big(place.quantity).times(MONEY_DUST) : zero)

/** What its end says was filled beyond its fills. */
const untold = (own: Own): Big => {
  const missing = own.said.minus(own.told)
  return missing.gt(dustOf(own)) ? missing.div(own.per) : zero
}
/** The least that it has filled. */
const certain = (own: Own): Big => own.filled.plus(untold(own))

/** What it may have filled beyond that, or may yet fill. */
const left = (own: Own): Big => {
  if (own.life === 'over') return zero
  const rest = new Big(own.place.quantity).minus(own.told)
  return rest.gt(dustOf(own)) ? rest.div(own.per) : zero
}

const isOnShort = ({ action, offset }: Place): boolean => offset === (action === 'SELL' ? 'open' : 'close')

/** Puts in an order as it is now; what has become certain of it is held. */
const put = (position: OwnPosition, order_no: string, own: Own): OwnPosition => {
  const before = position.orders.get(order_no)
  const change = certain(own).minus(before === undefined ? zero : certain(before))
  const { action } = own.place
  // A fill does not say which side of a contract it worked on: its order does.
  const { long, short } = isOnShort(own.place)
    ? { long: position.long, short: action === 'SELL' ? position.short.plus(change) : position.short.minus(change) }
    : { long: action === 'BUY' ? position.long.plus(change) : position.long.minus(change), short: position.short }
  const orders = new Map(position.orders).set(order_no, own)
  const over = [...orders].filter(([, { life }]) => life === 'over')
  for (const [oldest] of over.slice(0, -REMEMBERED)) orders.delete(oldest)
  return { ...position, long, short, orders }
}

const update = (position: OwnPosition, order_no: string, change: (own: Own) => Own): OwnPosition => {
  const own = position.orders.get(order_no)
  return own === undefined ? position : put(position, order_no, change(own))
}

/** Holding this, and nothing else is known. */
export const holding = (held: Holding): OwnPosition => ({
  nets: typeof held === 'number',
  long: new Big(typeof held === 'number' ? held : held.long),
  short: new Big(typeof held === 'number' ? 0 : held.short),
  orders: new Map(),
})

/** An order of ours is in the book. `price`: by which money is reckoned, where it is for money. */
export const placed = (position: OwnPosition, order_no: string, place: Place, price: number): OwnPosition =>
  put(position, order_no, {
    place,
    per: isForMoney(place) ? new Big(price) : new Big(1),
    filled: zero,
    told: zero,
    said: zero,
    life: 'open',
  })

/** It was told of a fill; that it is told of each fill once is the caller's care. */
export const filled = (position: OwnPosition, { order_no, price, quantity }: Fill): OwnPosition =>
  update(position, order_no, (own) => ({
    ...own,
    filled: own.filled.plus(quantity),
    told: own.told.plus(isForMoney(own.place) ? new Big(price).times(quantity) : quantity),
  }))

/** Its end was heard. */
export const ended = (position: OwnPosition, order: Order): OwnPosition =>
  update(position, order.order_no, (own) => ({ ...own, life: 'over', said: saidToBeFilled(own.place, order) }))

/** These are not open any more, and nobody has said why. */
export const gone = (position: OwnPosition, order_nos: readonly string[]): OwnPosition =>
  order_nos.reduce(
    (before, order_no) => update(before, order_no, (own) => ({ ...own, life: left(own).gt(0) ? 'gone' : 'over' })),
    position,
  )

/** The orders that are open, and have something left. */
export const working = ({ orders }: OwnPosition) =>
  [...orders].flatMap(([order_no, own]) =>
    own.life === 'open' && left(own).gt(0)
      ? [{ order_no, action: own.place.action, remain: left(own).toNumber() }]
      : [],
  )

/** The orders whose end has not been heard. */
export const open = ({ orders }: OwnPosition): readonly string[] =>
  [...orders].flatMap(([order_no, { life }]) => (life === 'open' ? [order_no] : []))

/** Whether there are orders of which nobody knows what they have filled. */
export const isDoubtful = ({ orders }: OwnPosition): boolean =>
  [...orders.values()].some((own) => own.life === 'gone' && left(own).gt(0))

/** Whether there is something yet to be told: an end, or fills that an end speaks of. */
export const isUntold = ({ orders }: OwnPosition): boolean =>
  [...orders.values()].some((own) => own.life === 'open' || untold(own).gt(0))

/**
 * What to reckon with on the way to a target. Where what is held lies between two bounds, it is what is nearest to the target: then no more is
 * bought than is missing in any case, and no more sold than is held in any case.
 */
export const toward = ({ nets, long, short, orders }: OwnPosition, target: number): Holding => {
  if (!nets) return { long: long.toNumber(), short: short.toNumber() }
  const lost = [...orders.values()].filter(({ life }) => life === 'gone')
  const sum = (action: string) =>
    lost.reduce((total, own) => (own.place.action === action ? total.plus(left(own)) : total), zero)
  const [least, most] = [long.minus(sum('SELL')), long.plus(sum('BUY'))]
  return (least.gt(target) ? least : most.lt(target) ? most : new Big(target)).toNumber()
}
