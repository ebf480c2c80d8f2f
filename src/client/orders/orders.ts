import { Observable } from 'rxjs'
import { checkClientFrame } from '../../protocol/internal.js'
import { type CommandTimes, type Placed, wrongTimes } from '../command.js'
import { orderFault, type OrderRequest } from '../../orders/index.js'
import { NotSent, Rejected, type Unresolved } from '../errors/errors.js'
import type { Expiry, InFlightOrder, InFlightEnd, InFlightOrders } from './in-flight-order.js'
import type { OrderEvents } from './order-events.js'
import { type CommandQueue, sessionFor } from '../requests/command-queue.js'
import { type Settings, stopwatchOf } from '../options.js'
import { asRefusal } from '../errors/refusal.js'
import type { WaitingOrders } from './waiting-orders.js'

const invalid = (
  { symbol, action, price, quantity, order_type }: OrderRequest,
  times: CommandTimes,
): NotSent | undefined => {
  const wrong = wrongTimes(times)
  if (wrong !== undefined) return new NotSent('place_order', 'invalid', wrong)
  const frame = { op: 'place_order', token: '', symbol, action, price, quantity, order_type } as const
  const checked = checkClientFrame(frame)
  if (checked._tag === 'Left') return new NotSent('place_order', 'invalid', checked.left.message)
  const fault = orderFault({ price, quantity, order_type })
  if (fault !== undefined) return new NotSent('place_order', 'invalid', fault)
  return undefined
}

/**
 * Objection of an earlier subscription of the same observable against another order. `retry(3)` on
 * a placeOrder must not make four orders, so a subscription that made an order whose result its
 * subscriber never got, or may have made one, makes no other.
 */
const objection = (inFlightOrder: InFlightOrder): NotSent | undefined => {
  switch (inFlightOrder.outcome) {
    case /* mutant: open-order-once */ 'open':
      return new NotSent(
        'place_order',
        'unresolved',
        `what became of ${inFlightOrder.cid}, sent by an earlier subscription, is not known yet`,
      )
    case /* mutant: placed-order-once */ 'placed':
      return new NotSent(
        'place_order',
        'unresolved',
        `an earlier subscription, ${inFlightOrder.cid}, did place this order; for another, call placeOrder again`,
      )
    default:
      return undefined
  }
}

interface OrderDependencies {
  readonly queue: CommandQueue
  readonly inFlightOrders: InFlightOrders
  readonly events: OrderEvents
  readonly waitingOrders: WaitingOrders
  readonly settings: Settings
}

/**
 * A cold order: each subscription is one order, with a cid of its own, and there is never more than
 * one whose outcome is open.
 */
export function placeOrder(
  order: OrderRequest,
  times: CommandTimes,
  { queue, inFlightOrders, events, waitingOrders, settings }: OrderDependencies,
): Observable<Placed> {
  /**
   * In-flight orders of earlier subscriptions without a reported end, or that ended Unresolved.
   */
  const earlier = new Set<InFlightOrder>()
  /** True while an order is written: what hears of that may subscribe again at once. */
  let isLaunching = false
  const { maxAgeMs, timeoutMs } = times

  const checkEarlier = (): void => {
    if (isLaunching)
      throw new NotSent('place_order', 'unresolved', 'an earlier subscription is sending this order right now')
    for (const inFlightOrder of earlier) {
      const refused = objection(inFlightOrder)
      if (refused !== undefined) throw refused
      earlier.delete(inFlightOrder)
    }
  }

  // One observable, and no operators: each would be made and torn down with every order.
  return new Observable<Placed>((subscriber) => {
    const fail = (error: unknown): void => {
      if (error instanceof NotSent) {
        events.take({ _tag: 'Denied', order: { ...order }, reason: error.reason, words: error.message })
      }
      subscriber.error(error)
    }

    const failWith = (error: NotSent | Rejected | Unresolved, inFlightOrder: InFlightOrder): void => {
      // Every other error leaves open whether there is an order.
      // mutant: open-order-once-within-its-end
      if (error instanceof NotSent || error instanceof Rejected) earlier.delete(inFlightOrder)
      fail(error)
    }

    const end = (inFlightOrder: InFlightOrder, ended: InFlightEnd): void => {
      // A subscriber that has left was not given the end: the flight stays among the earlier ones.
      if (subscriber.closed) return
      // Before the subscriber hears of it: it may subscribe again at once.
      if (ended._tag === 'Failed') failWith(ended.error, inFlightOrder)
      else {
        earlier.delete(inFlightOrder)
        subscriber.next(ended.placed)
        subscriber.complete()
      }
    }

    const launch = (expiry: Expiry): void => {
      // Two may have waited side by side.
      checkEarlier()
      isLaunching = true
      let inFlightOrder: InFlightOrder
      try {
        inFlightOrder = inFlightOrders.submit(sessionFor('place_order', queue, settings), order, timeoutMs, expiry)
        earlier.add(inFlightOrder)
      } finally {
        isLaunching = false
      }
      inFlightOrder.whenEnded((ended) => end(inFlightOrder, ended))
    }

    const attempt = (step: () => void): void => {
      try {
        step()
      } catch (error) {
        fail(error)
      }
    }

    attempt(() => {
      const ageMs = stopwatchOf(settings.clock)()
      const validUntil = Number.isFinite(maxAgeMs) ? settings.clock.wall() + maxAgeMs : undefined
      const expiry: Expiry = { validUntil, isTooOld: () => ageMs() >= maxAgeMs }
      checkEarlier()
      const refused = invalid(order, times)
      if (refused !== undefined) throw refused
      if (queue.orders.open) launch(expiry)
      else {
        subscriber.add(
          waitingOrders.pass(order, maxAgeMs).subscribe({
            next: () => attempt(() => launch(expiry)),
            error: (error: unknown) => fail(asRefusal('place_order', error)),
          }),
        )
      }
    })
  })
}
