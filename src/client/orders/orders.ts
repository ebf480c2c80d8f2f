import { catchError, defer, type Observable, switchMap, tap, throwError } from 'rxjs'
import { checkClientFrame } from '../../protocol/index.js'
import { type CommandTimes, type Placed, wrongTimes } from '../command.js'
import { orderFault, type OrderRequest } from '../../orders/index.js'
import { NotSent, Rejected } from '../errors.js'
import type { Expiry, Flight, Flights } from './flight.js'
import { type Line, linkFor } from '../requests/line.js'
import { type Settings, stopwatchOf } from '../options.js'
import { asRefusal } from '../refusal.js'
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
 * Whether an earlier subscription of the same observable stands in the way of another. `retry(3)` on a placeOrder must
 * not make four orders, so one that made an order whose result its subscriber never got, or may have, makes no other.
 */
const objection = (flight: Flight): NotSent | undefined => {
  switch (flight.fate) {
    case /* mutant: open-order-once */ 'open':
      return new NotSent(
        'place_order',
        'unsettled',
        `what became of ${flight.cid}, sent by an earlier subscription, is not known yet`,
      )
    case /* mutant: placed-order-once */ 'placed':
      return new NotSent(
        'place_order',
        'unsettled',
        `an earlier subscription, ${flight.cid}, did place this order; for another, call placeOrder again`,
      )
    default:
      return undefined
  }
}

interface OrderDependencies {
  readonly line: Line
  readonly flights: Flights
  readonly waitingOrders: WaitingOrders
  readonly settings: Settings
}

/** A cold order: each subscription is one order, with a cid of its own, and there is never more than one whose fate is open. */
export function placeOrder(
  order: OrderRequest,
  times: CommandTimes,
  { line, flights, waitingOrders, settings }: OrderDependencies,
): Observable<Placed> {
  /** Those of earlier subscriptions whose end no subscriber was given yet, or that ended Unknown. */
  const earlier = new Set<Flight>()
  const { maxAgeMs, timeoutMs } = times

  const checkEarlier = (): void => {
    for (const flight of earlier) {
      const refused = objection(flight)
      if (refused !== undefined) throw refused
      earlier.delete(flight)
    }
  }

  return defer(() => {
    const ageMs = stopwatchOf(settings.clock)()
    const validUntil = Number.isFinite(maxAgeMs) ? settings.clock.wall() + maxAgeMs : undefined
    const expiry: Expiry = { validUntil, isTooOld: () => ageMs() >= maxAgeMs }

    checkEarlier()
    const refused = invalid(order, times)
    if (refused !== undefined) return throwError(() => refused)

    return waitingOrders.pass(order, maxAgeMs).pipe(
      catchError((error: unknown) => throwError(() => asRefusal('place_order', error))),
      switchMap(() => {
        // Two may have waited side by side.
        checkEarlier()
        const flight = flights.launch(linkFor('place_order', line, settings), order, timeoutMs, expiry)
        // Whoever leaves now, or has left while it was written, was not told.
        earlier.add(flight)
        return flight.outcome$.pipe(
          // Before he hears of it: he may subscribe again at once.
          tap({
            next: () => earlier.delete(flight),
            error: (error: unknown) => {
              // Whatever does not say that there is no order may be one.
              // mutant: open-order-once-within-its-end
              if (error instanceof NotSent || error instanceof Rejected) earlier.delete(flight)
            },
          }),
        )
      }),
    )
  })
}
