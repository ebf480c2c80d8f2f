import Big from 'big.js'
import type { Fill, Order } from '../../protocol/index.js'
import { baseFeeOf } from './base-fee.js'
import type { PlaceOrder } from '../intent.js'
import { reportedFilled } from '../../orders/index.js'

/** Number of closed orders to keep for late events. */
const REMEMBERED = 32

/** Position: a number for netting positions, both sides for contracts. */
export type PositionSize = number | { readonly long: number; readonly short: number }

/** Own order. None is sized in money: see `maxSlippage` of `toTarget`. */
interface Own {
  readonly place: PlaceOrder
  /** Sum of its fills. */
  readonly filled: Big
  /** Filled quantity in its closing event. Fills may come later, or never. */
  readonly reported: Big
  /** `missing`: it has ended, and its filled quantity is not known. */
  readonly phase: 'open' | 'over' | 'missing'
}

/** Position by the fills of own orders. */
export interface OwnPosition {
  readonly nets: boolean
  /** Certain part of the position. */
  readonly long: Big
  readonly short: Big
  readonly orders: ReadonlyMap<string, Own>
}

const zero = new Big(0)
const above0 = (value: Big): Big => (value.gt(0) ? value : zero)

/** Quantity in its closing event beyond its fills. */
const unreported = ({ reported, filled }: Own): Big => above0(reported.minus(filled))

/** Certain filled quantity. */
const certain = (own: Own): Big => own.filled.plus(unreported(own))

/** Quantity beyond that which may be filled, or may still fill. */
const uncertain = ({ phase, place, filled }: Own): Big =>
  phase === 'over' ? zero : above0(new Big(place.quantity).minus(filled))

const isOnShort = ({ action, offset }: PlaceOrder): boolean => offset === (action === 'SELL' ? 'open' : 'close')

/** Saves an order, and adds its newly certain quantity to the position. */
const put = (position: OwnPosition, order_no: string, own: Own): OwnPosition => {
  const before = position.orders.get(order_no)
  const change = certain(own).minus(before === undefined ? zero : certain(before))
  const { action } = own.place
  // A fill has no position side: its order has.
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

/** Position at the start, without orders. */
export const startPosition = (held: PositionSize): OwnPosition => ({
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

/** Bounds the position by the total balance: the difference is fees that no fill reported. */
export const atMost = (position: OwnPosition, total: number): OwnPosition =>
  position.nets && position.long.gt(total) ? { ...position, long: new Big(total) } : position

/** Counts the end of an order. */
export const ended = (position: OwnPosition, order: Order): OwnPosition =>
  update(position, order.order_no, (own) => ({
    ...own,
    phase: 'over',
    reported: new Big(reportedFilled(order, own.place.quantity)),
  }))

/** Marks orders whose end is not known. */
export const missing = (position: OwnPosition, order_nos: readonly string[]): OwnPosition =>
  order_nos.reduce(
    (before, order_no) =>
      update(before, order_no, (own) => ({ ...own, phase: uncertain(own).gt(0) ? 'missing' : 'over' })),
    position,
  )

/** Open orders with an unfilled quantity. */
export const working = ({ orders }: OwnPosition) =>
  [...orders].flatMap(([order_no, own]) =>
    own.phase === 'open' && uncertain(own).gt(0)
      ? [{ order_no, action: own.place.action, remain: uncertain(own).toNumber() }]
      : [],
  )

/** Order ids of open orders. */
export const open = ({ orders }: OwnPosition): readonly string[] =>
  [...orders].flatMap(([order_no, { phase }]) => (phase === 'open' ? [order_no] : []))

/** True if the filled quantity of a closed order is not known. */
export const isDoubtful = ({ orders }: OwnPosition): boolean =>
  [...orders.values()].some((own) => own.phase === 'missing' && uncertain(own).gt(0))

/** True if a closing event is outstanding, or fills that one has reported. */
export const isIncomplete = ({ orders }: OwnPosition): boolean =>
  [...orders.values()].some((own) => own.phase === 'open' || unreported(own).gt(0))

/**
 * Position to plan with. If only its bounds are known, the value between them that is nearest to
 * the target: buys no more than is certainly missing, and sells no more than is certainly held.
 */
export const positionToward = ({ nets, long, short, orders }: OwnPosition, target: number): PositionSize => {
  if (!nets) return { long: long.toNumber(), short: short.toNumber() }
  const lost = [...orders.values()].filter(({ phase }) => phase === 'missing')
  const sum = (action: string) =>
    lost.reduce((total, own) => (own.place.action === action ? total.plus(uncertain(own)) : total), zero)
  const [min, max] = [long.minus(sum('SELL')), long.plus(sum('BUY'))]
  return (min.gt(target) ? min : max.lt(target) ? max : new Big(target)).toNumber()
}
