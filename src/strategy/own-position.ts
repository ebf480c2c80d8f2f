import Big from 'big.js'
import type { Fill, Order } from '../protocol/index.js'
import { baseFeeOf } from './base-fee.js'
import type { PlaceOrder } from './intent.js'
import { reportedFilled } from '../orders/index.js'

/** How many orders that are over are remembered: news of them may come late. */
const REMEMBERED = 32

/** What is held: a number where positions net, both sides for contracts. */
export type Holding = number | { readonly long: number; readonly short: number }

/** An order of ours. None is for money: see `maxSlippage` of `toTarget`. */
interface Own {
  readonly place: PlaceOrder
  /** What its fills add up to. */
  readonly filled: Big
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
const above0 = (value: Big): Big => (value.gt(0) ? value : zero)

/** What its end says was filled beyond its fills. */
const untold = ({ said, filled }: Own): Big => above0(said.minus(filled))

/** The least that it has filled. */
const certain = (own: Own): Big => own.filled.plus(untold(own))

/** What it may have filled beyond that, or may yet fill. */
const left = ({ life, place, filled }: Own): Big =>
  life === 'over' ? zero : above0(new Big(place.quantity).minus(filled))

const isOnShort = ({ action, offset }: PlaceOrder): boolean => offset === (action === 'SELL' ? 'open' : 'close')

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

/** An order of ours is in the book. */
export const placed = (position: OwnPosition, order_no: string, place: PlaceOrder): OwnPosition =>
  put(position, order_no, { place, filled: zero, said: zero, life: 'open' })

/** It was told of a fill; that it is told of each fill once is the caller's care. A fee in base currency is not held any more. */
export const filled = (position: OwnPosition, fill: Fill, base?: string): OwnPosition => {
  const { order_no, quantity } = fill
  if (!position.orders.has(order_no)) return position
  const after = update(position, order_no, (own) => ({ ...own, filled: own.filled.plus(quantity) }))
  return position.nets ? { ...after, long: after.long.minus(baseFeeOf(fill, base)) } : after
}

/** An account holds no more than this in all: what our orders have bought beyond it went into fees that no fill has told. */
export const atMost = (position: OwnPosition, total: number): OwnPosition =>
  position.nets && position.long.gt(total) ? { ...position, long: new Big(total) } : position

/** Its end was heard. */
export const ended = (position: OwnPosition, order: Order): OwnPosition =>
  update(position, order.order_no, (own) => ({
    ...own,
    life: 'over',
    said: new Big(reportedFilled(order, own.place.quantity)),
  }))

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
