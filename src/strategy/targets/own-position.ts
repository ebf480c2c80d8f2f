import Big from 'big.js'
import type { Fill, Order } from '../../protocol/index.js'
import { baseFeeOf } from './base-fee.js'
import type { PlaceOrder } from '../intent.js'
import { reportedFilled } from '../../orders/index.js'

/** Number of ended orders that are remembered for late news. */
const REMEMBERED = 32

/** Position: a number where positions net, both sides for contracts. */
export type PositionSize = number | { readonly long: number; readonly short: number }

/** An own order. None is sized in money: see `maxSlippage` of `toTarget`. */
interface Own {
  readonly place: PlaceOrder
  /** Sum of its fills. */
  readonly filled: Big
  /** Filled quantity that its end reports. Fills may come later, or never. */
  readonly reported: Big
  /** `gone`: it has ended, and its filled quantity is not known. */
  readonly phase: 'open' | 'over' | 'gone'
}

/** Position by the fills of own orders. */
export interface OwnPosition {
  readonly nets: boolean
  /** The certain part. */
  readonly long: Big
  readonly short: Big
  readonly orders: ReadonlyMap<string, Own>
}

const zero = new Big(0)
const above0 = (value: Big): Big => (value.gt(0) ? value : zero)

/** Quantity that its end reports beyond its fills. */
const untold = ({ reported, filled }: Own): Big => above0(reported.minus(filled))

/** Quantity that is certainly filled. */
const certain = (own: Own): Big => own.filled.plus(untold(own))

/** Quantity that may be filled, or become filled, beyond that. */
const left = ({ phase, place, filled }: Own): Big =>
  phase === 'over' ? zero : above0(new Big(place.quantity).minus(filled))

const isOnShort = ({ action, offset }: PlaceOrder): boolean => offset === (action === 'SELL' ? 'open' : 'close')

/** Saves an order, and adds its newly certain quantity to the position. */
const put = (position: OwnPosition, order_no: string, own: Own): OwnPosition => {
  const before = position.orders.get(order_no)
  const change = certain(own).minus(before === undefined ? zero : certain(before))
  const { action } = own.place
  // A fill does not tell its position side: its order does.
  const { long, short } = isOnShort(own.place)
    ? { long: position.long, short: action === 'SELL' ? position.short.plus(change) : position.short.minus(change) }
    : { long: action === 'BUY' ? position.long.plus(change) : position.long.minus(change), short: position.short }
  const orders = new Map(position.orders).set(order_no, own)
  const over = [...orders].filter(([, { phase }]) => phase === 'over')
  for (const [oldest] of over.slice(0, -REMEMBERED)) orders.delete(oldest)
  return { ...position, long, short, orders }
}

const update = (position: OwnPosition, order_no: string, change: (own: Own) => Own): OwnPosition => {
  const own = position.orders.get(order_no)
  return own === undefined ? position : put(position, order_no, change(own))
}

/** The position at the start, without orders. */
export const holding = (held: PositionSize): OwnPosition => ({
  nets: typeof held === 'number',
  long: new Big(typeof held === 'number' ? held : held.long),
  short: new Big(typeof held === 'number' ? 0 : held.short),
  orders: new Map(),
})

/** Adds an own order that was placed. */
export const placed = (position: OwnPosition, order_no: string, place: PlaceOrder): OwnPosition =>
  put(position, order_no, { place, filled: zero, reported: zero, phase: 'open' })

/** Counts a fill, less its fee in base currency. Each fill must be passed once. */
export const filled = (position: OwnPosition, fill: Fill, base?: string): OwnPosition => {
  const { order_no, quantity } = fill
  if (!position.orders.has(order_no)) return position
  const after = update(position, order_no, (own) => ({ ...own, filled: own.filled.plus(quantity) }))
  return position.nets ? { ...after, long: after.long.minus(baseFeeOf(fill, base)) } : after
}

/** Bounds the position by the total balance: the difference went into fees that no fill told. */
export const atMost = (position: OwnPosition, total: number): OwnPosition =>
  position.nets && position.long.gt(total) ? { ...position, long: new Big(total) } : position

/** Counts the end of an order. */
export const ended = (position: OwnPosition, order: Order): OwnPosition =>
  update(position, order.order_no, (own) => ({
    ...own,
    phase: 'over',
    reported: new Big(reportedFilled(order, own.place.quantity)),
  }))

/** Marks orders that have ended in an unknown way. */
export const gone = (position: OwnPosition, order_nos: readonly string[]): OwnPosition =>
  order_nos.reduce(
    (before, order_no) => update(before, order_no, (own) => ({ ...own, phase: left(own).gt(0) ? 'gone' : 'over' })),
    position,
  )

/** Open orders with an unfilled quantity. */
export const working = ({ orders }: OwnPosition) =>
  [...orders].flatMap(([order_no, own]) =>
    own.phase === 'open' && left(own).gt(0)
      ? [{ order_no, action: own.place.action, remain: left(own).toNumber() }]
      : [],
  )

/** Numbers of the orders without an end. */
export const open = ({ orders }: OwnPosition): readonly string[] =>
  [...orders].flatMap(([order_no, { phase }]) => (phase === 'open' ? [order_no] : []))

/** True if the filled quantity of an ended order is not known. */
export const isDoubtful = ({ orders }: OwnPosition): boolean =>
  [...orders.values()].some((own) => own.phase === 'gone' && left(own).gt(0))

/** True if an end is outstanding, or fills that an end has reported. */
export const isUntold = ({ orders }: OwnPosition): boolean =>
  [...orders.values()].some((own) => own.phase === 'open' || untold(own).gt(0))

/**
 * Position to plan with. Where it is known by two bounds only, it is the value between them that is
 * nearest to the target: so no more is bought than is missing for certain, and no more sold than is
 * held for certain.
 */
export const rebalanceInputOf = ({ nets, long, short, orders }: OwnPosition, target: number): PositionSize => {
  if (!nets) return { long: long.toNumber(), short: short.toNumber() }
  const lost = [...orders.values()].filter(({ phase }) => phase === 'gone')
  const sum = (action: string) =>
    lost.reduce((total, own) => (own.place.action === action ? total.plus(left(own)) : total), zero)
  const [least, most] = [long.minus(sum('SELL')), long.plus(sum('BUY'))]
  return (least.gt(target) ? least : most.lt(target) ? most : new Big(target)).toNumber()
}
